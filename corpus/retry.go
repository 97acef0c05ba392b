package corpus

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/dgraph-io/badger/v4"
	"github.com/oklog/ulid/v2"

	"usher/corpus/keys"
	"usher/rules"
)

// Recall gives the decision that was recorded under each retry key for the
// recipient at the same index, nil where there is none from the last
// RetryRetention. It comes as stored: without its Message-ID, and thin where the
// mail is personal. What does not open is as good as absent, and logged once.
func (s *Store) Recall(ctx context.Context, recipients, retries []string) ([]*rules.Decision, error) {
	found := make([]*rules.Decision, len(recipients))
	err := s.view(func(txn *badger.Txn) error {
		for i, recipient := range recipients {
			if err := ctx.Err(); err != nil {
				return err
			}
			box, key, err := s.find(recipient)
			if errors.Is(err, ErrNotFound) {
				continue
			}
			if err != nil {
				return err
			}
			d, err := recall(txn, box, key, retries[i])
			if errors.Is(err, keys.ErrOpen) {
				s.broken.Do(func() { s.log.Warn("a stored decision does not open", "error", err) })
				continue
			}
			if err != nil {
				return err
			}
			found[i] = d
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("recall %d decisions: %w", len(recipients), err)
	}
	return found, nil
}

// recall goes from a retry key to its decision; nil if either has ended.
func recall(txn *badger.Txn, box tag, key *boxKey, retry string) (*rules.Decision, error) {
	place := retryKey(box, key.Retry(retry))
	got, err := txn.Get(place)
	if errors.Is(err, badger.ErrKeyNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var id ulid.ULID
	err = got.Value(func(value []byte) error {
		plain, err := key.Open(place, value)
		if err == nil {
			err = id.UnmarshalBinary(plain)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	d, err := get(txn, key, decisionKey(box, id))
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	return d, err
}

// retryEntry leads from a decision's retry key to the decision. It never
// outlives it.
func (s *Store) retryEntry(box tag, key *boxKey, d *rules.Decision, kept time.Duration) *badger.Entry {
	id := ulid.MustParse(d.ID) // as entries did
	place := retryKey(box, key.Retry(d.Retry))
	ends := s.now().Truncate(time.Minute).Add(min(RetryRetention, kept))
	return &badger.Entry{Key: place, Value: key.Seal(place, id[:]), ExpiresAt: uint64(ends.Unix())}
}
