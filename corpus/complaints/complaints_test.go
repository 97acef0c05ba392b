package complaints

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"usher/classify"
	"usher/classify/mail"
	"usher/corpus"
	"usher/corpus/kinds"
	"usher/rules"
	"usher/smtpd/complain"
)

const (
	maria = "maria@example.org"
	pekka = "pekka@example.org"
)

// site is a real store, a desk on it, and a clock that is set by hand.
type site struct {
	*Desk
	t       *testing.T
	now     time.Time
	to      []string
	letters []string
	sent    bool
	err     error
}

func open(t *testing.T) *site {
	s := &site{t: t, now: time.Now().UTC().Truncate(time.Minute), sent: true}
	dir := t.TempDir()
	store, err := corpus.Open(corpus.Options{Dir: filepath.Join(dir, "store"), KeyDir: filepath.Join(dir, "keys"), MasterKey: filepath.Join(dir, "master.key"),
		Delimiter: "+", Retention: 30 * day, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	s.Desk = &Desk{Store: store, Host: "mail.example.org", Agent: "usher/1.0", Now: func() time.Time { return s.now }, Wait: func() time.Duration { return 30 * time.Minute }, Log: slog.New(slog.DiscardHandler),
		Send: func(_ context.Context, to string, letter []byte) (bool, error) {
			s.to, s.letters = append(s.to, to), append(s.letters, string(letter))
			return s.sent, s.err
		}}
	s.Answer = func(ctx context.Context, to string, letter []byte) error {
		_, err := s.Send(ctx, to, letter)
		return err
	}
	return s
}

// arrives has a message of a list come to a mailbox, that names these addresses.
func (s *site) arrives(to, list string, addresses ...string) string {
	s.t.Helper()
	raw := "From: Norlund <news@shop.example>\r\nTo: " + to + "\r\nSubject: Your shoes, Maria\r\nMessage-ID: <" + list + "." + rules.NewID(s.now) + "@shop.example>\r\n"
	for _, a := range addresses {
		raw += "CFBL-Address: " + a + "; report=arf\r\n"
	}
	covers := []string{"cfbl-address", "cfbl-feedback-id"}
	id := mail.Identity{Address: "news@shop.example", Domain: "shop.example", OrgDomain: "shop.example", How: mail.ByDKIM, SenderKey: "shop.example", StreamKey: "shop.example " + list,
		Signatures: []mail.Signature{{Domain: "shop.example", Valid: true, Aligned: true, Covers: covers, Listed: covers}}}
	o := &mail.Object{Envelope: mail.Envelope{From: "bounce+" + strings.ReplaceAll(to, "@", "=") + "@shop.example", To: []string{to}, Arrived: s.now}, Identity: id, Message: mail.Parse([]byte(raw + "\r\nhello\r\n"))}
	d := &rules.Decision{ID: rules.NewID(s.now), At: s.now, Recipient: to, Sender: rules.Sender{Brand: "shop.example", Aligned: true, How: "dkim"}, Category: classify.Promotion, Disposition: rules.Promotions, Because: "default"}
	if slip := SlipOf(o, d, s.Store.SiteKey("redact")); slip != nil {
		if err := d.Keep(corpus.PrefixComplainSlip, slip); err != nil {
			s.t.Fatal(err)
		}
	}
	if err := s.Store.Record(context.Background(), []*rules.Decision{d}); err != nil {
		s.t.Fatal(err)
	}
	return d.ID
}

func (s *site) makes(mailbox, id string) Complaint {
	s.t.Helper()
	c, err := s.Make(context.Background(), mailbox, id, "")
	if err != nil {
		s.t.Fatal(err)
	}
	return c
}

func (s *site) passes(d time.Duration) {
	s.now = s.now.Add(d)
	s.look(context.Background())
}

func (s *site) last(mailbox string) Complaint {
	s.t.Helper()
	all, err := s.Complaints(mailbox)
	if err != nil || len(all) == 0 {
		s.t.Fatal(all, err)
	}
	return all[0]
}

const fbl = "fbl@shop.example"

func TestAComplaintIsToldOnceAndLater(t *testing.T) {
	s := open(t)
	id := s.arrives(maria, "news", fbl)
	c, err := s.Propose(maria, id, "too-often")
	if err != nil || c.State != Proposed || c.Warning() != "This tells shop.example (fbl@shop.example) which message it was, and so that it was you." {
		t.Fatalf("%+v, %v", c, err)
	}
	if all, _ := s.Complaints(maria); len(all) != 0 {
		t.Fatal("a proposal was kept")
	}
	if c := s.makes(maria, id); c.State != Waiting || !c.Due.Equal(s.now.Add(30*time.Minute)) {
		t.Fatalf("%+v", c)
	}
	if again := s.makes(maria, id); again.ID != s.last(maria).ID {
		t.Errorf("it was made twice: %+v", again)
	}
	if s.passes(29 * time.Minute); len(s.to) != 0 {
		t.Fatal("it left before its time")
	}
	s.passes(time.Minute)
	s.passes(2 * time.Hour)
	if !slices.Equal(s.to, []string{fbl}) || s.last(maria).State != Sent {
		t.Fatalf("told %q, %+v", s.to, s.last(maria))
	}
	for _, secret := range []string{"maria", "Maria", "example.org\r\nTo", "Subject: Your", "hello", s.now.Format("15:04")} {
		if i := strings.Index(s.letters[0], "message/feedback-report"); strings.Contains(s.letters[0][i:], secret) {
			t.Errorf("it says %q:\n%s", secret, s.letters[0])
		}
	}
	if _, err := s.Cancel(context.Background(), maria, ""); !errors.Is(err, ErrNotThere) {
		t.Errorf("what was sent was taken back: %v", err)
	}
}

func TestWhoIsNotTold(t *testing.T) {
	for _, c := range []struct {
		name string
		of   func(s *site) string // the message complained of
		err  error
	}{
		{"of a message without an address", func(s *site) string { return s.arrives(maria, "news") }, complain.ErrNone},
		{"of one whose address nobody signed for", func(s *site) string { return s.arrives(maria, "news", "fbl@other.example") }, complain.ErrSigned},
		{"of a list of which they complained", func(s *site) string {
			s.makes(maria, s.arrives(maria, "news", fbl))
			return s.arrives(maria, "news", fbl)
		}, ErrSoon},
		{"after 15 days", func(s *site) string { id := s.arrives(maria, "news"); s.now = s.now.Add(15 * day); return id }, ErrExpired},
		{"of another's message", func(s *site) string { return s.arrives(pekka, "news", fbl) }, corpus.ErrNotFound},
		{"where nobody sends it", func(s *site) string { s.Send = nil; return s.arrives(maria, "news", fbl) }, ErrNoRelay},
		{"where the address wants no more", func(s *site) string { s.hush(fbl); return s.arrives(maria, "news", fbl) }, ErrSilent},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := open(t)
			id := c.of(s)
			_, err := s.Make(context.Background(), maria, id, "")
			if err == nil || err.Error() != c.err.Error() {
				t.Errorf("%v, want %v", err, c.err)
			}
			before := len(s.to)
			s.passes(time.Hour)
			if all, _ := s.Complaints(maria); len(s.to) > before+1 || slices.ContainsFunc(all, func(c Complaint) bool { return c.Decision == id }) {
				t.Errorf("told %q, kept %+v", s.to, all)
			}
		})
	}
}

