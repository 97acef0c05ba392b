package complain

import (
	"context"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-message"

	"usher/classify/mail"
	"usher/smtpd/auth"
	"usher/smtpd/auth/dns"
)

// key is 00 01 … 1f.
var key = func() (k []byte) {
	for i := range byte(32) {
		k = append(k, i)
	}
	return k
}()

// signature is one to be made, from the innermost on.
type signature struct{ domain, lists string }

const (
	plainly = "Subject:From:To:Message-ID"
	both    = plainly + ":CFBL-Feedback-ID:CFBL-Address"
)

// letter is a message as in the examples of RFC 9477: from a domain, with fields.
func letter(from string, fields ...string) string {
	return "From: Awesome Newsletter <newsletter@" + from + ">\r\nTo: receiver@example.org\r\nSubject: Super awesome deals for you\r\n" +
		strings.Join(fields, "\r\n") + "\r\nMessage-ID: <a37e51bf@mailer.example.com>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nThis is a super awesome newsletter.\r\n"
}

// read signs a message, puts fields above all signatures, verifies it, and reads it.
func read(t *testing.T, raw string, above string, signed ...signature) (Slip, error) {
	t.Helper()
	zone := dns.Zone{}
	for i, s := range signed {
		private, txt := auth.NewKey()
		selector := "s" + string(rune('a'+i))
		zone[selector+"._domainkey."+s.domain] = []string{txt}
		var b strings.Builder
		if err := auth.Sign(&b, strings.NewReader(raw), auth.SignOptions{Domain: s.domain, Selector: selector, Signer: private, Headers: strings.Split(s.lists, ":")}); err != nil {
			t.Fatal(err)
		}
		raw = b.String()
	}
	raw = above + raw
	m := mail.Parse([]byte(raw))
	env := mail.Envelope{From: "bounce+maria=example.net@mailer.shop.example", To: []string{"maria@example.net"}}
	id := (&auth.Verifier{Resolver: zone}).Identify(context.Background(), strings.NewReader(raw), &env, m)
	for _, s := range id.Signatures {
		if !s.Valid {
			t.Fatalf("a signature is not valid: %+v", s)
		}
	}
	return Read(&mail.Object{Envelope: env, Message: m, Identity: id}, key)
}

