package leaving

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"

	"usher/classify"
	"usher/classify/mail"
	"usher/corpus"
	"usher/corpus/kinds"
	"usher/rules"
	"usher/smtpd/leave"
)

const maria = "maria@example.org"

// site is a real store, a desk on it, and a clock that is set by hand.
type site struct {
	*Desk
	t      *testing.T
	now    time.Time
	posts  []string
	mails  []string
	answer leave.Outcome
}

func open(t *testing.T) *site {
	s := &site{t: t, now: time.Now().UTC().Truncate(time.Minute), answer: leave.Outcome{Asked: true, Sent: true}}
	dir := t.TempDir()
	store, err := corpus.Open(corpus.Options{Dir: filepath.Join(dir, "store"), KeyDir: filepath.Join(dir, "keys"), MasterKey: filepath.Join(dir, "master.key"),
		Delimiter: "+", Retention: 30 * 24 * time.Hour, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	s.Desk = &Desk{Store: store, Host: "mail.example.org", Now: func() time.Time { return s.now }, Wait: func() time.Duration { return 2 * time.Hour }, Log: slog.New(slog.DiscardHandler),
		Post: func(_ context.Context, uri string) leave.Outcome { s.posts = append(s.posts, uri); return s.answer },
		Letter: func(_ context.Context, from, to string, letter []byte) leave.Outcome {
			s.mails = append(s.mails, from+" to "+to)
			return s.answer
		}}
	return s
}

// arrives has a message judged as of a category come, and be kept with its slip.
func (s *site) arrives(category classify.Category, list, header string, covers ...string) string {
	s.t.Helper()
	raw := "From: Norlund <news@shop.example>\r\nTo: " + maria + "\r\nSubject: hello\r\n" + header + "\r\nhello\r\n"
	id := mail.Identity{Address: "news@shop.example", Name: "Norlund", Domain: "shop.example", OrgDomain: "shop.example", How: mail.ByDKIM,
		SenderKey: "shop.example", StreamKey: "shop.example " + list,
		Signatures: []mail.Signature{{Domain: "shop.example", Valid: true, Aligned: true, Covers: covers}}}
	o := &mail.Object{Envelope: mail.Envelope{To: []string{"maria+shop@example.org"}, Arrived: s.now}, Identity: id, Message: mail.Parse([]byte(raw))}
	d := &rules.Decision{ID: ulid.MustNew(ulid.Timestamp(s.now), ulid.DefaultEntropy()).String(), At: s.now, Recipient: "maria+shop@example.org",
		Sender: rules.Sender{Brand: "shop.example", Name: "Norlund", Aligned: true, How: "dkim"}, Category: category, Disposition: rules.Promotions, Because: "default"}
	if slip := SlipOf(o, d); slip != nil {
		raw, _ := json.Marshal(slip)
		d.Beside = map[string][]byte{corpus.PrefixSlip: raw}
	}
	if err := s.Store.Record(context.Background(), []*rules.Decision{d}); err != nil {
		s.t.Fatal(err)
	}
	return d.ID
}

const (
	oneClick = "List-Unsubscribe: <https://out.shop.example/u?k=1>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
	byLetter = "List-Unsubscribe: <mailto:out@shop.example?subject=stop>\r\n"
	byLink   = "List-Unsubscribe: <https://out.shop.example/page>\r\n"
)

var both = []string{"list-unsubscribe", "list-unsubscribe-post"}

// passes lets time pass, and has the desk do what is due then.
func (s *site) passes(d time.Duration) {
	s.now = s.now.Add(d)
	s.look(context.Background())
}

func (s *site) requests() []Request {
	s.t.Helper()
	all, err := s.Requests(maria)
	if err != nil {
		s.t.Fatal(err)
	}
	return all
}

func (s *site) asks(what string) []Request {
	s.t.Helper()
	list, err := s.Ask(context.Background(), maria, what)
	if err != nil {
		s.t.Fatal(err)
	}
	return list
}

func TestAListIsAskedOnceAndLater(t *testing.T) {
	s := open(t)
	s.arrives(classify.Promotion, "news", oneClick, both...)
	id := s.arrives(classify.Promotion, "news", oneClick, both...)
	if list, err := s.Propose(maria, "shop.example"); err != nil || len(list) != 1 || list[0].State != Proposed || list[0].Where != "out.shop.example" || list[0].Way != byPost || list[0].Decision != id {
		t.Fatalf("%+v, %v", list, err)
	}
	if len(s.requests()) != 0 {
		t.Fatal("a proposal was kept")
	}
	if list := s.asks("Norlund"); len(list) != 1 || list[0].State != Waiting || !list[0].Due.After(s.now.Add(time.Hour)) {
		t.Fatalf("%+v", list)
	}
	if list := s.asks(id); len(list) != 1 || list[0].State != Waiting || len(s.requests()) != 1 {
		t.Fatalf("asked again: %+v, %d requests", list, len(s.requests()))
	}
	if s.passes(time.Hour); len(s.posts) != 0 {
		t.Fatal("it was asked before its time")
	}
	s.passes(2 * time.Hour)
	s.passes(2 * time.Hour)
	if len(s.posts) != 1 || s.posts[0] != "https://out.shop.example/u?k=1" || s.requests()[0].State != Asked {
		t.Fatalf("%q, %+v", s.posts, s.requests())
	}
	if s.asks("shop.example"); len(s.requests()) != 1 {
		t.Error("what was asked is asked again")
	}
}

func TestWhatIsNotLeft(t *testing.T) {
	for _, c := range []struct {
		name     string
		category classify.Category
		header   string
		covers   []string
		alone    bool // the first of its sender
		what     string
		state    State
		reason   string
		err      error
	}{
		{"what the sender did not sign", classify.Promotion, oneClick, []string{"list-unsubscribe"}, false, "", Failed, leave.ErrSigned.Error(), nil},
		{"a stranger's", classify.Promotion, oneClick, both, true, "", Failed, ErrNew.Error(), nil},
		{"a page that wants to be looked at", classify.Promotion, byLink, both, false, "", Failed, ErrByHand.Error(), nil},
		{"spam", classify.Promotion, "X-Spam-Flag: YES\r\n" + oneClick, both, false, "", Failed, leave.ErrSpam.Error(), nil},
		{"mail that says nothing of leaving", classify.Promotion, "", both, false, "", Failed, leave.ErrNone.Error(), nil},
		{"a letter of a person", classify.Personal, oneClick, both, false, "", "", "", ErrKeptNone},
		{"a discussion list", classify.List, "List-Post: <mailto:l@shop.example>\r\n" + oneClick, both, false, "", "", "", ErrKeptNone},
		{"a receipt, by its brand", classify.Transactional, oneClick, both, false, "shop.example", Proposed, waits, nil},
		{"a receipt, by its id", classify.Transactional, oneClick, both, false, "", Proposed, "", nil},
		{"a brand that never wrote", classify.Promotion, oneClick, both, false, "other.example", "", "", ErrNoMail},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := open(t)
			if !c.alone {
				s.arrives(c.category, "news", c.header, c.covers...)
			}
			what := s.arrives(c.category, "news", c.header, c.covers...)
			if c.what != "" {
				what = c.what
			}
			list, err := s.Propose(maria, what)
			if !errors.Is(err, c.err) || c.err == nil && (len(list) != 1 || list[0].State != c.state || list[0].Reason != c.reason) {
				t.Errorf("%+v, %v; want %s %q, %v", list, err, c.state, c.reason, c.err)
			}
			if c.err == nil && c.state == Failed {
				if s.asks(what); len(s.requests()) != 0 {
					t.Errorf("it was asked: %+v", s.requests())
				}
			}
		})
	}
}

