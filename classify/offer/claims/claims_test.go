package claims

import (
	"fmt"
	"strings"
	"testing"

	"usher/classify/offer"
)

// brief writes offers on one line.
func brief(offers []offer.Offer) string {
	var out []string
	for _, o := range offers {
		var w []string
		for _, m := range []struct {
			name  string
			money *offer.Money
		}{{"price", o.Price}, {"was", o.Was}} {
			if m.money != nil {
				w = append(w, m.name+" "+m.money.String())
			}
		}
		if o.Discount > 0 {
			w = append(w, fmt.Sprintf("%d%%", o.Discount))
		}
		if o.Item != "" {
			w = append(w, "item "+o.Item)
		}
		if o.Code != "" {
			w = append(w, "code "+o.Code)
		}
		out = append(out, strings.Join(w, " "))
	}
	return strings.Join(out, "; ")
}

func TestClaimsAreHeldAgainstWhatIsSeen(t *testing.T) {
	eur := func(minor int64) *offer.Money { return &offer.Money{Minor: minor, Currency: "EUR"} }
	dollars := &offer.Money{Minor: 4900, Currency: "USD", Assumed: true}
	for _, c := range []struct {
		name          string
		claimed, seen []offer.Offer
		want          string
		conflict      string
	}{
		{"both say it, and each tells more",
			[]offer.Offer{{Item: "Kettle", Price: eur(4900)}}, []offer.Offer{{Price: eur(4900), Was: eur(8900), Code: "K1"}},
			"price 49 EUR was 89 EUR item Kettle code K1", ""},
		{"another price is seen",
			[]offer.Offer{{Item: "Kettle", Price: eur(4900)}}, []offer.Offer{{Item: "Kettle", Price: eur(5900)}},
			"price 59 EUR item Kettle", "markup says 49 EUR, the text 59 EUR: the text is believed"},
		{"no price is seen", []offer.Offer{{Item: "Kettle", Price: eur(4900)}}, []offer.Offer{{Discount: 20}}, "price 49 EUR item Kettle; 20%", ""},
		{"two of three are seen",
			[]offer.Offer{{Item: "A", Price: eur(100)}, {Item: "B", Price: eur(200)}, {Item: "C", Price: eur(300)}}, []offer.Offer{{Price: eur(200)}, {Price: eur(100)}},
			"price 1 EUR item A; price 2 EUR item B", "markup says 3 EUR, the text 2 EUR: the text is believed"},
		{"a dollar sign is of the currency that markup names",
			[]offer.Offer{{Item: "Kettle", Price: &offer.Money{Minor: 4900, Currency: "CAD"}}}, []offer.Offer{{Price: dollars}}, "price 49 CAD item Kettle", ""},
		{"a price in another currency is no conflict", []offer.Offer{{Item: "Kettle", Price: eur(4900)}}, []offer.Offer{{Price: &offer.Money{Minor: 4500, Currency: "GBP"}}},
			"price 49 EUR item Kettle; price 45 GBP", ""},
		{"a claim without a price stays", []offer.Offer{{Code: "X1"}}, []offer.Offer{{Price: eur(100)}}, "code X1; price 1 EUR", ""},
	} {
		all, conflicts := Check(c.claimed, c.seen)
		told := ""
		if len(conflicts) > 0 {
			told = conflicts[0].String()
		}
		if got := brief(all); got != c.want || told != c.conflict {
			t.Errorf("%s: %s (%s), want %s (%s)", c.name, got, told, c.want, c.conflict)
		}
	}
}
