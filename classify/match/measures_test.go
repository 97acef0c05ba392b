package match

import (
	"slices"
	"strings"
	"testing"
)

func TestNumbersArePartedFromUnits(t *testing.T) {
	for word, want := range map[string][]string{
		"18volt":   {"18", "volt"},
		"500ml":    {"500", "ml"},
		"10x20":    {"10", "20"},
		"33X22x9":  {"33", "22", "9"},
		"1000xm5":  {"1000xm5"},
		"iphone16": {"iphone16"},
		"3rd":      {"3rd"},
		"21ST":     {"21ST"},
		"4k":       {"4k"},
		"10x":      {"10x"},
		"2024":     {"2024"},
		"x20":      {"x20"},
		"1080":     {"1080"},
	} {
		var got []string
		for rest := word; rest != ""; {
			var first string
			first, rest = apart(rest)
			got = append(got, first)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q is parted into %q, not %q", word, got, want)
		}
	}
}

func TestAWordThatNobodyKnowsMayBeTwo(t *testing.T) {
	for word, want := range map[string][2]string{
		"shoplight":     {"shop", "light"},
		"carpetshampoo": {"carpet", "shampoo"},
		"snowblower":    {"snow", "blower"},
		"smartwatch":    {}, // known as it is
		"Carhartt":      {}, // a name
		"norlund":       {},
		"laufschuhe":    {},
		"tvstand":       {}, // two letters are no half
	} {
		if a, b := halves(word); a != want[0] || b != want[1] {
			t.Errorf("%q is %q and %q, not %q", word, a, b, want)
		}
	}
}

func TestAThingIsFoundHoweverItIsSpaced(t *testing.T) {
	for want, subject := range map[string]string{
		"cordless bandsaw":    "Cordless band saw, now with two batteries",
		"cordless band saw":   "Cordless bandsaw, now with two batteries",
		"18 volt drill":       "18Volt drill, bare",
		"18volt drill":        "18 Volt drill, bare",
		"10x20 canopy":        "Canopy, 10 x 20",
		"56 inch ceiling fan": "Ceiling fan, 56 in.",
	} {
		b := NewIndexer("en")
		b.Add(subject, InTitle)
		if got := b.Finish().Serves(Compile(asWritten, want, nil, nil)).Value; got < 0.75 {
			t.Errorf("%q serves %q by %.2f", subject, want, got)
		}
	}
}

// asWritten tells no parts of speech.
func asWritten(text string) (list []Tagged) {
	for w := range strings.FieldsSeq(text) {
		list = append(list, Tagged{Text: w})
	}
	return list
}
