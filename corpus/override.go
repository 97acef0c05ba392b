package corpus

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"

	"usher/corpus/kinds"
	"usher/corpus/letin"
	"usher/corpus/written"
	"usher/rules"
)

// MaxInForce is how many overrides of one mailbox hold at once.
const MaxInForce = 16

// Errors of overrides.
var (
	ErrOverrideTime = errors.New("an override lasts longer than nothing, and at most 7 days")
	ErrOverrides    = fmt.Errorf("%d overrides are in force already", MaxInForce)
	ErrNoOverride   = errors.New("no such override is in force")
)

// begun notes at the start, by keys alone, who has corrections and overrides in force.
func (s *Store) begun() {
	since := written.Lowest(s.now().Add(-rules.MaxOverride))
	for prefix, note := range map[string]func(tag){prefixOverride: s.letIn.Changed, prefixLabel: s.taught.Changed} {
		err := s.each([]byte(prefix), []byte(prefix), func(key, _ []byte) {
			if box, is := kinds.Box(key); is && (prefix != prefixOverride || idOf(key).Compare(since) >= 0) {
				note(box)
			}
		})
		if err != nil {
			s.log.Warn("overrides or corrections cannot be read; none of them is in force", "prefix", prefix, "error", err)
		}
	}
}

// InForce lists the overrides of a mailbox that hold at a moment, the first one
// first. What cannot be read is as good as absent, and logged once.
func (s *Store) InForce(mailbox string, at time.Time) []rules.Override {
	if !s.letIn.Some() {
		return nil
	}
	in, err := s.letIn.InForce(s.keys.Tag(s.normal(mailbox)), at, s.now(), func() ([]rules.Override, error) { return s.Overrides(mailbox) })
	if err != nil {
		s.broken.Do(func() { s.log.Warn("a stored override does not open", "error", err) })
	}
	return in
}

// Override lets mail of a mailbox into the inbox from now on, for so long; brand
// is "" for all mail. It returns when the override is durable.
func (s *Store) Override(ctx context.Context, mailbox, brand string, lasts time.Duration) (rules.Override, error) {
	if lasts <= 0 || lasts > rules.MaxOverride {
		return rules.Override{}, ErrOverrideTime
	}
	s.ordering.Lock()
	defer s.ordering.Unlock()
	now := s.now().UTC().Truncate(time.Second)
	if len(s.InForce(mailbox, s.now())) >= MaxInForce {
		return rules.Override{}, ErrOverrides
	}
	var err error
	if all, _ := s.Overrides(mailbox); len(all) >= letin.MostStored {
		_, err = s.dropIDs(ctx, mailbox, prefixOverride, letin.Over(all, now))
	}
	o := rules.Override{ID: rules.NewID(now), From: now, Until: now.Add(lasts), Brand: brand}
	return o, cmp.Or(err, s.putOverrides(ctx, mailbox, []rules.Override{o}))
}

// EndOverride ends one override that is in force, with id "" all, and returns them.
func (s *Store) EndOverride(ctx context.Context, mailbox, id string) ([]rules.Override, error) {
	s.ordering.Lock()
	defer s.ordering.Unlock()
	now := s.now().UTC()
	var ended []rules.Override
	for _, o := range s.InForce(mailbox, now) {
		if id == "" || strings.EqualFold(id, o.ID) {
			o.Until, o.Ended = now, true
			ended = append(ended, o)
		}
	}
	if len(ended) == 0 {
		return nil, ErrNoOverride
	}
	return ended, s.putOverrides(ctx, mailbox, ended)
}

// putOverrides stores overrides, each for as long after its end as decisions are
// kept, and has the next decision read them anew.
func (s *Store) putOverrides(ctx context.Context, mailbox string, list []rules.Override) error {
	box := s.keys.Tag(s.normal(mailbox))
	defer s.letIn.Changed(box)
	for _, o := range list {
		ends := o.Until.Add(s.keptFor(ctx, s.normal(mailbox)))
		if err := s.keep(ctx, sealedKey(prefixOverride, box, ulid.MustParse(o.ID)), o, ends); err != nil {
			return fmt.Errorf("store override: %w", err)
		}
	}
	return nil
}

// Overrides lists the overrides of a mailbox that are in force or whose
// decisions are still kept, newest first.
func (s *Store) Overrides(mailbox string) ([]rules.Override, error) {
	list, err := listed(s, mailbox, prefixOverride, asJSON[rules.Override])
	if err != nil {
		return nil, err
	}
	slices.Reverse(list)
	return list, nil
}
