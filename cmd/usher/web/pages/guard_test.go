package pages

import (
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"usher/classify"
	"usher/rules"
	"usher/rules/intents"
)

func TestEveryPageTellsBrowsersToBeCareful(t *testing.T) {
	r := start(t)
	b, _ := r.signIn(maria)
	for _, path := range []string{"/", "/intents", "/in?link=x", "/style.css", "/nowhere", "/decisions/x"} {
		for _, who := range []browser{b, r.browser()} {
			got := who.get(path)
			for field, want := range map[string]string{
				"Content-Security-Policy": policy, "Referrer-Policy": "no-referrer", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
			} {
				if got.head.Get(field) != want {
					t.Errorf("%s: %s is %q", path, field, got.head.Get(field))
				}
			}
			if strings.Contains(got.body, "<script") || strings.Contains(got.body, "style=") || strings.Contains(got.body, "://") {
				t.Errorf("%s has a script, a style of its own or a foreign address: %s", path, got.body)
			}
		}
	}
	for _, want := range []string{"default-src 'none'", "frame-ancestors 'none'", "style-src 'self'"} {
		if !strings.Contains(policy, want) {
			t.Errorf("the policy lacks %s", want)
		}
	}
}

func TestRequestsFromElsewhereAreRefused(t *testing.T) {
	const text = "mute topic tea\n"
	for _, c := range []struct {
		name string
		head []string
		form string // "" is that of the session
		want int
	}{
		{"from our own page", nil, "", http.StatusSeeOther},
		{"from a browser that names the origin alone", []string{"Sec-Fetch-Site", "", "Origin", "http://HOST"}, "", http.StatusSeeOther},
		{"from another site", []string{"Sec-Fetch-Site", "cross-site"}, "", http.StatusForbidden},
		{"from a neighbour beneath the same domain", []string{"Sec-Fetch-Site", "same-site"}, "", http.StatusForbidden},
		{"from another origin", []string{"Sec-Fetch-Site", "", "Origin", "https://evil.example"}, "", http.StatusForbidden},
		{"from a sandbox", []string{"Sec-Fetch-Site", "", "Origin", "null"}, "", http.StatusForbidden},
		{"under another name", []string{"Host", "evil.example"}, "", http.StatusMisdirectedRequest},
		{"under our name at another port", []string{"Host", "127.0.0.1:1"}, "", http.StatusMisdirectedRequest},
		{"with a form of another session", nil, string(newSecret()), http.StatusForbidden},
		{"with no form of ours", nil, " ", http.StatusForbidden},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := start(t)
			b, form := r.signIn(maria)
			if c.form != "" {
				form = strings.TrimSpace(c.form)
			}
			for i := range c.head {
				c.head[i] = strings.ReplaceAll(c.head[i], "HOST", r.url.Host)
			}
			got := b.send("/intents", url.Values{"form": {form}, "text": {text}, "do": {"save"}}, c.head...)
			if got.status != c.want {
				t.Errorf("got %d %s, want %d", got.status, got.body, c.want)
			}
			st, err := r.as(maria).Intents(t.Context(), "")
			if err != nil || st.Exists != (c.want == http.StatusSeeOther) {
				t.Errorf("stored: %+v, %v", st, err)
			}
			if strings.Contains(got.body, maria) {
				t.Errorf("a refusal names the mailbox: %s", got.body)
			}
		})
	}
}

func TestAWishForALinkFromElsewhereIsRefused(t *testing.T) {
	r := start(t)
	if got := r.browser().send("/login", url.Values{"mailbox": {maria}}, "Sec-Fetch-Site", "cross-site"); got.status != http.StatusForbidden {
		t.Errorf("got %d", got.status)
	}
	link := r.link(maria)
	if got := r.browser().send("/in", url.Values{"link": {link}}, "Sec-Fetch-Site", "cross-site"); got.status != http.StatusForbidden {
		t.Errorf("another site's form: %d", got.status)
	}
	if got := r.browser().get("/in?link="+link, "Host", "evil.example"); got.status != http.StatusMisdirectedRequest || strings.Contains(got.body, maria) {
		t.Errorf("under another name: %d %s", got.status, got.body)
	}
	if got := r.browser().send("/in", url.Values{"link": {link}}); got.status != http.StatusSeeOther {
		t.Errorf("the link was used up: %d", got.status)
	}
}

