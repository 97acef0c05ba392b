package corpus

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"

	"usher/rules"
	"usher/rules/lessons"
)

// ErrNoLabel is that nothing can be undone.
var ErrNoLabel = errors.New("no such correction is in force")

// Propose gives the label that a correction of a decision would be, and whether it is
// in force already. Its errors are those of rules.Decision.Label, and ErrNotFound.
func (s *Store) Propose(mailbox, id string, c rules.Correction) (l lessons.Label, same bool, err error) {
	d, err := s.Decision(mailbox, id)
	if err != nil {
		return l, false, err
	}
	if l, err = d.Label(c, s.now()); err != nil {
		return l, false, err
	}
	all, err := s.Labels(mailbox)
	for _, o := range lessons.Kept(all) {
		if o.Decision == l.Decision {
			if o.To == l.To && o.Scope == l.Scope && o.Topic == l.Topic {
				return *o, true, err
			}
			l.Instead = cmp.Or(l.Instead, o.ID)
		}
	}
	return l, false, err
}

// Correct keeps a correction, from which the next decision learns; the one in force
// that says the same already, if there is one. It returns when it is durable.
func (s *Store) Correct(ctx context.Context, mailbox, id string, c rules.Correction) (lessons.Label, error) {
	s.ordering.Lock()
	defer s.ordering.Unlock()
	l, same, err := s.Propose(mailbox, id, c)
	if err != nil || same {
		return l, err
	}
	return l, s.putLabel(ctx, mailbox, l)
}

// Undo takes back one correction, or with id "" the last; ErrNoLabel if there is
// none. What it took the place of teaches again.
func (s *Store) Undo(ctx context.Context, mailbox, id string) (lessons.Label, error) {
	s.ordering.Lock()
	defer s.ordering.Unlock()
	all, err := s.Labels(mailbox)
	if err != nil {
		return lessons.Label{}, err
	}
	for _, l := range lessons.Kept(all) {
		if id == "" || strings.EqualFold(id, l.ID) || strings.EqualFold(id, l.Decision) {
			l.Undone = true
			return *l, s.putLabel(ctx, mailbox, *l)
		}
	}
	return lessons.Label{}, ErrNoLabel
}

// putLabel stores a correction, and has the next decision read them anew.
func (s *Store) putLabel(ctx context.Context, mailbox string, l lessons.Label) error {
	box, id := s.keys.Tag(s.normal(mailbox)), ulid.MustParse(l.ID)
	if err := s.keep(ctx, sealedKey(prefixLabel, box, id), l, time.Time{}); err != nil {
		return fmt.Errorf("keep a correction: %w", err)
	}
	s.taught.Changed(box)
	return nil
}

// Labels lists the corrections of a mailbox, those undone too, the oldest first. With
// an error it lists those that can be read.
func (s *Store) Labels(mailbox string) ([]lessons.Label, error) {
	return listed(s, mailbox, prefixLabel, asJSON[lessons.Label])
}

// Lessons gives what the corrections of a mailbox teach, nil if there are none. What
// cannot be read is as good as absent, and logged once.
func (s *Store) Lessons(mailbox string) *lessons.Book {
	book, err := s.taught.Of(s.keys.Tag(s.normal(mailbox)), func() ([]lessons.Label, error) { return s.Labels(mailbox) })
	if err != nil {
		s.broken.Do(func() { s.log.Warn("a stored correction does not open", "error", err) })
	}
	return book
}
