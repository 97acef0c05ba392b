package corpus

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
	"sync"
	"sync/atomic"
)

// maxRing bounds the mailbox keys held ready in memory.
const maxRing = 4096

// writersOfKeys is how many key files are written at once.
const writersOfKeys = 32

// siteFile holds K_site in the folder of keys, beside one file a mailbox.
const siteFile = "site.key"

// boxKey is K_mailbox, ready for use.
type boxKey struct {
	key  []byte      // for pseudonyms
	aead cipher.AEAD // for sealing
}

func newBoxKey(key []byte) *boxKey { return &boxKey{key, newAEAD(subKey(key, labelSeal))} }

// keyring makes, wraps and finds the keys of site and mailboxes. With dir ""
// they live in memory only.
type keyring struct {
	dir  string
	wrap cipher.AEAD
	site []byte

	mu   sync.Mutex
	ring map[tag]*boxKey // keys that are surely on disk

	turn     chan struct{} // held by the one who makes keys, so that no mailbox gets two
	unsynced bool          // a folder that was written to is not synced; for who has the turn
}

// openKeyring reads K_site, or makes it where fresh says that nothing was ever
// sealed.
func openKeyring(dir string, master []byte, fresh bool) (*keyring, error) {
	k := &keyring{dir: dir, wrap: newAEAD(subKey(master, labelWrap)), ring: map[tag]*boxKey{}, turn: make(chan struct{}, 1)}
	if dir == "" {
		k.site = newKey()
		return k, nil
	}
	site, err := k.read(siteFile)
	if errors.Is(err, fs.ErrNotExist) && fresh {
		site = newKey()
		if err = k.write(siteFile, site); err == nil {
			err = syncDir(dir)
		}
	}
	k.site = site
	return k, err
}

// tag gives the pseudonym of a normalised mailbox.
func (k *keyring) tag(mailbox string) tag { return mailboxTag(k.site, mailbox) }

// find gives a mailbox's key for reading, or an error that wraps
// fs.ErrNotExist.
func (k *keyring) find(box tag) (*boxKey, error) {
	if keys := k.ready([]tag{box}); keys != nil {
		return keys[0], nil
	}
	if k.dir == "" {
		return nil, fs.ErrNotExist
	}
	raw, err := k.read(boxFile(box))
	if err != nil {
		return nil, err
	}
	return newBoxKey(raw), nil
}

// ready gives a key for each mailbox if all are in memory, else nil.
func (k *keyring) ready(boxes []tag) []*boxKey {
	k.mu.Lock()
	defer k.mu.Unlock()
	keys := make([]*boxKey, len(boxes))
	for i, box := range boxes {
		if keys[i] = k.ring[box]; keys[i] == nil {
			return nil
		}
	}
	return keys
}

// obtain gives a key for each mailbox, for sealing. Those used for the first
// time are made, and on disk before it returns. When ctx ends first it returns
// at once; a disk that hangs then holds one goroutine, however many ask.
func (k *keyring) obtain(ctx context.Context, boxes []tag) ([]*boxKey, error) {
	if keys := k.ready(boxes); keys != nil {
		return keys, nil
	}
	select {
	case k.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	type answer struct {
		keys []*boxKey
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
func (k *keyring) fetch(boxes []tag) ([]*boxKey, error) {
	found := map[tag]*boxKey{}
	var absent []tag
	for _, box := range boxes {
		if _, seen := found[box]; seen {
			continue
		}
		key, err := k.find(box)
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
		if err := syncDir(k.dir); err != nil {
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
	keys := make([]*boxKey, len(boxes))
	for i, box := range boxes {
		keys[i] = found[box]
	}
	return keys, nil
}

// create makes a key for each mailbox and puts it in found. The files are
// written many at a time: a disk that takes ten milliseconds to sync one takes
// hardly longer to sync those that come together.
func (k *keyring) create(boxes []tag, found map[tag]*boxKey) error {
	raw := make([][]byte, len(boxes))
	for i, box := range boxes {
		raw[i] = newKey()
		found[box] = newBoxKey(raw[i])
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
				errs[w] = k.write(boxFile(boxes[i]), raw[i])
			}
		})
	}
	writers.Wait()
	return errors.Join(errs...)
}

func boxFile(box tag) string { return hex.EncodeToString(box[:]) + ".key" }

// read unwraps a key file. The file's name is sealed into it, so that two key
// files cannot be exchanged.
func (k *keyring) read(name string) ([]byte, error) {
	path := filepath.Join(k.dir, name)
	wrapped, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read key: %w", err)
	}
	if len(wrapped) != 1+k.wrap.NonceSize()+keySize+k.wrap.Overhead() {
		return nil, fmt.Errorf("read key %s: %w", path, errNoKey)
	}
	key, err := open(k.wrap, []byte(name), wrapped)
	if err != nil || len(key) != keySize {
		return nil, fmt.Errorf("read key %s: %w", path, errWrapped)
	}
	return key, nil
}

var (
	errWrapped = errors.New("the master key does not open it")
	errNoKey   = errors.New("the file is damaged: a wrapped key has another length")
)

// there fails when the keys on disk were taken away under a running daemon: it
// goes on with those in memory, and after it nobody could read what they sealed.
func (k *keyring) there() error {
	if k.dir == "" {
		return nil
	}
	if _, err := os.Stat(filepath.Join(k.dir, siteFile)); err != nil {
		return fmt.Errorf("%w: %w", ErrKeysGone, err)
	}
	return nil
}

// write wraps a key into a file of its own: whole and on disk, or not there.
// The folder itself is synced by the caller, once for many files.
func (k *keyring) write(name string, key []byte) error {
	if err := writeFile(filepath.Join(k.dir, name), seal(k.wrap, []byte(name), key)); err != nil {
		return fmt.Errorf("write key: %w", err)
	}
	return nil
}

// writeFile writes a file that only its owner can read: temporary name, fsync,
// rename.
func writeFile(path string, content []byte) (err error) {
	temp := path + ".new"
	f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(temp)
		}
	}()
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		return err
	}
	return os.Rename(temp, path)
}

func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = f.Sync()
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		return fmt.Errorf("sync folder %s: %w", dir, err)
	}
	return nil
}
