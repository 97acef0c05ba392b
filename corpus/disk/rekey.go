package disk

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/dgraph-io/badger/v4"
)

// registry is Badger's file of the keys that it encrypts its files with, each
// encrypted with the one key that Badger is opened with.
const registry = "KEYREGISTRY"

// Opens reports whether a key opens the store in a folder; any does where there
// is none.
func Opens(dir string, key []byte) (bool, error) {
	if _, err := os.Stat(filepath.Join(dir, registry)); errors.Is(err, fs.ErrNotExist) {
		return true, nil
	}
	_, err := badger.OpenKeyRegistry(badger.KeyRegistryOptions{Dir: dir, ReadOnly: true, EncryptionKey: key})
	if errors.Is(err, badger.ErrEncryptionKeyMismatch) {
		return false, nil
	}
	return err == nil, err
}

// Rekey has the store in a folder, which is not open, opened by the key to and no
// longer by from. After a crash either key opens it.
func Rekey(dir string, from, to []byte) error {
	keys, err := badger.OpenKeyRegistry(badger.KeyRegistryOptions{Dir: dir, ReadOnly: true, EncryptionKey: from})
	if err == nil {
		err = badger.WriteKeyRegistry(keys, badger.KeyRegistryOptions{Dir: dir, EncryptionKey: to})
	}
	if err != nil {
		return fmt.Errorf("give the store %s its own key: %w", dir, err)
	}
	return nil
}