func TestAFormBeyondTheBoundIsRefused(t *testing.T) {
	r := start(t)
	b, form := r.signIn(maria)
	for name, c := range map[string]struct {
		text string
		want int
	}{
		"as long as a file may be":  {strings.Repeat("# \u00e4\n", intents.MaxBytes/5), http.StatusSeeOther},
		"longer than a file may be": {strings.Repeat("# \u00e4\n", intents.MaxBytes/5+9), http.StatusRequestEntityTooLarge},
		"longer than is read":       {strings.Repeat("\u00e4", maxForm/2), http.StatusRequestEntityTooLarge},
	} {
		got := b.send("/intents", url.Values{"form": {form}, "text": {c.text}, "do": {"save"}})
		if got.status != c.want || len(got.body) > 4096 {
			t.Errorf("%s: %d, %d bytes; want %d", name, got.status, len(got.body), c.want)
		}
	}
	for _, path := range []string{"/login", "/in", "/intents"} {
		if got := r.browser().send(path, url.Values{"mailbox": {strings.Repeat("x", maxSmallForm)}}); got.status != http.StatusRequestEntityTooLarge {
			t.Errorf("%s, of a stranger: %d", path, got.status)
		}
	}
	wrong := b.send("/intents", url.Values{"form": {form}, "text": {strings.Repeat("x\n", 9000)}, "do": {"check"}})
	if wrong.status != http.StatusUnprocessableEntity || !strings.Contains(wrong.body, " more.") || strings.Count(wrong.body, "^") > maxMistakes {
		t.Errorf("a mistake a line: %d, %d bytes", wrong.status, len(wrong.body))
	}
}

func TestWhatSendersWriteIsShownAsText(t *testing.T) {
	const evil = `</title><script>alert(1)</script><img src=x onerror=alert(1)>"'`
	r := start(t)
	b, form := r.signIn(maria)
	d := r.record(maria, func(d *rules.Decision) {
		d.Subject, d.Sender.Brand, d.Sender.Name, d.Statement, d.Text, d.Summary = evil, "", evil, evil, evil, evil
		d.Also = []rules.Also{{Source: "intents:2", Statement: evil, Answer: "no", Text: evil}}
		d.Evidence = []classify.Evidence{{For: d.Category, Weight: 1, Text: evil}}
		d.Knows = []classify.Knows{{Level: "all", Text: evil}}
	})
	const file = "# </textarea><script>alert(1)</script>\nwant \"<script>alert(2)</script>\"\n"
	stored := b.send("/intents", url.Values{"form": {form}, "text": {file}, "do": {"save"}})
	if stored.status != http.StatusSeeOther {
		t.Fatalf("storing: %d %s", stored.status, stored.body)
	}
	wrong := url.Values{"form": {form}, "text": {"wnat <script>alert(3)</script>\n"}, "do": {"check"}}
	for name, got := range map[string]page{
		"the list": b.get("/"), "a decision": b.get("/decisions/" + d.ID), "the editor": b.get("/intents"), "a mistake": b.send("/intents", wrong),
		"a wrong address": r.browser().send("/login", url.Values{"mailbox": {evil}}), "a wrong page": b.get("/decisions/" + url.PathEscape(evil)),
	} {
		if strings.Contains(got.body, "<script") || strings.Contains(got.body, "<img") || strings.Count(got.body, "</title>") != 1 {
			t.Errorf("%s: %s", name, got.body)
		}
	}
	if list := b.get("/"); !strings.Contains(list.body, "&lt;script&gt;alert(1)") {
		t.Errorf("the subject is not shown: %s", list.body)
	}
	if st, err := r.as(maria).Intents(t.Context(), ""); err != nil || st.Text != file {
		t.Errorf("the file was changed on its way: %q, %v", st.Text, err)
	}
}

