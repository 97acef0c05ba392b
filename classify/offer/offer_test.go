package offer

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// sent is a Friday, in a zone that is not UTC.
var sent = time.Date(2026, time.November, 20, 9, 30, 0, 0, time.FixedZone("", 3600))

// brief writes offers on one line: what a table can hold.
func brief(offers []Offer) string {
	var out []string
	for _, o := range offers {
		var w []string
		say := func(s string) { w = append(w, s) }
		money := func(name string, m *Money) {
			if m != nil {
				s := name + " " + m.String()
				if m.Assumed {
					s += "?"
				}
				say(s)
			}
		}
		if o.FromLow {
			say("from")
		}
		money("price", o.Price)
		money("was", o.Was)
		if o.UpTo {
			say("up to")
		}
		money("off", o.Off)
		if o.Discount > 0 {
			say(fmt.Sprintf("%d%%", o.Discount))
		}
		if o.If != "" {
			say("if " + o.If)
		}
		if o.Item != "" {
			say("item " + o.Item)
		}
		if o.Code != "" {
			say("code " + o.Code)
		}
		if !o.Ends.IsZero() {
			say("ends " + o.Ends.Format("2006-01-02 15:04"))
		}
		out = append(out, strings.Join(w, " "))
	}
	return strings.Join(out, "; ")
}

func run(t *testing.T, cases [][2]string) {
	t.Helper()
	for _, c := range cases {
		t.Run(c[0], func(t *testing.T) {
			if got := brief(Find("", c[0], Context{Date: sent})); got != c[1] {
				t.Errorf("\ngot  %s\nwant %s", got, c[1])
			}
		})
	}
}

func TestMoney(t *testing.T) {
	run(t, [][2]string{
		{"The sofa costs $1,299.00 this week", "price 1299 USD? item sofa"},
		{"Das Sofa kostet 1.299,00 €", "price 1299 EUR item Sofa"},
		{"A lamp for €49", "price 49 EUR item lamp"},
		{"Eine Lampe für 49€", "price 49 EUR item Lampe"},
		{"The course is USD 249", "price 249 USD item course"},
		{"Das Messer für CHF 49.–", "price 49 CHF item Messer"},
		{"Die Jacke nur Fr. 49.– statt Fr. 89.–", "price 49 CHF? was 89 CHF? item Jacke"},
		{"Jakken koster nå 1 299 kr og er av ull", "price 1299 NOK? item Jakken"},
		{"Nu 499:- och fri frakt", "price 499 SEK?"},
		{"カメラ ¥12,800", "price 12800 JPY? item カメラ"},
		{"カメラ 12,800円（税込）", "price 12800 JPY item カメラ"},
		{"2 pizzas for $15.99", "price 15.99 USD? if 2 for item pizzas"},
		{"3 für 20 €", "price 20 EUR if 3 for"},
		{"$20 off orders over $100", "off 20 USD? if orders over 100 USD"},
		{"Spend $50 and get 10% off", "10% if orders over 50 USD"},
		{"20 € Rabatt ab 100 € Einkaufswert", "off 20 EUR if orders over 100 EUR"},
		{"Dès 60 € d'achat, 10 € de réduction", "off 10 EUR if orders over 60 EUR"},
		{"Was $99, now $49", "price 49 USD? was 99 USD?"},
		{"Only $49 (reg. $99)", "price 49 USD? was 99 USD?"},
		{"49 € statt 99 €", "price 49 EUR was 99 EUR"},
		{"49,90 € au lieu de 99 €", "price 49.90 EUR was 99 EUR"},
		{"UVP 129,95 € jetzt 89,95 €", "price 89.95 EUR was 129.95 EUR"},
		{"Antes 59,99 € ahora 39,99 €", "price 39.99 EUR was 59.99 EUR"},
		{"Trail shoe $129 $89", "price 89 USD? was 129 USD? item Trail shoe"},
		{"Chairs from $59", "from price 59 USD? item Chairs"},
		{"Flüge ab 29 €", "from price 29 EUR item Flüge"},
		{"À partir de 12,50 €", "from price 12.50 EUR"},
		{"Tickets $20 – $40", "from price 20 USD? item Tickets"},
		{"Save $30 on a bike", "off 30 USD?"},
		{"Sparen Sie 30 €", "off 30 EUR"},
		{"Up to $200 off laptops", "up to off 200 USD?"},
		{"Shirt A$40 or US$26", "price 40 AUD item Shirt; price 26 USD"},
		{"Książka 39,90 zł", "price 39.90 PLN item Książka"},
		{"Lättläst bok 1'299.50 CHF", "price 1299.50 CHF item Lättläst bok"},
		{"our winter running shoes with spikes are on sale: now 89 EUR instead\nof 129 EUR. Free shipping.", "price 89 EUR was 129 EUR item winter running shoes with spikes"},
		{"our winter running shoes with spikes are now only 89 EUR instead of\n129 EUR. Free shipping.", "price 89 EUR was 129 EUR item winter running shoes with spikes"},
		{"Was $99\nNow $49", "price 49 USD? was 99 USD?"},
		{"49 €\nstatt 99 €", "price 49 EUR was 99 EUR"},
		{"Was $99\n\n\nA line\nNow $49", "price 49 USD? item line"},
		{"I owe you for the cake, it was 12 euros", ""},
		{"shirts 15€ 20€ 25€", "price 15 EUR item shirts; price 20 EUR; price 25 EUR"},
	})
}

