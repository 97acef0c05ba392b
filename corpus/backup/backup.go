// Package backup writes a store as one stream, and reads such a stream back once
// it is known to be whole. It never opens what is sealed, and has no keys in it.
package backup

import (
	"bufio"
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"time"

	"github.com/dgraph-io/badger/v4"
)

// A backup is a line of JSON, the entries, and the HMAC-SHA256 of all that under a
// key of the site. The last tells a backup that is cut short or was changed, by
// chance or on purpose. An entry is three numbers (encoding/binary's uvarint): the
// lengths of key and value and the second at which it ends, 0 for never; then key
// and value. Badger's own form is not used: where a backup is taken more slowly than
// the store is read, it fills the memory, with 330 MB for a store of 120 MB.

// Head is the first line of a backup.
type Head struct {
	Form int       `json:"usher_backup"` // 1
	At   time.Time `json:"at"`           // when it was begun
	Site string    `json:"site"`         // stands for the site's key
}

const (
	form     = 1
	maxHead  = 1 << 10 // bytes of the first line
	maxEntry = 1 << 24 // bytes of a key or value: more than any store of ours has
)

// What may be wrong with a backup.
var (
	ErrNone    = errors.New("it is no backup that this usher can read")
	ErrSite    = errors.New("it was made on another site, or before the keys of this one")
	ErrChanged = errors.New("it is cut short, or was changed")
)

// Write writes what a store holds at one moment. Values stay sealed as they are.
func Write(ctx context.Context, db *badger.DB, key []byte, w io.Writer, now time.Time) error {
	out := &summed{w: bufio.NewWriterSize(w, 64<<10), mac: hmac.New(sha256.New, key), ctx: ctx}
	head, err := json.Marshal(Head{form, now.UTC().Truncate(time.Second), siteOf(key)})
	if err == nil {
		_, err = out.Write(append(head, '\n'))
	}
	if err == nil {
		err = db.View(out.entries)
	}
	if err == nil {
		_, err = out.w.Write(out.mac.Sum(nil))
	}
	if err == nil {
		err = out.w.Flush()
	}
	if err != nil {
		return fmt.Errorf("write backup: %w", err)
	}
	return nil
}

// summed hashes what is written, and ends with its context.
type summed struct {
	w   *bufio.Writer
	mac hash.Hash
	ctx context.Context
}

// Write implements io.Writer.
func (s *summed) Write(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	s.mac.Write(p)
	return s.w.Write(p)
}

// entries writes all that a transaction sees.
func (s *summed) entries(txn *badger.Txn) error {
	it := txn.NewIterator(badger.IteratorOptions{}) // values come with the keys: none is so long that it lies elsewhere
	defer it.Close()
	var head []byte
	for it.Rewind(); it.Valid(); it.Next() {
		err := it.Item().Value(func(value []byte) error {
			key := it.Item().Key()
			head = binary.AppendUvarint(head[:0], uint64(len(key)))
			head = binary.AppendUvarint(head, uint64(len(value)))
			head = binary.AppendUvarint(head, it.Item().ExpiresAt())
			for _, part := range [][]byte{head, key, value} {
				if _, err := s.Write(part); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// siteOf tells a site's key from another and says nothing of it.
func siteOf(key []byte) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte("site"))
	return hex.EncodeToString(mac.Sum(nil)[:8])
}

// Source is a backup that was found whole.
type Source struct {
	Head
	entries *io.SectionReader
}

// Size is the length of the entries, in bytes.
func (s *Source) Size() int64 { return s.entries.Size() }

// Open reads all of a backup and finds out whether it is one of this site's, whole
// and as it was written. Seen is told the bytes that were read; it may be nil.
func Open(f io.ReaderAt, size int64, key []byte, seen func(n int64)) (*Source, error) {
	s := &Source{}
	first := make([]byte, min(size, maxHead))
	if _, err := f.ReadAt(first, 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read backup: %w", err)
	}
	line := bytes.IndexByte(first, '\n')
	if line < 0 || json.Unmarshal(first[:line], &s.Head) != nil || s.Form != form {
		return nil, ErrNone
	}
	if s.Site != siteOf(key) {
		return nil, ErrSite
	}
	end := size - sha256.Size
	if end <= int64(line) {
		return nil, ErrChanged
	}
	mac := hmac.New(sha256.New, key)
	if _, err := io.Copy(mac, told(io.NewSectionReader(f, 0, end), seen)); err != nil {
		return nil, fmt.Errorf("read backup: %w", err)
	}
	want := make([]byte, sha256.Size)
	if _, err := f.ReadAt(want, end); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read backup: %w", err)
	}
	if !hmac.Equal(want, mac.Sum(nil)) {
		return nil, ErrChanged
	}
	s.entries = io.NewSectionReader(f, int64(line)+1, end-int64(line)-1)
	return s, nil
}

// Load writes the entries of a backup to a store that has none. Seen is as in Open.
func (s *Source) Load(db *badger.DB, seen func(n int64)) error {
	batch := db.NewWriteBatch()
	defer batch.Cancel()
	in := bufio.NewReaderSize(told(s.entries, seen), 64<<10)
	for {
		e, err := next(in)
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			err = batch.SetEntry(e)
		}
		if err != nil {
			return fmt.Errorf("load backup: %w", err)
		}
	}
	if err := batch.Flush(); err != nil {
		return fmt.Errorf("load backup: %w", err)
	}
	return nil
}

// next reads an entry; io.EOF if there is none.
func next(in *bufio.Reader) (*badger.Entry, error) {
	keyLen, err := binary.ReadUvarint(in)
	if err != nil {
		return nil, err
	}
	valueLen, err := binary.ReadUvarint(in)
	if err != nil {
		return nil, ErrChanged
	}
	ends, err := binary.ReadUvarint(in)
	if err != nil || keyLen > maxEntry || valueLen > maxEntry {
		return nil, ErrChanged
	}
	both := make([]byte, keyLen+valueLen)
	if _, err := io.ReadFull(in, both); err != nil {
		return nil, ErrChanged
	}
	return &badger.Entry{Key: both[:keyLen:keyLen], Value: both[keyLen:], ExpiresAt: ends}, nil
}

// told tells how much was read so far.
func told(r io.Reader, seen func(n int64)) io.Reader {
	if seen == nil {
		return r
	}
	var n int64
	return readerFunc(func(p []byte) (int, error) {
		got, err := r.Read(p)
		n += int64(got)
		seen(n)
		return got, err
	})
}

type readerFunc func(p []byte) (int, error)

// Read implements io.Reader.
func (f readerFunc) Read(p []byte) (int, error) { return f(p) }
