package disk

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/options"
)

// MaxValue bounds what is stored under one key, in bytes: longer values would lie
// in a log of their own.
const MaxValue = 256 << 10

// Open opens a store, in memory if dir is "", and keeps Badger small: the whole daemon is to stay so. Values are
// sealed, hence not compressible, and small, hence never in the value log.
func Open(dir string, key []byte, log *slog.Logger) (db *badger.DB, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("badger: %v", p)
		}
	}()
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	opt := badger.DefaultOptions(dir)
	if dir == "" {
		opt.InMemory = true
	}
	opt.SyncWrites = !opt.InMemory
	opt.Logger = quiet{log}
	opt.EncryptionKey = key
	opt.Compression = options.None
	opt.ChecksumVerificationMode = options.OnBlockRead // damage would make Badger panic, and the daemon end with it
	opt.DetectConflicts = false                        // keys are written by one committer
	opt.MetricsEnabled = false
	opt.MemTableSize = MemTable
	opt.NumMemtables = 2
	opt.BlockCacheSize = 4 << 20
	opt.IndexCacheSize = 4 << 20
	opt.ValueThreshold = MaxValue
	opt.ValueLogFileSize = 1 << 20
	opt.NumCompactors = 2
	opt.BaseTableSize = 2 << 20
	opt.TableSizeMultiplier = 1 // Badger holds on to eight buffers of twice a table's size while it compacts
	opt.NumGoroutines = 2
	return badger.Open(opt)
}

// MemTable is the size in bytes of Badger's write buffer and, twice, of its
// log file. A transaction holds at most 15 % of it.
const MemTable = 4 << 20

// quiet passes Badger's log on at debug level: nothing in it is for a person.
type quiet struct{ log *slog.Logger }

func (q quiet) Errorf(f string, a ...any)   { q.say("error", f, a) }
func (q quiet) Warningf(f string, a ...any) { q.say("warning", f, a) }
func (q quiet) Infof(f string, a ...any)    { q.say("info", f, a) }
func (q quiet) Debugf(string, ...any)       {} // names keys

func (q quiet) say(level, f string, a []any) {
	if q.log.Enabled(context.Background(), slog.LevelDebug) {
		q.log.Debug("badger", "level", level, "text", fmt.Sprintf(f, a...))
	}
}
