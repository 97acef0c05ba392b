// Package keys makes, wraps and finds the keys of site and mailboxes, and seals
// with them. It never reads or writes what they seal.
package keys

import (
	"context"
	"crypto/cipher"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
)

// maxRing bounds the mailbox keys held ready in memory.
const maxRing = 4096

// writersOfKeys is how many key files are written at once.
const writersOfKeys = 32

// Files in the folder of keys, beside one a mailbox.
const (
	SiteFile  = "site.key"  // K_site
	storeFile = "store.key" // the key of Badger's own encryption
)

// Ring holds the keys of one site. With dir "" they live in memory only. It is
// safe for concurrent use.
type Ring struct {
	dir    string
	master Master
	site   []byte

	mu    sync.Mutex
	wraps []cipher.AEAD // of the master keys: the first one seals, each opens
	ring  map[Tag]*Box  // keys that are surely on disk

	turn     chan struct{} // held by the one who makes keys, so that no mailbox gets two
	unsynced bool          // a folder that was written to is not synced; for who has the turn

	stop func() error // nil, or a test's: it ends a rotation between two steps
}

// OpenRing reads K_site, or makes it where fresh says that nothing was ever
// sealed. Its errors wrap ErrWrapped, ErrDamaged or fs.ErrNotExist where the
// files are at fault.
func OpenRing(dir string, master Master, fresh bool) (*Ring, error) {
	k := &Ring{dir: dir, master: master, ring: map[Tag]*Box{}, turn: make(chan struct{}, 1)}
	for _, key := range [][]byte{master.next, master.key} {
		if key != nil {
			k.wraps = append(k.wraps, wrapOf(key))
		}
	}
	if dir == "" {
		k.site = New()
		return k, nil
	}
	site, err := k.read(SiteFile)
	if errors.Is(err, fs.ErrNotExist) && fresh {
		site = New()
		if err = k.write(SiteFile, site); err == nil {
			err = SyncDir(dir)
		}
	}
	k.site = site
	return k, err
}

// Tag gives the pseudonym of a normalised mailbox.
func (k *Ring) Tag(mailbox string) Tag { return mailboxTag(k.site, mailbox) }

// SiteKey derives a key of the site for one use, named by its label.
func (k *Ring) SiteKey(label string) []byte { return subKey(k.site, label) }

// Find gives a mailbox's key for reading, or an error that wraps
// fs.ErrNotExist.
func (k *Ring) Find(box Tag) (*Box, error) {
	if keys := k.ready([]Tag{box}); keys != nil {
		return keys[0], nil
	}
	if k.dir == "" {
		return nil, fs.ErrNotExist
	}
	raw, err := k.read(File(box))
	if err != nil {
		return nil, err
	}
	return NewBox(raw), nil
}

// ready gives a key for each mailbox if all are in memory, else nil.
func (k *Ring) ready(boxes []Tag) []*Box {
	k.mu.Lock()
	defer k.mu.Unlock()
	keys := make([]*Box, len(boxes))
	for i, box := range boxes {
		if keys[i] = k.ring[box]; keys[i] == nil {
			return nil
		}
	}
	return keys
}

