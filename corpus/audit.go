package corpus

import (
	"context"
	"encoding/hex"
	"time"

	"github.com/dgraph-io/badger/v4"

	"usher/corpus/audit"
)

// audited is the store as its audit ledger sees it.
type audited struct{ *Store }

func (s audited) Put(ctx context.Context, entries []*badger.Entry) error { return s.put(ctx, entries) }
func (s audited) View(read func(*badger.Txn) error) error                { return s.view(read) }
func (s audited) Now() time.Time                                         { return s.now() }

// Audit appends an entry to the audit ledger, and returns when it is durable.
// Actor, Event, Object and Result are the caller's. Write it before the act, and
// where it fails do not act, if the act is one that must leave a trace; an act
// that fails after it gets a second entry. Mail never waits for it.
func (s *Store) Audit(ctx context.Context, e audit.Entry) error { return s.ledger.Append(ctx, e) }

// Ledger gives the entries of the audit ledger since a time, oldest first. One
// that cannot be read is left out: VerifyAudit names it.
func (s *Store) Ledger(since time.Time) ([]audit.Entry, error) { return s.ledger.Entries(since) }

// VerifyAudit walks the chain of the audit ledger and gives the number of
// entries that fit, and the first that does not, nil if all do.
func (s *Store) VerifyAudit(ctx context.Context) (n int, broken *audit.Break, err error) {
	return s.ledger.Verify(ctx)
}

// EndAudit lets go of the entries whose month has been over for audit.Kept.
func (s *Store) EndAudit(ctx context.Context) (n int, err error) { return s.ledger.End(ctx) }

// StoredLedger gives the entries of the audit ledger as they are stored, for
// AdoptLedger.
func (s *Store) StoredLedger() (values [][]byte, err error) { return s.ledger.Stored() }

// AdoptLedger appends what another store's ledger has beyond the end of this one,
// if it is the same ledger at a later time: a restore does not undo the record of
// what was done since the backup.
func (s *Store) AdoptLedger(ctx context.Context, values [][]byte) (n int, err error) {
	return s.ledger.Adopt(ctx, values)
}

// TagOf is what stands for a mailbox in the audit ledger and in the names of key
// files: its tag, in hex.
func (s *Store) TagOf(mailbox string) string {
	box := s.keys.Tag(s.normal(mailbox))
	return hex.EncodeToString(box[:])
}
