package alike

import (
	"strings"
	"testing"
)

func TestNamesThatLookAlike(t *testing.T) {
	for _, c := range []struct {
		why, a, b string
		want      bool
	}{
		{"the same name", "Northwind", "Northwind", true},
		{"capitals do not count", "NORTHWIND", "northwind", true},
		{"blanks and punctuation do not count", "North-Wind", "Northwind", true},
		{"a Cyrillic o for an o", "N\u043erthwind", "Northwind", true},
		{"a Greek omicron for an o", "N\u03bfrthwind", "Northwind", true},
		{"all of it in Cyrillic letters, and short", "\u0430\u0440\u0440\u04cf\u0435", "apple", true},
		{"a digit for a letter", "N0rthw1nd", "Northwind", true},
		{"a digit for a letter in a short name", "0tto", "Otto", true},
		{"a capital I for an l", "PaypaI", "PayPal", true},
		{"an l for a capital I in a short name", "VlSA", "VISA", true},
		{"rn for m in a short name", "arnex", "amex", true},
		{"letters of full width", "\uff2e\uff4f\uff52\uff54\uff48\uff57\uff49\uff4e\uff44", "Northwind", true},
		{"mathematical letters", "\U0001d40d\U0001d428\U0001d42b\U0001d42d\U0001d421\U0001d430\U0001d422\U0001d427\U0001d41d", "Northwind", true},
		{"an invisible character inside", "North\u200bwind", "Northwind", true},
		{"a soft hyphen inside", "North\u00adwind", "Northwind", true},
		{"an accent added", "N\u00f6rthwind", "Northwind", true},
		{"one letter less", "Northwnd", "Northwind", true},
		{"one letter more", "Northwinds", "Northwind", true},
		{"one letter more in front", "xNorthwind", "Northwind", true},
		{"another letter", "Northwand", "Northwind", true},
		{"two letters exchanged", "Nrothwind", "Northwind", true},
		{"one edit of six letters", "Zalanda", "Zaland", true},
		{"two edits", "Nortwnd", "Northwind", false},
		{"two exchanges", "Nrothwidn", "Northwind", false},
		{"one edit of five letters makes another word", "Apples", "Apple", false},
		{"one edit of four letters", "Otta", "Otto", false},
		{"another word", "Southwind", "Northwind", false},
		{"a name within a longer one", "Northwind Outlet", "Northwind", false},
		{"no name is like none", "", "", false},
		{"signs alone are no name", "---", "***", false},
		{"an endless name is like no other", strings.Repeat("a", 65), strings.Repeat("a", 65), false},
		{"kanji are compared as they are", "\u6771\u4eac\u5c4b", "\u6771\u4eac\u5c4b", true},
		{"other kanji", "\u6771\u4eac\u5c4b", "\u5927\u962a\u5c4b", false},
	} {
		if got := Of(c.a).To(Of(c.b)); got != c.want {
			t.Errorf("%s: %q like %q is %v", c.why, c.a, c.b, got)
		}
		if got := Of(c.b).To(Of(c.a)); got != c.want {
			t.Errorf("%s, the other way about: %q like %q is %v", c.why, c.b, c.a, got)
		}
	}
}

func TestADomainIsComparedByTheLabelItsOwnerRegistered(t *testing.T) {
	for _, c := range []struct {
		why, domain, brand string
		want               bool
	}{
		{"the same label below another suffix", "northwind.test", "northwind.example", true},
		{"a label in Cyrillic letters", "xn--nrthwind-nbh.example", "northwind.example", true},
		{"a letter exchanged", "nrothwind.example", "northwind.example", true},
		{"the registered label, not the one before it", "northwind.evil.example", "northwind.example", false},
		{"below a suffix of two labels", "mail.northwind.co.uk", "northwind.example", true},
		{"a stranger", "shop.example", "northwind.example", false},
		{"a single label", "northwind", "northwind.example", true},
		{"what is no domain", "", "northwind.example", false},
	} {
		if got := OfDomain(c.domain).To(OfDomain(c.brand)); got != c.want {
			t.Errorf("%s: %q like %q is %v", c.why, c.domain, c.brand, got)
		}
	}
}

func TestPlainLettersLookAsTheLibrarySays(t *testing.T) {
	for c := rune('0'); c <= 'z'; c++ {
		s := string(c)
		if _, ok := plain(s); ok {
			n := Of(s)
			if n.looks[0] != look(strings.ToLower(s)) || n.looks[1] != look(strings.ToUpper(s)) {
				t.Errorf("%s: %q", s, n.looks)
			}
		}
	}
}

func FuzzAName(f *testing.F) {
	for _, s := range []string{"Northwind", "N\u043erthwind", "a\xff", "\u202eabc", "xn--a.xn--", "\ufdfa\ufdfa"} {
		f.Add(s, "Northwind")
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		x, y := Of(a), Of(b)
		if x.To(y) != y.To(x) {
			t.Errorf("%q and %q are alike one way only", a, b)
		}
		if len(x.letters) > 0 != x.To(x) || len(x.letters) > maxLength {
			t.Errorf("%q is not like itself, or too long", a)
		}
		OfDomain(a)
	})
}

func BenchmarkAName(b *testing.B) {
	brand := Of("Northwind")
	b.ReportAllocs()
	for b.Loop() {
		if OfDomain("news.nordicrun.example").To(brand) {
			b.Fatal("alike")
		}
	}
}
