package smtpd

import (
	"context"
	"errors"
	"time"

	"usher/classify/mail"
	"usher/rules"
	"usher/smtpd/budget"
	"usher/smtpd/events"
	"usher/smtpd/guard"
	"usher/smtpd/imprint"
	"usher/smtpd/replies"
)

// aside says why a recipient's copy passes without being judged.
type aside byte

const (
	notAside  aside = iota
	ourDigest       // it is a digest of ours for this recipient
	toControl       // it is for a control address
)

// setAside finds the recipients whose copies are not judged.
func (m *message) setAside() {
	srv := m.s.srv
	m.asides = make([]aside, len(m.t.rcpts))
	mark := imprint.MarkOf(m.spool.Head(mail.MaxHeader))
	for i, r := range m.t.rcpts {
		mailbox := mail.Mailbox(r.path, srv.cfg.Delimiter)
		switch {
		case srv.control[mailbox]:
			m.asides[i] = toControl
		case mark.IsFor(srv.digest, mailbox):
			m.asides[i] = ourDigest
		}
	}
}

// consider fills in decisions and puts the new ones on record. Whatever fails
// here leaves untouched every recipient of whom nothing was decided before.
func (m *message) consider(ctx context.Context) {
	srv, n := m.s.srv, len(m.t.rcpts)
	m.decisions, m.known, m.fates = make([]*rules.Decision, n), make([]bool, n), make([]fate, n)
	m.setAside()
	budget, cancel := context.WithTimeout(ctx, srv.cfg.JudgeBudget)
	defer cancel()
	open := m.recall(budget)
	env := mail.Envelope{From: m.t.from, Arrived: m.arrived, Client: m.t.client}
	for _, a := range open {
		env.To = append(env.To, m.t.rcpts[a.rcpt].path)
	}
	o := &mail.Object{Envelope: env, Message: &mail.Message{}}
	if len(open) > 0 {
		var ds []*rules.Decision
		var failed *failure
		begun := time.Now()
		whole := guard.Received(m.spool.Reader(), m.bare)
		head := func() []byte { return m.spool.Head(srv.cfg.JudgeBytes) } // after Reader it may be asked by another goroutine
		ds, o, failed = srv.judge(budget, env, head, whole)
		m.s.log.Judged(time.Since(begun))
		if failed != nil {
			ds = srv.failedDecisions(ctx, o, failed.reason)
			m.fail(failed, ds)
		}
		m.take(open, ds)
	}
	m.object = o
	m.record(ctx)
	for i, d := range m.decisions {
		m.fates[i] = m.fate(i)
		if f := m.failure(i); f != nil && m.failed == nil { // this recipient's statements alone
			m.s.log.FailedOpen(m.t.client.Queue, d.ID, f.reason, f.err, time.Since(m.arrived))
		}
		switch {
		case m.known[i]:
			m.s.log.Recognised(m.t.client.Queue, d, time.Since(m.arrived))
		case d != nil:
			m.s.log.Decided(o, d, time.Since(m.arrived))
		}
	}
}

// take notes what was decided of those that were asked about. A decision made
// before stands. One made where something failed is not to be found again.
func (m *message) take(asked []asked, ds []*rules.Decision) {
	for n, a := range asked {
		if m.known[a.rcpt] || ds[n] == nil {
			continue
		}
		if m.decisions[a.rcpt] = ds[n]; m.failure(a.rcpt) == nil {
			ds[n].Retry = a.key
		}
	}
}

// record puts the new decisions on record.
func (m *message) record(ctx context.Context) {
	srv := m.s.srv
	var fresh []*rules.Decision
	for i, d := range m.decisions {
		if d != nil && !m.known[i] {
			fresh = append(fresh, d)
		}
	}
	if m.kept = len(fresh) == 0; m.kept {
		return
	}
	begun := time.Now()
	err := budget.Within(ctx, srv.cfg.RecordBudget, func(ctx context.Context) error { return srv.deps.Recorder.Record(ctx, fresh) })
	m.s.log.Recorded(time.Since(begun))
	if m.kept = err == nil; !m.kept {
		m.fail(&failure{failRecord, err}, fresh)
	}
}

// fail notes what left a message untouched. A log line has the id of the first
// of its decisions.
func (m *message) fail(f *failure, ds []*rules.Decision) {
	id := ""
	for _, d := range ds {
		if d != nil && id == "" {
			id = d.ID
		}
	}
	m.s.log.FailedOpen(m.t.client.Queue, id, f.reason, f.err, time.Since(m.arrived))
	if m.failed == nil {
		m.failed = f
	}
}

// failure is what leaves a recipient untouched, nil if nothing does. A failure to
// judge others is none for whom all was decided before.
func (m *message) failure(i int) *failure {
	if m.known[i] && m.kept {
		return nil
	}
	if d := m.decisions[i]; m.failed == nil && d != nil && d.Because == "error" {
		return &failure{failTimeout, errors.New(d.Text)}
	}
	return m.failed
}

// fate says what a decision comes to.
func (m *message) fate(i int) fate {
	d, failed := m.decisions[i], m.failure(i)
	switch {
	case d == nil:
		return fate{applied: rules.Inbox}
	case failed != nil:
		return fate{applied: rules.Inbox, why: failedOpen + failed.reason}
	case d.Disposition == rules.Reject:
		unmet := m.unmet(i)
		if unmet == "" {
			return fate{applied: rules.Reject}
		}
		m.s.log.Softened(m.t.client.Queue, d.ID, "conditions")
		return fate{applied: rules.Refuse, why: "not rejected: " + unmet}
	}
	return fate{applied: d.Disposition}
}

// recordOutcome notes what became of each recipient, as far as it can.
func (m *message) recordOutcome(ctx context.Context) {
	srv := m.s.srv
	var out []*rules.Decision
	answers, unjudged := make([]events.Answer, len(m.decisions)), 0
	for i, d := range m.decisions {
		f := m.fates[i]
		if d == nil && m.asides[i] == notAside {
			unjudged++
		}
		if d != nil {
			c := *d // the recorder may still hold the first one
			c.Outcome = &rules.Outcome{Applied: f.applied, Code: f.reply.Code, Why: f.why, Ref: f.ref, Changed: m.changed}
			d = &c
			out = append(out, d)
		}
		answers[i] = events.Answer{
			Recipient: m.t.rcpts[i].path, Decision: d, Failed: m.failure(i) != nil, Applied: f.applied,
			Code: f.reply.Code, Own: f.applied == rules.Reject || replies.IsOwn(f.reply),
		}
	}
	m.s.log.Answered(m.t.client.Queue, answers, m.s.hop.takesSMTP(), time.Since(m.arrived))
	err := budget.Within(context.WithoutCancel(ctx), srv.cfg.RecordBudget, func(ctx context.Context) error {
		var err error
		if len(out) > 0 {
			err = srv.deps.Recorder.Outcome(ctx, out)
		}
		if unjudged > 0 {
			err = errors.Join(err, srv.deps.Recorder.Unjudged(ctx, unjudged))
		}
		return err
	})
	if err != nil {
		m.s.log.OutcomeLost(m.t.client.Queue, err)
	}
}