func TestAReasonIsOneOfAFew(t *testing.T) {
	s := open(t)
	if _, err := s.Make(context.Background(), maria, s.arrives(maria, "news", fbl), "they\r\nSubject: x"); !errors.Is(err, ErrReason) {
		t.Errorf("%v", err)
	}
}

func TestAComplaintIsTakenBackBeforeItLeaves(t *testing.T) {
	s := open(t)
	id := s.arrives(maria, "news", fbl)
	s.makes(maria, id)
	if back, err := s.Cancel(context.Background(), maria, id); err != nil || len(back) != 1 || back[0].State != Cancelled {
		t.Fatalf("%+v, %v", back, err)
	}
	if s.passes(2 * time.Hour); len(s.to) != 0 {
		t.Error("what was taken back was told")
	}
	if c := s.makes(maria, id); c.State != Waiting {
		t.Errorf("it cannot be made again: %+v", c)
	}
}

func TestOnlyWhoWasNotToldIsTriedAgain(t *testing.T) {
	s := open(t)
	second := "fbl2@shop.example"
	s.Send = func(_ context.Context, to string, _ []byte) (bool, error) {
		s.to = append(s.to, to)
		if to == second {
			return s.sent, s.err
		}
		return true, nil
	}
	s.makes(maria, s.arrives(maria, "news", fbl, second))
	s.sent, s.err = false, errors.New("the relay did not take it")
	s.passes(time.Hour)
	if c := s.last(maria); c.State != Waiting || !slices.Equal(c.Told, []string{fbl}) || c.Fault == "" {
		t.Errorf("%+v", c)
	}
	s.sent, s.err = true, errors.New("it hung up") // it may have gone
	s.passes(time.Hour)
	s.passes(time.Hour)
	if c := s.last(maria); c.State != Sent || !slices.Equal(s.to, []string{fbl, second, second}) {
		t.Errorf("told %q, %+v", s.to, c)
	}
}

