package corpus

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/dgraph-io/badger/v4"
)

func TestAMoveIsKeptAsLongAsItsDecision(t *testing.T) {
	s := mustOpen(t, Options{InMemory: true, Delimiter: "+"})
	ctx := context.Background()
	d := decision(maria, 0)
	record(t, s, d)
	at := d.At
	for _, c := range []struct {
		name, mailbox, id string
		want              error
	}{
		{"beside its decision", "Maria+x@example.org", d.ID, nil},
		{"a minute later, back", maria, d.ID, nil},
		{"in another's mailbox", pekka, d.ID, ErrNotFound},
		{"of a decision that is not there", maria, newID(at.Add(time.Minute)), ErrNotFound},
		{"of what is no decision", maria, "nonsense", ErrNotFound},
	} {
		at = at.Add(time.Minute)
		if err := s.Moved(ctx, c.mailbox, c.id, Move{From: "Promotions", To: "INBOX", At: at}); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	moves, err := s.Moves(maria)
	if err != nil || len(moves) != 2 || moves[0].Decision != d.ID || moves[0].To != "INBOX" || !moves[0].At.Equal(d.At.Add(time.Minute)) {
		t.Errorf("kept: %+v, %v", moves, err)
	}
	err = s.view(func(txn *badger.Txn) error {
		box, _, err := s.find(maria)
		if err != nil {
			return err
		}
		it := txn.NewIterator(badger.IteratorOptions{Prefix: []byte(prefixMove)})
		defer it.Close()
		for it.Rewind(); it.Valid(); it.Next() {
			decision, err := txn.Get(decisionKey(box, moveOf(it.Item().Key())))
			if err != nil {
				return err
			}
			if got, want := it.Item().ExpiresAt(), decision.ExpiresAt(); got != want || got == 0 {
				t.Errorf("a move ends at %d, its decision at %d", got, want)
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	if n, err := s.Forget(ctx, maria, d.Sender.Brand); err != nil || n != 1 {
		t.Errorf("the brand was not forgotten: %d, %v", n, err)
	}
	if moves, err := s.Moves(maria); err != nil || len(moves) != 0 {
		t.Errorf("a move outlives its decision: %+v, %v", moves, err)
	}
}
