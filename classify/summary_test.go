package classify_test

import (
	"strings"
	"testing"

	"usher/classify"
	"usher/classify/mail"
)

func TestASumIsSummedUpOnlyWhereItIsAnOffer(t *testing.T) {
	cases := []struct{ name, raw, want string }{
		{"a sale tells its price and the old one",
			"From: Nordic Run <news@nordicrun.example>\nSubject: Winter running shoes on sale\nList-Unsubscribe: <https://nordicrun.example/u>\n\n" +
				"Our winter running shoes are now only 89 EUR instead of 129 EUR.\nShop now. Sale ends soon. Free shipping on all orders.\nUnsubscribe: https://nordicrun.example/u\n",
			"Nordic Run: Winter running shoes on sale — 89 EUR (was 129 EUR)"},
		{"a blank parts thousands, and a range tells its low end",
			"From: Löplandet | Skor & sport <news@loplandet.example>\nSubject: Löplandet: rea\nList-Unsubscribe: <https://loplandet.example/u>\n\n" +
				"Rea! Vinterskor från 1 299 kr, ord. 1 899 kr. Handla nu, fri frakt.\nAvsluta: https://loplandet.example/u\n",
			"Löplandet: rea — from 1299 SEK (was 1899 SEK)"},
		{"a receipt tells none",
			"From: Nordic Run <orders@nordicrun.example>\nSubject: Your receipt\n\nThank you for your order 4711.\nFrost GTX 89 EUR\nShipping 4.90 EUR\nTotal 93.90 EUR\n",
			"Nordic Run: Your receipt"},
		{"a friend's letter tells none",
			"From: Petra Novak <petra@mail.example>\nTo: Maria <maria@mail.example>\nSubject: The shoes\nIn-Reply-To: <1@mail.example>\n\n" +
				"Hi Maria,\n\nI saw those shoes for 89 EUR instead of 129 EUR, shall I get you a pair?\n\nLove, Petra\n",
			"Petra Novak: The shoes"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			m := mail.Parse([]byte(strings.ReplaceAll(c.raw, "\n", "\r\n")))
			v := classify.New().Classify(&mail.Object{Message: m})
			if v.Summary != c.want {
				t.Errorf("%s: summary %q, want %q", v.Category, v.Summary, c.want)
			}
		})
	}
}

// TestMarkupIsHeldAgainstTheText: a price that only markup claims would serve a
// want that the true price does not.
func TestMarkupIsHeldAgainstTheText(t *testing.T) {
	raw := "From: Shop <news@shop.example>\r\nSubject: Kettles\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" +
		`<script type="application/ld+json">{"@type":"Product","name":"Mesa kettle","offers":{"@type":"Offer","price":"49","priceCurrency":"EUR"}}</script>` +
		"<p>Mesa kettle</p><p>59,00 EUR</p><p>Order now.</p>"
	v := classify.New().Classify(&mail.Object{Message: mail.Parse([]byte(raw))})
	if len(v.Offers) != 1 || v.Offers[0].Price == nil || v.Offers[0].Price.String() != "59 EUR" {
		t.Errorf("the offers are %+v", v.Offers)
	}
	if e := v.Evidence[0]; e.Code != classify.Conflict || e.Text != "markup says 49 EUR, the text 59 EUR: the text is believed" {
		t.Errorf("the first evidence is %+v", e)
	}
}
