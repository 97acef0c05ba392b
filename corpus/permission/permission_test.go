package permission

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"usher/corpus"
	"usher/corpus/complaints"
	"usher/corpus/kinds"
	"usher/corpus/leaving"
	"usher/rules"
	"usher/rules/claim"
	"usher/rules/intents"
)

const maria = "maria@example.org"

// shelf is a ledger whose clock a test turns.
type shelf struct {
	*Ledger
	t   *testing.T
	now time.Time
}

func newShelf(t *testing.T) *shelf {
	s, err := corpus.Open(corpus.Options{InMemory: true, Delimiter: "+"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	l := &shelf{t: t, now: time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)}
	l.Ledger = &Ledger{Store: s, Now: func() time.Time { return l.now }}
	return l
}

// follow has the ledger look at a file; "" for none.
func (l *shelf) follow(text string, asked ...leaving.Request) {
	l.t.Helper()
	var f *intents.File
	if text != "" {
		var errs intents.Errors
		if f, errs = intents.Parse("maria", []byte(text), time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)); errs != nil {
			l.t.Fatal(errs)
		}
	}
	if err := l.Follow(context.Background(), maria, f, Said{Leaving: asked}, intents.DateOf(l.now)); err != nil {
		l.t.Fatal(err)
	}
}

// told are the events in words.
func (l *shelf) told() string {
	l.t.Helper()
	all, err := l.Events(maria)
	if err != nil {
		l.t.Fatal(err)
	}
	if err := Verify(all); err != nil {
		l.t.Error(err)
	}
	var lines []string
	for _, e := range all {
		lines = append(lines, strings.Trim(fmt.Sprintf("%s %s by %s until %s for %s: %s", e.Event, e.Brand, e.By, e.Until, strings.Join(e.Scope, "+"), e.Ground), " :"))
	}
	return strings.Join(lines, "\n")
}

func (l *shelf) want(what string) {
	l.t.Helper()
	if got := l.told(); got != what {
		l.t.Errorf("the list is\n%s\nwant\n%s", got, what)
	}
}

func TestAListFollowsTheFile(t *testing.T) {
	l := newShelf(t)
	const first = "granted partioaitta.fi by person until 2027-06-30 for boots+repair: asked at the till"
	l.follow("grant \"Partioaitta\" is partioaitta.fi for boots, repair until 2027-06-30 because \"asked at the till\"\nwant \"tea\"")
	l.want(first)
	l.follow("# moved down\n\ngrant \"Partioaitta\" is partioaitta.fi for boots, repair until 2027-06-30 because \"asked at the till\"")
	l.want(first)
	l.follow("grant partioaitta.fi for boots\ngrant shop.example until 2026-12-01\nmute \"Noisy\" until 2027-01-07\nmute topic perfume")
	second := first + "\ngranted partioaitta.fi by person until  for boots\ngranted shop.example by person until 2026-12-01 for\nmuted Noisy by person until 2027-01-07 for"
	l.want(second)
	l.now = l.now.AddDate(0, 0, 8)
	l.follow("grant shop.example until 2026-12-01\nmute \"Noisy\" until 2027-01-07")
	third := second + "\nwithdrawn partioaitta.fi by person until  for boots\nended shop.example by observed until 2026-12-01 for"
	l.want(third)
	l.follow("")
	l.want(third)
	l.follow("grant partioaitta.fi for boots")
	l.want(third + "\ngranted partioaitta.fi by person until  for boots")
}

func TestAListFollowsWhatWasAskedToLeave(t *testing.T) {
	l := newShelf(t)
	r := leaving.Request{ID: "01JD", Brand: "shop.example", Stream: "shop.example news", State: leaving.Waiting}
	l.follow("", r)
	l.follow("", r)
	asked := "unsubscribe_asked shop.example by person until  for"
	l.want(asked)
	r.State = leaving.Asked
	l.follow("", r)
	r.Since = l.now
	l.follow("", r)
	l.want(asked + "\nunsubscribe_result shop.example by observed until  for : asked\nunsubscribe_result shop.example by observed until  for : not honoured")
}

