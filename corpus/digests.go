package corpus

import (
	"context"
	"encoding/binary"
	"fmt"
	"time"
)

// Sent is a digest that was sent, or a moment at which there was nothing to tell.
type Sent struct {
	Until    time.Time `json:"until"`              // the moment for which it was
	Numbered []string  `json:"numbered,omitempty"` // the decisions that its numbers stand for, from 1 on
	Samples  []string  `json:"samples,omitempty"`  // those of them that were shown to be checked
	Told     []string  `json:"told,omitempty"`     // decisions of the very minute of that moment: the others of it come next
	Fault    string    `json:"fault,omitempty"`    // stands for what was wrong with the intents file, and was told
}

// SentDigest keeps that a digest was sent.
func (s *Store) SentDigest(ctx context.Context, mailbox string, sent Sent) error {
	box := s.keys.Tag(s.normal(mailbox))
	place := binary.BigEndian.AppendUint64(append([]byte(prefixDigest), box[:]...), uint64(sent.Until.Unix()))
	if err := s.keep(ctx, place, sent, s.now().Add(s.kept(prefixDigest))); err != nil {
		return fmt.Errorf("keep that a digest was sent: %w", err)
	}
	return nil
}

// Digests lists the digests that were sent to a mailbox, the oldest first.
func (s *Store) Digests(mailbox string) ([]Sent, error) {
	return listed(s, mailbox, prefixDigest, asJSON[Sent])
}
