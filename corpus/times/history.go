package times

import (
	"context"
	"time"

	"usher/corpus/keys"
	"usher/rules"
)

// History has decisions look at what was counted before, as rules.History asks.
type History struct {
	Book    *Book
	Looks   bool            // it counts nothing: a question was asked
	Failed  func(err error) // hears why what came before cannot be read
	Mailbox func(ctx context.Context, mailbox string) (keys.Tag, *keys.Box, error)
	Each    func(box keys.Tag, since time.Time, see func(place, value []byte)) error // shows what is stored of a mailbox
}

// Count has decide look at what was counted for a mailbox, in turn with all others
// that count for it. What it answers counts from then on.
func (h *History) Count(ctx context.Context, mailbox string, decide func(rules.Past) *rules.Decision) *rules.Decision {
	turn, err := h.turn(ctx, mailbox)
	if err != nil { // no mail goes lower because a disk cannot be read
		if !h.Looks {
			h.Failed(err)
		}
		return decide(nil)
	}
	defer turn.End()
	d := decide(turn)
	if d != nil && !h.Looks {
		turn.note(d)
	}
	return d
}

// turn waits for a mailbox, and reads what is stored of it if need be. What does
// not open counts for nothing.
func (h *History) turn(ctx context.Context, mailbox string) (*Turn, error) {
	box, key, err := h.Mailbox(ctx, mailbox)
	if err != nil {
		return nil, err
	}
	return h.Book.Turn(ctx, box, key, func() (list []Mail, err error) {
		err = h.Each(box, time.Now().Add(-Kept), func(place, value []byte) {
			if m, err := Open(key, place, value); err == nil {
				list = append(list, m)
			}
		})
		return list, err
	})
}
