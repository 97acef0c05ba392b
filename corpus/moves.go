package corpus

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/dgraph-io/badger/v4"
	"github.com/oklog/ulid/v2"
)

// Move is a message that a person moved from one folder to another.
type Move struct {
	Decision string    `json:"-"` // the id of the decision on it
	From     string    `json:"from"`
	To       string    `json:"to"`
	At       time.Time `json:"-"` // to the minute
}

// Moved keeps a move beside the decision with that id, for as long as that is
// kept, one a minute; ErrNotFound where there is no such decision.
func (s *Store) Moved(ctx context.Context, mailbox, id string, move Move) error {
	parsed, err := ulid.ParseStrict(id)
	if err != nil {
		return fmt.Errorf("decision %q: %w", id, ErrNotFound)
	}
	box, key, err := s.find(mailbox)
	if err != nil {
		return err
	}
	e := &badger.Entry{Key: binary.BigEndian.AppendUint32(sealedKey(prefixMove, box, parsed), uint32(move.At.Unix()/60))}
	err = s.view(func(txn *badger.Txn) error {
		decision, err := txn.Get(decisionKey(box, parsed))
		if err == nil {
			e.ExpiresAt = decision.ExpiresAt()
		}
		return err
	})
	if errors.Is(err, badger.ErrKeyNotFound) {
		return ErrNotFound
	}
	plain, _ := json.Marshal(move) // two words
	e.Value = key.Seal(e.Key, plain)
	if err == nil {
		err = s.put(ctx, []*badger.Entry{e})
	}
	if err != nil {
		return fmt.Errorf("keep a move: %w", err)
	}
	return nil
}

// Moves lists the moves of a mailbox by decision and time, at most MaxDecisions.
func (s *Store) Moves(mailbox string) ([]Move, error) {
	moves, err := listed(s, mailbox, prefixMove, readMove)
	return moves[:min(len(moves), MaxDecisions)], err
}

// readMove reads a move: its folders are in the value, the rest is in the key.
func readMove(place, plain []byte) (m Move, err error) {
	err = json.Unmarshal(plain, &m)
	minute := binary.BigEndian.Uint32(place[len(place)-4:])
	m.Decision, m.At = moveOf(place).String(), time.Unix(60*int64(minute), 0).UTC()
	return m, err
}

// moveOf is the id of the decision beside which a move stands.
func moveOf(key []byte) ulid.ULID { return idOf(key[:len(key)-4]) }
