package offer

import "testing"

func TestClaimsAreHeldAgainstWhatIsSeen(t *testing.T) {
	eur := func(minor int64) *Money { return &Money{Minor: minor, Currency: "EUR"} }
	dollars := &Money{Minor: 4900, Currency: "USD", Assumed: true}
	for _, c := range []struct {
		name          string
		claimed, seen []Offer
		want          string
		conflict      string
	}{
		{"both say it, and each tells more",
			[]Offer{{Item: "Kettle", Price: eur(4900)}}, []Offer{{Price: eur(4900), Was: eur(8900), Code: "K1"}},
			"price 49 EUR was 89 EUR item Kettle code K1", ""},
		{"another price is seen",
			[]Offer{{Item: "Kettle", Price: eur(4900)}}, []Offer{{Item: "Kettle", Price: eur(5900)}},
			"price 59 EUR item Kettle", "markup says 49 EUR, the text 59 EUR: the text is believed"},
		{"no price is seen", []Offer{{Item: "Kettle", Price: eur(4900)}}, []Offer{{Discount: 20}}, "price 49 EUR item Kettle; 20%", ""},
		{"two of three are seen",
			[]Offer{{Item: "A", Price: eur(100)}, {Item: "B", Price: eur(200)}, {Item: "C", Price: eur(300)}}, []Offer{{Price: eur(200)}, {Price: eur(100)}},
			"price 1 EUR item A; price 2 EUR item B", "markup says 3 EUR, the text 2 EUR: the text is believed"},
		{"a dollar sign is of the currency that markup names",
			[]Offer{{Item: "Kettle", Price: &Money{Minor: 4900, Currency: "CAD"}}}, []Offer{{Price: dollars}}, "price 49 CAD item Kettle", ""},
		{"a price in another currency is no conflict", []Offer{{Item: "Kettle", Price: eur(4900)}}, []Offer{{Price: &Money{Minor: 4500, Currency: "GBP"}}},
			"price 49 EUR item Kettle; price 45 GBP", ""},
		{"a claim without a price stays", []Offer{{Code: "X1"}}, []Offer{{Price: eur(100)}}, "code X1; price 1 EUR", ""},
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
