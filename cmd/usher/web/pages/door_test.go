package pages

import (
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"usher/corpus/audit"
	"usher/smtpd/imprint"
)

func TestALinkIsMailedAndLetsItsHolderIn(t *testing.T) {
	r := start(t)
	mine, theirs := r.record(maria), r.record(pekka)
	b := r.browser()
	if front := b.get("/"); front.status != http.StatusOK || !strings.Contains(front.body, `name="mailbox"`) {
		t.Fatalf("the first page: %d %s", front.status, front.body)
	}
	link := r.link("Maria+shops@Example.ORG")
	letter := r.letters(maria)[0]
	for _, want := range []string{
		"\r\nTo: <maria@example.org>\r\n", "From: usher <usher@usher.example.org>\r\n", "\r\nAuto-Submitted: auto-generated\r\n", "\r\nDate: ", "\r\nMessage-ID: <",
		"the mail server itself", "once, for 15 minutes", "If it was not you, do nothing", r.URL() + "in?link=" + link,
	} {
		if !strings.Contains(letter, want) {
			t.Errorf("the letter lacks %q:\n%s", want, letter)
		}
	}
	if !imprint.MarkOf([]byte(letter)).IsFor([]byte("key"), maria) {
		t.Errorf("the wire would judge the letter:\n%s", letter)
	}
	if asked := b.get("/in?link=" + link); asked.status != http.StatusOK || !strings.Contains(asked.body, maria) || len(asked.head["Set-Cookie"]) != 0 {
		t.Fatalf("the link: %d %s", asked.status, asked.body)
	}
	in := b.send("/in", url.Values{"link": {link}})
	cookie := in.head.Get("Set-Cookie")
	if in.status != http.StatusSeeOther || in.head.Get("Location") != "/" {
		t.Fatalf("coming in: %d %s", in.status, in.body)
	}
	for _, want := range []string{"usher=", "Path=/", "HttpOnly", "SameSite=Strict", "Max-Age=28800"} {
		if !strings.Contains(cookie, want) {
			t.Errorf("the cookie lacks %s: %s", want, cookie)
		}
	}
	list := b.get("/")
	if !strings.Contains(list.body, mine.Subject) || !strings.Contains(list.body, "cap every brand") || strings.Contains(list.body, theirs.Subject) {
		t.Errorf("the list: %s", list.body)
	}
	one := b.get("/decisions/" + mine.ID)
	if one.status != http.StatusOK || strings.Index(one.body, "cap every brand") > strings.Index(one.body, "proven by DKIM") {
		t.Errorf("one decision: %d %s", one.status, one.body)
	}
	if other := b.get("/decisions/" + theirs.ID); other.status != http.StatusNotFound || strings.Contains(other.body, theirs.Subject) {
		t.Errorf("another's: %d %s", other.status, other.body)
	}
	form := formIn.FindStringSubmatch(list.body)[1]
	if out := b.send("/logout", url.Values{"form": {form}}); out.status != http.StatusSeeOther {
		t.Errorf("leaving: %d %s", out.status, out.body)
	}
	if got := b.get("/decisions/" + mine.ID); got.status != http.StatusUnauthorized {
		t.Errorf("after leaving: %d", got.status)
	}
}

func TestLinksAreNotForOthers(t *testing.T) {
	for _, c := range []struct {
		name string
		link func(r *rig, b browser) string
		want int
	}{
		{"a fresh one lets in", func(r *rig, _ browser) string { return r.link(maria) }, http.StatusSeeOther},
		{"a used one does not", func(r *rig, _ browser) string {
			link := r.link(maria)
			r.browser().send("/in", url.Values{"link": {link}})
			return link
		}, http.StatusGone},
		{"one that was only opened does", func(r *rig, b browser) string {
			link := r.link(maria)
			for range 3 {
				b.get("/in?link=" + link)
			}
			return link
		}, http.StatusSeeOther},
		{"one that waited a quarter of an hour does not", func(r *rig, _ browser) string {
			link := r.link(maria)
			r.wait(linkTime)
			return link
		}, http.StatusGone},
		{"one that waited a little less does", func(r *rig, _ browser) string {
			link := r.link(maria)
			r.wait(linkTime - time.Second)
			return link
		}, http.StatusSeeOther},
		{"one of a mailbox that was erased does not", func(r *rig, _ browser) string {
			link := r.link(maria)
			r.erase(maria)
			return link
		}, http.StatusGone},
		{"one that is made up does not", func(*rig, browser) string { return string(newSecret()) }, http.StatusGone},
		{"none does not", func(*rig, browser) string { return "" }, http.StatusGone},
		{"its hash does not", func(r *rig, _ browser) string {
			h := secret(r.link(maria)).hash()
			return string(h[:])
		}, http.StatusGone},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := start(t)
			b := r.browser()
			link := c.link(r, b)
			if got := b.send("/in", url.Values{"link": {link}}); got.status != c.want {
				t.Errorf("got %d, want %d", got.status, c.want)
			}
			if got := b.get("/intents"); (got.status == http.StatusOK) != (c.want == http.StatusSeeOther) {
				t.Errorf("the intents: %d", got.status)
			}
		})
	}
}

