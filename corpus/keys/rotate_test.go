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
	"testing"
)

// place is where a ring lives.
type place struct{ dir, master string }

func newPlace(t *testing.T) place {
	dir := t.TempDir()
	p := place{filepath.Join(dir, "keys"), filepath.Join(dir, "master.key")}
	if err := os.Mkdir(p.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return p
}

// open is a start: it reads what is on the disk.
func (p place) open(t *testing.T) *Ring {
	t.Helper()
	k, err := p.try()
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func (p place) try() (*Ring, error) {
	isFresh, err := Fresh(filepath.Join(p.dir, "no store"), p.dir)
	if err != nil {
		return nil, err
	}
	m, err := ReadMaster(p.master, isFresh)
	if err != nil {
		return nil, err
	}
	return OpenRing(p.dir, m, isFresh)
}

// boxes obtains the keys of n mailboxes and gives what tells them from others.
func boxes(t *testing.T, k *Ring, n int) []string {
	t.Helper()
	var tags []Tag
	for i := range n {
		tags = append(tags, k.Tag(fmt.Sprintf("p%d@example.org", i)))
	}
	found, err := k.Obtain(context.Background(), tags)
	if err != nil {
		t.Fatal(err)
	}
	prints := []string{fmt.Sprintf("%x", k.SiteKey("log"))}
	key, err := k.StoreKey(func([][]byte) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	prints = append(prints, fmt.Sprintf("%x", key))
	for _, b := range found {
		prints = append(prints, b.print())
	}
	return prints
}

var errStopped = errors.New("stopped here")

// TestARotationMayStopAtAnyStep stops it after each of its steps, as a crash
// would, and starts again from what is on the disk.
func TestARotationMayStopAtAnyStep(t *testing.T) {
	const many = 3*writersOfKeys + 5
	for stopAt := 0; ; stopAt++ {
		p := newPlace(t)
		k := p.open(t)
		before := boxes(t, k, many)
		old, err := os.ReadFile(p.master)
		if err != nil {
			t.Fatal(err)
		}
		steps := 0
		k.stop = func() error {
			if steps++; steps > stopAt {
				return errStopped
			}
			return nil
		}
		_, err = k.Rotate(context.Background())
		if err != nil && !errors.Is(err, errStopped) {
			t.Fatal(err)
		}
		stopped := err != nil
		for _, again := range []*Ring{k, p.open(t)} { // the one that goes on, and one after a start
			if after := boxes(t, again, many); fmt.Sprint(after) != fmt.Sprint(before) {
				t.Fatalf("stopped after step %d, other keys are there", stopAt)
			}
		}
		k = p.open(t)
		boxes(t, k, many+3) // mailboxes that come meanwhile
		if _, err := k.Rotate(context.Background()); err != nil {
			t.Fatalf("stopped after step %d, it does not go on: %v", stopAt, err)
		}
		k = p.open(t)
		if after := boxes(t, k, many); k.Rotating() || fmt.Sprint(after) != fmt.Sprint(before) {
			t.Fatalf("stopped after step %d and ended: rotating %v, other keys %v", stopAt, k.Rotating(), fmt.Sprint(after) != fmt.Sprint(before))
		}
		opensNothing(t, p, old)
		if !stopped {
			if stopAt < 5 {
				t.Fatalf("a rotation has %d steps only: it was not stopped in between", stopAt)
			}
			return
		}
	}
}

// opensNothing fails if a master key opens a key file, or is on the disk.
func opensNothing(t *testing.T, p place, master []byte) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(p.dir, "*"))
	if err != nil || len(files) < 3 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	past := &Ring{dir: p.dir, wraps: []cipher.AEAD{wrapOf(master)}}
	for _, path := range files {
		if key, err := past.read(filepath.Base(path)); err == nil || key != nil {
			t.Errorf("the old master key opens %s", filepath.Base(path))
		}
	}
	for _, path := range append(files, p.master, p.master+nextSuffix, p.master+".new") {
		if content, err := os.ReadFile(path); err == nil && bytes.Contains(content, master) {
			t.Errorf("the old master key stands in %s", path)
		} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Error(err)
		}
	}
}

func TestARotationWrapsEveryKeyOnce(t *testing.T) {
	p := newPlace(t)
	k := p.open(t)
	boxes(t, k, 10)
	did, err := k.Rotate(context.Background())
	if err != nil || did != (Rotated{Keys: 12}) { // ten mailboxes, site and store
		t.Errorf("got %+v, %v", did, err)
	}
	if files, _ := filepath.Glob(p.master + "*"); len(files) != 1 {
		t.Errorf("master keys left: %v", files)
	}
	if st, err := os.Stat(p.master); err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", st, err)
	}
}

