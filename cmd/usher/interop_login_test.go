//go:build interop

package main

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestInteropALinkReachesTheMailbox asks for a link in each shape in which usher
// stands, and comes in by it.
func TestInteropALinkReachesTheMailbox(t *testing.T) {
	for _, shape := range []string{"lmtp", "before", "after"} {
		t.Run(shape, func(t *testing.T) {
			at := fmt.Sprintf("127.0.0.1:%d", freePort(t))
			c := newChain(t, func(c *chain) {
				c.Shape = shape
				c.settings = []string{"--web-listen", at}
			})
			for _, who := range []string{mailbox, "stranger@example.org", "stranger@far.example"} {
				resp, err := http.PostForm("http://"+at+"/login", url.Values{"mailbox": {who}})
				if err != nil {
					t.Fatal(err)
				}
				resp.Body.Close()
				if resp.StatusCode != http.StatusOK {
					t.Errorf("%s: %s", who, resp.Status)
				}
			}
			c.arrived(1, 30*time.Second, mailbox)
			got := c.letters(mailbox)
			if len(got) != 1 || got[0].folder != "INBOX" {
				t.Fatalf("got %+v\n%s", got, c.logs())
			}
			link := regexp.MustCompile(`(?m)^http://` + regexp.QuoteMeta(at) + `/in\?link=(\S+)$`).FindSubmatch(got[0].raw)
			if link == nil {
				t.Fatalf("no link in\n%s", got[0].raw)
			}
			stay := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
			in, err := stay.PostForm("http://"+at+"/in", url.Values{"link": {string(link[1])}})
			if err != nil {
				t.Fatal(err)
			}
			in.Body.Close()
			if in.StatusCode != http.StatusSeeOther || in.Header.Get("Set-Cookie") == "" {
				t.Errorf("coming in: %s", in.Status)
			}
			refused := func() int { return strings.Count(c.logs(), "a link was not mailed") }
			for limit := time.Now().Add(20 * time.Second); refused() < 2 && time.Now().Before(limit); pause() {
			}
			if refused() != 2 {
				t.Errorf("strangers were mailed, too:\n%s", c.logs())
			}
		})
	}
}
