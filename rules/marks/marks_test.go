package marks_test

import (
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"usher/classify/knows"
	"usher/classify/mail"
	"usher/rules/marks"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// sale is one copy of a mailing, with a token in its links and one in its
// pictures.
func sale(subject, inLinks, inPictures string) *mail.Object {
	markup := strings.Repeat(`<a href="https://www.shop.example/?u=`+inLinks+`">winter</a>`, 3) + `<img src="https://www.shop.example/o?u=` + inPictures + `">`
	return &mail.Object{
		Envelope: mail.Envelope{Arrived: noon},
		Identity: mail.Identity{SenderKey: "shop.example", How: mail.ByDKIM},
		Message:  mail.Parse([]byte("From: a@shop.example\nSubject: " + subject + "\nList-Id: <1.shop.example>\nContent-Type: text/html\n\n" + markup)),
	}
}

const (
	marias = "a1b2c3d4e5f6"
	ottos  = "b1c2d3e4f5a6"
)

// settled gives the level of the sign after a copy came, "" where it fell.
func settled(m *marks.Memory, o *mail.Object, mailboxes ...string) string {
	for _, s := range m.Settle(o, mailboxes, knows.Look(o, false).Signs(knows.Said{})) {
		if s.Code == "recipient_id_in_url" {
			return s.Level
		}
	}
	return ""
}

func TestCopiesOfOneMailingAreCompared(t *testing.T) {
	later := func(o *mail.Object, d time.Duration) *mail.Object { o.Envelope.Arrived = noon.Add(d); return o }
	claimed := func(o *mail.Object) *mail.Object {
		o.Identity = mail.Identity{OrgDomain: "shop.example", How: mail.ByNone}
		return o
	}
	first := sale("Winter", marias, marias)
	for _, c := range []struct {
		name      string
		second    *mail.Object
		mailboxes []string
		want      string
	}{
		{"other tokens for another mailbox are a mark", sale("Winter", ottos, ottos), []string{"otto"}, "seen"},
		{"other tokens in links alone are a mark", sale("Winter", ottos, marias), []string{"otto"}, "seen"},
		{"equal tokens for another mailbox are none", sale("Winter", marias, marias), []string{"otto"}, ""},
		{"one copy for two mailboxes marks neither", sale("Winter", ottos, ottos), []string{"otto", "eino"}, ""},
		{"the same mailbox again tells nothing", sale("Winter", ottos, ottos), []string{"maria"}, "suspected"},
		{"another mailing tells nothing", sale("Spring", ottos, ottos), []string{"otto"}, "suspected"},
		{"after an hour nothing is known", later(sale("Winter", ottos, ottos), 61*time.Minute), []string{"otto"}, "suspected"},
		{"within an hour it is", later(sale("Winter", ottos, ottos), 59*time.Minute), []string{"otto"}, "seen"},
		{"what only claims the name is not compared with it", claimed(sale("Winter", ottos, ottos)), []string{"otto"}, "suspected"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := marks.NewMemory()
			if got := settled(m, first, "maria"); got != "suspected" {
				t.Fatalf("the first copy is %q", got)
			}
			if got := settled(m, c.second, c.mailboxes...); got != c.want {
				t.Errorf("the second copy is %q, want %q", got, c.want)
			}
		})
	}
}

func TestAStreamThatMarkedIsKnown(t *testing.T) {
	m := marks.NewMemory()
	settled(m, sale("Winter", marias, marias), "maria")
	settled(m, sale("Winter", ottos, ottos), "otto")
	next := sale("Spring", marias, marias)
	next.Envelope.Arrived = noon.Add(48 * time.Hour)
	if got := settled(m, next, "maria"); got != "seen" {
		t.Errorf("the next mailing of a stream that marked is %q", got)
	}
	if got := settled(m, next, "otto"); got != "" {
		t.Errorf("what of it is equal for two is %q", got)
	}
}

func TestTheVerdictsOwnSignsAreLeftAlone(t *testing.T) {
	m := marks.NewMemory()
	o := sale("Winter", marias, marias)
	settled(m, o, "maria")
	signs := knows.Look(o, false).Signs(knows.Said{})
	before := fmt.Sprint(signs)
	if m.Settle(o, []string{"otto"}, signs); fmt.Sprint(signs) != before {
		t.Error("the signs that were given were changed")
	}
	for _, mailboxes := range [][]string{nil, {}} {
		if got := m.Settle(o, mailboxes, signs); len(got) != len(signs) {
			t.Error("a copy for nobody settled something")
		}
	}
}

// TestNothingOfAMessageIsKept reads what a Memory holds, byte by byte.
func TestNothingOfAMessageIsKept(t *testing.T) {
	m := marks.NewMemory()
	settled(m, sale("Winter", marias, marias), "maria@example.net")
	settled(m, sale("Winter", ottos, ottos), "otto@example.net")
	kept := fmt.Sprintf("%q %s", fmt.Sprint(reflect.ValueOf(m).Elem()), fmt.Sprintf("%+v", reflect.ValueOf(m).Elem()))
	for _, secret := range []string{marias, ottos, "maria", "otto", "shop.example", "Winter", "winter"} {
		if strings.Contains(kept, secret) || strings.Contains(kept, fmt.Sprint([]byte(secret))) {
			t.Errorf("%q is kept", secret)
		}
	}
}

func TestManyMailingsAreBounded(t *testing.T) {
	m := marks.NewMemory()
	o := sale("Winter", marias, marias)
	settled(m, o, "maria")
	for i := range 10_000 {
		o := *o
		message := *o.Message
		message.Subject = fmt.Sprint(i)
		o.Message = &message
		m.Settle(&o, []string{"maria"}, []knows.Sign{{Code: "recipient_id_in_url", Level: knows.Suspected}})
	}
	if got := settled(m, sale("Winter", ottos, ottos), "otto"); got != "suspected" {
		t.Errorf("the oldest of 10,001 mailings is still known: %q", got)
	}
}

func TestManyCopiesAtOnce(t *testing.T) {
	m := marks.NewMemory()
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for n := range 50 {
				settled(m, sale("Winter", fmt.Sprintf("a1b2c3d4e5%d", i), marias), fmt.Sprint("box", i, n))
			}
		})
	}
	all.Wait()
	if got := settled(m, sale("Winter", ottos, ottos), "otto"); got != "seen" {
		t.Errorf("after many copies %q", got)
	}
}

func BenchmarkSettle(b *testing.B) {
	m := marks.NewMemory()
	o := sale("Winter", marias, marias)
	signs := knows.Look(o, false).Signs(knows.Said{})
	b.ReportAllocs()
	for b.Loop() {
		m.Settle(o, []string{"maria"}, signs)
	}
}