func TestALinkOpensItsOwnMailboxAlone(t *testing.T) {
	r := start(t)
	mine, theirs := r.record(maria), r.record(pekka)
	b, _ := r.signIn(maria)
	// Another's link ends one's own session, and the mailbox in a form changes nothing.
	if got := b.send("/in", url.Values{"link": {r.link(pekka)}, "mailbox": {maria}}); got.status != http.StatusSeeOther {
		t.Fatalf("coming in: %d", got.status)
	}
	if got := b.get("/?rcpt=" + maria); !strings.Contains(got.body, theirs.Subject) || strings.Contains(got.body, mine.Subject) {
		t.Errorf("the list: %s", got.body)
	}
	if n := len(r.logins.of); n != 1 {
		t.Errorf("%d sessions, want the one that was begun last", n)
	}
	var entered []string
	list, err := r.store.Ledger(time.Time{})
	for _, e := range list {
		if e.Event == audit.Enrolment && e.Actor == (audit.Actor{Role: audit.Owner, UID: audit.NoUID}) {
			entered = append(entered, e.Object)
		}
	}
	if want := []string{r.store.TagOf(maria), r.store.TagOf(pekka)}; err != nil || !slices.Equal(entered, want) {
		t.Errorf("the ledger has %+v, %v", list, err)
	}
}

func TestASessionIsNotChosenByTheBrowser(t *testing.T) {
	r := start(t)
	b := r.browser()
	u, err := url.Parse(r.URL())
	if err != nil {
		t.Fatal(err)
	}
	b.Jar.SetCookies(u, []*http.Cookie{{Name: "usher", Value: "chosen", Path: "/"}})
	if got := b.send("/in", url.Values{"link": {r.link(maria)}}); got.status != http.StatusSeeOther {
		t.Fatalf("coming in: %d", got.status)
	}
	if got := b.Jar.Cookies(u)[0].Value; got == "chosen" || len(got) != 43 {
		t.Errorf("the session is called %q", got)
	}
	if got := r.browser().get("/intents", "Cookie", "usher=chosen"); got.status != http.StatusUnauthorized {
		t.Errorf("the name that was chosen lets in: %d", got.status)
	}
}

func TestASessionEnds(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(r *rig, b browser)
		want int
	}{
		{"not while it is used", func(r *rig, b browser) {
			for range 15 {
				r.wait(29 * time.Minute)
				b.get("/intents")
			}
		}, http.StatusOK},
		{"after half an hour without a click", func(r *rig, _ browser) { r.wait(sessionIdle) }, http.StatusUnauthorized},
		{"after eight hours, used or not", func(r *rig, b browser) {
			for range 17 {
				r.wait(29 * time.Minute)
				b.get("/intents")
			}
		}, http.StatusUnauthorized},
		{"when the mailbox is erased", func(r *rig, _ browser) { r.erase(maria) }, http.StatusUnauthorized},
		{"not when another is", func(r *rig, _ browser) { r.erase(pekka) }, http.StatusOK},
		{"when ten younger ones of the mailbox are open", func(r *rig, _ browser) {
			for range maxOfOne {
				r.wait(time.Second)
				r.logins.add(maria, r.clock())
			}
		}, http.StatusUnauthorized},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := start(t)
			b, _ := r.signIn(maria)
			c.do(r, b)
			if got := b.get("/intents"); got.status != c.want {
				t.Errorf("got %d, want %d", got.status, c.want)
			}
		})
	}
}

