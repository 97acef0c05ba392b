package pages

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"

	"usher/classify"
	"usher/classify/mail"
	"usher/cmd/usher/web"
	"usher/cmd/usher/web/complain"
	"usher/cmd/usher/web/lists"
	"usher/corpus"
	"usher/corpus/complaints"
	"usher/corpus/leaving"
	"usher/rules"
	"usher/rules/people"
	"usher/smtpd/imprint"
	"usher/smtpd/maildir"
	"usher/smtpd/nexthop"
)

const maria, pekka = "maria@example.org", "pekka@example.org"

var errNobody = errors.New("no such mailbox")

// rig is pages in front of a store, and a next hop that takes the links.
type rig struct {
	*Server
	t     *testing.T
	store *corpus.Store
	boxes *maildir.Maildir
	root  string        // of intents files
	base  string        // where it listens
	log   *bytes.Buffer // behind mu
	post  chan string   // mailboxes to which the server tried to mail a link
	mu    sync.Mutex
	at    time.Time // what its clock says
}

// Write takes the log.
func (r *rig) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.log.Write(p)
}

func (r *rig) clock() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.at
}

func (r *rig) wait(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.at = r.at.Add(d)
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// start serves pages with maria and pekka as the mailboxes that there are.
func start(t *testing.T, change ...func(*Settings)) *rig {
	t.Helper()
	dir := t.TempDir()
	store, err := corpus.Open(corpus.Options{InMemory: true, Delimiter: "+"})
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{t: t, store: store, boxes: &maildir.Maildir{Root: filepath.Join(dir, "mail")}, root: filepath.Join(dir, "intents"),
		log: new(bytes.Buffer), post: make(chan string, 1000), at: time.Now()}
	log := slog.New(slog.NewTextHandler(r, nil))
	api := &web.Server{Store: store, Ledger: store, Kept: store, Overrides: store, Corrections: store, Moves: store, Delimiter: "+", Log: log, Intents: web.Files{Dir: people.NewDir(r.root, "", log), Root: r.root}}
	desk := &leaving.Desk{Store: store, Now: time.Now, Wait: leaving.Later, Log: log}
	api.More = lists.Routes(api, desk)
	maps.Copy(api.More, complain.Routes(api, &complaints.Desk{Store: store, Host: "mail.example.org", Now: time.Now, Wait: complaints.Later, Log: log,
		Send: func(context.Context, string, []byte) (bool, error) { return true, nil }}))
	hop, l := listen(t), listen(t)
	next := nexthop.Endpoint{Protocol: "lmtp", Network: "tcp", Address: hop.Addr().String()}
	set := Settings{Listen: l.Addr().String()}
	for _, c := range change {
		c(&set)
	}
	r.Server, err = New(set, l.Addr(), Deps{
		As: api.As, Key: []byte("the key of the site, of 32 bytes."), Entered: api.Entered, Delimiter: "+", Hostname: "usher.example.org", Log: log,
		Mark: func(mailbox, id string) string { return imprint.DigestField([]byte("key"), "link", mailbox, id) },
		Post: func(ctx context.Context, mailbox string, letter []byte) error {
			defer func() { r.post <- mailbox }()
			if mailbox != maria && mailbox != pekka {
				return errNobody
			}
			_, err := nexthop.Send(ctx, next, "", []string{mailbox}, bytes.NewReader(letter))
			return err
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	r.Server.now, api.Ended = r.clock, r.Server.End
	r.base = strings.TrimSuffix(r.URL(), "/")
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 2)
	go func() { ended <- r.boxes.Serve(ctx, hop) }()
	go func() { ended <- r.Serve(ctx, l) }()
	t.Cleanup(func() {
		cancel()
		if err := errors.Join(<-ended, <-ended, store.Close()); err != nil {
			t.Error(err)
		}
	})
	return r
}

var serial uint64

// record stores a decision a few minutes old.
func (r *rig) record(mailbox string, change ...func(*rules.Decision)) *rules.Decision {
	r.t.Helper()
	at := time.Now().Add(-5 * time.Minute).UTC().Truncate(time.Minute)
	var id ulid.ULID
	_ = id.SetTime(ulid.Timestamp(at))
	serial++
	binary.BigEndian.PutUint64(id[8:], serial)
	d := &rules.Decision{ID: id.String(), At: at, Recipient: mailbox, MessageID: fmt.Sprintf("<%d@shop.example>", serial),
		Sender: rules.Sender{Brand: "shop.example", Name: "The Shop", Aligned: true, How: "dkim"}, Subject: "Shoes for " + mailbox,
		Category: classify.Promotion, Confidence: 0.97, Disposition: rules.Promotions, Because: "intents:3", Statement: "cap every brand 1 per week", Text: "the 4th since 15 Nov"}
	for _, c := range change {
		c(d)
	}
	if err := r.store.Record(context.Background(), []*rules.Decision{d}); err != nil {
		r.t.Fatal(err)
	}
	return d
}

// browser is a browser that shows no page unless it is asked to.
type browser struct {
	*http.Client
	rig *rig
}

func (r *rig) browser() browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		r.t.Fatal(err)
	}
	return browser{&http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}, r}
}

