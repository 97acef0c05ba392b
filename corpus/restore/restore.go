// Package restore puts a backup in the place of a store while usher does not run.
// It never touches the store before the backup is known to be whole, and never
// brings back what was erased.
package restore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"usher/corpus"
	"usher/corpus/backup"
	"usher/corpus/disk"
	"usher/corpus/keys"
)

// Restoring is a backup that is whole and of this site, and a store that it may
// replace.
type Restoring struct {
	*backup.Source
	Replaces bool // there is a store already

	o      corpus.Options
	master keys.Master
	file   *os.File
}

// Prepare reads all of a backup and changes nothing: it fails if that is not
// whole, or of another site, or if usher runs. Seen is told the bytes read so far;
// it may be nil.
func Prepare(o corpus.Options, path string, seen func(n int64)) (r *Restoring, err error) {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	r = &Restoring{o: o}
	if _, err := os.Stat(filepath.Join(o.KeyDir, keys.SiteFile)); err != nil {
		return nil, keys.Advise(fmt.Errorf("the keys are not there: %w", err),
			fmt.Sprintf("Put the folder of keys %s and the master key %s back first: no backup of the store has them in it.", o.KeyDir, o.MasterKey))
	}
	_, err = os.Stat(filepath.Join(o.Dir, "MANIFEST"))
	r.Replaces = err == nil
	if r.file, err = os.Open(path); err != nil {
		return nil, err
	}
	if err = r.look(path, seen); err != nil {
		r.file.Close()
		return nil, err
	}
	return r, nil
}

func (r *Restoring) look(path string, seen func(n int64)) error {
	info, err := r.file.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s: %w", path, backup.ErrNone)
	}
	if err := os.MkdirAll(r.o.Dir, 0o700); err != nil {
		return err
	}
	lock, err := r.hold()
	if err != nil {
		return err
	}
	defer lock.Close()
	ring, err := keys.OpenRing(r.o.KeyDir, r.master, false)
	if err != nil {
		return corpus.KeyFault(r.o, err)
	}
	if r.Source, err = backup.Open(r.file, info.Size(), ring.SiteKey(corpus.BackupLabel), seen); err != nil {
		return keys.Advise(fmt.Errorf("%s: %w", path, err), "Nothing was changed. Take another backup, or put back the keys that belong to this one.")
	}
	return disk.Room(r.o.Dir, disk.MinFree+2*uint64(info.Size()))
}

// hold takes the store, which fails while usher runs, and reads the master key.
func (r *Restoring) hold() (io.Closer, error) {
	lock, err := disk.Hold(r.o.Dir)
	if err != nil {
		return nil, err
	}
	if r.master, err = keys.ReadMaster(r.o.MasterKey, false); err != nil {
		lock.Close()
		return nil, err
	}
	return lock, nil
}

// Close lets go of the backup.
func (r *Restoring) Close() error { return r.file.Close() }

// Restore replaces the store by the backup and opens it: what is erased stays so,
// whether the backup knows of it, the present store, or the tombs beside the keys;
// what an admin shortened stays short. Until the backup is written in full, the
// present store stays as it is.
func (r *Restoring) Restore(ctx context.Context, seen func(n int64)) (*corpus.Store, error) {
	limits, audited, err := r.leave()
	if err != nil {
		return nil, err
	}
	if err := r.replace(seen); err != nil {
		return nil, fmt.Errorf("restore: %w", err)
	}
	s, err := corpus.Open(r.o)
	if err != nil {
		return nil, err
	}
	if _, e := s.AdoptLedger(ctx, audited); e != nil {
		err = e
	}
	for _, k := range s.Retention() {
		if limit := limits[k.Kind]; limit > 0 && k.Least > 0 && limit < k.Limit {
			err = errors.Join(err, s.SetRetention(ctx, k.Kind, limit))
		}
	}
	return s, err
}

// leave takes from the present store what must not be lost with it: its limits, the
// entries of its audit ledger, and its tombs, which it lays beside the keys when it
// opens. One that does not
// open is what a backup is for.
func (r *Restoring) leave() (limits map[string]int, audited [][]byte, err error) {
	limits = map[string]int{}
	if !r.Replaces {
		return limits, nil, nil
	}
	present, err := corpus.Open(r.o)
	if errors.Is(err, corpus.ErrHeld) {
		return nil, nil, err
	}
	if err != nil {
		r.o.Log.Warn("the present store does not open; what was erased is known by the tombs beside the keys", "error", err)
		return limits, nil, nil
	}
	for _, k := range present.Retention() {
		limits[k.Kind] = k.Limit
	}
	audited, err = present.StoredLedger()
	return limits, audited, errors.Join(err, present.Close())
}

// replace writes the backup to a store of its own, and puts that in place.
func (r *Restoring) replace(seen func(n int64)) error {
	lock, err := r.hold()
	if err != nil {
		return err
	}
	defer lock.Close()
	in, err := disk.Incoming(r.o.Dir)
	if err != nil {
		return err
	}
	ring, err := keys.OpenRing(r.o.KeyDir, r.master, false)
	if err != nil {
		return err
	}
	key, err := disk.StoreKey(in, ring)
	if err != nil {
		return err
	}
	db, err := disk.Open(in, key, r.o.Log)
	if err != nil {
		return err
	}
	err = r.Load(db, seen)
	if e := db.Close(); err == nil {
		err = e
	}
	if e := os.Remove(filepath.Join(in, "LOCK")); err == nil && !errors.Is(e, fs.ErrNotExist) {
		err = e
	}
	if err != nil {
		return err
	}
	return disk.Replace(r.o.Dir)
}
