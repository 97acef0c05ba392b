package smtpd

import (
	"strings"
	"testing"

	"usher/rules"
)

func TestR42WhereADecisionIsFiledBySubAddress(t *testing.T) {
	for _, c := range []struct {
		name, path string
		d          rules.Disposition
		want       string
	}{
		{"a promotion", "u@y.test", rules.Promotions, "u+Promotions@y.test"},
		{"what the digest sums up", "u@y.test", rules.Digest, "u+Promotions@y.test"},
		{"the refused", "u@y.test", rules.Refuse, "u+Refused@y.test"},
		{"the inbox", "u@y.test", rules.Inbox, "u@y.test"},
		{"a detail already there", "u+shops@y.test", rules.Promotions, "u+shops@y.test"},
		{"a quoted local part", `"u v"@y.test`, rules.Promotions, `"u v+Promotions"@y.test`},
		{"an at sign within quotes", `"a@b"@y.test`, rules.Refuse, `"a@b+Refused"@y.test`},
		{"no domain", "postmaster", rules.Refuse, "postmaster"},
	} {
		if got := filed(c.path, "+", c.d); got != c.want {
			t.Errorf("%s: %s is addressed %s, want %s", c.name, c.path, got, c.want)
		}
	}
}

func TestR42FilingBySubAddress(t *testing.T) {
	r := start(t, func(c *Config) { c.File = FileSubaddress })
	for i, reply := range r.pass(letter, "u@y.test", "promo@y.test", "promo+own@y.test", "refuse-nodetail@y.test", "granted@y.test") {
		if !strings.HasPrefix(reply, "250 ") || strings.Contains(reply, "+Promotions") {
			t.Errorf("reply %d is %q", i, reply)
		}
	}
	for to, first := range map[string]string{
		"u@y.test":                "From: ",
		"promo+Promotions@y.test": "Usher-Disposition: promotions\r\n",
		"promo+own@y.test":        "Usher-Disposition: promotions\r\n",
		"refuse-nodetail@y.test":  "Usher-Disposition: refuse\r\n",
		"granted@y.test":          "Usher-Disposition: inbox\r\n",
	} {
		if raw := r.sink.got(to); len(raw) != 1 || !strings.HasPrefix(raw[0], first) {
			t.Errorf("%s got %q", to, raw)
		}
	}
	if n := r.sink.count(); n != 5 {
		t.Errorf("%d deliveries, want 5", n)
	}
	if n := strings.Count(r.sink.transcript(), "\nRCPT TO:<refuse-nodetail+Refused@y.test>\r\nRCPT TO:<refuse-nodetail@y.test>"); n != 1 {
		t.Errorf("the mailbox was not asked for in the folder's transaction: %q", r.sink.transcript())
	}
}
