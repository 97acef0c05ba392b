package disk

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/table"
)

// maxSum bounds the checksum at the end of a table, in bytes: two numbers, 13 bytes at
// most as Badger writes them.
const maxSum = 32

// checkTables looks at the end of each table that the list of tables names, where the
// lengths of what stands before it are. Badger believes them on goroutines of its own,
// where a panic over a table that was cut short would be the end of the daemon, without
// a word of what to do. A table that the list does not name was being written when
// usher was killed: Badger deletes it, and what it was to hold is still where it came from.
func checkTables(dir string, listed badger.Manifest) error {
	for id := range listed.Tables {
		err := checkTable(table.NewFilename(id, dir))
		if err != nil && !errors.Is(err, fs.ErrNotExist) { // which Badger tells by itself
			return err
		}
	}
	return nil
}

func checkTable(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	// The end, backwards: the length of the checksum, the checksum, the length of the
	// index, the index.
	left := info.Size()
	for _, most := range []int64{maxSum, info.Size()} {
		var length [4]byte
		left -= int64(len(length))
		if left < 0 {
			return errCut(path)
		}
		if _, err := f.ReadAt(length[:], left); err != nil {
			return err
		}
		n := int64(binary.BigEndian.Uint32(length[:]))
		if left -= n; n == 0 || n > most || left < 0 {
			return errCut(path)
		}
	}
	return nil
}

// errNoEnd is the error of a table that does not end as one.
var errNoEnd = errors.New("it does not end as a table does; it may have been cut short")

func errCut(path string) error { return fmt.Errorf("read %s: %w", filepath.Base(path), errNoEnd) }

// checkFiles reads the list of tables, and finds one that was cut within an entry while
// there are tables that it does not name. Badger would cut it where the entry began,
// and delete the tables: with them all that was ever stored. What else is wrong with
// the list Badger tells by itself.
func checkFiles(dir string) error {
	f, err := os.Open(filepath.Join(dir, badger.ManifestFilename))
	if err != nil {
		return nil
	}
	defer f.Close()
	listed, end, err := badger.ReplayManifestFile(f, 0, badger.DefaultOptions(dir))
	info, err2 := f.Stat()
	if err != nil || err2 != nil {
		return nil
	}
	if end == info.Size() {
		return checkTables(dir, listed)
	}
	tables, err := filepath.Glob(filepath.Join(dir, "*.sst"))
	for _, path := range tables {
		id, is := table.ParseFileID(filepath.Base(path))
		if _, has := listed.Tables[id]; is && !has {
			return fmt.Errorf("its %s was cut short, and no longer lists %s", badger.ManifestFilename, filepath.Base(path))
		}
	}
	return errors.Join(err, checkTables(dir, listed))
}
