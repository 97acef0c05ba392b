package corpus

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

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

// Correct keeps a correction, from which the next decision learns; same is that the
// one it gives said so already. It returns when it is durable.
func (s *Store) Correct(ctx context.Context, mailbox, id string, c rules.Correction) (l lessons.Label, same bool, err error) {
	s.ordering.Lock()
	defer s.ordering.Unlock()
	if l, same, err = s.Propose(mailbox, id, c); err != nil || same {
		return l, same, err
	}
	if all, _ := s.Labels(mailbox); len(all) >= lessons.MostStored {
		_, err = s.dropIDs(ctx, mailbox, prefixLabel, lessons.Over(all))
	}
	return l, false, cmp.Or(err, s.putLabel(ctx, mailbox, l))
}

// dropIDs drops the entries of a mailbox under a prefix whose ids are over.
func (s *Store) dropIDs(ctx context.Context, mailbox, prefix string, over map[string]bool) (n int, err error) {
	box := s.keys.Tag(s.normal(mailbox))
	return s.dropUnder(ctx, slices.Concat([]byte(prefix), box[:]), func(key, _ []byte) bool { return over[idOf(key).String()] })
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
	if err := s.Note(ctx, mailbox, prefixLabel, l.ID, l); err != nil {
		return fmt.Errorf("keep a correction: %w", err)
	}
	s.taught.Changed(s.keys.Tag(s.normal(mailbox)))
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