func TestAnOldPriceIsNoPrice(t *testing.T) {
	run(t, [][2]string{
		{"Shoes now only 89 EUR instead of 129 EUR", "price 89 EUR was 129 EUR item Shoes"},
		{"Instead of 129 EUR now 89 EUR", "price 89 EUR was 129 EUR"},
		{"89 EUR rather than 129 EUR", "price 89 EUR was 129 EUR"},
		{"Rather than 129 EUR only 89 EUR", "price 89 EUR was 129 EUR"},
		{"Statt 129 € nur 89 €", "price 89 EUR was 129 EUR"},
		{"89 € anstatt 129 €", "price 89 EUR was 129 EUR"},
		{"89 € anstelle von 129 €", "price 89 EUR was 129 EUR"},
		{"Au lieu de 129 €, 89 €", "price 89 EUR was 129 EUR"},
		{"89 € au lieu de 129 €", "price 89 EUR was 129 EUR"},
		{"89 € en lugar de 129 €", "price 89 EUR was 129 EUR"},
		{"En lugar de 129 €, ahora 89 €", "price 89 EUR was 129 EUR"},
		{"89 € invece di 129 €", "price 89 EUR was 129 EUR"},
		{"Invece di 129 € solo 89 €", "price 89 EUR was 129 EUR"},
		{"89 € in plaats van 129 €", "price 89 EUR was 129 EUR"},
		{"In plaats van 129 € nu 89 €", "price 89 EUR was 129 EUR"},
		{"89 kr i stället för 129 kr", "price 89 SEK? was 129 SEK?"},
		{"I stället för 129 kr nu 89 kr", "price 89 SEK? was 129 SEK?"},
		{"89 kr istället för 129 kr", "price 89 SEK? was 129 SEK?"},
		{"89 kr i stedet for 129 kr", "price 89 SEK? was 129 SEK?"},
		{"Nyt 89 EUR 129 EUR:n sijaan", "price 89 EUR was 129 EUR"},
		{"129 EUR:n sijaan nyt 89 EUR", "price 89 EUR was 129 EUR"},
		{"129 euron sijasta vain 89 euroa", "price 89 EUR was 129 EUR"},
		{"129 €:n sijaan 89 €", "price 89 EUR was 129 EUR"},
		{"Was 129 EUR, now 89 EUR", "price 89 EUR was 129 EUR"},
		{"Now 89 EUR, was 129 EUR", "price 89 EUR was 129 EUR"},
		{"89 EUR (before: 129 EUR)", "price 89 EUR was 129 EUR"},
		{"Before 129 EUR, now 89 EUR", "price 89 EUR was 129 EUR"},
		{"RRP 129 EUR, our price 89 EUR", "price 89 EUR was 129 EUR"},
		{"89 EUR, RRP 129 EUR", "price 89 EUR was 129 EUR"},
		{"89 EUR, list price 129 EUR", "price 89 EUR was 129 EUR"},
		{"List price: 129 EUR, 89 EUR today", "price 89 EUR was 129 EUR"},
		{"89 € (UVP 129 €)", "price 89 EUR was 129 EUR"},
		{"UVP: 129 €, 89 €", "price 89 EUR was 129 EUR"},
		{"89 kr (ord. 129 kr)", "price 89 SEK? was 129 SEK?"},
		{"Ord. pris 129 kr, nu 89 kr", "price 89 SEK? was 129 SEK?"},
		{"89 € (norm. 129 €)", "price 89 EUR was 129 EUR"},
		{"Norm. 129 €, nyt 89 €", "price 89 EUR was 129 EUR"},
		{"89 EUR (was 129 EUR)", "price 89 EUR was 129 EUR"},
		{"our winter running shoes are now only 89 EUR instead of the usual 129 EUR", "price 89 EUR was 129 EUR item winter running shoes"},
		{"89 € statt bisher 129 €", "price 89 EUR was 129 EUR"},
		{"89 € statt der üblichen 129 €", "price 89 EUR was 129 EUR"},
		{"89 € au lieu de 129 € et 19 € le sac", "price 89 EUR was 129 EUR; price 19 EUR"},
		{"now only 89 EUR\ninstead of 129 EUR", "price 89 EUR was 129 EUR"},
		{"EUR 89 instead of EUR 129", "price 89 EUR was 129 EUR"},
		{"was 129 EUR: shoes 89 EUR", "price 89 EUR was 129 EUR item shoes"},
	})
}