// Obtain gives a key for each mailbox, for sealing. Those used for the first
// time are made, and on disk before it returns. When ctx ends first it returns
// at once; a disk that hangs then holds one goroutine, however many ask.
func (k *Ring) Obtain(ctx context.Context, boxes []Tag) ([]*Box, error) {
	if keys := k.ready(boxes); keys != nil {
		return keys, nil
	}
	select {
	case k.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	type answer struct {
		keys []*Box
		err  error
	}
	done := make(chan answer, 1)
	go func() {
		defer func() { <-k.turn }()
		keys, err := k.fetch(boxes)
		done <- answer{keys, err}
	}()
	select {
	case a := <-done:
		return a.keys, a.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// fetch reads or makes keys. Only who has the turn calls it.
func (k *Ring) fetch(boxes []Tag) ([]*Box, error) {
	found := map[Tag]*Box{}
	var absent []Tag
	for _, box := range boxes {
		if _, seen := found[box]; seen {
			continue
		}
		key, err := k.Find(box)
		if errors.Is(err, fs.ErrNotExist) {
			absent = append(absent, box)
		} else if err != nil {
			return nil, err
		}
		found[box] = key
	}
	if err := k.create(absent, found); err != nil {
		return nil, err
	}
	if k.unsynced {
		if err := SyncDir(k.dir); err != nil {
			return nil, err
		}
		k.unsynced = false
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.ring) > maxRing && k.dir != "" {
		clear(k.ring)
	}
	maps.Copy(k.ring, found)
	keys := make([]*Box, len(boxes))
	for i, box := range boxes {
		keys[i] = found[box]
	}
	return keys, nil
}

// create makes a key for each mailbox and puts it in found. The files are
// written many at a time: a disk that takes ten milliseconds to sync one takes
// hardly longer to sync those that come together.
func (k *Ring) create(boxes []Tag, found map[Tag]*Box) error {
	raw := make([][]byte, len(boxes))
	for i, box := range boxes {
		raw[i] = New()
		found[box] = NewBox(raw[i])
	}
	if k.dir == "" || len(boxes) == 0 {
		return nil
	}
	k.unsynced = true
	errs := make([]error, min(writersOfKeys, len(boxes)))
	var next atomic.Int64
	var writers sync.WaitGroup
	for w := range errs {
		writers.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(boxes) && errs[w] == nil; i = int(next.Add(1)) - 1 {
				errs[w] = k.write(File(boxes[i]), raw[i])
			}
		})
	}
	writers.Wait()
	return errors.Join(errs...)
}

// File is the name of a mailbox's key file.
func File(box Tag) string { return hex.EncodeToString(box[:]) + ".key" }

// read unwraps a key file. The file's name is sealed into it, so that two key
// files cannot be exchanged.
func (k *Ring) read(name string) ([]byte, error) {
	path := filepath.Join(k.dir, name)
	wrapped, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read key: %w", err)
	}
	if len(wrapped) != wrappedSize {
		return nil, fmt.Errorf("read key %s: %w", path, ErrDamaged)
	}
	for _, wrap := range k.masters() {
		if key, err := open(wrap, []byte(name), wrapped); err == nil && len(key) == Size {
			return key, nil
		}
	}
	return nil, fmt.Errorf("read key %s: %w", path, ErrWrapped)
}

// wrappedSize is the length of a key file in bytes: version, nonce, key, tag.
const wrappedSize = 1 + 12 + Size + 16

func wrapOf(master []byte) cipher.AEAD { return newAEAD(subKey(master, labelWrap)) }

// masters are what wraps keys: the first one seals, each opens.
func (k *Ring) masters() []cipher.AEAD {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.wraps
}

// What may be wrong with the files of keys.
var (
	ErrGone    = errors.New("the keys are gone: what is recorded now could never be read")
	ErrWrapped = errors.New("the master key does not open it")
	ErrDamaged = errors.New("the file is damaged: a wrapped key has another length")
)

// There fails when the keys on disk were taken away under a running daemon: it
// goes on with those in memory, and after it nobody could read what they sealed.
func (k *Ring) There() error {
	if k.dir == "" {
		return nil
	}
	if _, err := os.Stat(filepath.Join(k.dir, SiteFile)); err != nil {
		return fmt.Errorf("%w: %w", ErrGone, err)
	}
	return nil
}

// write wraps a key into a file of its own: whole and on disk, or not there.
// The folder itself is synced by the caller, once for many files.
func (k *Ring) write(name string, key []byte) error {
	if err := WriteFile(filepath.Join(k.dir, name), seal(k.masters()[0], []byte(name), key)); err != nil {
		return fmt.Errorf("write key: %w", err)
	}
	return nil
}

// Count is how many mailboxes have a key.
func (k *Ring) Count() (int, error) {
	if k.dir == "" {
		k.mu.Lock()
		defer k.mu.Unlock()
		return len(k.ring), nil
	}
	files, err := os.ReadDir(k.dir)
	if err != nil {
		return 0, fmt.Errorf("count keys: %w", err)
	}
	n := 0
	for _, f := range files {
		if len(f.Name()) == len(File(Tag{})) && strings.HasSuffix(f.Name(), ".key") {
			n++
		}
	}
	return n, nil
}
