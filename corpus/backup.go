package corpus

import (
	"context"
	"io"

	"github.com/dgraph-io/badger/v4"

	"usher/corpus/backup"
)

// Backup writes what is stored at one moment, whatever is recorded meanwhile. The
// values stay sealed, and the keys are not in it: without them it says nothing of
// any person, and what is erased stays erased in it.
func (s *Store) Backup(ctx context.Context, w io.Writer) error {
	s.settle()
	return s.view(func(*badger.Txn) error { return backup.Write(ctx, s.db, s.keys.SiteKey(BackupLabel), w, s.now()) })
}

// BackupLabel is the label of the site's key that backups are known by.
const BackupLabel = "usher site v1 backup"