func TestSettingsThatWouldShowMailAreRefused(t *testing.T) {
	for _, c := range []struct {
		name string
		set  Settings
		say  string
	}{
		{"nowhere", Settings{}, ""},
		{"this machine", Settings{Listen: "127.0.0.1:8025"}, ""},
		{"this machine by name", Settings{Listen: "localhost:8025"}, ""},
		{"this machine behind a proxy", Settings{Listen: "[::1]:8025", URL: "https://usher.example.org/"}, ""},
		{"everywhere behind a proxy", Settings{Listen: "0.0.0.0:8025", URL: "https://usher.example.org", From: "butler@example.org"}, ""},
		{"everywhere", Settings{Listen: ":8025"}, "127.0.0.1:8025"},
		{"everywhere in plain text", Settings{Listen: "0.0.0.0:8025", URL: "http://usher.example.org"}, "write https://usher.example.org"},
		{"a plain name before this machine", Settings{Listen: "127.0.0.1:8025", URL: "http://usher.example.org"}, "write https://usher.example.org"},
		{"no port", Settings{Listen: "127.0.0.1"}, "127.0.0.1:8025"},
		{"a path", Settings{Listen: "127.0.0.1:8025", URL: "https://example.org/usher"}, "host name of its own"},
		{"no site", Settings{Listen: "127.0.0.1:8025", URL: "usher.example.org"}, "https://usher.example.org"},
		{"no sender", Settings{Listen: "127.0.0.1:8025", From: "usher"}, "usher@example.org"},
		{"a sender with a field of its own", Settings{Listen: "127.0.0.1:8025", From: "a@b.example\r\nBcc: c@d.example"}, "usher@example.org"},
	} {
		if err := c.set.Check(); (err == nil) != (c.say == "") || err != nil && !strings.Contains(err.Error(), c.say) {
			t.Errorf("%s: %v, want %q", c.name, err, c.say)
		}
	}
}

func TestBehindTLSTheCookieIsForTLSAlone(t *testing.T) {
	at := ""
	r := start(t, func(s *Settings) { at, s.URL = "http://"+s.Listen, "https://usher.example.org" })
	r.base = at
	link := r.Server.links.add(maria, r.clock())
	got := r.browser().send("/in", url.Values{"link": {string(link)}}, "Host", "usher.example.org")
	if cookie := got.head.Get("Set-Cookie"); got.status != http.StatusSeeOther || !strings.HasPrefix(cookie, "__Host-usher=") || !strings.Contains(cookie, "; Secure") {
		t.Errorf("%d, %q", got.status, cookie)
	}
	if letter := string(r.letter(request{mailbox: maria, at: r.clock()}, link, r.clock().Location())); !strings.Contains(letter, "\r\nhttps://usher.example.org/in?link=") {
		t.Errorf("the letter: %s", letter)
	}
}

func TestTheURLIsReadAsBrowsersSayIt(t *testing.T) {
	for written, want := range map[string]string{
		"https://usher.example.org": "https://usher.example.org/", "https://Usher.Example.ORG:443/": "https://usher.example.org/",
		"https://usher.example.org:8443": "https://usher.example.org:8443/", "https://bücher.example": "https://xn--bcher-kva.example/",
		"http://localhost:80": "http://localhost/", "https://[::1]:443": "https://[::1]/", "http://[::1]:8025": "http://[::1]:8025/",
	} {
		s, err := New(Settings{Listen: "127.0.0.1:8025", URL: written}, &net.TCPAddr{}, Deps{})
		if err != nil || s.URL() != want {
			t.Errorf("%s: %v, want %s", written, err, want)
		}
	}
	if s, err := New(Settings{Listen: "localhost:8025"}, &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8025}, Deps{}); err != nil || s.URL() != "http://localhost:8025/" {
		t.Errorf("on localhost: %v", err)
	}
}
