package smtpd

import (
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"github.com/emersion/go-smtp"

	"usher/classify"
	"usher/classify/mail"
	"usher/rules"
	"usher/smtpd/guard"
	"usher/smtpd/replies"
	"usher/smtpd/splice"
	"usher/smtpd/spool"
)

// message is one message from its first byte to its last answer.
type message struct {
	s       *session
	t       *transaction
	status  smtp.StatusCollector // nil where upstream hears one reply
	spool   spool.Spool
	arrived time.Time
	folded  bool // it begins with a space or tab

	changed int     // line ends that were made safe
	bare    []int64 // where they stand, as guard.Received takes it

	object    *mail.Object      // as it was judged
	asides    []aside           // by recipient
	decisions []*rules.Decision // by recipient; nil: not judged
	known     []bool            // by recipient: the decision was on record before
	kept      bool              // every decision is on record
	failed    *failure
	fates     []fate // by recipient
}

// fate is what becomes of a message for one recipient.
type fate struct {
	applied   rules.Disposition
	untouched bool   // whatever the decision is, the message passes as it came
	why       string // where it differs from the decision
	ref       string // in the reply, where it tells the sender
	reply     *smtp.SMTPError
}

// group is recipients that share a transaction at the next hop.
type group struct {
	rcpts []int  // indexes
	above []byte // what is put above the message
	keep  string // name of a field of ours that stays in it
	file  bool   // its one recipient is addressed where the message is to be filed
}

// receive reads the whole message before any of it goes on. A message over its
// size is read to its end, or the rest would be taken for commands.
func (m *message) receive(r io.Reader) error {
	var (
		full *smtp.SMTPError
		size int64
		max  = m.s.guard.Offered.Size
	)
	keep := func(b []byte) {
		if size += int64(len(b)); size > max && full == nil {
			full = replies.Size
		}
		if full != nil {
			return
		}
		if _, err := m.spool.Write(b); err != nil {
			m.s.log.SpoolFailed(err)
			full = replies.Spool
		}
	}
	var err error
	if _, chunked := r.(*io.PipeReader); chunked { // go-smtp's for BDAT: it is read beside the next command, which owns the guard
		m.changed, m.bare, err = chunks(r, keep)
	} else {
		err = m.s.guard.Message(keep)
		m.changed, m.bare = m.s.guard.Normalised()
	}
	if fault := m.spool.Fault(); fault != nil && full == nil {
		m.s.srv.log.SpoolFailed(fault)
	}
	if err != nil {
		m.s.log.Aborted(m.t.client.Queue, m.s.guard.RemoteAddr().String(), "data", size)
		return replies.Ours // nobody hears it: the guard has closed
	}
	if m.changed > 0 {
		m.s.log.Normalised(m.t.client.Queue, m.changed)
	}
	if m.changed > 0 && full == nil && m.s.srv.cfg.Bare == BareRefuse && m.s.hop.takesSMTP() {
		full = replies.Bare
	}
	if full == nil {
		return nil
	}
	m.s.log.TurnedAway(full.Code)
	return full
}

// chunks gives keep a message that comes by BDAT, its line ends made safe. It
// says how many were not, and where they stand.
func chunks(r io.Reader, keep func([]byte)) (changed int, bare []int64, err error) {
	var (
		ends guard.LineEnds
		in   = make([]byte, 8<<10)
		out  = make([]byte, 0, 9<<10)
	)
	for {
		n, err := r.Read(in)
		out, _, _ = ends.Safe(out[:0], in[:n])
		keep(out)
		if errors.Is(err, io.EOF) {
			keep(ends.Last(out[:0]))
			return ends.Changed, ends.Bare, nil
		}
		if err != nil {
			return 0, nil, err
		}
	}
}

// deliver judges, records, passes on and answers.
func (m *message) deliver(ctx context.Context) {
	head := m.spool.Head(1)
	m.folded = len(head) == 1 && (head[0] == ' ' || head[0] == '\t')
	m.consider(ctx)
	if m.s.hop.takesSMTP() {
		m.share()
	}
	groups := m.plan()
	if len(groups) == 0 {
		m.s.dismiss() // everybody rejects: the next hop never hears of the message
	}
	for _, g := range groups {
		m.pass(ctx, g)
	}
}

// finish does what can wait until upstream has its answers.
func (m *message) finish() {
	defer m.spool.Close()
	ctx := context.WithoutCancel(m.s.srv.ctx)
	m.recordOutcome(ctx)
	m.observe(ctx)
}

// untouched reports whether a recipient gets the message as it came.
func (m *message) untouched(i int) bool {
	d := m.decisions[i]
	return d == nil || d.Observed || m.fates[i].untouched || m.failure(i) != nil || m.fates[i].applied == rules.Inbox && d.Category != classify.Promotion && d.Category != classify.Newsletter
}

// plan groups the recipients: the untouched together and first, those of a
// digest of ours next, then each decided one by itself, in RCPT order. Where
// upstream hears one reply, all are one group.
func (m *message) plan() []group {
	cfg := &m.s.srv.cfg
	if m.s.hop.takesSMTP() {
		return m.whole()
	}
	together, digest := group{}, group{keep: mail.HeaderDigest}
	var alone []group
	for i, d := range m.decisions {
		switch {
		case m.fates[i].applied == rules.Reject:
			m.decline(i)
		case !m.untouched(i):
			alone = append(alone, group{rcpts: []int{i}, above: m.above(d, m.fates[i].applied), file: cfg.File == FileSubaddress})
		case d != nil && cfg.Stamp == StampAll:
			alone = append(alone, group{rcpts: []int{i}, above: m.stamp(i)})
		case m.asides[i] == ourDigest:
			digest.rcpts = append(digest.rcpts, i)
		default:
			together.rcpts = append(together.rcpts, i)
		}
	}
	return slices.DeleteFunc(append([]group{together, digest}, alone...), func(g group) bool { return len(g.rcpts) == 0 })
}

