package smtpd

import (
	"strings"
	"testing"

	"usher/smtpd/imprint"

	"usher/classify/mail"
)

// digest is a digest of ours for one mailbox.
func digest(r *rig, mailbox string) string {
	field := imprint.DigestField(r.srv.deps.SiteKey(KeyDigest), "01JD8QZK6T9W3N5V0R2M4X7Y8B", mailbox, "<d1@y.test>")
	return "Received: x\r\nUsher-Digest: " + field + "\r\nMessage-ID: <d1@y.test>\r\nAuto-Submitted: auto-generated\r\nFrom: usher@y.test\r\n\r\nPromotions.\r\n"
}

func TestR41ADigestOfOursIsNotJudged(t *testing.T) {
	for _, to := range []string{"promo@y.test", "Promo+shops@Y.test", "panic@y.test"} {
		r := start(t)
		raw := digest(r, strings.Replace(strings.ToLower(to), "+shops", "", 1))
		raw = "Usher-Disposition: refuse\r\n" + raw // and all other fields of ours go
		if got := r.pass(raw, to); !strings.HasPrefix(got[0], "250 ") {
			t.Fatalf("the reply is %q", got)
		}
		if got := r.sink.got(to); len(got) != 1 || "Usher-Disposition: refuse\r\n"+got[0] != raw {
			t.Errorf("%s got %q", to, got)
		}
		if n := len(r.judge.seen); n != 0 || len(r.mem.recorded) != 0 || r.mem.unjudged != 0 {
			t.Errorf("%s: the judge was asked %d times, %d are on record, %d counted as unjudged", to, n, len(r.mem.recorded), r.mem.unjudged)
		}
	}
}

func TestR41AMarkThatIsNotOursIsStripped(t *testing.T) {
	filler := strings.Repeat("X-Filler: 0123456789abcdef\r\n", mail.MaxHeader/28)
	for name, spoil := range map[string]string{
		"another MAC":                      ": 01JD8QZK6T9W3N5V0R2M4X7Y8B ->: 01JD8QZK6T9W3N5V0R2M4X7Y8B 00",
		"no MAC":                           ": 01JD8QZK6T9W3N5V0R2M4X7Y8B ->: ",
		"another Message-ID":               "Message-ID: <d1@->Message-ID: <d2@",
		"no Message-ID":                    "Message-ID: ->X-Message-ID: ",
		"another Message-ID above":         "Received: x->Message-ID: <d3@y.test>",
		"another Message-ID below":         "Auto-Submitted:->Message-ID: <d3@y.test>\r\nAuto-Submitted:",
		"another mark above":               "Received: x->Usher-Digest: 1 2",
		"another mark below":               "Auto-Submitted:->Usher-Digest: 1 2\r\nAuto-Submitted:",
		"another mark after a long header": "Auto-Submitted:->" + filler + "Usher-Digest: 1 2\r\nAuto-Submitted:",
		"a blank before the colon":         "Usher-Digest: ->Usher-Digest :",
		"a mark in the body":               "Usher-Digest:->\r\nUsher-Digest:",
		"somebody else's":                  "",
	} {
		t.Run(name, func(t *testing.T) {
			r := start(t)
			mailbox := "promo@y.test"
			if spoil == "" {
				mailbox = "another@y.test"
			}
			old, changed, _ := strings.Cut(spoil, "->")
			raw := strings.Replace(digest(r, mailbox), old, changed, 1)
			r.pass(raw, "promo@y.test")
			got := r.sink.got("promo@y.test")
			if len(got) != 1 || !strings.HasPrefix(got[0], "Usher-Disposition: promotions\r\n") {
				t.Fatalf("it got %q", got)
			}
			if head, _, _ := strings.Cut(got[0], "\r\n\r\n"); strings.Contains(head, "Usher-Digest") {
				t.Errorf("the mark stays in %q", got[0])
			}
		})
	}
}

func TestR41TheMarkHoldsForItsRecipientAlone(t *testing.T) {
	r := start(t)
	raw := digest(r, "promo@y.test")
	to := []string{"promo2@y.test", "u@y.test", "promo@y.test"}
	for i, reply := range r.pass(raw, to...) {
		if want := "250 2.0.0 <" + to[i] + ">"; !strings.HasPrefix(reply, want) {
			t.Errorf("reply %d is %q, want %q", i, reply, want)
		}
	}
	for mailbox, marked := range map[string]bool{"promo@y.test": true, "promo2@y.test": false, "u@y.test": false} {
		if got := r.sink.got(mailbox); len(got) != 1 || strings.Contains(got[0], "Usher-Digest") != marked {
			t.Errorf("%s got %q", mailbox, got)
		}
	}
	if got := r.sink.got("promo2@y.test"); !strings.HasPrefix(got[0], "Usher-Disposition: promotions\r\n") {
		t.Errorf("the other was not judged: %q", got)
	}
	if len(r.judge.seen) != 1 || strings.Join(r.judge.seen[0].Envelope.To, " ") != "promo2@y.test u@y.test" {
		t.Errorf("the judge saw %+v", r.judge.seen)
	}
}

func TestR41OverSMTPTheFieldStaysIfItHoldsForAll(t *testing.T) {
	for _, c := range []struct {
		to     []string
		marked bool
	}{
		{[]string{"promo@y.test"}, true},
		{[]string{"promo+a@y.test", "promo+b@y.test"}, true},
		{[]string{"promo@y.test", "promo2@y.test"}, false},
	} {
		r := startSMTP(t)
		raw := digest(r, "promo@y.test")
		r.pass(raw, c.to...)
		if got := r.sink.got(c.to[0]); len(got) != 1 || strings.Contains(got[0], "Usher-Digest") != c.marked || strings.Contains(got[0], "Usher-Disposition") {
			t.Errorf("%v: it got %q", c.to, got)
		}
	}
}

func TestR41WithoutTheKeyNoMarkHolds(t *testing.T) {
	if a, b := imprint.DigestField([]byte("a"), "1", "u@y.test", "<1@y.test>"), imprint.DigestField([]byte("b"), "1", "u@y.test", "<1@y.test>"); a == b {
		t.Error("two keys give one MAC")
	}
	if a, b := imprint.DigestField([]byte("a"), "1", "u@y.test", "x<1@y.test>"), imprint.DigestField([]byte("a"), "1", "u@y.testx", "<1@y.test>"); a == b {
		t.Error("what leaves the mailbox for the Message-ID makes no difference")
	}
}
