package amount

import (
	"testing"
	"time"
	_ "time/tzdata"
)

func TestASumIsReadAsPeopleWriteIt(t *testing.T) {
	oslo, err := time.LoadLocation("Europe/Oslo")
	if err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		name, text string
		zone       *time.Location
		want       string // "" where it cannot be read
		assumed    bool
	}{
		{"a code behind", "120 EUR", nil, "120 EUR", false},
		{"a code before", "eur 120.50", nil, "120.50 EUR", false},
		{"a mark", "€1.200,50", nil, "1200.50 EUR", false},
		{"a word", "9 euros", nil, "9 EUR", false},
		{"a dollar", "$120", nil, "120 USD", true},
		{"crowns of nobody known", "1 200 kr", nil, "1200 SEK", true},
		{"crowns of a Norwegian", "1 200 kr", oslo, "1200 NOK", false},
		{"yen", "¥3,000", nil, "3000 JPY", true},
		{"a bare number", "120", nil, "", false},
		{"no number", "EUR", nil, "", false},
		{"two currencies", "$120 EUR", nil, "", false},
		{"an unknown currency", "120 XXX", nil, "", false},
		{"groups of two", "12 00 EUR", nil, "", false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			m, message := Read(c.text, c.zone)
			if c.want == "" && message == "" {
				t.Fatalf("read as %s", m)
			}
			if c.want != "" && (message != "" || m.String() != c.want || m.Assumed != c.assumed) {
				t.Errorf("read as %s, assumed %v: %s", m, m.Assumed, message)
			}
		})
	}
}
