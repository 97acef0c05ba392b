package replay_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"usher/classify"
	"usher/classify/mail"
	"usher/rules"
	"usher/rules/intents"
	"usher/rules/replay"
)

const maria = "maria@example.org"

// stated holds files by mailbox.
type stated map[string]*intents.File

func (s stated) For(_ context.Context, mailbox string) (own, site *intents.File, err error) {
	return s[mailbox], s["site"], nil
}

func files(t *testing.T, own string) rules.Files {
	t.Helper()
	f, errs := intents.Parse("intents", []byte(own), time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC))
	if errs != nil {
		t.Fatal(errs)
	}
	return rules.Files{Own: f}
}

// shoes is a promotion beyond doubt, letter a person's.
const (
	shoes = "From: Nordic Run <news@nordicrun.example>\r\nTo: maria@example.org\r\nSubject: -25% on winter running shoes: Frost GTX 149.95 EUR\r\n" +
		"Message-ID: <1@nordicrun.example>\r\nList-Unsubscribe: <https://nordicrun.example/u/1>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n\r\n" +
		"Winter running shoes for icy trails. 25% off this week only.\r\n\r\nOur Frost GTX running shoes: 149.95 EUR instead of 199.95 EUR.\r\n\r\n" +
		"Order now. Shop now: https://nordicrun.example/s\r\n\r\nNordic Run, Harbour Street 1, 00100 Helsinki\r\nUnsubscribe: https://nordicrun.example/u\r\n"
	letter = "From: Juho Virta <juho@people.example>\r\nTo: Maria <maria@example.org>\r\nSubject: Re: Sunday\r\nMessage-ID: <2@people.example>\r\n" +
		"In-Reply-To: <0@example.org>\r\n\r\nHi Maria,\r\n\r\nSunday at three is fine with me.\r\n\r\nJuho\r\n"
)

// stored is what a store gives back of the decision about a message.
func stored(t *testing.T, raw string, at time.Time, under rules.Files) *rules.Decision {
	t.Helper()
	m := mail.Parse([]byte(raw))
	from := m.From[0]
	o := &mail.Object{
		Envelope: mail.Envelope{To: []string{maria}, Arrived: at}, Message: m,
		Identity: mail.Identity{Address: from.String(), Name: from.Name, Domain: from.Domain, OrgDomain: from.Domain, SenderKey: from.Domain, How: mail.ByDKIM},
	}
	judge := &rules.Judge{Model: classify.New(), Statements: stated{maria: under.Own}, Keep: true}
	ds, err := judge.Decide(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if ds[0].Category == classify.Personal {
		return ds[0].Thin()
	}
	printed, err := json.Marshal(ds[0])
	back := &rules.Decision{Features: ds[0].Features}
	if err == nil {
		err = json.Unmarshal(printed, back)
	}
	if err != nil {
		t.Fatal(err)
	}
	return back
}

func TestAReplayTellsWhatWouldMove(t *testing.T) {
	was, would := files(t, "newsletters inbox\n"), files(t, "want \"winter running shoes\" under 150 EUR\n")
	at := time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)
	moves := stored(t, shoes, at, was)
	old := *moves
	old.Features = nil
	r := replay.New(was, would, at)
	r.Take(stored(t, shoes, at.Add(-time.Hour), was)) // before: counted only
	r.Take(moves)
	r.Take(stored(t, letter, at.Add(time.Minute), was))
	r.Take(&old)
	r.Take(&old)
	r.Take(&rules.Decision{Because: "error", At: at.Add(time.Hour)})
	got := r.Done()
	if got.Decisions != 5 || got.Personal != 1 || !got.Since.Equal(at) || !got.Until.Equal(at.Add(time.Hour)) {
		t.Errorf("got %+v", got)
	}
	if len(got.Moved) != 1 || got.Moved[0].ID != moves.ID {
		t.Fatalf("moved %+v", got.Moved)
	}
	if m := got.Moved[0]; m.Was != rules.Promotions || m.WasBy != "default" || m.WouldBe != rules.Inbox || m.Because != "intents:1" || m.Text != "serves your want, 149.95 EUR is under your 150 EUR" {
		t.Errorf("moved %+v", m)
	}
	if s := fmt.Sprint(got.Matrix); s != "[{promotions inbox 1} {inbox inbox 1}]" {
		t.Errorf("matrix %s", s)
	}
	if s := fmt.Sprint(got.Left); s != fmt.Sprintf("[{%v 2} {%v 1}]", rules.ErrNoFeatures, rules.ErrFailed) {
		t.Errorf("left %s", s)
	}
}

// A cap counts what its own file would have let through, not what came of a mail
// at the time.
func TestAReplayCountsAsItsOwnFileWouldHave(t *testing.T) {
	was, would := files(t, "promotions inbox\n"), files(t, "promotions inbox\ncap every brand 1 per week\n")
	first := time.Date(2026, 11, 9, 8, 0, 0, 0, time.UTC)
	r := replay.New(was, would, first.AddDate(0, 0, 1))
	for day := range 9 {
		r.Take(stored(t, shoes, first.AddDate(0, 0, day), was))
	}
	got := r.Done()
	if s := fmt.Sprint(got.Matrix); got.Decisions != 8 || s != "[{inbox promotions 7} {inbox inbox 1}]" {
		t.Errorf("%d decisions, %s", got.Decisions, s)
	}
	if len(got.Moved) != 7 || !strings.Contains(got.Moved[0].Text, "the 2nd since") {
		t.Errorf("moved %+v", got.Moved)
	}
}

func TestWithoutAnyFileMailPasses(t *testing.T) {
	was := files(t, "promotions refuse\n")
	r := replay.New(was, rules.Files{}, time.Time{})
	r.Take(stored(t, shoes, time.Date(2026, 11, 9, 8, 0, 0, 0, time.UTC), was))
	if s := fmt.Sprint(r.Done().Matrix); s != "[{refuse inbox 1}]" {
		t.Errorf("matrix %s", s)
	}
}