func TestNotMoneyForSale(t *testing.T) {
	run(t, [][2]string{
		{"Order total: $54.20", ""},
		{"Rechnungsbetrag 54,20 €", ""},
		{"Free shipping", ""},
		{"Free shipping on orders over $50", ""},
		{"The company raised $4 million", ""},
		{"Der Umsatz stieg auf 12 Mio. €", ""},
		{"a $5bn fund", ""},
		{"Call 555 1234 or visit 12 Main Street", ""},
		{"Serial adapter RS232, port DB-9 RS-232", ""},
		{"Lithium battery FR6LB4A/10", ""},
		{"version 1.2.3 of the library", ""},
		{"You paid 12 EUR", ""},
		{"Can you chip in $5 or more", ""},
		{"We raised $12,507 of our goal", ""},
		{"Try 3 recipes", ""},
		{"It was 10 years ago", ""},
		{"$", ""},
		{"99999999999999999999 €", ""},
	})
}

func TestPercent(t *testing.T) {
	run(t, [][2]string{
		{"20% off", "20%"},
		{"20 % Rabatt", "20%"},
		{"-20 %", "20%"},
		{"Jacken −30 %", "30%"},
		{"up to 50% off", "up to 50%"},
		{"bis zu 50 %", "up to 50%"},
		{"jusqu'à -30 %", "up to 30%"},
		{"jusqu’à 30 % de remise", "up to 30%"},
		{"Hasta un 40 % de descuento", "up to 40%"},
		{"Sconto del 25%", "25%"},
		{"20-30% off boots", "up to 30%"},
		{"Save 15 percent", "15%"},
		{"Take an extra 20% off", "20%"},
		{"25% on everything", "25%"},
		{"全品２０％OFF", "20%"},
		{"20 % auf alles", "20%"},
		{"15% korting op tuinmeubelen", "15%"},
		{"30 % alennus kengistä", "30%"},
		{"20% off shirts, 30% off shoes", "20%; 30%"},
		{"Now $40 (20% off)", "price 40 USD? 20%"},
		{"100% cotton", ""},
		{"100 % Baumwolle", ""},
		{"3% interest on savings", ""},
		{"The bank raised its rate to 5%", ""},
		{"up to 50% of patients", ""},
		{"up to 80% faster", ""},
		{"Your battery is at 20%", ""},
		{"12% vol", ""},
		{"0% off", ""},
		{"150% off", ""},
	})
}

func TestCode(t *testing.T) {
	run(t, [][2]string{
		{"Use code BW20", "code BW20"},
		{"20% off with code SPRING", "20% code SPRING"},
		{"Gutscheincode: HERBST15", "code HERBST15"},
		{"Mit dem Code „LESEN10“ sparen Sie 10 %", "10% code LESEN10"},
		{"code promo NOEL-24", "code NOEL-24"},
		{"con el código VERANO", "code VERANO"},
		{"koodilla TALVI10", "code TALVI10"},
		{"Use SAVE25 at checkout", "code SAVE25"},
		{"20% off everything. Use code BW20.", "20% code BW20"},
		{"Your verification code is AB12CD", ""},
		{"Your security code: 482913", ""},
		{"The code is 482913", ""},
		{"Sicherheitscode: X81K", ""},
		{"ENTER THE CODE BELOW", ""},
		{"the source code HEAD moved", ""},
		{"Dress code: BLACK tie", ""},
		{"SWIFT/BIC Code: EXAMPLEXXX", ""},
		{"with the CODE LINES in between", ""},
		{"review the code before Friday", ""},
	})
}

