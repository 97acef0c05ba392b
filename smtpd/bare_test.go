package smtpd

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"usher/classify/mail"
	"usher/smtpd/auth"
	"usher/smtpd/auth/dns"
)

func TestR40IdentityIsCheckedOnTheBytesReceived(t *testing.T) {
	for _, c := range []struct{ name, body, arrives string }{
		{"no bare line end", "Hello.\r\n", "Hello.\r\n"},
		{"a bare CR", "One\rtwo, and a blank.\r\n", "One two, and a blank.\r\n"},
		{"a bare LF", "One\ntwo\r\n", "One\r\ntwo\r\n"},
		{"both, with dots and a long text between", ".\rx\r\n.y\n.z\r\n" + strings.Repeat("text\r\n", 5000) + "end\r!\r\n", ".  x"},
	} {
		for _, way := range []string{"DATA", "BDAT"} {
			t.Run(c.name+" by "+way, func(t *testing.T) {
				key, record := auth.NewKey()
				var raw bytes.Buffer
				plain := "From: A <a@x.test>\r\nTo: u@y.test\r\nMessage-ID: <1@x.test>\r\nSubject: hello\r\n\r\n" + c.body
				if err := auth.Sign(&raw, strings.NewReader(plain), auth.SignOptions{Domain: "x.test", Selector: "s", Signer: key}); err != nil {
					t.Fatal(err)
				}
				r := newRigWith(t, newSink(t), func(d *Deps) {
					d.Identify = &auth.Verifier{Resolver: dns.Zone{"s._domainkey.x.test": {record}}}
				})
				if way == "DATA" {
					r.pass(raw.String(), "promo@y.test")
				} else {
					r.bdat(raw.String(), "promo@y.test")
				}
				if how := r.judge.seen[0].Identity; how.How != mail.ByDKIM {
					t.Errorf("the judge saw %s: %s", how.How, how.Note)
				}
				got := r.sink.got("promo@y.test")
				if len(got) != 1 || bare(got[0]) || !strings.HasPrefix(c.arrives, ".") && !strings.HasSuffix(got[0], "\r\n\r\n"+c.arrives) {
					t.Errorf("it got %q", got)
				}
				changed := strings.Count(strings.ReplaceAll(c.body, "\r\n", ""), "\r") + strings.Count(strings.ReplaceAll(c.body, "\r\n", ""), "\n")
				if o := r.mem.outcome(t, "promo@y.test"); o.Changed != changed {
					t.Errorf("on record are %d changed line ends, want %d", o.Changed, changed)
				}
			})
		}
	}
}

// bdat sends one message to one recipient in chunks of 1000 bytes.
func (r *rig) bdat(raw, to string) {
	r.t.Helper()
	c := r.dial()
	c.expect("220 ")
	c.send("LHLO client.test\r\nMAIL FROM:<a@x.test>\r\nRCPT TO:<" + to + ">\r\n")
	c.expect("250")
	c.expect("250 ")
	c.expect("250 ")
	for ; len(raw) > 1000; raw = raw[1000:] {
		c.send("BDAT 1000\r\n" + raw[:1000])
		c.expect("250 ")
	}
	c.send(fmt.Sprintf("BDAT %d LAST\r\n%s", len(raw), raw))
	c.expect("250 ")
	c.send("QUIT\r\n")
	c.expect("221 ")
}

func TestR40BareLineEndsCanBeRefusedBySMTPAlone(t *testing.T) {
	for _, c := range []struct{ hop, bare, want string }{
		{"lmtp:127.0.0.1:1=lmtp:127.0.0.1:2", "refuse", "no hop does so"},
		{"lmtp:127.0.0.1:1=lmtp:127.0.0.1:2", "drop", "write normalise or refuse"},
		{"lmtp:127.0.0.1:1=lmtp:127.0.0.1:2", "normalise", ""},
	} {
		hop, err := ParseHop(c.hop)
		if err != nil {
			t.Fatal(err)
		}
		err = Config{Hops: []Hop{hop}, Hostname: "usher.test", Bare: c.bare}.Check()
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s with bare = %s: %v", c.hop, c.bare, err)
		}
	}
}
