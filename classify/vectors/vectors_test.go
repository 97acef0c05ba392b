package vectors

import (
	"bytes"
	"math"
	"testing"
)

func find(t testing.TB, word string) Word {
	t.Helper()
	w, ok := Find(word)
	if !ok {
		t.Fatalf("%q is not in the table", word)
	}
	return w
}

func TestWordsThatMeanAlikeAreNear(t *testing.T) {
	for _, c := range []struct{ word, near, far string }{
		{"sofa", "couch", "train"},
		{"sneakers", "shoes", "office"},
		{"hiking", "trekking", "invoice"},
		{"flights", "airfare", "running"},
		{"laptop", "computers", "garden"},
		{"jacket", "coat", "novel"},
		{"cheap", "inexpensive", "blue"},
		{"color", "colour", "kitchen"},
		{"airpods", "headphones", "peas"},
		{"kubernetes", "servers", "shoes"},
		{"ebike", "bicycle", "ebook"},
	} {
		word := find(t, c.word)
		near, far := Cosine(word, find(t, c.near)), Cosine(word, find(t, c.far))
		if near < 0.45 || far > 0.3 {
			t.Errorf("%s: %s is at %.2f, want at least .45; %s at %.2f, want at most .3", c.word, c.near, near, c.far, far)
		}
	}
}

func TestTheTableIsWhole(t *testing.T) {
	if n := len(file); n > 6<<20 {
		t.Errorf("the table has %d bytes", n)
	}
	if Len() < 50_000 {
		t.Errorf("%d words are known", Len())
	}
	for i := range Len() {
		w := Word(i)
		if found, ok := FindKey(key(w.String())); !ok || found != w {
			t.Fatalf("%q is word %d, and found as %d (%v)", w, w, found, ok)
		}
		if c := Cosine(w, w); math.Abs(c-1) > 1e-6 || !(w.Length() > 0) {
			t.Fatalf("%q has cosine %v to itself, length %v", w, c, w.Length())
		}
	}
	for _, unknown := range []string{"", "Sofa", "laufschuhe", "sofa ", "\xff"} {
		if w, ok := Find(unknown); ok {
			t.Errorf("%q is found as %q", unknown, w)
		}
	}
}

func TestNearGivesTheNearest(t *testing.T) {
	for _, word := range []string{"trail", "the", "insurance", "airpods"} {
		w := find(t, word)
		listed := map[Word]bool{}
		last := float32(2)
		for _, n := range Near(w, Len()) {
			if c := Cosine(w, n.Word); n.Cosine > last || math.Abs(c-float64(n.Cosine)) > 1e-6 || c < 0.45 {
				t.Errorf("%s: %s is listed at %.3f after %.3f, and is at %.3f", word, n.Word, n.Cosine, last, c)
			}
			listed[n.Word], last = true, n.Cosine
		}
		near, missed := 0, 0
		for i := range Len() {
			if c := Cosine(w, Word(i)); c >= 0.6 {
				near++
				if !listed[Word(i)] {
					missed++
				}
			}
		}
		all := []Word{find(t, "office"), find(t, "office"), Near(w, 2)[1].Word, find(t, "blue")}
		if at, c := Nearest(w, all); at != 2 || math.Abs(c-Cosine(w, all[2])) > 1e-6 {
			t.Errorf("%s: the nearest of %v is number %d", word, all, at)
		}
		if !listed[w] || missed*10 > near {
			t.Errorf("%s: of %d words at .6 or more %d are missed", word, near, missed)
		}
	}
}

func TestThingsCanBeHeldOrEaten(t *testing.T) {
	for word, want := range map[string]bool{
		"sleeve": true, "case": true, "cable": true, "laptops": true, "coffee": true, "batteries": true, "ipad": true,
		"week": false, "news": false, "hiking": false, "cheap": false, "discount": false, "yoga": false,
	} {
		if got := find(t, word).Thing(); got != want {
			t.Errorf("%s is a thing: %v, want %v", word, got, want)
		}
	}
}

func TestSumsPointWhereTheirWordsDo(t *testing.T) {
	var wheels, meals, nothing Sum
	wheels.Add(find(t, "bicycle"), 1)
	wheels.Add(find(t, "wheel"), 0.5)
	meals.Add(find(t, "soup"), 1)
	meals.Add(find(t, "dinner"), 1)
	if c := wheels.CosineWord(find(t, "cycling")); c < 0.4 {
		t.Errorf("a bicycle and a wheel are at %.2f of cycling", c)
	}
	if c := wheels.Cosine(&meals); c > 0.3 {
		t.Errorf("a bicycle and a wheel are at %.2f of soup and dinner", c)
	}
	if nothing.Cosine(&meals) != 0 || nothing.CosineWord(find(t, "soup")) != 0 {
		t.Error("nothing is near something")
	}
}

func TestCommonWordsSayLittle(t *testing.T) {
	the, shoe, rare := find(t, "the").Rank(), find(t, "shoe").Rank(), find(t, "kubernetes").Rank()
	if !(Weight(the) < 0.01 && Weight(the) < Weight(shoe) && Weight(shoe) < Weight(rare) && Weight(rare) == 1) {
		t.Errorf("the %.3f, shoe %.3f, kubernetes %.3f", Weight(the), Weight(shoe), Weight(rare))
	}
	if !(Share(the) < Share(shoe) && Share(shoe) < Share(rare) && Share(rare) < 1) {
		t.Errorf("the %.3f, shoe %.3f, kubernetes %.3f", Share(the), Share(shoe), Share(rare))
	}
}

func TestATableIsReadAsItWasWritten(t *testing.T) {
	entries := []Entry{{Word: "sofa", Rank: 7}, {Word: "couch", Rank: 9}}
	for i := range entries {
		for d := range Dimensions {
			entries[i].Vector[d] = float32(d-30) / float32(40+i)
		}
	}
	var b bytes.Buffer
	if err := Write(&b, entries); err != nil {
		t.Fatal(err)
	}
	got, err := read(b.Bytes())
	if err != nil || got.size != 2 || got.word(1) != "couch" || number(got.ranks, 1) != 9 {
		t.Fatalf("%+v, %v", got, err)
	}
	for cut := range b.Len() {
		if _, err := read(b.Bytes()[:cut]); err == nil {
			t.Errorf("the first %d bytes are read as a table", cut)
		}
	}
	for _, wrong := range [][]Entry{{{Word: ""}}, {entries[0], entries[0]}, {{Word: "nothing"}}} {
		if err := Write(&bytes.Buffer{}, wrong); err == nil {
			t.Errorf("%v is written", wrong)
		}
	}
}

func BenchmarkRead(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := read(file); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkFind(b *testing.B) {
	for b.Loop() {
		Find("trail")
	}
}

func BenchmarkNear(b *testing.B) {
	w := find(b, "trail")
	for b.Loop() {
		Near(w, 64)
	}
}
