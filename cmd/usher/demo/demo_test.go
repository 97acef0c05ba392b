package demo

import (
	"bytes"
	"log/slog"
	"regexp"
	"testing"
)

// TestTheDemoShowsWhatItPromises runs all of it: Run fails where a decision or an
// offer is not the one that letters.txt expects.
func TestTheDemoShowsWhatItPromises(t *testing.T) {
	var out bytes.Buffer
	folder := t.TempDir()
	if err := Run(t.Context(), Options{Folder: folder, Program: "usher", Out: &out, Log: slog.New(slog.DiscardHandler)}); err != nil {
		t.Fatal(err)
	}
	for name, line := range map[string]string{
		"a paraphrase that is found":            `Couches for small homes\n.*\n.*"sofas"\n.*inbox: .*sofas ~ couches`,
		"a pun that is refused":                 `Running for office.*\n.*\n.*none\n.*promotions: it serves none of her wants`,
		"a price cap that bites":                `offers +129 EUR, was 169 EUR\n.*headphones under 80 EUR.*\n.*promotions: 129 EUR is over your 80 EUR`,
		"a French offer, its words and its end": `offers +39\.90 EUR, was 59\.90 EUR, code MOKA20, ends 30 Nov\n.*cafetière à moins de 60 €.*\n.*inbox: .*39\.90 EUR is under your 60 EUR`,
		"a German percentage":                   `offers +40% off, .*ends 30 Nov\n.*Wanderschuhe, mindestens 30 % Rabatt.*\n.*inbox: .*40% off is more than your 30%`,
	} {
		if !regexp.MustCompile(line).Match(out.Bytes()) {
			t.Errorf("%s is not shown", name)
		}
	}
	if t.Failed() {
		t.Logf("%s", out.Bytes())
	}
}