func TestEnds(t *testing.T) {
	run(t, [][2]string{
		{"20% off ends Sunday midnight", "20% ends 2026-11-22 23:59"},
		{"-20 % bis 30.11.", "20% ends 2026-11-30 23:59"},
		{"20% off, valid until 12/24", "20% ends 2026-12-24 23:59"},
		{"-20 % jusqu'au 24 décembre", "20% ends 2026-12-24 23:59"},
		{"20 % Rabatt, gültig bis 5. Januar", "20% ends 2027-01-05 23:59"},
		{"20 % Rabatt. Gültig bis zum 24.12.2026.", "20% ends 2026-12-24 23:59"},
		{"20 % de descuento hasta el 6 de enero de 2027", "20% ends 2027-01-06 23:59"},
		{"Sconto del 20% fino al 8 dicembre", "20% ends 2026-12-08 23:59"},
		{"20% korting t/m 30 november", "20% ends 2026-11-30 23:59"},
		{"20 % alennus 30.11. asti", "20% ends 2026-11-30 23:59"},
		{"20 % alennus sunnuntaihin asti", "20% ends 2026-11-22 23:59"},
		{"20% off expires December 1st, 2026 at 11:59 pm", "20% ends 2026-12-01 23:59"},
		{"20% off ends tonight", "20% ends 2026-11-20 23:59"},
		{"-20 % nur bis morgen 18 Uhr", "20% ends 2026-11-21 18:00"},
		{"20% off until 2026-11-27", "20% ends 2026-11-27 23:59"},
		{"20% off ends in 48 hours", "20% ends 2026-11-22 09:30"},
		{"20% off. Offer ends Nov 30.", "20% ends 2026-11-30 23:59"},
		{"20% off until Monday, Nov 30", "20% ends 2026-11-30 23:59"},
		{"Mugs $9. Lamps $49. The sale ends November 30. The outlet sale ends December 5.", "price 9 USD? item Mugs; price 49 USD? item Lamps ends 2026-11-30 23:59"},
		{"$49 until Friday", "price 49 USD? ends 2026-11-20 23:59"},
		{"-20 %. Geöffnet Mo bis Fr", "20%"},
		{"We were away until Friday", ""},
		{"bis 30.2. -10 %", "10%"},
	})
}

func TestYearNeedsADate(t *testing.T) {
	if got := brief(Find("", "-20 % bis 30.11.", Context{})); got != "20%" {
		t.Errorf("without a Date field got %s", got)
	}
	if got := brief(Find("", "-20 % bis 30.11.2026", Context{})); got != "20% ends 2026-11-30 23:59" {
		t.Errorf("with the year said got %s", got)
	}
}

func TestSubjectComesFirstAndOnce(t *testing.T) {
	got := Find("20% off with code BW20", "20% off everything\nUse code BW20\nMugs $9", Context{Date: sent})
	if brief(got) != "20% code BW20; price 9 USD? item Mugs" || got[0].Source != "subject" || got[1].Source != "text" {
		t.Errorf("got %+v", got)
	}
}

func TestDollarOfTheCountry(t *testing.T) {
	if got := brief(Find("", "now $5", Context{Country: "CA"})); got != "price 5 CAD?" {
		t.Errorf("got %s", got)
	}
}

func FuzzFind(f *testing.F) {
	for _, s := range []string{"Was $99, now 49,– €", "-20–30 % bis 30.11. mit Code X1", "2 for $5 ends in 3 days", "1 299 kr", "until 12:00 pm", "ab 1'299.50", "code \"A-\""} {
		f.Add(s, int64(1_800_000_000))
	}
	f.Fuzz(func(t *testing.T, s string, unix int64) {
		if !utf8.ValidString(s) {
			return
		}
		date := time.Unix(unix%4e9, 0)
		for _, o := range Find(s, s, Context{Date: date}) {
			if o.Discount < 0 || o.Discount > 100 || o.Source == "" {
				t.Errorf("%+v", o)
			}
			for _, m := range []*Money{o.Price, o.Was, o.Off} {
				if m != nil && (m.Minor <= 0 || len(m.Currency) != 3) {
					t.Errorf("money %+v", m)
				}
			}
			if o.Code != "" && !strings.Contains(s, o.Code) {
				t.Errorf("code %q is not in the text", o.Code)
			}
		}
	})
}

func BenchmarkFind(b *testing.B) {
	text := strings.Repeat("Our trail shoes are back in every size, and today they cost $89 instead of $129.\nA line about nothing at all that must be read too.\n", 150)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		Find("20% off", text, Context{Date: sent})
	}
}
