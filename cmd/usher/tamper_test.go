package main

import (
	"encoding/binary"
	"log/slog"
	"path/filepath"
	"strconv"

	"github.com/dgraph-io/badger/v4"
	"github.com/rogpeppe/go-internal/testscript"

	"usher/corpus/disk"
	"usher/corpus/keys"
)

// tamper changes one byte of an entry of the audit ledger in a store that nobody
// has open, as one could who has its keys.
func tamper(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: tamper STATE-DIR ENTRY")
	}
	state := ts.MkAbs(args[0])
	seq, err := strconv.ParseUint(args[1], 10, 64)
	ts.Check(err)
	master, err := keys.ReadMaster(filepath.Join(state, "master.key"), false)
	ts.Check(err)
	ring, err := keys.OpenRing(filepath.Join(state, "keys"), master, false)
	ts.Check(err)
	store := filepath.Join(state, "store")
	key, err := disk.StoreKey(store, ring)
	ts.Check(err)
	db, err := disk.Open(store, key, slog.New(slog.DiscardHandler))
	ts.Check(err)
	ts.Check(db.Update(func(txn *badger.Txn) error {
		place := binary.BigEndian.AppendUint64([]byte("a/e"), seq)
		got, err := txn.Get(place)
		if err != nil {
			return err
		}
		value, err := got.ValueCopy(nil)
		if err != nil {
			return err
		}
		value[len(value)-5] ^= 1
		return txn.Set(place, value)
	}))
	ts.Check(db.Close())
}