// page is what came back.
type page struct {
	status int
	head   http.Header
	body   string
}

func (b browser) do(method, path string, form url.Values, head ...string) page {
	b.rig.t.Helper()
	req, err := http.NewRequest(method, b.rig.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		b.rig.t.Fatal(err)
	}
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for i := 0; i+1 < len(head); i += 2 {
		if head[i] == "Host" {
			req.Host = head[i+1]
			continue
		}
		req.Header.Set(head[i], head[i+1])
		if head[i+1] == "" {
			req.Header.Del(head[i])
		}
	}
	resp, err := b.Do(req)
	if err != nil {
		b.rig.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		b.rig.t.Fatal(err)
	}
	return page{resp.StatusCode, resp.Header, string(body)}
}

func (b browser) get(path string, head ...string) page {
	b.rig.t.Helper()
	return b.do(http.MethodGet, path, nil, head...)
}

func (b browser) send(path string, form url.Values, head ...string) page {
	b.rig.t.Helper()
	return b.do(http.MethodPost, path, form, head...)
}

// letters gives what is in a mailbox.
func (r *rig) letters(mailbox string) (all []string) {
	r.t.Helper()
	folder := filepath.Join(r.boxes.Folder(mailbox, rules.Inbox), "new")
	entries, err := os.ReadDir(folder)
	if err != nil && !os.IsNotExist(err) {
		r.t.Fatal(err)
	}
	for _, e := range entries {
		raw, err := os.ReadFile(filepath.Join(folder, e.Name()))
		if err != nil {
			r.t.Fatal(err)
		}
		all = append(all, string(raw))
	}
	return all
}

var linkIn = regexp.MustCompile(`(?m)^http\S+/in\?link=(\S+)\r$`)

// link asks for a link and takes it out of the mailbox.
func (r *rig) link(mailbox string) string {
	r.t.Helper()
	typed := mailbox
	mailbox = mail.Mailbox(mailbox, "+")
	before := r.letters(mailbox)
	if got := r.browser().send("/login", url.Values{"mailbox": {typed}}); got.status != http.StatusOK {
		r.t.Fatalf("asking for a link: %d %s", got.status, got.body)
	}
	<-r.post
	for _, l := range r.letters(mailbox) {
		if m := linkIn.FindStringSubmatch(l); m != nil && !strings.Contains(strings.Join(before, ""), m[1]) {
			return m[1]
		}
	}
	r.t.Fatalf("no link came to %s", mailbox)
	return ""
}

var formIn = regexp.MustCompile(`name="form" value="([^"]+)"`)

// signIn comes in by a link, and gives what the forms of the session want.
func (r *rig) signIn(mailbox string) (b browser, form string) {
	r.t.Helper()
	b = r.browser()
	if got := b.send("/in", url.Values{"link": {r.link(mailbox)}}); got.status != http.StatusSeeOther {
		r.t.Fatalf("coming in: %d %s", got.status, got.body)
	}
	m := formIn.FindStringSubmatch(b.get("/").body)
	if m == nil {
		r.t.Fatal("the first page has no form")
	}
	return b, m[1]
}

// erase has a mailbox erased, as the command does.
func (r *rig) erase(mailbox string) {
	r.t.Helper()
	if _, err := r.as(mailbox).Erase(r.t.Context(), "", false); err != nil {
		r.t.Fatal(err)
	}
}
