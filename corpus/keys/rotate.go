package keys

import (
	"bytes"
	"context"
	"crypto/cipher"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// A rotation puts a new master key in the place of the old one:
//
//  1. the new one is written beside the old one
//  2. each key file is wrapped anew, and takes the place of the old file
//  3. the new master key takes the place of the old one
//
// Until step 3 either master key opens what it wrapped, and keys that are made
// meanwhile are wrapped with the new one; so a crash between any two steps leaves
// a ring that opens, and Rotate goes on where it ended. What the keys sealed is
// not touched.

// Rotated is what a rotation did.
type Rotated struct {
	Keys     int  `json:"keys"`               // wrapped anew
	Spoilt   int  `json:"spoilt,omitempty"`   // files that no master key opens, left as they are
	Resuming bool `json:"resuming,omitempty"` // it had been begun before
}

// Rotating reports whether a rotation was begun and is not done.
func (k *Ring) Rotating() bool { return len(k.masters()) > 1 }

// Rotate puts a new master key in the place of the present one, or ends a
// rotation that was begun. When ctx ends it stops between two steps.
func (k *Ring) Rotate(ctx context.Context) (did Rotated, err error) {
	if k.dir == "" || k.master.path == "" {
		return did, errors.New("rotate keys: they live in memory only")
	}
	did.Resuming = k.Rotating()
	if err = k.alone(ctx, k.nextMaster); err == nil {
		err = k.step()
	}
	if err == nil {
		did.Keys, did.Spoilt, err = k.rewrapAll(ctx)
	}
	if err == nil {
		err = k.alone(ctx, k.lastMaster)
	}
	if err == nil {
		err = k.step()
	}
	if err != nil {
		return did, fmt.Errorf("rotate keys: %w", err)
	}
	return did, nil
}

// step is between two steps.
func (k *Ring) step() error {
	if k.stop != nil {
		return k.stop()
	}
	return nil
}

// nextMaster makes the new master key, if it is not there. From then on it wraps
// what is written.
func (k *Ring) nextMaster() error {
	if k.Rotating() {
		return nil
	}
	path := k.master.path
	next, err := makeMaster(path + nextSuffix)
	if err != nil {
		return &Fault{err, fmt.Sprintf("The new key is written beside the old one: %s has to be a folder that usher may write to.", filepath.Dir(path))}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.wraps = []cipher.AEAD{wrapOf(next), k.wraps[0]}
	return nil
}

// lastMaster puts the new master key in the place of the old one.
func (k *Ring) lastMaster() error {
	path := k.master.path
	if err := os.Rename(path+nextSuffix, path); err != nil {
		return err
	}
	if err := SyncDir(filepath.Dir(path)); err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.wraps = k.wraps[:1]
	return nil
}

// rewrapAll wraps every key file with the new master key. Mailboxes that come
// meanwhile get their keys between two batches.
func (k *Ring) rewrapAll(ctx context.Context) (done, spoilt int, err error) {
	files, err := os.ReadDir(k.dir)
	if err != nil {
		return 0, 0, err
	}
	var names []string
	for _, f := range files {
		if strings.HasSuffix(f.Name(), ".key") {
			names = append(names, f.Name())
		}
	}
	for len(names) > 0 && err == nil {
		batch := names[:min(len(names), writersOfKeys)]
		names = names[len(batch):]
		err = k.alone(ctx, func() error {
			n, bad, err := k.rewrap(batch)
			done, spoilt = done+n, spoilt+bad
			return err
		})
		if err == nil {
			err = k.step()
		}
	}
	if err == nil { // before the old master key goes
		err = SyncDir(k.dir)
	}
	return done, spoilt, err
}

// rewrap wraps a batch of key files, all at once.
func (k *Ring) rewrap(names []string) (done, spoilt int, err error) {
	var mu sync.Mutex
	var writers sync.WaitGroup
	var errs []error
	for _, name := range names {
		writers.Go(func() {
			was, e := k.rewrapOne(name)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case was:
				done++
			case isSpoilt(e):
				spoilt++
			case e != nil:
				errs = append(errs, e)
			}
		})
	}
	writers.Wait()
	return done, spoilt, errors.Join(errs...)
}

// rewrapOne reports whether it had to wrap a file anew. One that is gone was
// erased.
func (k *Ring) rewrapOne(name string) (was bool, err error) {
	key, err := k.read(name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	wrapped, err := os.ReadFile(filepath.Join(k.dir, name))
	if err != nil {
		return false, fmt.Errorf("read key: %w", err)
	}
	if plain, err := open(k.masters()[0], []byte(name), wrapped); err == nil && bytes.Equal(plain, key) {
		return false, nil
	}
	if err := k.write(name, key); err != nil {
		return false, err
	}
	return true, nil
}

// StoreKey gives the key of Badger's own encryption. A rotation does not change
// it, so Badger need not be closed for one. Where there is none yet, one is made
// if may allows it: it is asked whether one of the keys that earlier versions
// derived from the master key opens the store, or there is none to open.
func (k *Ring) StoreKey(may func(earlier [][]byte) error) ([]byte, error) {
	if k.dir == "" {
		return New(), nil
	}
	key, err := k.read(storeFile)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	if err := may(k.EarlierStoreKeys()); err != nil {
		return nil, err
	}
	key = New()
	if err = k.write(storeFile, key); err == nil {
		err = SyncDir(k.dir)
	}
	return key, err
}

// EarlierStoreKeys are the keys that Badger's own encryption had when it was
// derived from the master key.
func (k *Ring) EarlierStoreKeys() (earlier [][]byte) {
	for _, key := range [][]byte{k.master.key, k.master.next} {
		if key != nil {
			earlier = append(earlier, subKey(key, labelBadger))
		}
	}
	return earlier
}
