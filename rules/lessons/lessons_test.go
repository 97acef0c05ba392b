package lessons

import (
	"fmt"
	"testing"
	"time"

	"usher/classify"
)

// made makes a label; its number orders it.
func made(n int, scope Scope, brand string, category classify.Category, to string) Label {
	return Label{
		ID: fmt.Sprintf("01JD%022d", n), At: time.Date(2026, 11, 23, 9, n, 0, 0, time.UTC), Way: "command", Decision: fmt.Sprint("D", n),
		To: to, Scope: scope, Brand: brand, Proven: true, Category: category,
	}
}

const norlund = "norlund.example"

func promotion(brand string) Facts {
	return Facts{Brand: brand, Proven: true, Category: classify.Promotion}
}

func TestWhatCorrectionsTeach(t *testing.T) {
	kind := func(n int, c classify.Category, to string) Label { return made(n, Kind, norlund, c, to) }
	newsletter := Facts{Brand: norlund, Proven: true, Category: classify.Newsletter}
	notification := Facts{Brand: norlund, Proven: true, Category: classify.Notification}
	claimed := Facts{Brand: norlund, Category: classify.Promotion}
	unproven := kind(1, classify.Promotion, "inbox")
	unproven.Proven = false
	undone := kind(2, classify.Promotion, "refuse")
	undone.Undone = true
	again := kind(2, classify.Promotion, "digest")
	again.Instead = kind(1, "", "").ID
	takenBack := again
	takenBack.Undone = true

	for _, c := range []struct {
		name   string
		labels []Label
		of     Facts
		want   string // a route, "" for nothing; with + where several agree
	}{
		{"nothing teaches nothing", nil, promotion(norlund), ""},
		{"a kind of a brand is that kind alone", []Label{kind(1, classify.Promotion, "inbox")}, promotion(norlund), "inbox"},
		{"it says nothing of another kind", []Label{kind(1, classify.Promotion, "inbox")}, newsletter, ""},
		{"nor of another brand", []Label{kind(1, classify.Promotion, "inbox")}, promotion("skalla.example"), ""},
		{"nor of a sender without a name", []Label{made(1, Kind, "", classify.Promotion, "inbox")}, promotion(""), ""},
		{"the newest of a kind counts", []Label{kind(1, classify.Promotion, "inbox"), kind(2, classify.Promotion, "refuse")}, promotion(norlund), "refuse"},
		{"one message teaches nothing", []Label{made(1, Message, norlund, classify.Promotion, "inbox")}, promotion(norlund), ""},
		{"two that agree teach their kind", []Label{made(1, Message, norlund, classify.Promotion, "inbox"), made(2, Message, norlund, classify.Promotion, "inbox")}, promotion(norlund), "inbox+"},
		{"two that do not agree teach nothing", []Label{made(1, Message, norlund, classify.Promotion, "inbox"), made(2, Message, norlund, classify.Promotion, "refuse")}, promotion(norlund), ""},
		{"two kinds that agree teach the brand", []Label{kind(1, classify.Promotion, "inbox"), kind(2, classify.Newsletter, "inbox")}, notification, "inbox+"},
		{"but notices go no lower by it", []Label{kind(1, classify.Promotion, "refuse"), kind(2, classify.Newsletter, "refuse")}, notification, ""},
		{"one kind corrected twice is one kind", []Label{kind(1, classify.Promotion, "inbox"), kind(2, classify.Promotion, "inbox")}, notification, ""},
		{"a contrary one narrows the brand again", []Label{kind(1, classify.Promotion, "inbox"), kind(2, classify.Newsletter, "inbox"), kind(3, classify.Promotion, "refuse")}, notification, ""},
		{"and leaves the kind that it does not speak of", []Label{kind(1, classify.Promotion, "inbox"), kind(2, classify.Newsletter, "inbox"), kind(3, classify.Promotion, "refuse")}, newsletter, "inbox"},
		{"a brand is all its kinds", []Label{made(1, Brand, norlund, classify.Promotion, "refuse")}, notification, "refuse"},
		{"but a kind of it that was corrected comes first", []Label{kind(1, classify.Newsletter, "inbox"), made(2, Brand, norlund, classify.Promotion, "refuse")}, newsletter, "inbox"},
		{"nobody is let in by a name alone", []Label{kind(1, classify.Promotion, "inbox")}, claimed, ""},
		{"nor by a correction of what nobody proved", []Label{unproven}, promotion(norlund), ""},
		{"what goes lower needs no proof", []Label{kind(1, classify.Promotion, "refuse")}, claimed, "refuse"},
		{"what is undone teaches nothing", []Label{kind(1, classify.Promotion, "inbox"), undone}, promotion(norlund), "inbox"},
		{"the last word on a message counts", []Label{kind(1, classify.Promotion, "inbox"), again}, promotion(norlund), "digest"},
		{"taken back, the word before counts again", []Label{kind(1, classify.Promotion, "inbox"), takenBack}, promotion(norlund), "inbox"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := ""
			if l := Read(c.labels).Of(c.of); l != nil {
				if got = l.Route(); l.Wider {
					got += "+"
				}
			}
			if got != c.want {
				t.Errorf("it goes to %q, not %q", got, c.want)
			}
		})
	}
}

