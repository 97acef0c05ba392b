//go:build interop

package main

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// TestInteropALinkOfADigest: a folder says of one message alone where it belongs, and a
// link in the digest that came says it of what comes. What opens a link does nothing.
func TestInteropALinkOfADigest(t *testing.T) {
	at := fmt.Sprintf("127.0.0.1:%d", freePort(t))
	l := newLoop(t, "--web-listen", at)
	first := l.is(1, "Promotions", "")
	word := ""
	for _, link := range l.digest().Links {
		if u, err := url.Parse(link.URL); err == nil && u.Host == at && u.Path == "/do" && link.Text == "To my inbox" {
			word = u.Query().Get("word")
		}
	}
	if word == "" {
		t.Fatalf("the digest has no link\n%s", l.logs())
	}
	page := func(status int, says string, resp *http.Response, err error) string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode != status || !strings.Contains(string(body), says) {
			t.Fatalf("the page answers %s, %v, without %q:\n%s", resp.Status, err, says, body)
		}
		return string(body)
	}
	get := func(status int, says, word string) {
		t.Helper()
		resp, err := http.Get("http://" + at + "/do?word=" + url.QueryEscape(word))
		page(status, says, resp, err)
	}
	post := func(status int, says, word string) string {
		t.Helper()
		resp, err := http.PostForm("http://"+at+"/do", url.Values{"word": {word}})
		return page(status, says, resp, err)
	}

	for range 3 { // a scanner, a preview, the person
		get(http.StatusOK, "go to the inbox from now on", word)
	}
	l.says()
	l.drag(first, "Promotions", "Usher/Only this one")
	l.says("move inbox message")
	if in := l.folder(first.MessageID); in != "INBOX" {
		t.Errorf("what was dropped into Usher/Only this one is in %s", in)
	}
	l.is(2, "Promotions", "")

	done := post(http.StatusOK, "go to the inbox from now on", word)
	l.says("link inbox kind")
	third := l.is(3, "INBOX", "correction:")
	get(http.StatusGone, "This link was used", word)
	post(http.StatusGone, "This link was used", word)
	post(http.StatusBadRequest, "This link is not whole", word[:30]+strings.Map(func(r rune) rune {
		if r == 'x' {
			return 'y'
		}
		return 'x'
	}, word[30:31])+word[31:])
	l.says("link inbox kind")

	back := regexp.MustCompile(`name="word" value="([^"]+)"`).FindStringSubmatch(done)
	if back == nil {
		t.Fatalf("the page has no way back:\n%s", done)
	}
	post(http.StatusOK, "Taken back", back[1])
	l.says("move inbox message")
	l.is(4, "Promotions", "")
	found(t, "digest → link → usher", "opened 4 times without effect, pressed once, replayed and altered without effect, taken back; one message into Usher/Only this one; promotion 3 %s, because %s", third.Outcome.Applied, third.Text)
}
