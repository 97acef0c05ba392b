package smtpd

import (
	"context"
	"io"
	"strings"
	"testing"

	"usher/classify/mail"
	"usher/rules"
)

// vouched says who sent a message as a test wants it.
type vouched struct{ id mail.Identity }

func (v vouched) Identify(context.Context, io.Reader, *mail.Envelope, *mail.Message) mail.Identity {
	return v.id
}

var shop = mail.Identity{How: mail.ByDKIM, Domain: "x.test", OrgDomain: "x.test", SenderKey: "x.test", PathAligned: true}

// rejecting is a rig on which a reject of shop's mail over LMTP is a 5xx.
func rejecting(t *testing.T, id mail.Identity) *rig {
	r := start(t, func(c *Config) { c.AllowLMTPReject = true })
	r.srv.deps.Identify = vouched{id}
	return r
}

func TestR43ARejectIsSoftenedWhereItWouldDoHarm(t *testing.T) {
	with := func(fields string) string { return fields + letter }
	for _, c := range []struct {
		name, raw, from, to string
		why                 string // "" where it is rejected
	}{
		{name: "a promotion of a proven sender", raw: letter, to: "reject@y.test"},
		{name: "R43 neither promotion nor newsletter", raw: letter, to: "reject-service@y.test", why: "neither a promotion nor a newsletter"},
		{name: "R43 the null sender", raw: letter, from: "<>", to: "reject@y.test", why: "from the null sender"},
		{name: "R43 a report", raw: with("Content-Type: multipart/report; boundary=x\r\n"), to: "reject@y.test", why: "a report"},
		{name: "R43 sent automatically", raw: with("Auto-Submitted: auto-replied; owner-email=\"x\"\r\n"), to: "reject@y.test", why: "sent automatically"},
		{name: "R43 not sent automatically, and said so", raw: with("Auto-Submitted: no (by hand)\r\n"), to: "reject@y.test"},
		{name: "R43 a list that people write to", raw: with("List-Post: <mailto:l@x.test>\r\n"), to: "reject@y.test", why: "from a discussion list, which would strike its member off"},
		{name: "R43 a list that nobody writes to", raw: with("List-Post: NO (posting not allowed)\r\n"), to: "reject@y.test"},
		{name: "R43 precedence list", raw: with("Precedence: list\r\n"), to: "reject@y.test", why: "from a discussion list, which would strike its member off"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := rejecting(t, shop)
			cl := r.dial()
			cl.expect("220 ")
			cl.send("LHLO c.test\r\n")
			cl.expect("250")
			from := c.from
			if from == "" {
				from = "<news@x.test>"
			}
			cl.send("MAIL FROM:" + from + "\r\nRCPT TO:<" + c.to + ">\r\nDATA\r\n")
			cl.expect("250 ")
			cl.expect("250 ")
			cl.expect("354 ")
			cl.send(c.raw + ".\r\n")
			reply := cl.reply()
			cl.send("QUIT\r\n")
			cl.expect("221")
			o := r.mem.outcome(t, c.to)
			if c.why == "" {
				if !strings.HasPrefix(reply, "550 5.7.1 ") || o.Applied != rules.Reject || o.Code != 550 || o.Why != "" {
					t.Errorf("reply is %q, outcome %+v", reply, o)
				}
				if r.sink.count() != 0 || r.sink.obeyed("DATA") || !r.sink.obeyed("RSET") {
					t.Errorf("the next hop heard %q", r.sink.transcript())
				}
				return
			}
			if !strings.HasPrefix(reply, "250 ") || o.Applied != rules.Refuse || o.Why != "not rejected: "+c.why {
				t.Errorf("reply is %q, outcome %+v", reply, o)
			}
			if raw := r.sink.got(c.to); len(raw) != 1 || !strings.HasPrefix(raw[0], "Usher-Disposition: refuse\r\n") {
				t.Errorf("the next hop got %q", raw)
			}
			if !strings.Contains(r.log.String(), "msg=softened") {
				t.Error("the log does not say that it was softened")
			}
		})
	}
}

func TestR45ABounceMustReachTheTrueSender(t *testing.T) {
	unproven := mail.Identity{How: mail.ByNone, Domain: "x.test", OrgDomain: "x.test", PathAligned: true}
	spf := unproven
	spf.SPF = "x.test"
	elsewhere := unproven
	elsewhere.SPF = "other.test"
	foreign := shop
	foreign.Domain, foreign.OrgDomain, foreign.SenderKey = "shop.test", "shop.test", "shop.test"
	foreign.PathAligned = false
	person := shop
	person.SenderKey = "a@x.test"
	other := shop
	other.SenderKey = "b@x.test"
	for _, c := range []struct {
		name   string
		id     mail.Identity
		reject bool
	}{
		{"an aligned signature of the reverse-path's domain", shop, true},
		{"SPF for the reverse-path's domain", spf, true},
		{"SPF for another domain", elsewhere, false},
		{"nothing proven", unproven, false},
		{"a signature of another organisation", foreign, false},
		{"a shared domain, the very address", person, true},
		{"a shared domain, another's address", other, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := rejecting(t, c.id)
			reply := r.pass(letter, "reject@y.test")[0]
			if rejected := strings.HasPrefix(reply, "550 "); rejected != c.reject {
				t.Errorf("reply is %q, outcome %+v", reply, r.mem.outcome(t, "reject@y.test"))
			}
		})
	}
	t.Run("not without allow-lmtp-reject", func(t *testing.T) {
		r := start(t)
		r.srv.deps.Identify = vouched{shop}
		r.pass(letter, "reject@y.test")
		o := r.mem.outcome(t, "reject@y.test")
		if o.Applied != rules.Refuse || o.Code != 250 || o.Why != "not rejected: allow-lmtp-reject is not set" {
			t.Errorf("outcome is %+v", o)
		}
	})
}

func TestR9ARejectTouchesNoOtherRecipient(t *testing.T) {
	r := rejecting(t, shop)
	replies := r.pass(letter, "u@y.test", "reject@y.test", "promo@y.test")
	for i, want := range []string{"250 ", "550 5.7.1 ", "250 "} {
		if !strings.HasPrefix(replies[i], want) {
			t.Errorf("reply %d is %q, want %q", i, replies[i], want)
		}
	}
	if len(r.sink.got("u@y.test")) != 1 || len(r.sink.got("promo@y.test")) != 1 || len(r.sink.got("reject@y.test")) != 0 {
		t.Errorf("the next hop heard %q", r.sink.transcript())
	}
	ref := r.mem.outcome(t, "reject@y.test").Ref
	if !strings.HasPrefix(replies[1], "550 5.7.1 <reject@y.test> [relevance=declined why=not-wanted ref="+ref+`] The recipient declines this mail: "no more of this". Terms: `) || len(ref) != 8 {
		t.Errorf("R46 the reply says %q", replies[1])
	}
}

func TestR11NothingIsRejectedWithoutARecord(t *testing.T) {
	r := rejecting(t, shop)
	if reply := r.pass(letter, "reject-norecord@y.test")[0]; !strings.HasPrefix(reply, "250 ") {
		t.Errorf("reply is %q", reply)
	}
	if raw := r.sink.got("reject-norecord@y.test"); len(raw) != 1 || raw[0] != letter {
		t.Errorf("the next hop got %q", raw)
	}
}
