// Package corpus keeps what was decided, sealed under the key of the person
// whom it concerns. It never keeps a message, reads an intents file or talks to
// a network.
package corpus

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dgraph-io/badger/v4"

	"usher/corpus/disk"
	"usher/corpus/keys"
	"usher/corpus/kinds"
	"usher/corpus/ledger"
	"usher/corpus/letin"
	"usher/corpus/tally"
	"usher/corpus/taught"
	"usher/corpus/times"
	"usher/corpus/weeks"
)

// How long things are kept.
const (
	DefaultRetention = 30 * 24 * time.Hour  // of decisions
	MaxRetention     = 180 * 24 * time.Hour // of decisions: an operator may only shorten
	RetryRetention   = 7 * 24 * time.Hour   // of the way to a decision from its retry key
)

// Errors of the store.
var (
	ErrNotFound = errors.New("no such decision")
	ErrClosed   = errors.New("the store is closed")
	ErrFull     = disk.ErrFull
	ErrHeld     = disk.ErrHeld
	ErrKeysGone = keys.ErrGone
)

// Options say where the store and its keys are.
type Options struct {
	Dir       string        // folder of the store; made if absent
	KeyDir    string        // folder of wrapped keys, one file a mailbox; not inside Dir
	MasterKey string        // file of K_master: 32 bytes, mode 0600; made on the first start
	Delimiter string        // between local part and detail of an address: "+"
	Retention time.Duration // of decisions, where nothing is stated; 0 is DefaultRetention
	// Stated gives the days for which a mailbox's owner wants decisions kept, 0
	// where nothing is stated; nil: nothing is. It is asked once a decision.
	Stated   func(ctx context.Context, mailbox string) int
	Bypass   string       // how mail passes usher by while it cannot start; said when Open fails
	InMemory bool         // nothing is written to Dir; keys stay in memory too if KeyDir is ""
	Log      *slog.Logger // nil is slog.Default
}

// Store keeps decisions. It is safe for concurrent use.
type Store struct {
	db        *badger.DB
	keys      *keys.Ring
	dir       string // "" in memory
	delimiter string
	log       *slog.Logger
	now       func() time.Time
	floor     uint64 // bytes that must be free for a write
	lock      *os.File
	logs      *disk.Logs // the committer's; nil in memory

	jobs    chan *job     // to the committer
	soon    atomic.Int64  // of them, those that nobody waits for, until they are written
	closing chan struct{} // closed by Close: the committer ends
	done    chan struct{} // closed by the committer when it has ended
	once    sync.Once
	closed  error

	reads struct {
		sync.RWMutex
		ended bool // no read may begin
	}
	times    times.Book // mail that counts, of the mailboxes that were asked for of late
	weeks    weeks.Waiting
	tally    tally.Tally
	ledger   *ledger.Ledger
	letIn    letin.Book   // overrides, in memory
	taught   taught.Shelf // what corrections teach, in memory
	ordering sync.Mutex   // while an override or a correction is made or ended
	stated   func(ctx context.Context, mailbox string) int
	days     kinds.Days
	erased   erased                // mailboxes, while this process runs
	broken   sync.Once             // a value that does not open is logged once
	stuck    atomic.Pointer[error] // why nothing more is written; see sound
}

// Open opens the store, makes what a first start needs, and takes the store for
// this process. Its errors may have a method Hint that says what to do.
func Open(o Options) (*Store, error) {
	s, err := openStore(o)
	if err == nil {
		return s, nil
	}
	err = fmt.Errorf("open store: %w", err)
	if errors.Is(err, ErrHeld) || o.Bypass == "" {
		return nil, err
	}
	next := ""
	var f *keys.Fault
	if errors.As(err, &f) {
		next = f.Hint() + " "
	}
	return nil, keys.Advise(err, next+"Until usher runs again, mail can pass it by: "+o.Bypass)
}