func TestALetterGoesFromTheAddressThatIsSubscribed(t *testing.T) {
	s := open(t)
	s.arrives(classify.Newsletter, "news", byLetter, both...)
	s.arrives(classify.Newsletter, "news", byLetter, both...)
	s.asks("shop.example")
	s.passes(3 * time.Hour)
	if len(s.mails) != 1 || s.mails[0] != "maria+shop@example.org to out@shop.example" || len(s.posts) != 0 {
		t.Errorf("letters %q, posts %q", s.mails, s.posts)
	}
	s.Letter = nil
	s.arrives(classify.Newsletter, "tips", byLetter, both...)
	list, err := s.Propose(maria, "shop.example")
	if err != nil || len(list) != 2 || list[0].Reason != ErrNoRelay.Error() || list[1].State != Asked {
		t.Errorf("%+v, %v", list, err)
	}
}

func TestOnlyWhatNeverLeftIsTriedAgain(t *testing.T) {
	for _, c := range []struct {
		name  string
		sent  bool
		tries int
	}{{"nothing was sent", false, maxTries}, {"something may have arrived", true, 1}} {
		t.Run(c.name, func(t *testing.T) {
			s := open(t)
			s.answer = leave.Outcome{Sent: c.sent, Reason: "no"}
			s.arrives(classify.Promotion, "news", oneClick, both...)
			s.arrives(classify.Promotion, "news", oneClick, both...)
			s.asks("shop.example")
			for range 10 {
				s.passes(3 * time.Hour)
			}
			if r := s.requests()[0]; len(s.posts) != c.tries || r.State != Failed || r.Reason != "no" {
				t.Errorf("%d posts, %+v", len(s.posts), r)
			}
			s.asks("shop.example") // the same URI
			s.passes(3 * time.Hour)
			if again := len(s.posts) > c.tries; again == c.sent {
				t.Errorf("asked once more: %v; %+v", again, s.requests()[0])
			}
		})
	}
}

