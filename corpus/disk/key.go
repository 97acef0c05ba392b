package disk

import (
	"fmt"

	"usher/corpus/keys"
)

// StoreKey gives the key that Badger is opened with in a folder that nobody has
// open. A store of an earlier version, whose key came from the master key, gets
// one of its own first; after a crash in between either opens it.
func StoreKey(dir string, ring *keys.Ring) ([]byte, error) {
	key, err := ring.StoreKey(func(earlier [][]byte) error {
		if which, err := thatOpens(dir, earlier); err != nil || which != nil {
			return err
		}
		return keys.Advise(fmt.Errorf("the key of the store %s is not among the keys", dir),
			"Put the folder of keys back from its backup: its file store.key belongs to the store.")
	})
	if err != nil || dir == "" {
		return key, err
	}
	if which, err := thatOpens(dir, [][]byte{key}); err != nil || which != nil {
		return key, err
	}
	which, err := thatOpens(dir, ring.EarlierStoreKeys())
	if err == nil && which != nil { // else Badger says that the key does not fit
		err = Rekey(dir, which, key)
	}
	return key, err
}

// thatOpens gives the key that opens the store in a folder, nil for none.
func thatOpens(dir string, among [][]byte) ([]byte, error) {
	for _, key := range among {
		if opens, err := Opens(dir, key); opens || err != nil {
			return key, Fault(dir, err)
		}
	}
	return nil, nil
}
