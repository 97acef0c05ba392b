// Package refs keeps the references under which replies told senders that a recipient
// declines. It never tells anybody but that recipient which mail one stands for.
package refs

import (
	"context"
	"fmt"
	"time"

	"usher/corpus"
	"usher/rules"
)

// Quoted is a reference, and when its reply was given: all that an admin is told who is
// quoted one.
type Quoted struct {
	Ref string    `json:"ref"`
	At  time.Time `json:"at"` // to the minute
}

// kept is what is sealed of a reference.
type kept struct {
	Quoted
	Decision string `json:"decision"`
}

// Keep notes the references in the outcomes of decisions; most have none. They are
// kept for 14 days, and no longer than their decisions.
func Keep(ctx context.Context, s *corpus.Store, decisions []*rules.Decision) error {
	for _, d := range decisions {
		if d.Outcome == nil || d.Outcome.Ref == "" {
			continue
		}
		one := kept{Quoted{d.Outcome.Ref, time.Now().UTC().Truncate(time.Minute)}, d.ID}
		if err := s.Note(ctx, d.Recipient, corpus.PrefixRef, d.ID, one); err != nil {
			return fmt.Errorf("keep a reference: %w", err)
		}
	}
	return nil
}

// Find tells when the reply with a reference was given, to whomever; nil if it is not
// known, or no longer.
func Find(s *corpus.Store, ref string) (found *Quoted, err error) {
	err = corpus.EachNote(s, corpus.PrefixRef, func(k kept) {
		if k.Ref == ref {
			found = &k.Quoted
		}
	})
	if err != nil {
		return nil, fmt.Errorf("find a reference: %w", err)
	}
	return found, nil
}

// Decision gives the decision of a mailbox for which a reference stands, or
// corpus.ErrNotFound.
func Decision(s *corpus.Store, mailbox, ref string) (*rules.Decision, error) {
	all, err := corpus.Notes[kept](s, mailbox, corpus.PrefixRef)
	for _, k := range all {
		if k.Ref == ref {
			return s.Decision(mailbox, k.Decision)
		}
	}
	if err == nil {
		err = corpus.ErrNotFound
	}
	return nil, fmt.Errorf("reference %s: %w", ref, err)
}