func TestWhatWasUnderWayAtACrashIsNeverAskedAgain(t *testing.T) {
	s := open(t)
	s.arrives(classify.Promotion, "news", oneClick, both...)
	s.arrives(classify.Promotion, "news", oneClick, both...)
	r := s.asks("shop.example")[0]
	s.now = s.now.Add(3 * time.Hour)
	if r, slip, err := s.begin(context.Background(), r); err != nil || slip == nil || r.State != Asking {
		t.Fatalf("%+v, %v", r, err)
	}
	s.begun(context.Background()) // the next start
	s.passes(5 * time.Hour)
	if r := s.requests()[0]; len(s.posts) != 0 || r.State != Failed || !r.Sent {
		t.Errorf("%q, %+v", s.posts, r)
	}
}

func TestCancelTakesBackWhatWaits(t *testing.T) {
	s := open(t)
	s.arrives(classify.Promotion, "news", oneClick, both...)
	s.arrives(classify.Promotion, "news", oneClick, both...)
	s.asks("shop.example")
	if back, err := s.Cancel(context.Background(), maria, "shop.example"); err != nil || len(back) != 1 || back[0].State != Cancelled {
		t.Fatalf("%+v, %v", back, err)
	}
	s.passes(48 * time.Hour)
	if len(s.posts) != 0 {
		t.Error("what was taken back was asked")
	}
	if _, err := s.Cancel(context.Background(), maria, ""); !errors.Is(err, ErrNotThere) {
		t.Errorf("%v", err)
	}
	if list := s.asks("shop.example"); list[0].State != Waiting {
		t.Errorf("what was taken back cannot be asked: %+v", list)
	}
}

func TestMailThatGoesOnIsTold(t *testing.T) {
	s := open(t)
	s.arrives(classify.Promotion, "news", oneClick, both...)
	s.arrives(classify.Promotion, "news", oneClick, both...)
	s.asks("shop.example")
	s.passes(3 * time.Hour)
	s.now = s.now.Add(24 * time.Hour)
	s.arrives(classify.Promotion, "news", oneClick, both...)
	s.now = s.now.Add(30 * time.Hour)
	s.arrives(classify.Promotion, "other", oneClick, both...)
	s.arrives(classify.Transactional, "news", oneClick, both...)
	if s.passes(0); !s.requests()[0].Since.IsZero() {
		t.Errorf("within its time, of another list, or a receipt: %+v", s.requests()[0])
	}
	at := s.now
	s.arrives(classify.Promotion, "news", oneClick, both...)
	if s.passes(time.Hour); !s.requests()[0].Since.Equal(at) {
		t.Errorf("mail went on since %v: %+v", at, s.requests()[0])
	}
}

func TestABrandWithoutASlipWaitsForTheNextMessage(t *testing.T) {
	s := open(t)
	s.arrives(classify.Transactional, "orders", "")
	s.arrives(classify.Transactional, "orders", "")
	if list := s.asks("shop.example"); list[0].State != Waiting || list[0].Reason != waits {
		t.Fatalf("%+v", list)
	}
	s.passes(12 * time.Hour)
	s.arrives(classify.Promotion, "news", oneClick, both...)
	s.passes(12 * time.Hour)
	if r := s.requests()[0]; len(s.posts) != 1 || r.State != Asked || r.Stream != "shop.example news" {
		t.Errorf("%q, %+v", s.posts, r)
	}
}

func TestWhatIsKeptOfAListIsForgottenAndExportedWithTheRest(t *testing.T) {
	s := open(t)
	s.arrives(classify.Promotion, "news", oneClick, both...)
	s.arrives(classify.Promotion, "news", oneClick, both...)
	s.asks("shop.example")
	exported := map[string]int{}
	if err := s.Store.Export(maria, func(k *kinds.Kind, line []byte) error { exported[k.Name]++; return nil }); err != nil {
		t.Fatal(err)
	}
	if exported["slips"] != 2 || exported["unsubscribing"] != 1 {
		t.Errorf("exported %v", exported)
	}
	if _, err := s.Store.Forget(context.Background(), maria, "shop.example"); err != nil {
		t.Fatal(err)
	}
	if slips, err := corpus.Notes[Slip](s.Store, maria, corpus.PrefixSlip); err != nil || len(slips) != 0 || len(s.requests()) != 0 {
		t.Errorf("left %+v, %+v, %v", slips, s.requests(), err)
	}
	s.passes(48 * time.Hour)
	if len(s.posts) != 0 {
		t.Error("what was forgotten was asked")
	}
}

func TestLaterIsWithinItsBounds(t *testing.T) {
	for range 1000 {
		if w := Later(); w < ShortestWait || w >= LongestWait {
			t.Fatalf("it waits %v", w)
		}
	}
}