func openStore(o Options) (*Store, error) {
	if !o.InMemory && (o.Dir == "" || o.KeyDir == "" || o.MasterKey == "") {
		return nil, errors.New("a store on disk needs a folder, a folder of keys and a master key")
	}
	if o.Retention < 0 || o.Retention > MaxRetention {
		return nil, fmt.Errorf("retention of %v: decisions are kept for at most %v", o.Retention, MaxRetention)
	}
	s := &Store{
		delimiter: o.Delimiter, days: kinds.Days{Decisions: cmp.Or(o.Retention, DefaultRetention)}, stated: o.Stated, log: o.Log, now: time.Now, floor: disk.MinFree,
		jobs: make(chan *job, maxWaiting), closing: make(chan struct{}), done: make(chan struct{}),
	}
	s.ledger = ledger.New(audited{s}, prefixAudit)
	if s.log == nil {
		s.log = slog.Default()
	}
	if !o.InMemory {
		s.dir = o.Dir
	}
	if err := s.open(o); err != nil {
		if s.lock != nil {
			s.lock.Close()
		}
		return nil, err
	}
	go s.commitLoop()
	if err := s.bury(context.Background()); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// open goes from lock to keys to Badger: nothing is made by two processes, and
// nothing is opened with a key that does not fit.
func (s *Store) open(o Options) (err error) {
	for _, dir := range []string{s.dir, o.KeyDir} {
		if dir == "" {
			continue
		}
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
	}
	master := keys.NewMaster()
	isFresh := true
	if s.dir != "" {
		if s.lock, err = disk.Hold(s.dir); err != nil {
			return err
		}
		if err = disk.Adopt(s.dir); err != nil {
			return err
		}
	}
	if s.dir != "" || o.MasterKey != "" {
		if isFresh, err = keys.Fresh(s.dir, o.KeyDir); err != nil {
			return err
		}
		if master, err = keys.ReadMaster(o.MasterKey, isFresh); err != nil {
			return err
		}
	}
	if s.keys, err = keys.OpenRing(o.KeyDir, master, isFresh); err != nil {
		return KeyFault(o, err)
	}
	if err := s.room(); err != nil {
		return keys.Advise(err, "Make room on the disk: a store that runs out of it while it opens may break.")
	}
	if s.dir != "" {
		if err := disk.Inspect(s.dir, isFresh, s.log); err != nil {
			return err
		}
	}
	key, err := disk.StoreKey(s.dir, s.keys)
	if err != nil {
		return KeyFault(o, err)
	}
	s.db, err = disk.Open(s.dir, key, s.log)
	if err == nil && s.dir != "" {
		s.logs = disk.LogsOf(s.dir)
		s.logs.Secure()
	}
	if err == nil {
		err = s.readLimits()
	}
	if err == nil {
		s.begun()
	}
	return disk.Fault(s.dir, err)
}

// KeyFault says what to do about keys that are gone, or that the master key does
// not fit.
func KeyFault(o Options, err error) error {
	switch {
	case errors.Is(err, keys.ErrDamaged):
		return keys.Advise(err, fmt.Sprintf("Put the folder of keys %s back from its backup; the master key is not at fault.", o.KeyDir))
	case errors.Is(err, keys.ErrWrapped):
		return keys.Advise(err, fmt.Sprintf("Put the master key that belongs to this store back at %s.", o.MasterKey))
	case errors.Is(err, fs.ErrNotExist):
		return keys.Advise(err, fmt.Sprintf("Put the folder of keys %s back from its backup; it belongs to the store.", o.KeyDir))
	}
	return err
}

// closeLimit bounds how long Close waits for a store that hangs. What was
// acknowledged is on disk either way.
const closeLimit = 10 * time.Second

// Close writes what is counted, ends the writes under way and closes the store.
// Every call gives the same answer.
func (s *Store) Close() error {
	s.once.Do(func() {
		close(s.closing)
		end := make(chan error, 1)
		go func() { end <- s.shut() }()
		select {
		case s.closed = <-end:
		case <-time.After(closeLimit):
			s.closed = fmt.Errorf("close store: it hangs; left after %v", closeLimit)
		}
	})
	return s.closed
}

func (s *Store) shut() error {
	<-s.done
	s.reads.Lock()
	s.reads.ended = true
	s.reads.Unlock()
	err := s.leave()
	if s.lock != nil {
		if e := s.lock.Close(); err == nil {
			err = e
		}
	}
	if err != nil {
		return fmt.Errorf("close store: %w", err)
	}
	return nil
}

// leave closes Badger, unless that would end the process: closing writes what is
// in memory to a new file, through a map, and a full disk faults. All of it is
// in Badger's log on the disk, from which the next start reads it. The same holds
// for a Badger that is stuck.
func (s *Store) leave() error {
	if stuck := s.stuck.Load(); stuck != nil {
		return fmt.Errorf("it is left as it is, and nothing recorded is lost: %w", *stuck)
	}
	if err := s.room(); err != nil {
		return fmt.Errorf("it is left as it is, and nothing recorded is lost; make room before the next start: %w", err)
	}
	return s.db.Close()
}

// SiteKey derives a key of the site for one use, named by its label, such as
// keyed hashes of addresses in a log. Values of one label stay the same for the
// life of the site.
func (s *Store) SiteKey(label string) []byte {
	return s.keys.SiteKey("usher site v1 " + label)
}

// room reports whether there is space to write.
func (s *Store) room() error {
	if s.dir == "" {
		return nil
	}
	return disk.Room(s.dir, s.floor)
}

// Ready says what keeps the store from recording, nil if nothing that is known
// does.
func (s *Store) Ready() error {
	select {
	case <-s.closing:
		return ErrClosed
	default:
	}
	if stuck := s.stuck.Load(); stuck != nil {
		return *stuck
	}
	if err := s.room(); err != nil {
		return err
	}
	return s.keys.There()
}
