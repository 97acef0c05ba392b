package keys

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Tomb is what is left of a mailbox that was erased. It knows its dead keys
// again, so that a backup cannot bring them back, and leaves a key alone that was
// made later.
type Tomb struct {
	Box  Tag      `json:"-"`
	Day  string   `json:"day"`  // of the last erasing, 2026-11-24, in UTC
	Dead []string `json:"dead"` // prints of the keys that were destroyed
	Done bool     `json:"done"` // all that they sealed is gone
}

// TombRetention is how long a tomb stays: longer than any backup should.
const TombRetention = 400 * 24 * time.Hour

const tombSuffix = ".gone"

// Ended reports whether a tomb may go.
func (t Tomb) Ended(now time.Time) bool {
	day, err := time.Parse(time.DateOnly, t.Day)
	return err == nil && now.Sub(day) > TombRetention
}

// Join gives a tomb that knows the keys of both; it is not done unless both are.
func (t Tomb) Join(o Tomb) Tomb {
	t.Day, t.Done = max(t.Day, o.Day), t.Done && o.Done
	for _, p := range o.Dead {
		if !slices.Contains(t.Dead, p) {
			t.Dead = append(slices.Clip(t.Dead), p)
		}
	}
	return t
}

// Equal reports whether both say the same.
func (t Tomb) Equal(o Tomb) bool {
	return t.Box == o.Box && t.Day == o.Day && t.Done == o.Done && slices.Equal(t.Dead, o.Dead)
}

// Bury makes the tomb of a mailbox, which outlives a crash. Its key is still there:
// Destroy comes next.
func (k *Ring) Bury(ctx context.Context, box Tag, now time.Time) (t Tomb, err error) {
	err = k.alone(ctx, func() (err error) {
		t = Tomb{Box: box, Day: now.UTC().Format(time.DateOnly)}
		if old, found, err := k.tomb(box); err != nil {
			return err
		} else if found {
			t = t.Join(old)
		}
		key, err := k.Find(box)
		if err == nil {
			t = t.Join(Tomb{Dead: []string{key.print()}})
		} else if !errors.Is(err, fs.ErrNotExist) && !isSpoilt(err) {
			return err
		}
		t.Done = false
		return k.setTomb(t)
	})
	return t, err
}

// SetTomb writes a tomb anew.
func (k *Ring) SetTomb(ctx context.Context, t Tomb) error {
	return k.alone(ctx, func() error { return k.setTomb(t) })
}

// Destroy removes the key of a mailbox if it is one of the tomb's, from the disk
// and from memory, and reports whether it was there.
func (k *Ring) Destroy(ctx context.Context, t Tomb) (was bool, err error) {
	err = k.alone(ctx, func() error {
		key, err := k.Find(t.Box)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		switch {
		case err == nil:
			was = slices.Contains(t.Dead, key.print())
		case isSpoilt(err):
			was = !t.Done // it opens nothing as it is; a later tomb leaves it to be mended
		default:
			return err
		}
		if !was {
			return nil
		}
		k.mu.Lock()
		delete(k.ring, t.Box)
		k.mu.Unlock()
		if k.dir == "" {
			return nil
		}
		path := filepath.Join(k.dir, File(t.Box))
		for _, name := range []string{path, path + ".new"} {
			if err := shred(name); err != nil {
				return fmt.Errorf("destroy key: %w", err)
			}
		}
		return SyncDir(k.dir)
	})
	return was, err
}

// shred removes a file, and then writes over what it held: where the disk writes
// in place, the bytes go too, and so does a second name that a backup gave them.
func shred(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil { // one that cannot be written to can be removed
		return os.Remove(path)
	}
	defer f.Close()
	if err := os.Remove(path); err != nil {
		return err
	}
	if info, err := f.Stat(); err == nil {
		_, _ = f.Write(make([]byte, info.Size())) // a help, not the promise: that is the name that is gone
		_ = f.Sync()
	}
	return nil
}

// Opens reports whether a key of the tomb's is there all the same.
func (k *Ring) Opens(t Tomb) bool {
	key, err := k.Find(t.Box)
	return err == nil && slices.Contains(t.Dead, key.print())
}

// Tombs lists the tombs that lie beside the keys, and removes those that ended.
func (k *Ring) Tombs(ctx context.Context, now time.Time) (tombs []Tomb, err error) {
	if k.dir == "" {
		return nil, nil
	}
	err = k.alone(ctx, func() error {
		paths, err := filepath.Glob(filepath.Join(k.dir, "*"+tombSuffix))
		if err != nil {
			return err
		}
		for _, path := range paths {
			raw, err := hex.DecodeString(strings.TrimSuffix(filepath.Base(path), tombSuffix))
			if err != nil || len(raw) != len(Tag{}) {
				continue
			}
			t, found, err := k.tomb(Tag(raw))
			if err != nil {
				return err
			}
			if found && t.Ended(now) {
				if err := os.Remove(path); err != nil {
					return fmt.Errorf("remove tomb: %w", err)
				}
			} else if found {
				tombs = append(tombs, t)
			}
		}
		return nil
	})
	return tombs, err
}

// alone holds the turn while it works, so that no key is made meanwhile.
func (k *Ring) alone(ctx context.Context, work func() error) error {
	select {
	case k.turn <- struct{}{}:
		defer func() { <-k.turn }()
		return work()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// isSpoilt reports whether a key file is there and holds no key.
func isSpoilt(err error) bool { return errors.Is(err, ErrDamaged) || errors.Is(err, ErrWrapped) }

func (k *Ring) tombPath(box Tag) string {
	return filepath.Join(k.dir, hex.EncodeToString(box[:])+tombSuffix)
}

func (k *Ring) tomb(box Tag) (t Tomb, found bool, err error) {
	if k.dir == "" {
		return t, false, nil
	}
	text, err := os.ReadFile(k.tombPath(box))
	if errors.Is(err, fs.ErrNotExist) {
		return t, false, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &t)
	}
	if err != nil {
		return t, false, fmt.Errorf("read tomb: %w", err)
	}
	t.Box = box
	return t, true, nil
}

func (k *Ring) setTomb(t Tomb) error {
	if k.dir == "" {
		return nil
	}
	text, err := json.Marshal(t)
	if err == nil {
		err = WriteFile(k.tombPath(t.Box), append(text, '\n'))
	}
	if err == nil {
		err = SyncDir(k.dir)
	}
	if err != nil {
		return fmt.Errorf("write tomb: %w", err)
	}
	return nil
}

// print tells a key from another and says nothing of it.
func (b *Box) print() string {
	t := pseudonym(b.key, labelTomb, "")
	return hex.EncodeToString(t[:])
}
