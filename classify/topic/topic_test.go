package topic

import (
	"encoding/json"
	"fmt"
	"math/bits"
	"os"
	"slices"
	"strings"
	"testing"

	"usher/classify/words"
)

// written is a made-up mail.
type written struct{ Topic, Language, Subject, Text string }

func read160(t testing.TB, name string) (list []written) {
	b, err := os.ReadFile("testdata/" + name + ".jsonl")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		var w written
		if err := json.Unmarshal([]byte(line), &w); err != nil {
			t.Fatal(err)
		}
		list = append(list, w)
	}
	return list
}

// of reads a mail in the language that it says.
func of(w written) string {
	r := NewReader(w.Language)
	r.Add(w.Subject, InSubject)
	r.Add(w.Text, InText)
	return r.Topic()
}

// TestTopicsOfWrittenMail holds the topics against mail written for it, ten a topic and
// two in five not English, dealt into halves by lot before anything was set; only what
// was wrong in the half "tune" was looked at.
func TestTopicsOfWrittenMail(t *testing.T) {
	all, allRight := 0, 0
	for _, half := range []string{"tune", "held"} {
		right, wrong, english := 0, 0, 0
		list := read160(t, half)
		for _, w := range list {
			if !slices.Contains(All[:], w.Topic) {
				t.Fatalf("%q is no topic", w.Topic)
			}
			language := w.Language
			w.Language = words.Language(w.Subject + " " + w.Text)
			switch got := of(w); {
			case got == w.Topic:
				right++
				if language == "en" {
					english++
				}
			case got != Other:
				wrong++
			}
		}
		t.Logf("%s: %d of %d right (%d of them English), %d taken for another topic", half, right, len(list), english, wrong)
		if 10*right < 8*len(list) {
			t.Errorf("%s: %d of %d are right, fewer than 8 in 10", half, right, len(list))
		}
		if 20*wrong > len(list) {
			t.Errorf("%s: %d of %d are taken for another topic where it was not sure, more than 1 in 20", half, wrong, len(list))
		}
		all, allRight = all+len(list), allRight+right
	}
	if all != 160 {
		t.Errorf("%d mails, not 160", all)
	}
	t.Logf("in all %d of %d", allRight, all)
}

func TestTopic(t *testing.T) {
	for _, c := range []struct{ name, language, subject, text, want string }{
		{"nothing is read", "en", "", "", Other},
		{"one word is not enough", "en", "", "Now with a tent.", Other},
		{"two topics alike are none", "en", "", "Tents, skis, lipsticks and mascara", Other},
		{"words of shops are of no topic", "en", "Our sale", "Free delivery on all orders, discount code in your browser. Unsubscribe.", Other},
		{"a word said a hundred times is said three times", "en", "", "lipstick mascara eyeliner " + strings.Repeat("tent ", 100), "beauty"},
		{"other words of the same kind", "en", "", "lasagna, spaghetti and ravioli with parmesan", "food-drink"},
		{"a longer word is known by its end", "de", "", "Damenstiefel und Winterjacken", "apparel"},
		{"words without blanks", "ja", "旅館と温泉の旅", "新幹線とレンタカー", "travel"},
		{"an English word in another language", "tr", "", "laptop, smartphone, headphones", "electronics"},
		{"the language is not known", "", "", "Zimmer, Hotel, Flug", "travel"},
		{"a language without words", "ka", "ფასდაკლება", "ახალი კოლექცია", Other},
		{"a long mail that has little of it", "en", "Tents", "tents and skis " + filler(300), Other},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := of(written{Language: c.language, Subject: c.subject, Text: c.text}); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

// filler is so many words that nobody knows.
func filler(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "xq%dz ", i)
	}
	return b.String()
}

func TestEveryTopicHasWords(t *testing.T) {
	b := shipped()
	for language, list := range b.words {
		has := set(0)
		for _, topics := range list {
			has |= topics
		}
		if has&(1<<named-1) != 1<<named-1 {
			t.Errorf("%s has words of %d topics of %d", language, bits.OnesCount16(uint16(has&(1<<named-1))), named)
		}
	}
	for _, l := range b.lines {
		if l.sum.Dot(&l.sum) == 0 {
			t.Errorf("a line of %s has no word that is known", All[l.topic])
		}
	}
}

func FuzzTopic(f *testing.F) {
	f.Add("en", "Two tents", "and a sleeping bag")
	f.Add("ja", "靴", "ブーツ\xff")
	f.Fuzz(func(t *testing.T, language, subject, text string) {
		w := written{Language: language, Subject: subject, Text: text}
		first := of(w)
		if !slices.Contains(All[:], first) || of(w) != first {
			t.Errorf("%q, and then %q", first, of(w))
		}
	})
}

func BenchmarkTopic(b *testing.B) {
	var text strings.Builder
	for _, w := range read160(b, "tune") {
		if w.Language == "en" && text.Len() < 4096 {
			text.WriteString(w.Text)
		}
	}
	w := written{Language: "en", Subject: "A mail of 4 KB", Text: text.String()}
	b.ReportAllocs()
	for b.Loop() {
		of(w)
	}
}
