package smtpd

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"usher/classify/mail"
	"usher/rules"
	"usher/smtpd/imprint"
)

// A message that upstream sends again is not judged again: whoever deferred it
// yesterday would count it twice today, and might be told another thing. It is
// known by a keyed hash of recipient, sender and what it says, never by its
// Message-ID alone, since senders choose that.

// failedOpen begins the outcome of a decision that was not applied.
const failedOpen = "failed open: "

// recallShare is the part of the judge's budget that looking back may take:
// 1/recallShare.
const recallShare = 5

// asked is a recipient of whom something is to be decided.
type asked struct {
	rcpt int    // its index
	key  string // its retry key; "" if it was not made in time
}

// recall takes up the decisions that were made when the same message came before,
// and gives the recipients that are left to judge. A memory that fails, or is
// late, is as good as none. Whom a decision rejects stays among those to judge:
// the wire looks at the message before it rejects.
func (m *message) recall(ctx context.Context) []asked {
	srv := m.s.srv
	var open []asked
	var paths []string
	for i, r := range m.t.rcpts {
		if m.asides[i] == notAside {
			open = append(open, asked{rcpt: i})
			paths = append(paths, r.path)
		}
	}
	if srv.deps.Memory == nil || len(open) == 0 {
		return open
	}
	head, whole := m.spool.Head(mail.MaxHeader), m.spool.Reader()
	keyed, found := make(chan []string, 1), make(chan []*rules.Decision, 1)
	err := srv.recalls.Within(ctx, srv.cfg.JudgeBudget/recallShare, func(ctx context.Context) error {
		if !slices.ContainsFunc(paths, srv.judges) {
			return nil
		}
		sum, err := imprint.Of(head, whole)
		if err != nil {
			return err
		}
		keys := make([]string, len(paths))
		for n, path := range paths {
			keys[n] = imprint.RetryKey(srv.retry, path, m.t.from, sum)
		}
		keyed <- keys
		ds, err := srv.lookUp(ctx, paths, keys)
		found <- ds
		return err
	})
	if err != nil {
		srv.log.RecallFailed(m.t.client.Queue, err)
	}
	select {
	case keys := <-keyed:
		for n := range open {
			open[n].key = keys[n]
		}
	default:
	}
	select {
	case ds := <-found:
		return m.recognise(open, ds)
	default:
		return open
	}
}

// lookUp gives the decisions that may stand for these recipients again; nil where
// there is none, or the mailbox is no longer judged.
func (s *Server) lookUp(ctx context.Context, paths, keys []string) ([]*rules.Decision, error) {
	ds, err := s.deps.Memory.Recall(ctx, paths, keys)
	if err == nil && len(ds) != len(paths) {
		err = fmt.Errorf("memory gave %d decisions for %d recipients", len(ds), len(paths))
	}
	if err != nil {
		return make([]*rules.Decision, len(paths)), err
	}
	for n, d := range ds {
		if !reusable(d) || !s.judges(paths[n]) {
			ds[n] = nil
		}
	}
	return ds, nil
}

// recognise takes up decisions found for open, and gives those left to judge.
func (m *message) recognise(open []asked, ds []*rules.Decision) []asked {
	var left []asked
	for n, a := range open {
		d := ds[n]
		m.decisions[a.rcpt], m.known[a.rcpt] = d, d != nil
		if d == nil || d.Disposition == rules.Reject {
			left = append(left, a)
		}
	}
	return left
}

// reusable reports whether a decision may stand for the same message again: not
// one that was left unapplied because something of ours failed. One that was made
// because of that never had a key.
func reusable(d *rules.Decision) bool {
	return d != nil && (d.Outcome == nil || !strings.HasPrefix(d.Outcome.Why, failedOpen)) &&
		sound([]*rules.Decision{d}, 1) == nil
}