func TestARelayThatIsAwayIsGivenUp(t *testing.T) {
	s := open(t)
	s.sent, s.err = false, errors.New("the relay did not take it")
	s.makes(maria, s.arrives(maria, "news", fbl))
	for range 2 * maxTries {
		s.passes(2 * time.Hour)
	}
	if c := s.last(maria); c.State != Failed || len(s.to) != maxTries || c.Fault != "the relay did not take it" {
		t.Errorf("%d tries, %+v", len(s.to), c)
	}
}

func TestWhatWasUnderWayAtACrashIsNotToldAgain(t *testing.T) {
	s := open(t)
	c := s.makes(maria, s.arrives(maria, "news", fbl))
	s.now = s.now.Add(time.Hour)
	if c, _, err := s.begin(context.Background(), c, nil); err != nil || c.State != Sending {
		t.Fatalf("%+v, %v", c, err)
	}
	s.begun(context.Background()) // the next start
	s.passes(5 * time.Hour)
	if c := s.last(maria); len(s.to) != 0 || c.State != Failed {
		t.Errorf("%q, %+v", s.to, c)
	}
	s.makes(maria, c.Decision)
	if s.passes(5 * time.Hour); len(s.to) != 0 {
		t.Errorf("made anew, %q are told what they may know", s.to)
	}
}

func TestAHundredADayToOneAddress(t *testing.T) {
	s := open(t)
	for i := range mostDaily + 1 {
		list := "l" + string(rune('a'+i%26)) + string(rune('a'+i/26))
		s.makes(maria, s.arrives(maria, list, fbl))
	}
	if s.passes(time.Hour); len(s.to) != mostDaily {
		t.Errorf("%d were told on one day", len(s.to))
	}
	for range 24 {
		s.passes(time.Hour)
	}
	if len(s.to) != mostDaily+1 {
		t.Errorf("%d were told by the next day", len(s.to))
	}
}

func TestWhatIsKeptOfComplaintsIsForgottenAndExported(t *testing.T) {
	s := open(t)
	s.makes(maria, s.arrives(maria, "news", fbl))
	exported := map[string]int{}
	if err := s.Store.Export(maria, func(k *kinds.Kind, _ []byte) error { exported[k.Name]++; return nil }); err != nil {
		t.Fatal(err)
	}
	if exported["complaint slips"] != 1 || exported["complaints"] != 1 {
		t.Errorf("exported %v", exported)
	}
	if _, err := s.Store.Forget(context.Background(), maria, "shop.example"); err != nil {
		t.Fatal(err)
	}
	if s.passes(2 * time.Hour); len(s.to) != 0 {
		t.Error("what was forgotten was told")
	}
	if all, err := s.Complaints(maria); err != nil || len(all) != 0 {
		t.Errorf("left %+v, %v", all, err)
	}
}

func TestLaterIsWithinItsBounds(t *testing.T) {
	for range 1000 {
		if w := Later(); w < 5*time.Minute || w >= time.Hour {
			t.Fatalf("it waits %v", w)
		}
	}
}