func TestTheAnswerDoesNotTellWhoHasAMailbox(t *testing.T) {
	r := start(t)
	ask := func(mailbox string) page {
		p := r.browser().send("/login", url.Values{"mailbox": {mailbox}})
		p.body = strings.ReplaceAll(p.body, mailbox, "MAILBOX")
		p.head.Del("Date")
		p.head.Del("Content-Length")
		return p
	}
	here, nowhere := ask(maria), ask("nobody@example.org")
	if here.status != nowhere.status || here.body != nowhere.body {
		t.Errorf("here:\n%v\nnowhere:\n%v", here, nowhere)
	}
	if a, b := <-r.post, <-r.post; a == b {
		t.Errorf("both were tried as %s", a)
	}
	// Nor does asking again.
	for range maxOfMailbox {
		if again := ask(maria); again.status != here.status || again.body != here.body {
			t.Errorf("again: %v", again)
		}
	}
	for range maxOfMailbox - 1 {
		<-r.post
	}
	if n := len(r.letters(maria)); n != maxOfMailbox {
		t.Errorf("%d letters to one mailbox, want %d", n, maxOfMailbox)
	}
	// Who asks on keeps nobody out: when the links are no longer good, there is another.
	r.wait(linkTime)
	for range 2 {
		ask(maria)
	}
	<-r.post
	ask("nobody@example.org")
	<-r.post // what was asked for before was mailed, if it was
	if n := len(r.letters(maria)); n != maxOfMailbox+1 {
		t.Errorf("%d letters to one mailbox, want one more than %d", n, maxOfMailbox)
	}
	r = start(t)
	r.Server.post(t.Context(), request{"nobody@example.org", "the mail server itself", r.clock()})
	if n := len(r.links.of); n != 0 {
		t.Errorf("%d links are kept for nobody", n)
	}
}

func TestAFloodOfWishesMailsLittle(t *testing.T) {
	r := start(t)
	statuses := map[int]int{}
	for i := range 3 * maxOfNetwork {
		statuses[r.browser().send("/login", url.Values{"mailbox": {[]string{maria, pekka}[i%2]}}).status]++
	}
	for range 2 * maxOfMailbox {
		<-r.post
	}
	if a, b := len(r.letters(maria)), len(r.letters(pekka)); a != maxOfMailbox || b != maxOfMailbox {
		t.Errorf("%d and %d letters, want %d each", a, b, maxOfMailbox)
	}
	if statuses[http.StatusOK] != maxOfNetwork || statuses[http.StatusTooManyRequests] != 2*maxOfNetwork {
		t.Errorf("answers: %v", statuses)
	}
	// A proxy on this machine says who asks: others still may.
	if got := r.browser().send("/login", url.Values{"mailbox": {maria}}, "X-Forwarded-For", "203.0.113.9, 198.51.100.7"); got.status != http.StatusOK {
		t.Errorf("from another network: %d", got.status)
	}
	r.wait(floodTime)
	if r.link(maria) == "" {
		t.Error("no link an hour later")
	}
	var f flood
	mailed := 0
	for i := range 10 * maxOfAll {
		from := netip.AddrFrom4([4]byte{byte(10 + i/256), byte(i), 0, 1})
		if ok, _ := f.enter("box"+from.String(), from, r.clock()); ok {
			mailed++
		}
	}
	if mailed != 2*maxOfAll || len(f.asked) != 2*maxOfAll {
		t.Errorf("%d may be mailed, %d are kept, want %d", mailed, len(f.asked), 2*maxOfAll)
	}
	f, mailed = flood{}, 0
	for i := range 20 * maxOfNetwork { // of twenty networks
		from := netip.AddrFrom4([4]byte{10, 0, byte(i % 20), byte(i)})
		if ok, _ := f.enter(fmt.Sprintf("box%d", i), from, r.clock()); ok {
			mailed++
		}
	}
	if ok, why := f.enter("maria", netip.MustParseAddr("192.0.2.1"), r.clock()); !ok || mailed != maxOfAll {
		t.Errorf("twenty networks had %d, and keep another out: %s", mailed, why)
	}
}

func TestWhatIsNoAddressIsTold(t *testing.T) {
	r := start(t)
	for _, text := range []string{
		"", "maria", "@example.org", "maria@", "../../etc/passwd", "../x@example.org", "a/../b@example.org", "x@../../etc", ".hidden@example.org", "x@.hidden",
		"maria@example.org\r\nBcc: pekka@example.org", "maria@example.org, pekka@example.org", "<script>@example.org", `"a b"@example.org`, "a\x00b@example.org",
		strings.Repeat("x", 300) + "@example.org",
	} {
		got := r.browser().send("/login", url.Values{"mailbox": {text}})
		if got.status != http.StatusBadRequest || strings.Contains(got.body, "<script>") {
			t.Errorf("%q: %d", text, got.status)
		}
	}
	if n := len(r.flood.asked); n != 0 {
		t.Errorf("%d of these count", n)
	}
	if _, err := os.Stat(r.root); !os.IsNotExist(err) {
		t.Errorf("something was made of them: %v", err)
	}
}
