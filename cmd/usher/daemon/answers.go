package daemon

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"usher/classify/mail"
	"usher/classify/plain"
	"usher/cmd/usher/web"
	"usher/cmd/usher/web/muted"
	"usher/corpus"
	"usher/corpus/digest"
	"usher/corpus/digest/answer"
	"usher/corpus/digest/token"
	"usher/rules"
)

// Bounds of answers to digests.
const (
	maxAnswers    = 20                 // of one mailbox, an hour
	maxRemembered = 4096               // answers that are known again, and digests of which something was not understood
	maxWaiting    = 100                // letters of ours that wait to be posted
	answerColumns = 78                 // of such a letter
	oldest        = 6 * 24 * time.Hour // of an answer; the wire knows for seven days what comes again
	wayReply      = "reply"
)

// answers takes the answers to digests as mail passes, and answers them once.
type answers struct {
	*digests
	letters chan reply

	mu    sync.Mutex
	seen  map[[sha256.Size]byte]bool // answers taken, and digests of which something was not understood
	hour  int64
	count map[string]int // by mailbox, in this hour
}

// reply is a letter of ours.
type reply struct {
	mailbox string
	letter  []byte
}

// newAnswers makes one; digests is set before mail is taken.
func newAnswers() *answers {
	return &answers{letters: make(chan reply, maxWaiting), seen: map[[sha256.Size]byte]bool{}, count: map[string]int{}}
}

