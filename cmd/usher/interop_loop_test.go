//go:build interop

package main

import (
	"bytes"
	"context"
	"crypto"
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"

	"usher/classify/mail"
	"usher/cmd/usher/web"
	"usher/rules"
	"usher/rules/moves"
	"usher/smtpd/auth"
)

// loop is a chain in which a person corrects usher: mail is signed, Dovecot reports
// moves.
type loop struct {
	*resolved
	port  int // of IMAP
	keys  map[string]crypto.Signer
	admin *web.Client
}

const brand = "norlund.example"

func newLoop(t *testing.T, settings ...string) *loop {
	t.Helper()
	needs(t, "/usr/lib/dovecot/imap")
	l := &loop{resolved: newResolved(t), port: freePort(t), keys: map[string]crypto.Signer{}}
	l.Keys = "_dmarc.example.org. TXT \"v=DMARC1; p=reject\"\n"
	for _, domain := range []string{brand, "example.org", "evil.example"} {
		key, record, err := auth.NewRSAKey(2048)
		if err != nil {
			t.Fatal(err)
		}
		l.keys[domain] = key
		l.Keys += fmt.Sprintf("k._domainkey.%s. TXT %s\n", domain, inStrings(record))
	}
	l.settings, l.change = settings, func(c *chain) { c.learning(l.port) }
	l.start()
	l.admin = web.Dial(l.socket())
	return l
}

// sign signs a letter for a domain.
func (l *loop) sign(domain, letter string) []byte {
	l.t.Helper()
	var b bytes.Buffer
	err := auth.Sign(&b, strings.NewReader(strings.ReplaceAll(letter, "\n", "\r\n")), auth.SignOptions{Domain: domain, Selector: "k", Signer: l.keys[domain]})
	if err != nil {
		l.t.Fatal(err)
	}
	return bytes.ReplaceAll(b.Bytes(), []byte("\r\n"), []byte("\n"))
}

// promote sends the nth promotion of the brand, and gives its decision and folder.
func (l *loop) promote(n int) (*rules.Decision, string) {
	l.t.Helper()
	id := fmt.Sprintf("<p%d@%s>", n, brand)
	l.submit("bounce@"+brand, mailbox, l.sign(brand, fmt.Sprintf("From: Norlund <news@%s>\nTo: %s\nSubject: Week %d: 30%% off boots and jackets\nDate: Mon, 23 Nov 2026 09:00:0%d +0000\nMessage-ID: %s\n"+
		"List-Unsubscribe: <https://norlund.example/u>\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\nPrecedence: bulk\nMIME-Version: 1.0\nContent-Type: text/plain\n\n"+
		"SALE of week %d! 30%% off all boots and jackets, this weekend only. Use code BOOTS%d. Shop now: https://norlund.example/s\nUnsubscribe: https://norlund.example/u\n", brand, mailbox, n, n%10, id, n, n)))
	return l.why(id), l.folder(id)
}

// folder waits until a message is in a mailbox, and tells where.
func (l *loop) folder(id string) string {
	l.t.Helper()
	for limit := time.Now().Add(20 * time.Second); time.Now().Before(limit); pause() {
		for _, m := range l.letters(mailbox) {
			if mail.Parse(m.raw).MessageID == id {
				return m.folder
			}
		}
	}
	l.t.Fatalf("%s never came:\n%s", id, l.logs())
	return ""
}

// why waits for the decision on a message.
func (l *loop) why(id string) *rules.Decision {
	l.t.Helper()
	for limit := time.Now().Add(20 * time.Second); time.Now().Before(limit); pause() {
		if ds, err := l.admin.Why(context.Background(), id, mailbox); err == nil && ds[0].Outcome != nil {
			return ds[0]
		}
	}
	l.t.Fatalf("nothing was decided about %s:\n%s", id, l.logs())
	return nil
}

