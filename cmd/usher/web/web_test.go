package web

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"

	"usher/classify"
	"usher/cmd/usher/web/caller"
	"usher/corpus"
	"usher/corpus/audit"
	"usher/rules"
	"usher/rules/intents"
	"usher/rules/moves"
	"usher/rules/people"
)

const maria, pekka, info = "maria@example.org", "pekka@example.org", "info@example.org"

// running is a daemon's socket, served as the program serves it.
type running struct {
	*Client
	store  *corpus.Store
	socket string
	root   string // of intents files
}

// serve starts a server whose map is given by settings. Its folder can be
// entered by other users, as a daemon's can.
func serve(t *testing.T, settings ...string) running {
	return serveAs(t, func(*Server) {}, settings...)
}

// serveAs is serve with a server that change has changed.
func serveAs(t *testing.T, change func(*Server), settings ...string) running {
	t.Helper()
	dir := t.TempDir()
	for d := dir; d != filepath.Dir(os.TempDir()) && d != os.TempDir(); d = filepath.Dir(d) {
		if err := os.Chmod(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	store, err := corpus.Open(corpus.Options{InMemory: true, Delimiter: "+"})
	if err != nil {
		t.Fatal(err)
	}
	owners, err := caller.ParseOwners(settings, "+")
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	r := running{Dial(filepath.Join(dir, "sock")), store, filepath.Join(dir, "sock"), filepath.Join(dir, "intents")}
	s := &Server{Arrivals: &moves.Arrivals{}, Store: store, Ledger: store, Moves: store, Kept: store, Overrides: store, Corrections: store, Intents: Files{people.NewDir(r.root, "", log), r.root}, Owners: owners, Delimiter: "+", Log: log,
		Status: func() Status { return Status{Version: "1", Store: "ok", Hops: []Hop{{"lmtp:a", "lmtp:b"}}} },
		Explain: func(_ context.Context, mailbox string, raw []byte) (*rules.Decision, error) {
			if len(raw) == 0 {
				return nil, nil
			}
			return &rules.Decision{Recipient: mailbox, Subject: string(raw)}, nil
		}}
	change(s)
	l, err := Listen(r.socket)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	end := make(chan error, 1)
	go func() { end <- s.Serve(ctx, l) }()
	t.Cleanup(func() {
		cancel()
		if err := errors.Join(<-end, store.Close()); err != nil {
			t.Error(err)
		}
	})
	return r
}

// me is this process as the map names it.
func me(boxes string) string { return strconv.Itoa(os.Getuid()) + "=" + boxes }

var serial uint64

func (r running) record(t *testing.T, rcpt string, minutes int) *rules.Decision {
	t.Helper()
	return r.recordAt(t, rcpt, classify.Promotion, minutes)
}

func (r running) recordAs(t *testing.T, rcpt string, kind classify.Category) *rules.Decision {
	t.Helper()
	return r.recordAt(t, rcpt, kind, 1)
}

func (r running) recordAt(t *testing.T, rcpt string, kind classify.Category, minutes int) *rules.Decision {
	t.Helper()
	at := time.Now().Add(-time.Duration(minutes) * time.Minute).UTC().Truncate(time.Minute)
	var id ulid.ULID
	_ = id.SetTime(ulid.Timestamp(at))
	serial++
	binary.BigEndian.PutUint64(id[8:], serial)
	d := &rules.Decision{ID: id.String(), At: at, Recipient: rcpt, MessageID: fmt.Sprintf("<%d@shop.example>", serial),
		Category: kind, Disposition: rules.Promotions, Because: "intents:39", Subject: "for " + rcpt, Sender: rules.Sender{Brand: "shop.example"}}
	if err := r.store.Record(context.Background(), []*rules.Decision{d}); err != nil {
		t.Fatal(err)
	}
	return d
}

func TestOneSeesOnlyOnesOwn(t *testing.T) {
	r := serve(t, me(maria+","+info))
	ctx := context.Background()
	mine, shared, theirs := r.record(t, maria, 9), r.record(t, info, 5), r.record(t, pekka, 7)
	for _, c := range []struct {
		name       string
		what, rcpt string
		status     int // 0: it is found
	}{
		{"by id", mine.ID, "", 0},
		{"by id and mailbox", mine.ID, "Maria+x@EXAMPLE.org", 0},
		{"by Message-ID, in the second mailbox", shared.MessageID, "", 0},
		{"in the other mailbox of one's own", shared.MessageID, maria, http.StatusNotFound},
		{"an id that is no id", "nonsense", "", http.StatusNotFound},
		{"another's, by id", theirs.ID, "", http.StatusNotFound},
		{"another's, by Message-ID", theirs.MessageID, "", http.StatusNotFound},
		{"another's, by name", theirs.ID, pekka, http.StatusForbidden},
		{"another's that does not exist", mine.ID, pekka, http.StatusForbidden},
		{"nobody's", mine.ID, "nobody@example.net", http.StatusForbidden},
		{"the star is no mailbox", mine.ID, "*@example.org", http.StatusForbidden},
	} {
		t.Run(c.name, func(t *testing.T) {
			ds, err := r.Why(ctx, c.what, c.rcpt)
			var e *Error
			switch {
			case c.status == 0 && (err != nil || len(ds) != 1):
				t.Errorf("got %d, %v", len(ds), err)
			case c.status != 0 && (!errors.As(err, &e) || e.Status != c.status || e.Hint() == ""):
				t.Errorf("got %d, %#v; want %d", len(ds), err, c.status)
			}
			if errors.Is(err, corpus.ErrNotFound) != (c.status == http.StatusNotFound) {
				t.Errorf("is it not found? %v", err)
			}
		})
	}
	_, there := r.Why(ctx, theirs.ID, pekka)
	_, notThere := r.Why(ctx, mine.ID, pekka)
	if there.Error() != notThere.Error() {
		t.Errorf("the answer tells what exists: %q, %q", there, notThere)
	}
	all, err := r.Decisions(ctx, "", time.Time{}, time.Time{}, 0)
	if err != nil || len(all) != 2 || all[0].ID != shared.ID || all[1].ID != mine.ID {
		t.Errorf("all of mine, newest first: got %d, %v", len(all), err)
	}
	if one, err := r.Decisions(ctx, "", time.Now().Add(-time.Hour), time.Now(), 1); err != nil || len(one) != 1 || one[0].ID != shared.ID {
		t.Errorf("one of the last hour: got %d, %v", len(one), err)
	}
	if _, err := r.Decisions(ctx, pekka, time.Time{}, time.Time{}, 0); err == nil {
		t.Error("another's list was given")
	}
}

func TestADomainIsOwnedMailboxByMailbox(t *testing.T) {
	r := serve(t, me("*@example.org"))
	ctx := context.Background()
	d := r.record(t, pekka, 1)
	if ds, err := r.Why(ctx, d.ID, pekka); err != nil || len(ds) != 1 {
		t.Errorf("got %d, %v", len(ds), err)
	}
	if _, err := r.Why(ctx, d.ID, ""); err == nil || !strings.Contains(err.Error(), "--rcpt") {
		t.Errorf("without a mailbox: %v", err)
	}
	if _, err := r.Why(ctx, d.ID, "x@sub.example.org"); err == nil {
		t.Error("a domain beneath was taken for it")
	}
}

func TestWhoIsNotInTheMapIsToldSo(t *testing.T) {
	r := serve(t)
	_, err := r.Decisions(context.Background(), "", time.Time{}, time.Time{}, 0)
	var e *Error
	if !errors.As(err, &e) || e.Status != http.StatusForbidden || !strings.Contains(e.Hint(), "--owner") {
		t.Errorf("got %#v", err)
	}
	who, err := r.Whoami(context.Background())
	if err != nil || int(who.UID) != os.Getuid() || len(who.Mailboxes) != 0 {
		t.Errorf("whoami: %+v, %v", who, err)
	}
	st, err := r.Status(context.Background())
	if err != nil || st.Store != "ok" || len(st.Hops) != 1 {
		t.Errorf("status: %+v, %v", st, err)
	}
}

func TestIntentsAreStoredWholeAndByOneAtATime(t *testing.T) {
	r := serve(t, me(maria))
	ctx := context.Background()
	none, err := r.Intents(ctx, "")
	if err != nil || none.Exists || none.Hash != "" || none.Mailbox != maria {
		t.Fatalf("before there is a file: %+v, %v", none, err)
	}
	none.Text = "want newsletters about Go\n"
	first, err := r.PutIntents(ctx, none)
	if err != nil || !first.Exists || first.Text != none.Text || first.Fault != "" {
		t.Fatalf("first: %+v, %v", first, err)
	}
	again, broken := first, first
	again.Text += "refuse gambling\n"
	broken.Text = "wants shoes\n"
	var e *Error
	if _, err := r.PutIntents(ctx, broken); !errors.As(err, &e) || e.Status != http.StatusUnprocessableEntity || !strings.Contains(e.Text, "wants") {
		t.Errorf("a text with a mistake: %#v", err)
	}
	second, err := r.PutIntents(ctx, again)
	if err != nil || second.Hash == first.Hash {
		t.Fatalf("second: %+v, %v", second, err)
	}
	for name, stale := range map[string]Stated{"who read before that": first, "who thinks there is no file": none} {
		if _, err := r.PutIntents(ctx, stale); !errors.As(err, &e) || e.Status != http.StatusPreconditionFailed {
			t.Errorf("%s: %#v", name, err)
		}
	}
	second.Text = strings.Repeat("# long\n", intents.MaxBytes)
	if _, err := r.PutIntents(ctx, second); !errors.As(err, &e) || e.Status != http.StatusRequestEntityTooLarge {
		t.Errorf("a text beyond the bound: %#v", err)
	}
	now, err := r.Intents(ctx, maria)
	if err != nil || now.Text != again.Text {
		t.Errorf("in the end: %+v, %v", now, err)
	}
	if err := os.WriteFile(now.Path, []byte("wants shoes\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if now, err = r.Intents(ctx, maria); err != nil || now.Fault == "" {
		t.Errorf("broken by hand: %+v, %v", now, err)
	}
	if _, err := r.Intents(ctx, pekka); !errors.As(err, &e) || e.Status != http.StatusForbidden {
		t.Errorf("another's file: %#v", err)
	}
}

func TestALinkIsNotFollowedToWhatTheDaemonMayRead(t *testing.T) {
	r := serve(t, me(maria))
	secret := filepath.Join(t.TempDir(), "secret")
	path := filepath.Join(r.root, "example.org", "maria.intents")
	err := errors.Join(os.WriteFile(secret, []byte("the key"), 0o600), os.MkdirAll(filepath.Dir(path), 0o700), os.Symlink(secret, path))
	if err != nil {
		t.Fatal(err)
	}
	if st, err := r.Intents(context.Background(), ""); err == nil || strings.Contains(st.Text, "key") {
		t.Errorf("got %+v, %v", st, err)
	}
}

func TestAFolderThatIsALinkLeadsNowhere(t *testing.T) {
	r := serve(t, me(maria))
	outside := t.TempDir()
	theirs := filepath.Join(outside, "maria.intents")
	err := errors.Join(os.MkdirAll(r.root, 0o700), os.Symlink(outside, filepath.Join(r.root, "example.org")))
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	if _, err := r.PutIntents(ctx, Stated{Mailbox: maria, Text: "mute topic tea\n"}); err == nil {
		t.Error("stored outside")
	}
	if made, _ := os.ReadDir(outside); len(made) != 0 {
		t.Errorf("made outside: %v", made)
	}
	if err := os.WriteFile(theirs, []byte("mute topic tea\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if st, err := r.Intents(ctx, ""); err == nil || st.Text != "" {
		t.Errorf("read from outside: %+v, %v", st, err)
	}
}

func TestAMessageIsTried(t *testing.T) {
	r := serve(t, me(maria))
	if d, err := r.Test(context.Background(), "", []byte("Subject: x\r\n\r\n")); err != nil || d.Recipient != maria || d.Subject != "Subject: x\r\n\r\n" {
		t.Errorf("got %+v, %v", d, err)
	}
	if d, err := r.Test(context.Background(), maria, nil); err != nil || d != nil {
		t.Errorf("not judged: got %+v, %v", d, err)
	}
	if _, err := r.Test(context.Background(), pekka, []byte("x")); err == nil {
		t.Error("tried against another's intents")
	}
}

func TestTwoMessagesAreTriedAtATimeAndOneOfOneCaller(t *testing.T) {
	entered, release := make(chan bool, 9), make(chan bool)
	var s *Server
	serveAs(t, func(made *Server) {
		s = made
		s.Explain = func(context.Context, string, []byte) (*rules.Decision, error) {
			entered <- true
			<-release
			return nil, nil
		}
	})
	as := func(mailbox string) *Client { return s.As(Whoami{User: mailbox, Mailboxes: []string{mailbox}}) }
	done := make(chan error, 2)
	try := func(mailbox string) { _, err := as(mailbox).Test(context.Background(), "", []byte("x")); done <- err }
	waits := func(what, mailbox string) {
		t.Helper()
		ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
		defer cancel()
		if _, err := as(mailbox).Test(ctx, "", []byte("x")); !errors.Is(err, context.DeadlineExceeded) || len(entered) != 0 {
			t.Errorf("%s did not wait: %v", what, err)
		}
	}
	go try(maria)
	<-entered
	waits("the second of one caller", maria)
	go try(pekka)
	<-entered
	waits("the third of all", info)
	close(release)
	if err := errors.Join(<-done, <-done); err != nil {
		t.Error(err)
	}
}

// TestASlowSenderGivesThePlaceBack sends a message in drops, and is told that it took
// too long.
func TestASlowSenderGivesThePlaceBack(t *testing.T) {
	r := serve(t, me(maria))
	c, err := net.Dial("unix", r.socket)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(answerTime / 2))
	fmt.Fprintf(c, "POST /v1/test HTTP/1.1\r\nHost: usher\r\nContent-Length: 99\r\n\r\nSubject: ")
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusRequestTimeout {
		t.Errorf("it is told %d", resp.StatusCode)
	}
}

// broken is a store whose errors name what was asked for.
type broken struct{ *corpus.Store }

func (broken) ByMessageID(_, id string) ([]*rules.Decision, error) {
	return nil, fmt.Errorf("decisions of %s: %w", id, errors.New("the value does not open"))
}

func TestTheLogNamesNoMessage(t *testing.T) {
	var log bytes.Buffer
	r := serveAs(t, func(s *Server) {
		s.Store, s.Log = broken{s.Store.(*corpus.Store)}, slog.New(slog.NewTextHandler(&log, nil))
	}, me(maria))
	if _, err := r.Why(context.Background(), "<secret@shop.example>", maria); err == nil {
		t.Fatal("no error")
	}
	if said := log.String(); !strings.Contains(said, "the value does not open") || strings.Contains(said, "secret") || strings.Contains(said, "maria") {
		t.Errorf("the log says %q", said)
	}
}

func TestWrongQuestionsAreAnsweredInJSON(t *testing.T) {
	r := serve(t, me(maria+","+info))
	for _, c := range []struct {
		method, path string
		status       int
	}{
		{"GET", "/v1/why", 400},
		{"GET", "/v1/why?id=a&message-id=b", 400},
		{"GET", "/v1/decisions?since=yesterday", 400},
		{"GET", "/v1/decisions?limit=0", 400},
		{"GET", "/v1/intents", 400}, // two mailboxes: which?
		{"DELETE", "/v1/intents", 404},
		{"GET", "/../../etc/passwd", 404},
		{"GET", "/v1/decisions?rcpt=" + strings.Repeat("x", maxHeader*2), 431},
	} {
		req, err := http.NewRequest(c.method, "http://usher", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.URL.Opaque = c.path
		resp, err := r.http.Do(req)
		if err != nil {
			t.Fatalf("%s %.40s: %v", c.method, c.path, err)
		}
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		var e Error
		if resp.StatusCode != c.status || c.status != 431 && (json.Unmarshal(body, &e) != nil || e.Text == "") {
			t.Errorf("%s %.40s: %d %s", c.method, c.path, resp.StatusCode, body)
		}
	}
}

func TestNoDaemonIsSaidWithWhatToDo(t *testing.T) {
	dir := t.TempDir()
	gone := filepath.Join(dir, "gone")
	l, err := net.Listen("unix", gone)
	if err != nil {
		t.Fatal(err)
	}
	l.(*net.UnixListener).SetUnlinkOnClose(false)
	l.Close()
	for _, path := range []string{filepath.Join(dir, "never"), gone} {
		_, err := Dial(path).Status(context.Background())
		var e *Error
		if !errors.As(err, &e) || !strings.Contains(e.Text, "not running") || !strings.Contains(e.Hint(), "usher serve") {
			t.Errorf("%s: %#v", path, err)
		}
	}
	l, err = Listen(gone)
	if err != nil {
		t.Fatalf("a socket left over is in the way: %v", err)
	}
	defer l.Close()
	go func() {
		if c, err := l.Accept(); err == nil {
			c.Close()
		}
	}()
	if second, err := Listen(gone); err == nil {
		second.Close()
		t.Error("a socket in use was taken away")
	}
}

func TestOneUserCannotHoldEveryConnection(t *testing.T) {
	r := serve(t, me(maria))
	var held []net.Conn
	defer func() {
		for _, c := range held {
			c.Close()
		}
	}()
	for range caller.MaxOfOne {
		c, err := net.Dial("unix", r.socket)
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, c)
	}
	over, err := net.Dial("unix", r.socket)
	if err != nil {
		t.Fatal(err)
	}
	defer over.Close()
	over.SetDeadline(time.Now().Add(headerTime / 2))
	if _, err := over.Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("one more than allowed was kept: %v", err)
	}
}

const askSocket, askFor = "USHER_TEST_ASK_SOCKET", "USHER_TEST_ASK_FOR"

// TestMain turns the test program into one that asks as the user it runs as.
func TestMain(m *testing.M) {
	socket := os.Getenv(askSocket)
	if socket == "" {
		os.Exit(m.Run())
	}
	c, ctx := Dial(socket), context.Background()
	who, err := c.Whoami(ctx)
	fmt.Println("uid", who.UID, err)
	ds, err := c.Why(ctx, os.Getenv(askFor), "")
	fmt.Println("any", len(ds), err)
	ds, err = c.Why(ctx, os.Getenv(askFor), pekka)
	fmt.Println("named", len(ds), err)
	ds, err = c.Decisions(ctx, "", time.Time{}, time.Time{}, 0)
	fmt.Println("list", len(ds), err)
}

func TestAnotherSystemUserSeesNothingOfMine(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can ask as another user")
	}
	r := serve(t, "64001="+maria, "64002="+pekka)
	d := r.record(t, pekka, 1)
	program, err := os.ReadFile(os.Args[0])
	path := filepath.Join(filepath.Dir(r.socket), "ask")
	if err = errors.Join(err, os.WriteFile(path, program, 0o755)); err != nil {
		t.Fatal(err)
	}
	for uid, want := range map[uint32][]string{
		64001: {"uid 64001 <nil>", "any 0 no decision of yours with " + d.ID, "named 0 pekka@example.org is not a mailbox of yours", "list 0 <nil>"},
		64002: {"uid 64002 <nil>", "any 1 <nil>", "named 1 <nil>", "list 1 <nil>"},
		64003: {"uid 64003 <nil>", "any 0 no mailbox belongs to the system user 64003", "named 0 pekka@example.org is not a mailbox of yours", "list 0 no mailbox belongs to the system user 64003"},
	} {
		child := exec.Command(path)
		child.Dir = "/"
		child.Env = []string{askSocket + "=" + r.socket, askFor + "=" + d.ID}
		child.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: uid}}
		out, err := child.CombinedOutput()
		if got := strings.Split(string(bytes.TrimSpace(out)), "\n"); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("uid %d: got %q, %v; want %q", uid, got, err, want)
		}
	}
	refused := map[int64]bool{}
	for _, e := range r.ledger(t) {
		refused[e.Actor.UID] = refused[e.Actor.UID] || e.Event == audit.Refused && e.Actor.Role == audit.Other && e.Object == r.store.TagOf(pekka)
	}
	if !refused[64001] || refused[64002] || !refused[64003] {
		t.Errorf("in the ledger as refused are %v", refused)
	}
}
