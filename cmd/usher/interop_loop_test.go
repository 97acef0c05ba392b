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
	l.settings, l.change = append(settings, "--digest-answers"), func(c *chain) { c.learning(l.port) }
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

// answer is a person's answer to a message, as a mail program writes it.
func answer(n int, to *mail.Message, text string) string {
	return fmt.Sprintf("From: Maria <%[1]s>\nTo: <%[1]s>\nSubject: Re: %[2]s\nDate: %[3]s\nMessage-ID: <a%[4]d@example.org>\nIn-Reply-To: %[5]s\nReferences: %[5]s\nMIME-Version: 1.0\nContent-Type: text/plain\n\n%[6]s\n\nOn Mon, 23 Nov 2026 at 07:30, usher wrote:\n> 1  Norlund\n> 2 refuse\n",
		mailbox, "Your digest", time.Now().Format(time.RFC1123Z), n, to.MessageID, text)
}

// digest has the digest sent, and gives it as it came.
func (l *loop) digest() *mail.Message {
	l.t.Helper()
	told, err := l.admin.Digest(context.Background(), mailbox, true)
	if err != nil || !told.Sent {
		l.t.Fatalf("no digest was sent: %+v %v\n%s", told, err, l.logs())
	}
	return l.came("<digest.")
}

// came waits for a message whose Message-ID begins so.
func (l *loop) came(id string) *mail.Message {
	l.t.Helper()
	for limit := time.Now().Add(20 * time.Second); time.Now().Before(limit); pause() {
		for _, m := range l.letters(mailbox) {
			if got := mail.Parse(m.raw); strings.HasPrefix(got.MessageID, id) && m.folder == "INBOX" {
				return got
			}
		}
	}
	l.t.Fatalf("no %s… came:\n%s", id, l.logs())
	return nil
}

// copies waits until a message was delivered so often.
func (l *loop) copies(id string, want int) {
	l.t.Helper()
	n := 0
	for limit := time.Now().Add(20 * time.Second); n != want && time.Now().Before(limit); pause() {
		n = 0
		for _, m := range l.letters(mailbox) {
			if mail.Parse(m.raw).MessageID == id {
				n++
			}
		}
	}
	if n != want {
		l.t.Fatalf("%s came %d times, not %d:\n%s", id, n, want, l.logs())
	}
}

// refused waits until that many answers were not taken.
func (l *loop) refused(n int) {
	l.t.Helper()
	count := 0
	for limit := time.Now().Add(20 * time.Second); count < n && time.Now().Before(limit); pause() {
		count = strings.Count(l.logs(), "an answer to a digest was not taken")
	}
	if count != n {
		l.t.Fatalf("%d answers were refused, not %d:\n%s", count, n, l.logs())
	}
}

// TestInteropAnAnswerToADigest: what a person answers is done, and what comes from
// elsewhere in their name is not.
func TestInteropAnAnswerToADigest(t *testing.T) {
	l := newLoop(t)
	l.is(1, "Promotions", "")
	d := l.digest()
	if !strings.Contains(d.Text, "30% off boots") || len(d.ReplyTo) != 1 || d.ReplyTo[0].String() != mailbox {
		t.Errorf("the digest answers to %v:\n%s", d.ReplyTo, d.Text)
	}

	forged := answer(1, d, "1 inbox")
	l.submit("maria@evil.example", mailbox, l.sign("evil.example", forged))
	l.submit(mailbox, mailbox, []byte(strings.Replace(forged, "<a1@", "<a2@", 1)))
	made := strings.Replace(strings.ReplaceAll(forged, "<digest.", "<digest.0"), "<a1@", "<a3@", 1)
	l.submit(mailbox, mailbox, l.sign("example.org", made))
	l.refused(3)
	l.says()
	l.is(2, "Promotions", "")

	own := l.sign("example.org", answer(4, d, "1 inbox\nwhat is this?"))
	l.submit(mailbox, mailbox, own)
	l.says("reply inbox kind")
	letter := l.came(strings.TrimSuffix(d.MessageID, "@usher.mail.example.org>") + ".")
	for _, want := range []string{"> 1 inbox", "go to the inbox from now on", "> what is this?"} {
		if !strings.Contains(letter.Text, want) {
			t.Errorf("the letter lacks %q:\n%s", want, letter.Text)
		}
	}
	third := l.is(3, "INBOX", "correction:")
	if !strings.Contains(third.Text, "which you corrected to inbox") {
		t.Errorf("the reason does not cite the answer: %s", third.Text)
	}

	l.submit(mailbox, mailbox, l.sign("example.org", answer(5, letter, "undo")))
	l.says()
	l.is(4, "Promotions", "")
	l.submit(mailbox, mailbox, own) // once more, by whoever has a copy
	l.copies("<a4@example.org>", 2)
	l.is(5, "Promotions", "")
	l.says()
	found(t, "digest → answer → usher", "3 forged answers refused and logged, 1 taken and answered, 1 undone, 1 sent again without effect; promotion 3 %s, because %s", third.Outcome.Applied, third.Text)
}