// TestTheExamplesOfTheRFC has each example of RFC 9477, sections 3.1 and 8, and what a
// forger would make of them.
func TestTheExamplesOfTheRFC(t *testing.T) {
	at := func(address string) string { return "CFBL-Address: " + address + "; report=arf" }
	const id = "CFBL-Feedback-ID: 111:222:333:4444"
	for _, c := range []struct {
		name   string
		from   string
		fields []string
		above  string
		signed []signature
		want   []Target
		err    error
	}{
		{"strict: the same domain", "example.com", []string{at("fbl@example.com")}, "", []signature{{"example.com", both}}, []Target{{"fbl@example.com", Strict}}, nil},
		{"relaxed, example 1: From and address below the signer", "mailer.example.com", []string{at("fbl@mailer.example.com")}, "", []signature{{"example.com", both}}, []Target{{"fbl@mailer.example.com", Relaxed}}, nil},
		{"relaxed, example 2: the address below From and signer", "example.com", []string{at("fbl@mailer.example.com")}, "", []signature{{"example.com", both}}, []Target{{"fbl@mailer.example.com", Relaxed}}, nil},
		{"third party: both sign", "example.com", []string{at("fbl@saas-mailer.example")}, "", []signature{{"example.com", both}, {"saas-mailer.example", both}}, []Target{{"fbl@saas-mailer.example", ThirdParty}}, nil},
		{"pre-signed: the author's lists neither field", "example.com", []string{at("fbl@saas-mailer.example")}, "", []signature{{"example.com", plainly}, {"saas-mailer.example", both}}, []Target{{"fbl@saas-mailer.example", PreSigned}}, nil},
		{"simple report, with an id", "example.com", []string{at("fbl@example.com"), id}, "", []signature{{"example.com", both}}, []Target{{"fbl@example.com", Strict}}, nil},
		{"report=xarf is told by ARF", "example.com", []string{"CFBL-Address: fbl@example.com; report=xarf"}, "", []signature{{"example.com", both}}, []Target{{"fbl@example.com", Strict}}, nil},
		{"a comment, capitals, no format", "example.com", []string{"CFBL-Address: Fbl@EXAMPLE.com (complaints)"}, "", []signature{{"example.com", both}}, []Target{{"Fbl@example.com", Strict}}, nil},
		{"several addresses, each by its own rule", "example.com", []string{at("a@example.com"), at("b@saas-mailer.example")}, "",
			[]signature{{"example.com", both + ":CFBL-Address"}, {"saas-mailer.example", both + ":CFBL-Address"}}, []Target{{"a@example.com", Strict}, {"b@saas-mailer.example", ThirdParty}}, nil},
		{"four addresses and one twice: three", "example.com", []string{at("a@example.com"), at("a@example.com"), at("b@example.com"), at("c@example.com"), at("d@example.com")}, "",
			[]signature{{"example.com", both + strings.Repeat(":CFBL-Address", 4)}}, []Target{{"a@example.com", Strict}, {"b@example.com", Strict}, {"c@example.com", Strict}}, nil},

		{"no address", "example.com", []string{id}, "", []signature{{"example.com", both}}, nil, ErrNone},
		{"not signed at all", "example.com", []string{at("fbl@example.com")}, "", nil, nil, ErrSigned},
		{"the address is not among what is signed", "example.com", []string{at("fbl@example.com")}, "", []signature{{"example.com", plainly}}, nil, ErrSigned},
		{"the id is not among what is signed", "example.com", []string{at("fbl@example.com"), id}, "", []signature{{"example.com", plainly + ":CFBL-Address"}}, nil, ErrSigned},
		{"a third party that did not sign", "example.com", []string{at("fbl@saas-mailer.example")}, "", []signature{{"example.com", both}}, nil, ErrSigned},
		{"a third party alone signed", "example.com", []string{at("fbl@saas-mailer.example")}, "", []signature{{"saas-mailer.example", both}}, nil, ErrSigned},
		{"the author lists one of two fields: not pre-signed", "example.com", []string{at("a@saas-mailer.example"), at("b@saas-mailer.example")}, "",
			[]signature{{"example.com", plainly + ":CFBL-Address"}, {"saas-mailer.example", both + ":CFBL-Address"}}, nil, ErrSigned},
		{"an address above From, which is below it", "mailer.example.com", []string{at("fbl@example.com")}, "", []signature{{"mailer.example.com", both}}, nil, ErrSigned},
		{"a sibling signed", "a.example.com", []string{at("fbl@a.example.com")}, "", []signature{{"b.example.com", both}}, nil, ErrSigned},
		{"a public suffix is nobody's parent", "shop.co.uk", []string{at("fbl@shop.co.uk")}, "", []signature{{"co.uk", both}}, nil, ErrSigned},
		{"a field added above the signature", "example.com", []string{at("fbl@example.com")}, at("fbl@evil.example") + "\r\n", []signature{{"example.com", both}}, nil, ErrSigned},
		{"the same field added above, by who signs too", "example.com", []string{at("fbl@example.com")}, at("fbl@evil.example") + "\r\n", []signature{{"example.com", both}, {"evil.example", both}}, nil, ErrSigned},
		{"an id added above the signature", "example.com", []string{at("fbl@example.com")}, id + "\r\n", []signature{{"example.com", plainly + ":CFBL-Address"}}, nil, ErrSigned},
		{"a second From above", "example.com", []string{at("fbl@example.com")}, "From: <x@other.example>\r\n", []signature{{"example.com", both}}, nil, ErrSigned},
		{"what is no address", "example.com", []string{"CFBL-Address: example.com"}, "", []signature{{"example.com", both}}, nil, ErrSigned},
		{"an address by its IP", "example.com", []string{"CFBL-Address: fbl@[127.0.0.1]"}, "", []signature{{"example.com", both}}, nil, ErrSigned},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := read(t, letter(c.from, c.fields...), c.above, c.signed...)
			if !errors.Is(err, c.err) || !reflect.DeepEqual(s.To, c.want) {
				t.Errorf("%+v, %v; want %+v, %v", s.To, err, c.want, c.err)
			}
		})
	}
}

func TestTheLocalPartIsHidden(t *testing.T) {
	for address, want := range map[string]string{
		"bounce+maria=example.net@mailer.shop.example": "oijaailihks77u4n@mailer.shop.example",
		"":           "",
		"no address": "",
	} {
		if got := Redact(key, address); got != want {
			t.Errorf("%q becomes %q, want %q", address, got, want)
		}
	}
}

