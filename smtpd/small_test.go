package smtpd

import (
	"errors"
	"io"
	"net/netip"
	"os"
	"strings"
	"testing"

	"github.com/emersion/go-smtp"

	"usher/rules"
	"usher/smtpd/events"
	"usher/smtpd/nexthop"
	"usher/smtpd/sockets"
)

type (
	mailOptions  = smtp.MailOptions
	dispositions = rules.Disposition
)

// brokenWriter writes half a message and fails.
func brokenWriter(w io.Writer) error {
	io.WriteString(w, "From: b@x.test\r\n\r\nhalf\r\n")
	return errors.New("the disk is gone")
}

func files(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestParseHop(t *testing.T) {
	for s, want := range map[string]string{
		"lmtp:127.0.0.1:10024=lmtp:127.0.0.1:24":       "",
		"lmtp:/run/usher/lmtp=lmtp:/run/dovecot/usher": "",
		"LMTP:[::1]:10024=lmtp:localhost:24":           "",
		"lmtp:127.0.0.1:10024":                         "has no next hop",
		"lmtp:10024=lmtp:127.0.0.1:24":                 "neither HOST:PORT nor a path",
		"http:127.0.0.1:1=lmtp:127.0.0.1:24":           "is no protocol",
		"lmtp=lmtp:127.0.0.1:24":                       "is no endpoint",
	} {
		h, err := ParseHop(s)
		switch {
		case want == "" && err != nil:
			t.Errorf("%s: %v", s, err)
		case want == "" && !strings.EqualFold(h.String(), s):
			t.Errorf("%s is printed %s", s, h)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: error %v, want %q", s, err, want)
		}
	}
}

func TestR2WhatDoesNotStartSaysWhatToChange(t *testing.T) {
	for _, c := range []struct {
		name, hops string
		change     func(*Config)
		want       string
	}{
		{"a plain pair", "lmtp:127.0.0.1:1=lmtp:127.0.0.1:2", nil, ""},
		{"no hop", "", nil, "no hop is set"},
		{"SMTP in with LMTP out", "smtp:127.0.0.1:1=lmtp:127.0.0.1:2", nil, "one reply cannot tell several results"},
		{"SMTP to SMTP", "smtp:127.0.0.1:1=smtp:127.0.0.1:2", nil, ""},
		{"LMTP to SMTP", "lmtp:127.0.0.1:1=smtp:127.0.0.1:2", nil, ""},
		{"filing by sub-address beyond LMTP", "lmtp:127.0.0.1:1=smtp:127.0.0.1:2", func(c *Config) { c.File = FileSubaddress }, "sub-address"},
		{"TLS without a certificate", "lmtps:127.0.0.1:1=lmtp:127.0.0.1:2", nil, "tls-cert and tls-key"},
		{"R55 TLS over a unix socket", "lmtp:127.0.0.1:1=lmtps:/run/x", nil, "nothing crosses a network"},
		{"R55 a next hop elsewhere, within TLS", "lmtp:127.0.0.1:1=lmtps:192.0.2.1:24", nil, ""},
		{"a way of filing that is none", "lmtp:127.0.0.1:1=lmtp:127.0.0.1:2", func(c *Config) { c.File = "sieve" }, "header or subaddress"},
		{"a listener open to the world", "lmtp:0.0.0.0:1=lmtp:127.0.0.1:2", nil, "trusted-networks is empty"},
		{"such a listener, in plain text", "lmtp:0.0.0.0:1=lmtp:127.0.0.1:2", trustTen, "plaintext"},
		{"such a listener, as wished", "lmtp:0.0.0.0:1=lmtp:127.0.0.1:2", func(c *Config) { trustTen(c); c.Plaintext = true }, ""},
		{"a next hop elsewhere, in plain text", "lmtp:127.0.0.1:1=lmtp:192.0.2.1:24", nil, "plaintext"},
		{"a next hop that is our own listener", "lmtp:127.0.0.1:1=lmtp:localhost:1", nil, "in circles"},
		{"a next hop that is another listener of ours", "lmtp:127.0.0.1:1=lmtp:127.0.0.1:2 lmtp:/run/u=lmtp:127.0.0.1:1", nil, "in circles"},
		{"a listener on every address", "lmtp:0.0.0.0:1=lmtp:127.0.0.1:1", func(c *Config) { trustTen(c); c.Plaintext = true }, "in circles"},
		{"a judge budget that is too long", "lmtp:127.0.0.1:1=lmtp:127.0.0.1:2", func(c *Config) { c.JudgeBudget = 31e9 }, "too long"},
		{"a stamp that is none", "lmtp:127.0.0.1:1=lmtp:127.0.0.1:2", func(c *Config) { c.Stamp = "some" }, "decided or all"},
		{"a hostname that is none", "lmtp:127.0.0.1:1=lmtp:127.0.0.1:2", func(c *Config) { c.Hostname = "a b" }, "hostname"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var cfg Config
			for s := range strings.FieldsSeq(c.hops) {
				h, err := ParseHop(s)
				if err != nil {
					t.Fatal(err)
				}
				cfg.Hops = append(cfg.Hops, h)
			}
			if c.change != nil {
				c.change(&cfg)
			}
			err := cfg.Check()
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("error is %v, want %q", err, c.want)
			}
		})
	}
}