func TestAListFollowsComplaintsThatWereSent(t *testing.T) {
	l := newShelf(t)
	c := complaints.Complaint{ID: "01JD", Brand: "shop.example", Stream: "shop.example news", Reason: "too-often"}
	for _, c.State = range []complaints.State{complaints.Waiting, complaints.Sent, complaints.Sent} {
		if err := l.Follow(context.Background(), maria, nil, Said{Complaints: []complaints.Complaint{c}}, intents.DateOf(l.now)); err != nil {
			t.Fatal(err)
		}
	}
	l.want("complained shop.example by person until  for : too-often")
}

func TestASenderAcknowledgesTermsOnce(t *testing.T) {
	l := newShelf(t)
	d := &rules.Decision{Recipient: maria, Sender: rules.Sender{Brand: "shop.example"}, Terms: &claim.Terms{Claim: &claim.Claim{URL: "https://example.org/t", Sum: strings.Repeat("a", 64), Agreement: "SD-BASE"}}}
	for range 3 {
		if err := l.Acknowledge(context.Background(), d); err != nil {
			t.Fatal(err)
		}
	}
	l.want("terms_acknowledged shop.example by sender-claim until  for : SD-BASE")
}

func TestAChangedListIsSeen(t *testing.T) {
	l := newShelf(t)
	l.follow("grant shop.example for tea\ngrant other.example")
	l.follow("grant shop.example for coffee\ngrant other.example")
	l.follow("grant other.example")
	all, err := l.Events(maria)
	if err != nil || len(all) != 4 {
		t.Fatalf("%d events, %v", len(all), err)
	}
	changed := append([]Event{}, all...)
	changed[0].Scope = []string{"everything"}
	for name, list := range map[string][]Event{"one was changed": changed, "one was taken out": {all[0], all[1], all[3]}} {
		if err := Verify(list); !errors.Is(err, ErrBroken) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := Verify(all[1:]); err != nil {
		t.Errorf("the first has ended: %v", err)
	}
	if _, err := l.Store.Forget(context.Background(), maria, "shop.example"); err != nil {
		t.Fatal(err)
	}
	l.want("granted other.example by person until  for")
}

func TestWhatEndedIsKeptForThreeYears(t *testing.T) {
	l := newShelf(t)
	l.now = time.Now().AddDate(-3, 0, 0)
	l.follow("grant shop.example\ngrant other.example")
	l.follow("grant other.example")
	if got := l.told(); strings.Contains(got, "shop.example") || !strings.Contains(got, "granted other.example") {
		t.Errorf("three years after it was withdrawn the list is\n%s", got)
	}
}

func TestReceiptsAreTheRecipientsOwn(t *testing.T) {
	l := newShelf(t)
	l.follow("grant shop.example for tea because \"at the fair\"\ngrant other.example")
	l.follow("grant other.example")
	all, err := l.Events(maria)
	if err != nil {
		t.Fatal(err)
	}
	r := l.Receipts(maria, all)
	if len(r.Records) != 2 || r.Records[0].State != "dpv:ConsentWithdrawn" || len(r.Records[0].Events) != 2 || r.Records[1].State != "dpv:ConsentGiven" {
		t.Errorf("records %+v", r.Records)
	}
	text, err := json.Marshal(r)
	for _, want := range []string{"recipient's own record, not a receipt issued by a controller", `"ground":"at the fair"`, `"@type":"dpv:ConsentGiven"`} {
		if err != nil || !strings.Contains(string(text), want) {
			t.Errorf("%v: no %s in\n%s", err, want, text)
		}
	}
	exported := 0
	if err := l.Store.Export(maria, func(k *kinds.Kind, _ []byte) error {
		if k.Name == "permissions" {
			exported++
		}
		return nil
	}); err != nil || exported != 3 {
		t.Errorf("exported %d events, %v", exported, err)
	}
}
