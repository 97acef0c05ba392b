package setup

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"usher/rules/terms"
	"usher/smtpd"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func TestR3TheLinesOfEachShape(t *testing.T) {
	for _, c := range []struct {
		name, hop string
		options   Options
	}{
		{name: "lmtp over tcp", hop: "lmtp:127.0.0.1:10024=lmtp:127.0.0.1:24"},
		{name: "lmtp over unix sockets", hop: "lmtp:/run/usher/lmtp=lmtp:/run/dovecot/usher"},
		{name: "lmtp within tls", hop: "lmtps:192.0.2.1:10024=lmtps:192.0.2.2:2424"},
		{name: "lmtp within tls on our side alone", hop: "lmtps:127.0.0.1:10024=lmtp:127.0.0.1:24"},
		{name: "lmtp filed by sub-address", hop: "lmtp:127.0.0.1:10024=lmtp:127.0.0.1:24", options: Options{Subaddress: true}},
		{name: "before the queue", hop: "smtp:127.0.0.1:10025=smtp:127.0.0.1:10026"},
		{name: "before the queue, one recipient at a time", hop: "smtp:127.0.0.1:10025=smtp:127.0.0.1:10026", options: Options{Single: true}},
		{name: "before the queue, within tls", hop: "smtps:127.0.0.1:10025=smtp:127.0.0.1:10026"},
		{name: "behind the queue, within tls", hop: "lmtps:127.0.0.1:10024=smtp:127.0.0.1:10026"},
		{name: "behind the queue", hop: "lmtp:127.0.0.1:10024=smtp:127.0.0.1:10026"},
	} {
		t.Run(c.name, func(t *testing.T) {
			hop, err := smtpd.ParseHop(c.hop)
			if err != nil {
				t.Fatal(err)
			}
			var got bytes.Buffer
			if err := Print(&got, hop, c.options); err != nil {
				t.Fatal(err)
			}
			golden := filepath.Join("testdata", strings.ReplaceAll(c.name, " ", "-")+".txt")
			if *update {
				if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got.Bytes(), want) {
				t.Errorf("%s:\n%s\nwant:\n%s", golden, got.Bytes(), want)
			}
		})
	}
}

func TestTheBypassGoesAroundTheHop(t *testing.T) {
	for hop, want := range map[string]string{
		"lmtp:127.0.0.1:10024=lmtp:127.0.0.1:24":       "postconf -e 'virtual_transport=lmtp:inet:[127.0.0.1]:24' && postfix reload",
		"lmtp:/run/usher/lmtp=lmtp:/run/dovecot/usher": "postconf -e 'virtual_transport=lmtp:unix:/run/dovecot/usher' && postfix reload",
		"lmtp:127.0.0.1:10024=smtp:127.0.0.1:10026":    "postconf -e 'content_filter=' && postfix reload",
		"smtp:127.0.0.1:10025=smtp:127.0.0.1:10026":    "postconf -P 'smtp/inet/smtpd_proxy_filter=' && postfix reload",
	} {
		h, err := smtpd.ParseHop(hop)
		if err != nil {
			t.Fatal(err)
		}
		if got := Bypass(smtpd.Config{Hops: []smtpd.Hop{h}}); got != want {
			t.Errorf("%s is gone around by %q, want %q", hop, got, want)
		}
	}
	if got := Bypass(smtpd.Config{}); !strings.Contains(got, "127.0.0.1") {
		t.Errorf("with no hop: %q", got)
	}
}

func TestForgedResultsAreRemovedByTheirIDs(t *testing.T) {
	var got bytes.Buffer
	if err := PrintResults(&got, nil); err != nil || got.Len() > 0 {
		t.Errorf("without an id: %q, %v", got.String(), err)
	}
	if err := PrintResults(&got, []string{"mx.example.org", "b/c"}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"/^Authentication-Results:[[:space:]]*mx\\.example\\.org[[:space:];]/ IGNORE\n",
		"/^Authentication-Results:[[:space:]]*b\\/c[[:space:];]/ IGNORE\n",
		"header_checks = regexp:/etc/postfix/results\n",
	} {
		if !strings.Contains(got.String(), want) {
			t.Errorf("%q is missing of\n%s", want, got.String())
		}
	}
}

func TestWhatIsNotUsedIsNotPrinted(t *testing.T) {
	asked := terms.Document{Version: "1.0", Domain: "example.org", ValidUntil: "2027-05-01"}
	for _, c := range []struct {
		name  string
		print func(w *bytes.Buffer) error
		want  []string // none: nothing at all
	}{
		{"no delegate", func(w *bytes.Buffer) error { return PrintMoves(w, "") }, nil},
		{"a delegate", func(w *bytes.Buffer) error { return PrintMoves(w, "vmail") }, []string{"user = vmail\n    mode = 0600\n", `set "mailbox" "${1}"`, `usher moved --if-decided --mailbox "$1"`}},
		{"no pages", func(w *bytes.Buffer) error { return PrintWeb(w, "", "") }, nil},
		{"pages on this machine alone", func(w *bytes.Buffer) error { return PrintWeb(w, "127.0.0.1:8025", "") }, nil},
		{"pages behind a web server", func(w *bytes.Buffer) error { return PrintWeb(w, "127.0.0.1:8025", "https://usher.example.org:8443/") }, []string{"server_name usher.example.org;", "proxy_pass http://127.0.0.1:8025;"}},
		{"terms that another web server has", func(w *bytes.Buffer) error {
			return PrintTerms(w, asked, asked.Bytes(), Published{URL: "https://example.org/t"})
		}, []string{"# DNS of example.org,", `_mail-terms.example.org. TXT "v=MAILTERMS1; url=https://example.org/t; sha256=`}},
		{"terms that the pages have", func(w *bytes.Buffer) error {
			return PrintTerms(w, asked, asked.Bytes(), Published{URL: "https://www.example.org/t", Listen: "127.0.0.1:8025"})
		}, []string{
			"in the server of www.example.org\n", "location = /t { proxy_pass http://127.0.0.1:8025/.well-known/mail-terms.json; }\nlocation /relevance/v1/terms/ { proxy_pass http://127.0.0.1:8025; }\n"}},
	} {
		var got bytes.Buffer
		if err := c.print(&got); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		for _, want := range c.want {
			if !strings.Contains(got.String(), want) {
				t.Errorf("%s: %q is missing of\n%s", c.name, want, got.String())
			}
		}
		if c.want == nil && got.Len() > 0 {
			t.Errorf("%s: printed %q", c.name, got.String())
		}
	}
}