// parts reads a letter by a library of others.
func parts(t *testing.T, raw []byte) (head message.Header, bodies []string) {
	t.Helper()
	e, err := message.Read(strings.NewReader(string(raw)))
	if err != nil {
		t.Fatal(err)
	}
	for r := e.MultipartReader(); ; {
		p, err := r.NextPart()
		if errors.Is(err, io.EOF) {
			return e.Header, bodies
		}
		if err != nil {
			t.Fatal(err)
		}
		kind, _, _ := p.Header.ContentType()
		body, err := io.ReadAll(p.Body)
		if err != nil {
			t.Fatal(err)
		}
		bodies = append(bodies, kind+"\n"+strings.ReplaceAll(string(body), "\r\n", "\n"))
	}
}

func TestAComplaintSaysWhatItMayAndNoMore(t *testing.T) {
	s, err := read(t, letter("shop.example", "CFBL-Address: fbl@shop.example", "CFBL-Feedback-ID: 111:222\r\n :333:4444", "Feedback-ID: spring:promo:shop", "List-Id: maria <news.shop.example>"), "",
		signature{"shop.example", both + ":Feedback-ID"})
	if err != nil {
		t.Fatal(err)
	}
	l := Letter{From: "complaints@mail.example.net", To: s.To[0].Address, ID: "01J@mail.example.net", Host: "mail.example.net", Agent: "usher/1.0", Reason: "not-requested",
		Arrived: time.Date(2026, 11, 21, 17, 42, 9, 0, time.UTC), At: time.Date(2026, 11, 21, 18, 0, 0, 0, time.UTC)}
	raw, err := s.Letter(l)
	if err != nil {
		t.Fatal(err)
	}
	head, bodies := parts(t, raw)
	kind, params, _ := head.ContentType()
	if kind != "multipart/report" || params["report-type"] != "feedback-report" || head.Get("Subject") != "Complaint about a message from shop.example" || head.Get("Auto-Submitted") != "auto-generated" || head.Get("To") != "fbl@shop.example" {
		t.Errorf("%s %v %q", kind, params, head.Get("Subject"))
	}
	want := []string{
		"text/plain\nA recipient marked this message as unwanted. Reason: not-requested.\nRecipient data is redacted. To receive no more, reply with Subject STOP.\n",
		"message/feedback-report\nFeedback-Type: abuse\nUser-Agent: usher/1.0\nVersion: 1\nOriginal-Mail-From: <oijaailihks77u4n@mailer.shop.example>\nArrival-Date: Sat, 21 Nov 2026 00:00:00 +0000\nReporting-MTA: dns; mail.example.net\n" +
			"Authentication-Results: mail.example.net; dkim=pass header.d=shop.example\nReported-Domain: shop.example\n",
		"text/rfc822-headers\nMessage-ID: <a37e51bf@mailer.example.com>\nCFBL-Feedback-ID: 111:222:333:4444\nFeedback-ID: spring:promo:shop\n",
	}
	if !reflect.DeepEqual(bodies, want) {
		t.Errorf("it says\n%s\nwant\n%s", strings.Join(bodies, "\n"), strings.Join(want, "\n"))
	}
	l.Minimal = true
	if raw, err = s.Letter(l); err != nil {
		t.Fatal(err)
	}
	if _, bodies = parts(t, raw); bodies[2] != "text/rfc822-headers\nCFBL-Feedback-ID: 111:222:333:4444\n" {
		t.Errorf("the least that may be said is %q", bodies[2])
	}
}

func TestWhatASenderWroteBreaksOutOfNoLine(t *testing.T) {
	long := strings.Repeat("x", maxValue+1)
	for name, field := range map[string]string{"encoded line ends": "CFBL-Feedback-ID: =?utf-8?q?a=0D=0ASubject:_owned?=", "a very long one": "CFBL-Feedback-ID: " + long} {
		s, err := read(t, letter("shop.example", "CFBL-Address: fbl@shop.example", field), "", signature{"shop.example", both})
		if err != nil {
			t.Fatal(name, err)
		}
		raw, err := s.Letter(Letter{From: "c@h.example", To: "fbl@shop.example", ID: "1@h.example", Host: "h.example", Agent: "usher", Reason: "other"})
		if err != nil || strings.Contains(string(raw), "\nSubject: owned") || strings.Contains(string(raw), long) {
			t.Errorf("%s: %v\n%s", name, err, raw)
		}
	}
}
