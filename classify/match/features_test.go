package match_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"usher/classify/match"
)

// again makes an index anew from what would be kept of it.
func again(t *testing.T, x *match.Index, titles ...string) *match.Index {
	t.Helper()
	f := x.Features()
	read, err := match.ReadFeatures(f.Append(nil))
	if err != nil || !reflect.DeepEqual(read, f) {
		t.Fatalf("read %+v, %v; want %+v", read, err, f)
	}
	return match.FromFeatures(read, titles...)
}

func TestKeptWordsFindWhatTheMessageHas(t *testing.T) {
	title, body := "Red bicycles for summer", "Our smartwatch is here. No gambling, ever. Go is a language, says Go. Lose weight with dates.\nBicycle repair in one hour"
	x := index(title, body)
	y := again(t, x, title)
	for _, want := range []string{"red bicycle", "bicycle repair", "gambling", "Go", "dating", "weight", "smart watch", "one hour", "summer"} {
		i := match.Compile(plain, want, nil, nil)
		if was, now := x.Serves(i).Value, y.Serves(i).Value; was != now {
			t.Errorf("%q is served %.2f, and %.2f by what is kept", want, was, now)
		}
		if was, now := x.Sells(i).Value, y.Sells(i).Value; was != now {
			t.Errorf("%q is sold %.2f, and %.2f by what is kept", want, was, now)
		}
	}
}

func TestPartsOfWordsAreKeptWhereWordsAreWrittenTogether(t *testing.T) {
	b := match.NewIndexer("de")
	b.Add("Hier sind die neuen Laufschuhe und der Gartentisch.", match.InBody)
	y := again(t, b.Finish())
	for word, want := range map[string]float64{"schuhe": 0.6, "garten": 0.6, "laufen": 0} {
		if got := y.Serves(match.Compile(plain, word, nil, nil)).Value; got != want {
			t.Errorf("%s is served %.2f, want %.2f", word, got, want)
		}
	}
}

func TestKeptWordsAreBounded(t *testing.T) {
	var b strings.Builder
	for n := range 5000 {
		fmt.Fprintf(&b, "word%dschiffahrt ", n)
	}
	long := match.NewIndexer("de")
	long.Add(b.String(), match.InBody)
	f := long.Finish().Features()
	if n := len(f.Tokens) + len(f.Parts); n != match.MaxTokens {
		t.Errorf("%d are kept, want %d", n, match.MaxTokens)
	}
	if n := len(f.Append(nil)); n > 16<<10 {
		t.Errorf("they take %d bytes", n)
	}
}

func FuzzReadFeatures(f *testing.F) {
	f.Add(index("Red bicycles", "We have red bicycles, and No lamps.").Features().Append(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		kept, err := match.ReadFeatures(b)
		if err != nil {
			return
		}
		back, err := match.ReadFeatures(kept.Append(nil))
		if err != nil || !reflect.DeepEqual(back, kept) {
			t.Errorf("read again: %+v, %v; want %+v", back, err, kept)
		}
		i := match.Compile(plain, "red bicycle", nil, nil)
		match.FromFeatures(kept, "Red").Serves(i)
	})
}