func TestATopicIsWhoeverSendsIt(t *testing.T) {
	l := made(1, Topic, norlund, classify.Promotion, "refuse")
	l.Topic = "running shoes"
	b := Read([]Label{l})
	of := promotion("skalla.example")
	for is, want := range map[bool]bool{true: true, false: false} {
		of.Serves = func(*classify.Intent) bool { return is }
		if got := b.Of(of) != nil; got != want {
			t.Errorf("about the topic %v: a lesson %v", is, got)
		}
	}
	of.Category, of.Serves = classify.Transactional, func(*classify.Intent) bool { return true }
	if b.Of(of) != nil {
		t.Error("a receipt for shoes is taken for a promotion of shoes")
	}
}

func TestOfTooManyTheWidestAndNewestAreKept(t *testing.T) {
	var labels []Label
	for n := range Most + 20 {
		scope := Kind
		if n%2 == 0 {
			scope = Message
		}
		labels = append(labels, made(n, scope, norlund, classify.Promotion, "inbox"))
	}
	kept := Kept(labels)
	kinds := 0
	for _, l := range kept {
		if l.Scope == Kind {
			kinds++
		}
	}
	if len(kept) != Most || kinds != (Most+20)/2 {
		t.Errorf("%d are kept, %d of a kind", len(kept), kinds)
	}
	if kept[len(kept)-1].ID != labels[1].ID {
		t.Errorf("the oldest that is kept is %s", kept[len(kept)-1].ID)
	}
}

func TestWordsOfAPerson(t *testing.T) {
	for word, want := range map[string]string{"Receipt": "transactional", " inbox ": "inbox", "SPAM": "refuse", "list": "list", "reject": "", "": "", "trash": ""} {
		if got, ok := Target(word); ok != (want != "") || ok && got != want {
			t.Errorf("%q is read as %q, %v", word, got, ok)
		}
	}
}

func TestALessonIsToldBeforeItIsLearnt(t *testing.T) {
	unproven := made(1, Kind, norlund, classify.Promotion, "inbox")
	unproven.Proven = false
	unproven.Scope = unproven.Narrowed()
	notice := made(1, Kind, norlund, classify.Notification, "digest")
	if s := notice.Narrowed(); s != Message {
		t.Errorf("one word has notices go lower: %s", s)
	}
	topic := made(1, Topic, norlund, classify.Promotion, "promotion")
	topic.Topic = "perfume"
	for want, l := range map[string]Label{
		"Promotions from norlund.example go to the inbox from now on. A refuse or mute in your file still comes first.":                                                                                made(1, Kind, norlund, classify.Promotion, "inbox"),
		"Transactional mail from norlund.example goes to the inbox from now on. A refuse or mute in your file still comes first.":                                                                      made(1, Kind, norlund, classify.Transactional, "inbox"),
		"All mail from norlund.example goes to the refused mail from now on. What you protect, and mail that may be needed, stays in the inbox all the same.":                                          made(1, Brand, norlund, classify.Promotion, "refuse"),
		"Promotions and newsletters about \"perfume\" go as your file has promotions from now on, whoever sends them. What you protect, and mail that may be needed, stays in the inbox all the same.": topic,
		"It is noted of this message alone, and teaches nothing about other mail. (A notice may be needed: say the same of a second one from norlund.example to have it learnt.)":                      made(1, Message, norlund, classify.Notification, "refuse"),
		"It is noted of this message alone, and teaches nothing about other mail. (norlund.example was not proven to be its sender: a lesson would let in whoever writes that name.)":                  unproven,
	} {
		if got := l.Lesson(); got != want {
			t.Errorf("told:\n%s\nnot\n%s", got, want)
		}
	}
}