func trustTen(c *Config) { c.TrustedNetworks = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")} }

func TestR51AStaleSocketIsRemovedALiveOneIsNot(t *testing.T) {
	dir := t.TempDir()
	hop := Hop{In: nexthop.Endpoint{Protocol: "lmtp", Network: "unix", Address: dir + "/in"}, Out: nexthop.Endpoint{Protocol: "lmtp", Network: "unix", Address: dir + "/out"}}
	first := newRig(t, &sink{}, func(c *Config) { c.Hops = []Hop{hop} })
	_, err := New(first.srv.cfg, first.srv.deps)
	if err == nil || !strings.Contains(err.Error(), "another server answers") {
		t.Errorf("a second start gave %v", err)
	}
	if info, err := os.Stat(dir + "/in"); err != nil || info.Mode().Perm() != DefaultSocketMode {
		t.Errorf("the socket is %v, %v", info, err)
	}
	if err := os.WriteFile(dir+"/file", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := sockets.Open(nexthop.Endpoint{Protocol: "lmtp", Network: "unix", Address: dir + "/file"}, sockets.Owner{}); err == nil {
		t.Error("a file that is no socket was taken for one")
	}
}

func TestR57TheLogHasNoAddressesUnlessWished(t *testing.T) {
	for _, wished := range []bool{true, false} {
		r := start(t, func(c *Config) { c.LogAddresses = wished })
		r.pass(letter, "promo@y.test")
		log := r.log.String()
		if strings.Contains(log, "promo@y.test") != wished {
			t.Errorf("addresses wished: %v, log:\n%s", wished, log)
		}
		for _, secret := range []string{"hello", "Hello", "the 4th since"} {
			if strings.Contains(log, secret) {
				t.Errorf("the log says %q", secret)
			}
		}
		for _, event := range []string{"msg=listening", "msg=decided", "msg=passed", "because=intents:31"} {
			if !strings.Contains(log, event) {
				t.Errorf("the log has no %s:\n%s", event, log)
			}
		}
	}
}

func TestR57OneHashStandsForAMailboxWhoeverLogsIt(t *testing.T) {
	site := func(use string) []byte { return []byte("the site's key for " + use) }
	r := newRigWith(t, newSink(t), func(d *Deps) { d.SiteKey = site }, func(c *Config) { c.LogAddresses = false })
	r.pass(letter, "promo+shops@Y.test")
	want := events.Pseudonym(site("log"), "promo@y.test", "+")
	if log := r.log.String(); strings.Count(log, "recipient="+want) != 2 { // decided, passed
		t.Errorf("the log does not name the recipient %s:\n%s", want, log)
	}
}

func TestR31XFORWARDReachesTheJudgeAndIsForgotten(t *testing.T) {
	r := start(t)
	c := r.dial()
	c.expect("220 ")
	c.send("LHLO c.test\r\n")
	c.expect("250")
	c.send("XFORWARD ADDR=192.0.2.1 HELO=spike+2Eexample IDENT=ABC123\r\n")
	c.expect("250 ")
	for range 2 {
		c.transaction("u@y.test")
		c.send(letter + ".\r\n")
		c.expect("250 ")
	}
	c.send("QUIT\r\n")
	c.expect("221")
	first, second := r.judge.seen[0].Envelope.Client, r.judge.seen[1].Envelope.Client
	if first.Addr != "192.0.2.1" || first.Helo != "spike.example" || first.Queue != "ABC123" {
		t.Errorf("the judge saw %+v", first)
	}
	if second.Addr != "" || second.Queue != "" {
		t.Errorf("the next transaction still has %+v", second)
	}
	if !strings.Contains(r.log.String(), "queue=ABC123") {
		t.Error("the log does not name the queue id")
	}
}
