package classify_test

import (
	"strings"
	"testing"

	"usher/classify"
	"usher/classify/mail"
)

// campaignHeader is what a campaign tool writes above a notice as above an issue.
const campaignHeader = "X-Campaign: 7\r\nX-MC-User: 7\r\nX-Report-Abuse: https://tool.example/abuse\r\nList-Id: members <7.list.tool.example>\r\n" +
	"List-Unsubscribe: <https://u.tool.example/7>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\nPrecedence: bulk\r\n"

const campaignFooter = "\r\n\r\nUnsubscribe | View in browser\r\n"

func judged(subject, text string) *classify.Verdict {
	raw := "From: Office <hello@quay.example>\r\nTo: marta@holm.example\r\nSubject: " + subject + "\r\nContent-Type: text/plain; charset=utf-8\r\n" +
		campaignHeader + "\r\n" + text + campaignFooter
	return classify.New().Classify(&mail.Object{Message: mail.Parse([]byte(raw))})
}

func TestANoticeThatACampaignToolCarriesIsNotLowered(t *testing.T) {
	for name, m := range map[string][2]string{
		"a practice moves":             {"We are moving to Quay Street", "From Monday our practice is at 14 Quay Street, above the library. The old telephone works until April."},
		"a club shuts for a day":       {"Halle am Samstag gesperrt", "Am Samstag bleibt die Halle wegen einer Prüfung geschlossen. Die Karten gelten einen Tag länger."},
		"a ferry leaves later":         {"Endret rutetid", "Avgangen fra Hella går 16.05 på grunn av dårlig vær."},
		"talks in the ninth week":      {"Samtal vecka 9", "Nu är det dags att boka tid. Samtalen hålls i klassrummet."},
		"somebody bids more":           {"Sextant, Messing", "Sie wurden überboten: 182,00 €. Die Auktion endet heute um 20:14 Uhr.\r\nKompass 45 €, Fernrohr 120 €, Barometer 60 €."},
		"a gift of an aunt":            {"A gift card for you", "Your aunt has sent you a gift card of £50. Your code: 7KXQ-93ML. It is valid until 2028."},
		"an answer about a bicycle":    {"Polkupyörä 120 €", "Jaana lähetti sinulle viestin: kävisikö 100 € jos haen tänään?"},
		"an exam, and a lesson before": {"O seu exame é na quinta-feira", "O seu exame está marcado para quinta-feira. Confirmar presença. Outra aula esta semana por 20 € em vez de 28 €."},
		"a pre-order on its way":       {"Your pre-order ships", "Your pre-order goes out by Thursday. New arrivals: three reissues, from £24."},
		"what is used up":              {"You have used 90% of your plan", "When you reach the limit, calls fail. Upgrade to Team ($49) for more."},
		"a session that ends":          {"Your parking session", "Quay Street. Your session ends at 15:40 today. One more hour is £1.20."},
		"a lamp that was sold":         {"Dein Artikel wurde verkauft", "Die Lampe wurde für 45 € verkauft. 10 % Rabatt auf Verpackungen bis Freitag."},
	} {
		t.Run(name, func(t *testing.T) {
			if v := judged(m[0], m[1]); v.Low() {
				t.Errorf("%s, %.2f: %+v", v.Category, v.Confidence, v.Evidence[:min(8, len(v.Evidence))])
			}
		})
	}
}

func TestAnIssueHasMuchToRead(t *testing.T) {
	text := strings.Repeat("The keeper climbed the tower, trimmed the lamp, and wrote down what the sea did that night.\r\n", 20)
	if v := judged("The tower", text); v.Category != classify.Newsletter {
		t.Errorf("%s, %.2f", v.Category, v.Confidence)
	}
}