// run posts letters until ctx ends.
func (a *answers) run(ctx context.Context) error {
	for {
		select {
		case r := <-a.letters:
			posting, cancel := context.WithTimeout(ctx, digestTime)
			if err := a.post(posting, r.mailbox, r.letter); err != nil {
				a.log.Warn("an answer was taken, and could not be answered", "mailbox", a.shown(r.mailbox), "error", err)
			}
			cancel()
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// answersUs reports whether a header names a digest of ours in what it answers. Whether
// that is one is asked later.
func (a *answers) answersUs(_ string, header []byte) bool {
	return bytes.Contains(header, []byte("<digest.")) && bytes.Contains(bytes.ToLower(header), []byte("@"+strings.ToLower(a.from.Host)+">"))
}

// Observe implements smtpd.Observer: it does what an answer says, where it is the
// person's own. What is not does nothing, and is logged.
func (a *answers) Observe(ctx context.Context, o *mail.Object, head []byte) {
	for _, to := range o.Envelope.To {
		mailbox := mail.Mailbox(to, a.settings.Wire.Delimiter)
		if !a.answersUs(to, head) {
			continue
		}
		sent, name, err := a.digestOf(mailbox, o.Message.InReplyTo)
		if err == nil {
			err = a.trusted(mailbox, o)
		}
		if err == nil {
			err = a.enter(mailbox, o.Message, time.Now())
		}
		if err != nil {
			a.log.Warn("an answer to a digest was not taken", "queue", o.Envelope.Client.Queue, "mailbox", a.shown(mailbox), "error", err)
			continue
		}
		a.take(ctx, given{mailbox, name, sent, o.Message})
	}
}

// digestOf finds the digest that a message answers, among those that were sent to the
// mailbox.
func (a *answers) digestOf(mailbox string, ids []string) (sent corpus.Sent, name string, err error) {
	err = token.ErrAltered
	for _, id := range ids {
		named := digest.NameIn(id)
		if named == "" {
			continue
		}
		var d token.Digest
		if d, err = token.Read(a.from.Key, mailbox, named, time.Now()); err != nil {
			continue
		}
		all, err := a.store.Digests(mailbox)
		if err != nil {
			return sent, "", err
		}
		if i := slices.IndexFunc(all, func(s corpus.Sent) bool { return s.Until.Equal(d.Until) && d.Shows(s.Numbered) }); i >= 0 {
			return all[i], named, nil
		}
		return sent, "", errors.New("that digest is no longer known")
	}
	return sent, "", err
}

// trusted refuses what the person did not write themselves: an answer counts where its
// sender is proven to be the mailbox's own address, and no program sent it.
func (a *answers) trusted(mailbox string, o *mail.Object) error {
	m, id := o.Message, o.Identity
	auto := strings.ToLower(strings.TrimSpace(m.Get("Auto-Submitted")))
	switch {
	case o.Envelope.From == "", auto != "" && auto != "no", m.Has("List-Id"), m.Has("Precedence"):
		return errors.New("a program sent it")
	case mail.Mailbox(id.Address, a.settings.Wire.Delimiter) != mailbox:
		return errors.New("another address sent it")
	case !id.Proven():
		return fmt.Errorf("its sender is not proven: %s; have your server sign what its people send (DKIM)", id.Note)
	}
	return nil
}

// enter refuses an answer that was taken before, and too many of them.
func (a *answers) enter(mailbox string, m *mail.Message, now time.Time) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if hour := now.Unix() / 3600; hour != a.hour {
		a.hour, a.count = hour, map[string]int{}
	}
	if m.Date.Before(now.Add(-oldest)) {
		return errors.New("it was written long ago")
	}
	if a.known(mailbox, m.MessageID+"\x00"+m.Text) {
		return errors.New("it was taken before")
	}
	if a.count[mailbox]++; a.count[mailbox] > maxAnswers {
		return fmt.Errorf("more than %d answers came in this hour", maxAnswers)
	}
	return nil
}

// known remembers something, and reports whether it was known. The caller holds mu.
func (a *answers) known(mailbox, what string) bool {
	sum := sha256.Sum256([]byte(mailbox + "\x00" + what))
	if a.seen[sum] {
		return true
	}
	if len(a.seen) >= maxRemembered {
		clear(a.seen)
	}
	a.seen[sum] = true
	return false
}

// given is an answer that is the person's own.
type given struct {
	mailbox, name string // of the digest
	digest        corpus.Sent
	message       *mail.Message
}

// take does what the lines of an answer say, and tells the person what was done. Lines
// that it does not understand it quotes once for each digest.
func (a *answers) take(ctx context.Context, g given) {
	as := a.api.As(web.Whoami{User: g.mailbox, UID: web.NoUID, Mailboxes: []string{g.mailbox}, Way: wayReply})
	var b strings.Builder
	say := func(indent, text string) {
		for _, l := range plain.Wrap(text, answerColumns-len(indent)) {
			b.WriteString(indent + l + "\r\n")
		}
	}
	done, unread := 0, 0
	for _, l := range answer.Read(g.message.Text) {
		if l.Act == "" {
			unread++
			continue
		}
		done++
		say("> ", plain.Text(l.Text))
		for _, told := range a.obey(ctx, as, g, l) {
			say("  ", told)
		}
	}
	a.log.Info("an answer to a digest was taken", "mailbox", a.shown(g.mailbox), "orders", done, "not understood", unread)
	if unread > 0 && a.asksOnce(g) {
		say("", "This was not understood, and nothing was done about it:")
		for _, l := range answer.Read(g.message.Text) {
			if l.Act == "" {
				say("> ", plain.Clip(plain.Text(l.Text), answerColumns-2))
			}
		}
		say("", "Answer with a number of the digest and a word, a line each: 3 inbox, 3 receipt, 5 refuse, 5 mute 30d, 5 undo; or undo alone, for the last one. After it may stand how far it reaches: once (this mail alone), kind, or brand.")
	}
	if b.Len() == 0 {
		return
	}
	if done > 0 {
		say("", "To take the last correction back, answer: undo")
	}
	select {
	case a.letters <- reply{g.mailbox, a.letter(g, b.String())}:
	default:
		a.log.Warn("an answer was taken, and could not be answered", "mailbox", a.shown(g.mailbox), "error", "too many letters wait")
	}
}

// asksOnce reports whether the person was not yet told of a digest that something was
// not understood.
func (a *answers) asksOnce(g given) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return !a.known(g.mailbox, "asked "+g.name)
}

// obey does what one line says, and tells what was done.
func (a *answers) obey(ctx context.Context, as *web.Client, g given, l answer.Line) (told []string) {
	tell := func(n int, text string, err error) {
		if err != nil {
			text = "Not done: " + err.Error()
			var e *web.Error
			if errors.As(err, &e) && e.Next != "" {
				text += "; " + e.Next
			}
		}
		if len(l.Numbers) > 1 {
			text = strconv.Itoa(n) + ": " + text
		}
		told = append(told, text)
	}
	if len(l.Numbers) == 0 {
		c, err := muted.Back(ctx, as, g.mailbox, "", "")
		tell(0, undone(c), err)
		return told
	}
	for _, n := range l.Numbers {
		if n > len(g.digest.Numbered) {
			tell(n, fmt.Sprintf("The digest has no number %d.", n), nil)
			continue
		}
		text, err := a.order(ctx, as, g, l, g.digest.Numbered[n-1])
		tell(n, text, err)
	}
	return told
}

// order does one thing about one decision.
func (a *answers) order(ctx context.Context, as *web.Client, g given, l answer.Line, id string) (string, error) {
	switch l.Act {
	case answer.Undo, answer.Mute, answer.Unmute:
		d, err := a.store.Decision(g.mailbox, id)
		switch {
		case l.Act == answer.Undo && err != nil: // a correction outlives its decision
			c, err := as.Undo(ctx, g.mailbox, id)
			return undone(c), err
		case err != nil:
			return "", err
		case l.Act == answer.Undo:
			c, err := muted.Back(ctx, as, g.mailbox, id, d.Sender.Brand)
			return undone(c), err
		case d.Sender.Brand == "":
			return "", errors.New("its sender has no name that could be muted")
		case l.Act == answer.Mute:
			return muted.Put(ctx, as, g.mailbox, d.Sender.Brand, l.Until)
		}
		return muted.End(ctx, as, g.mailbox, d.Sender.Brand)
	case answer.Leave:
		return a.leaveList(ctx, as, g.mailbox, id)
	}
	c, err := as.Correct(ctx, g.mailbox, id, rules.Correction{To: l.Act, Scope: l.Scope}, true)
	if err == nil && c.Already {
		return "That is in force already. " + c.Lesson, nil
	}
	return c.Lesson, err
}

// undone tells what was taken back.
func undone(c web.Corrected) string {
	return "Taken back, and no longer so: " + c.Lesson
}

// letter is what the person hears: from nobody, so that nothing answers it by itself.
func (a *answers) letter(g given, text string) []byte {
	id := a.from.LetterID(g.name, []byte(g.message.MessageID+text))
	var b strings.Builder
	field := func(name, value string) { fmt.Fprintf(&b, "%s: %s\r\n", name, value) }
	field("From", "usher <"+a.from.Address+">")
	field("To", "<"+g.mailbox+">")
	field("Reply-To", "<"+g.mailbox+">")
	field("Subject", "Re: Your digest")
	field("Date", time.Now().Format(time.RFC1123Z))
	field("Message-ID", id)
	refs := "<digest." + g.name + "@" + a.from.Host + ">"
	if mid := g.message.MessageID; mid != "" && len(mid) < 250 && !strings.ContainsAny(mid, " \t\r\n") {
		field("In-Reply-To", mid)
		refs += "\r\n " + mid
	}
	field("References", refs)
	field("Auto-Submitted", "auto-replied")
	field(mail.HeaderDigest, a.from.Mark(g.mailbox, id))
	field("MIME-Version", "1.0")
	field("Content-Type", "text/plain; charset=utf-8")
	field("Content-Transfer-Encoding", "8bit")
	b.WriteString("\r\n" + text)
	return []byte(b.String())
}