func TestALinkToTheMasterKeyStaysOne(t *testing.T) {
	p := newPlace(t)
	file := filepath.Join(t.TempDir(), "elsewhere.key")
	k := p.open(t)
	before := boxes(t, k, 3)
	if err := errors.Join(os.Rename(p.master, file), os.Symlink(file, p.master)); err != nil {
		t.Fatal(err)
	}
	k = p.open(t)
	k.stop = func() error { return errStopped }
	if _, err := k.Rotate(context.Background()); !errors.Is(err, errStopped) {
		t.Fatal(err)
	}
	boxes(t, k, 4) // one more, under the next master key
	k = p.open(t)
	if after := boxes(t, k, 3); !k.Rotating() || fmt.Sprint(after) != fmt.Sprint(before) {
		t.Fatalf("cut off: rotating %v, other keys %v", k.Rotating(), after)
	}
	if did, err := k.Rotate(context.Background()); err != nil || !did.Resuming {
		t.Errorf("got %+v, %v", did, err)
	}
	if target, err := os.Readlink(p.master); target != file || err != nil {
		t.Errorf("the link leads to %s, %v", target, err)
	}
	if after := boxes(t, p.open(t), 3); fmt.Sprint(after) != fmt.Sprint(before) {
		t.Error("other keys are there")
	}
}

func TestAKeyThatIsErasedMeanwhileDoesNotComeBack(t *testing.T) {
	p := newPlace(t)
	k := p.open(t)
	boxes(t, k, 2*writersOfKeys)
	tags := []Tag{k.Tag("p0@example.org"), k.Tag(fmt.Sprintf("p%d@example.org", 2*writersOfKeys-1))}
	k.stop = func() error {
		if len(tags) > 0 {
			if err := os.Remove(filepath.Join(p.dir, File(tags[0]))); err != nil {
				return err
			}
			tags = tags[1:]
		}
		return nil
	}
	gone := []Tag{tags[0], tags[1]}
	if _, err := k.Rotate(context.Background()); err != nil {
		t.Fatal(err)
	}
	k = p.open(t)
	for _, tag := range gone {
		if _, err := k.Find(tag); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("it is there again: %v", err)
		}
	}
}

func TestASpoiltKeyDoesNotStopARotation(t *testing.T) {
	p := newPlace(t)
	k := p.open(t)
	boxes(t, k, 3)
	spoilt := filepath.Join(p.dir, File(k.Tag("p1@example.org")))
	if err := os.WriteFile(spoilt, []byte("spoilt"), 0o600); err != nil {
		t.Fatal(err)
	}
	if did, err := k.Rotate(context.Background()); err != nil || did.Spoilt != 1 || did.Keys != 4 {
		t.Errorf("got %+v, %v", did, err)
	}
	if content, err := os.ReadFile(spoilt); err != nil || string(content) != "spoilt" {
		t.Errorf("it was touched: %q, %v", content, err)
	}
}

func TestARotationThatCannotBeginChangesNothing(t *testing.T) {
	p := newPlace(t)
	k := p.open(t)
	before := boxes(t, k, 3)
	if err := os.Mkdir(p.master+nextSuffix, 0o700); err != nil { // nothing can be written there
		t.Fatal(err)
	}
	if _, err := k.Rotate(context.Background()); err == nil || k.Rotating() {
		t.Fatalf("got %v, rotating %v", err, k.Rotating())
	}
	if err := os.Remove(p.master + nextSuffix); err != nil {
		t.Fatal(err)
	}
	if after := boxes(t, p.open(t), 3); fmt.Sprint(after) != fmt.Sprint(before) {
		t.Error("other keys are there")
	}
	if _, err := (&Ring{}).Rotate(context.Background()); err == nil {
		t.Error("keys in memory were rotated")
	}
}

// BenchmarkRotate puts a new master key in place over 1,000 mailboxes.
func BenchmarkRotate(b *testing.B) {
	dir := b.TempDir()
	p := place{filepath.Join(dir, "keys"), filepath.Join(dir, "master.key")}
	if err := os.Mkdir(p.dir, 0o700); err != nil {
		b.Fatal(err)
	}
	k, err := p.try()
	if err != nil {
		b.Fatal(err)
	}
	var tags []Tag
	for i := range 1000 {
		tags = append(tags, k.Tag(fmt.Sprintf("p%d@example.org", i)))
	}
	if _, err := k.Obtain(context.Background(), tags); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if did, err := k.Rotate(context.Background()); err != nil || did.Keys != 1001 {
			b.Fatal(did, err)
		}
	}
}
