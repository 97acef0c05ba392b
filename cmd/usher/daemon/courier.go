package daemon

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"usher/smtpd/nexthop"
)

// Errors of letters of our own.
var (
	errNotOurs = errors.New("no next hop has this mailbox")
	errAway    = errors.New("the next hop does not answer")
)

// maxLost is after how many conversations in a row that broke off a next hop is left
// alone for a round. One letter that it chokes on is no reason.
const maxLost = 5

// reached tells which next hops answer, as far as a round found out. nil knows of none.
type reached struct {
	mu   sync.Mutex
	lost map[nexthop.Endpoint]int // conversations in a row that broke off
}

// saw notes whether a conversation with a next hop came to its end.
func (r *reached) saw(hop nexthop.Endpoint, err error) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.lost == nil {
		r.lost = map[nexthop.Endpoint]int{}
	}
	if r.lost[hop]++; err == nil {
		r.lost[hop] = 0
	}
}

// answers reports whether a next hop may be tried.
func (r *reached) answers(hop nexthop.Endpoint) bool {
	if r == nil {
		return true
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.lost[hop] < maxLost
}

// answer reports whether any of some may be tried, or there are none.
func (r *reached) answer(hops []nexthop.Endpoint) bool {
	return len(hops) == 0 || slices.ContainsFunc(hops, r.answers)
}

// keepers are the next hops that may have a mailbox. One that speaks LMTP keeps
// mailboxes, and knows which; one that speaks SMTP may pass mail on to anywhere, so it
// is given a letter to whom it had mail for before.
func (d *Daemon) keepers(mailbox string) (hops []nexthop.Endpoint) {
	for _, h := range d.settings.Wire.Hops {
		if !slices.Contains(hops, h.Out) && (h.Out.LMTP() || d.knows(mailbox)) {
			hops = append(hops, h.Out)
		}
	}
	return hops
}

// post passes a letter of our own to the next hop that has the mailbox.
func (d *Daemon) post(ctx context.Context, mailbox string, letter []byte) error {
	return d.postTo(ctx, d.keepers(mailbox), mailbox, letter, nil)
}

// postTo passes a letter to the first of some next hops that takes it. Its error is
// errNotOurs where all of them refuse it for good.
func (d *Daemon) postTo(ctx context.Context, hops []nexthop.Endpoint, mailbox string, letter []byte, known *reached) error {
	set, err := d.settings.Wire.Reach()
	if err != nil {
		return err
	}
	err = errNotOurs
	for _, hop := range hops {
		if !known.answers(hop) {
			err = errAway
			continue
		}
		results, failed := set.Send(ctx, hop, "", []string{mailbox}, bytes.NewReader(letter))
		if ctx.Err() == nil {
			known.saw(hop, failed)
		}
		switch code := results[0].Code; {
		case failed == nil && code/100 == 2:
			return nil
		case failed != nil:
			err = failed
		case code/100 == 4:
			err = fmt.Errorf("the next hop %s answers %d %s", hop, code, results[0].Text)
		}
	}
	return err
}

// errRelay is that the relay did not take a letter.
var errRelay = errors.New("the relay did not take it")

// relayTo passes a letter to the relay, for somebody who is none of our people. sent is
// that it may have gone although there is an error.
func (d *Daemon) relayTo(ctx context.Context, from, to string, letter []byte) (sent bool, err error) {
	set, err := d.settings.Wire.Reach()
	if err != nil {
		return false, err
	}
	read := &begun{Reader: bytes.NewReader(letter)}
	results, err := set.Send(ctx, d.settings.Relay, from, []string{to}, read)
	switch code := results[0].Code; {
	case err != nil:
		return read.is, fmt.Errorf("%w: %w", errRelay, err)
	case code/100 != 2:
		return false, fmt.Errorf("%w: it answers %d %s", errRelay, code, results[0].Text)
	}
	return true, nil
}

// begun notes that reading began.
type begun struct {
	io.Reader
	is bool
}

func (b *begun) Read(p []byte) (int, error) {
	b.is = true
	return b.Reader.Read(p)
}

// knows reports whether a mailbox has intents of its own, or a decision.
func (d *Daemon) knows(mailbox string) bool {
	if own, _ := d.files.InForce(mailbox); own != nil {
		return true
	}
	found, err := d.store.Decisions(mailbox, time.Time{}, time.Time{}, 1)
	return err == nil && len(found) > 0
}
