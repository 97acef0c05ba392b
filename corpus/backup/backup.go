// Package backup writes a store as one stream, and reads such a stream back once
// it is known to be whole. It never opens what is sealed, and has no keys in it.
package backup

import (
	"bufio"
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"time"

	"github.com/dgraph-io/badger/v4"
)

// A backup is a line of JSON, the entries as Badger writes them, and the
// HMAC-SHA256 of all that under a key of the site. The last tells a backup that is
// cut short or was changed, by chance or on purpose.

// Head is the first line of a backup.
type Head struct {
	Form int       `json:"usher_backup"` // 1
	At   time.Time `json:"at"`           // when it was begun
	Site string    `json:"site"`         // stands for the site's key
}

const (
	form      = 1
	maxHead   = 1 << 10 // bytes of the first line
	maxBatch  = 4 << 20 // bytes that Badger hands over at once, about
	maxWrites = 4       // batches under way to a store
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
		stream := db.NewStream()
		stream.LogPrefix, stream.MaxSize = "backup", maxBatch
		_, err = stream.Backup(out, 0)
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
	if err := db.Load(told(s.entries, seen), maxWrites); err != nil {
		return fmt.Errorf("load backup: %w", err)
	}
	return nil
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