// drag moves a message as a mail program does, once it has lain there for a while.
func (l *loop) drag(d *rules.Decision, from, to string) {
	l.t.Helper()
	<-time.After(moves.Settled + time.Second) // what moves at once is moved by a filter
	out, err := exec.Command("/usr/bin/python3", "-c", dragScript, fmt.Sprint(l.port), mailbox, d.MessageID, from, to).CombinedOutput()
	if err != nil {
		l.t.Fatalf("imaplib: %v\n%s\n%s", err, out, l.logs())
	}
}

const dragScript = `
import imaplib, sys
port, user, message, source, target = sys.argv[1:]
quoted = lambda s: '"' + s + '"'
m = imaplib.IMAP4("127.0.0.1", int(port))
m.login(user, "secret")
if m.select(quoted(source))[0] != "OK": sys.exit("no folder " + source)
m.create(quoted(target))
found = m.uid("SEARCH", "HEADER", "Message-ID", quoted(message))[1][0].split()
if len(found) != 1: sys.exit("found %r" % found)
answer = m.uid("MOVE", found[0], quoted(target))
if answer[0] != "OK": sys.exit(repr(answer))
m.logout()
`

// says waits until the corrections in force are these, as "way to scope", the newest
// first.
func (l *loop) says(want ...string) {
	l.t.Helper()
	var got []string
	for limit := time.Now().Add(15 * time.Second); time.Now().Before(limit); pause() {
		all, err := l.admin.Corrections(context.Background(), mailbox)
		if err != nil {
			l.t.Fatal(err)
		}
		got = nil
		for _, c := range all {
			if c.InForce {
				got = append(got, c.Way+" "+c.To+" "+string(c.Scope))
			}
		}
		if strings.Join(got, ", ") == strings.Join(want, ", ") {
			return
		}
	}
	l.t.Fatalf("what is said is %q, not %q:\n%s", got, want, l.logs())
}

func (l *loop) is(n int, folder, because string) *rules.Decision {
	l.t.Helper()
	d, in := l.promote(n)
	if in != folder || !strings.HasPrefix(d.Because, because) {
		l.t.Fatalf("promotion %d is in %s because of %s (%s), not in %s because of %s", n, in, d.Because, d.Text, folder, because)
	}
	return d
}

// TestInteropAMoveTeaches: what a person does by hand in a mail program is learnt,
// and taken back.
func TestInteropAMoveTeaches(t *testing.T) {
	l := newLoop(t)
	first := l.is(1, "Promotions", "")
	l.drag(first, "Promotions", "INBOX")
	l.says("move inbox kind")
	if d := l.is(2, "INBOX", "correction:"); !strings.Contains(d.Text, "which you moved to inbox") {
		t.Errorf("the reason does not cite the move: %s", d.Text)
	}
	if _, err := l.admin.Undo(context.Background(), mailbox, ""); err != nil {
		t.Fatal(err)
	}
	third := l.is(3, "Promotions", "")
	l.drag(third, "Promotions", "Trash")
	fourth := l.is(4, "Promotions", "")
	l.says()
	l.drag(fourth, "Promotions", "INBOX")
	l.says("move inbox kind")
	l.drag(fourth, "INBOX", "Promotions")
	l.says()
	l.drag(fourth, "Promotions", "Usher/Stop")
	l.says("move refuse brand")
	if in := l.folder(fourth.MessageID); in != "Refused" {
		t.Errorf("what was dropped into Usher/Stop is in %s", in)
	}
	fifth := l.is(5, "Refused", "correction:")
	l.drag(fifth, "Refused", "Usher/Want")
	l.says("move inbox kind", "move refuse brand")
	sixth := l.is(6, "INBOX", "correction:")
	if log := l.logs(); strings.Contains(log, "failed to execute") || strings.Contains(log, "non-zero exit") {
		t.Errorf("Dovecot complains:\n%s", log)
	}
	found(t, "moves by IMAP → imapsieve → usher", "7 moves, 4 of them lessons; promotion 6 %s, because %s", sixth.Outcome.Applied, sixth.Text)
}