// above gives the fields that go above the message for one decision.
func (m *message) above(d *rules.Decision, applied rules.Disposition) []byte {
	cfg := &m.s.srv.cfg
	if cfg.Because == BecauseCite {
		d = &rules.Decision{ID: d.ID, Category: d.Category, Because: d.Because}
	}
	return splice.Fields(d, applied, cfg.Because != BecauseOff, m.folded)
}

// stamp gives the fields above mail that stays untouched otherwise.
func (m *message) stamp(i int) []byte {
	d, f := m.decisions[i], m.failure(i)
	if f == nil {
		return m.above(d, rules.Inbox)
	}
	failed := &rules.Decision{Because: "error: " + f.reason}
	if m.kept {
		failed.ID = d.ID
	}
	return splice.Fields(failed, rules.Inbox, true, m.folded)
}

// pass sees one group through the next hop and answers for it. What fails
// before the final dot, and not by a reply, is tried once more on a fresh
// connection.
func (m *message) pass(ctx context.Context, g group) {
	until, _ := ctx.Deadline()
	for range 2 {
		if time.Until(until) <= 0 {
			m.answerAll(g, replies.Spent)
			return
		}
		carried, err := m.reach(g)
		if reply, ok := replies.As(err); ok {
			m.answerAll(g, reply)
			return
		}
		if err == nil && len(carried) == 0 {
			return
		}
		if err == nil && m.send(g, carried, until.Add(-m.s.budget()/dotShare)) {
			return
		}
		m.s.drop()
	}
	m.answerAll(g, replies.Lost)
}

// reach makes sure that the next hop has a transaction open for exactly g, and
// answers for those it refuses. It gives the recipients that are in it.
func (m *message) reach(g group) ([]int, error) {
	var rcpts []recipient
	var paths []string
	for _, i := range m.open(g) {
		r := m.t.rcpts[i]
		if g.file {
			r.path = filed(r.path, m.s.srv.cfg.Delimiter, m.fates[i].applied)
		}
		rcpts = append(rcpts, r)
		paths = append(paths, r.path)
	}
	if h := m.s.next; h != nil && h.Begun && slices.Equal(h.Carry, paths) {
		return m.open(g), nil // as RCPT left it
	}
	m.s.rest()
	if err := m.s.connected(); err != nil {
		return nil, replies.Lost
	}
	refused := make(map[string]*smtp.SMTPError)
	if err := m.s.say(m.t, rcpts, refused); err != nil {
		if reply, ok := replies.As(err); ok {
			return nil, replies.AtData(reply, "")
		}
		return nil, err
	}
	if len(refused) > 0 && m.s.hop.takesSMTP() {
		return nil, replies.Ours // some would get it and some not, and one reply cannot say so
	}
	for n, i := range m.open(g) {
		reply := refused[rcpts[n].path]
		if reply != nil && rcpts[n].path != m.t.rcpts[i].path { // the folder is not known: the mailbox is
			var err error
			if reply, err = m.plainly(m.t.rcpts[i]); err != nil {
				return nil, err
			}
		}
		if reply != nil {
			m.answer(i, replies.AtData(reply, m.t.rcpts[i].path))
		}
	}
	return m.open(g), nil
}

// plainly puts a recipient to the next hop by the address it was given with.
func (m *message) plainly(r recipient) (refused *smtp.SMTPError, err error) {
	err = m.s.next.Rcpt(r.path, r.opts)
	if reply, ok := replies.As(err); ok {
		return replies.Refusal(reply), nil
	}
	return nil, err
}

// open lists the recipients of g that have no answer yet.
func (m *message) open(g group) []int {
	var left []int
	for _, i := range g.rcpts {
		if m.fates[i].reply == nil {
			left = append(left, i)
		}
	}
	return left
}

// send sends the message in the open transaction and answers for those in it.
// It reports false if nothing was decided and it may be tried again.
func (m *message) send(g group, carried []int, dotBy time.Time) bool {
	strip, carry := 0, m.s.next.Carry
	dotted, err := m.s.next.Data(func(w io.Writer) error {
		if _, err := w.Write(g.above); err != nil {
			return err
		}
		s := splice.NewStripper(w)
		s.Keep = g.keep
		if _, err := io.Copy(s, m.spool.Reader()); err != nil {
			return err
		}
		strip = s.Stripped
		return s.Close()
	}, dotBy, func(n int, reply *smtp.SMTPError) {
		m.answer(carried[n], replies.AtData(reply, carry[n]))
	})
	if strip > 0 {
		m.s.log.Stripped(m.t.client.Queue, strip)
	}
	if err != nil && !dotted {
		reply, ok := replies.As(err)
		if ok {
			for _, i := range carried {
				m.answer(i, replies.AtData(reply, m.t.rcpts[i].path))
			}
		}
		return ok
	}
	if err != nil {
		m.s.log.Down(err)
		m.s.drop()
	}
	m.answerAll(g, replies.Lost) // those it left without an answer
	return true
}

func (m *message) answerAll(g group, reply *smtp.SMTPError) {
	for _, i := range m.open(g) {
		m.answer(i, reply)
	}
}

// answer settles one recipient: each of its RCPT lines gets the reply, where
// upstream hears one for each.
func (m *message) answer(i int, reply *smtp.SMTPError) {
	m.fates[i].reply = reply
	if m.status == nil {
		return
	}
	name := m.t.rcpts[i].name
	for _, l := range m.t.lines {
		if l == name {
			m.status.SetStatus(name, reply)
		}
	}
}
