package pages

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// TestOneWhoSendsSlowlyKeepsNobodyElseWaiting begins more forms than are read at a
// time, all of one mailbox, and does not end them.
func TestOneWhoSendsSlowlyKeepsNobodyElseWaiting(t *testing.T) {
	r := start(t)
	slow, _ := r.signIn(maria)
	other, form := r.signIn(pekka)
	where, err := url.Parse(r.base)
	if err != nil {
		t.Fatal(err)
	}
	cookie := slow.Jar.Cookies(where)[0]
	for i := range maxForms + maxOfPerson {
		c, err := net.Dial("tcp", where.Host)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		fmt.Fprintf(c, "POST /intents HTTP/1.1\r\nHost: %s\r\nCookie: %s=%s\r\nExpect: 100-continue\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\n", where.Host, cookie.Name, cookie.Value)
		if i < maxOfPerson { // these are read
			if line, err := bufio.NewReader(c).ReadString('\n'); err != nil || !strings.Contains(line, " 100 ") {
				t.Fatalf("the form is answered %q, %v", line, err)
			}
		}
	}
	other.Timeout = waitTime / 2
	if got := other.send("/kept/forget", url.Values{"form": {form}, "brand": {"shop.example"}}); got.status != http.StatusOK {
		t.Errorf("another is told %d %s", got.status, got.body)
	}
}
