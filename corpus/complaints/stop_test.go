package complaints

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"usher/classify/mail"
	"usher/corpus"
	"usher/smtpd/order"
)

func (s *site) hush(address string) {
	s.t.Helper()
	if err := s.silence(context.Background(), address); err != nil {
		s.t.Fatal(err)
	}
}

// says has somebody order something by a letter that is signed, and gives the answer.
func (s *site) says(subject, from string) string {
	s.t.Helper()
	_, domain, _ := strings.Cut(from, "@")
	raw := fmt.Sprintf("From: <%s>\r\nTo: complaints@mail.example.org\r\nSubject: %s\r\nDate: %s\r\nMessage-ID: <%d@%s>\r\n\r\n", from, subject, s.now.Format(time.RFC1123Z), len(s.to), domain)
	o := &mail.Object{Envelope: mail.Envelope{From: from, To: []string{"complaints@mail.example.org"}}, Message: mail.Parse([]byte(raw)),
		Identity: mail.Identity{Address: from, Domain: domain, OrgDomain: domain, SenderKey: domain, How: mail.ByDKIM,
			Signatures: []mail.Signature{{Domain: domain, Valid: true, Aligned: true, Covers: []string{"date", "from", "message-id", "subject", "to"}}}}}
	s.Box().Observe(context.Background(), o, nil)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	err := s.Box().Do(ctx, nil, func(_ context.Context, o order.Order) { s.stop(context.Background(), o); cancel() })
	if !errors.Is(err, context.Canceled) {
		s.t.Fatalf("%q is not done: %v", subject, err)
	}
	if n := len(s.to); n == 0 || s.to[n-1] != from {
		s.t.Fatalf("%s was not answered: %q", from, s.to)
	}
	return s.letters[len(s.letters)-1]
}

func TestAnAddressThatSaysStopHearsNoMore(t *testing.T) {
	s := open(t)
	if err := s.Begin(); err != nil {
		t.Fatal(err)
	}
	if got := s.says("STOP", "eve@evil.example"); !strings.Contains(got, "nothing was done") {
		t.Errorf("who heard of no complaint is answered %q", got)
	}
	if list, err := corpus.Notes[Silence](s.Store, s.from(), corpus.PrefixSilence); err != nil || len(list) != 0 {
		t.Errorf("kept for them: %+v, %v", list, err)
	}
	s.makes(maria, s.arrives(maria, "news", fbl))
	s.passes(31 * time.Minute)
	s.makes(pekka, s.arrives(pekka, "news", fbl)) // waits
	if got := s.says("Re: STOP", fbl); !strings.Contains(got, "No complaints are sent to fbl@shop.example any more") {
		t.Errorf("the answer is %q", got)
	}
	before := len(s.to)
	s.passes(31 * time.Minute)
	if c := s.last(pekka); len(s.to) != before || c.State != Failed || c.Fault != ErrSilent.Error() {
		t.Errorf("after STOP a complaint that waited is %+v, told %q", c, s.to[before:])
	}
	s.Alone = func(address string) bool { return address == "away@shop.example" }
	if c, err := s.Propose(maria, s.arrives(maria, "away", "away@shop.example", "there@shop.example"), ""); err != nil || len(c.To) != 1 || c.To[0].Address != "there@shop.example" {
		t.Errorf("beside an address that took no letter: %+v, %v", c, err)
	}
	if _, err := s.Propose(pekka, s.arrives(pekka, "away", "away@shop.example"), ""); !errors.Is(err, ErrSilent) {
		t.Errorf("where none takes letters: %v", err)
	}
	next := &Desk{Store: s.Store, Host: s.Host, Now: s.Now, Wait: s.Wait, Log: s.Log, Send: s.Send, Answer: s.Answer} // the next start
	if err := next.Begin(); err != nil {
		t.Fatal(err)
	}
	other := s.arrives(maria, "deals", "FBL@shop.example", "second@shop.example")
	c, err := next.Propose(maria, other, "")
	if err != nil || len(c.To) != 1 || c.To[0].Address != "second@shop.example" {
		t.Errorf("after the next start: %+v, %v", c, err)
	}
}
