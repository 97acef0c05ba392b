package keys

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"
)

func TestOneMailboxGetsOneKeyHoweverManyBegin(t *testing.T) {
	dir := t.TempDir()
	k, err := OpenRing(dir, NewMaster(), true)
	if err != nil {
		t.Fatal(err)
	}
	box := k.Tag("maria@example.net")
	var all sync.WaitGroup
	got := make([]*Box, 32)
	for i := range got {
		all.Go(func() {
			if keys, err := k.Obtain(context.Background(), []Tag{box, box}); err == nil {
				got[i] = keys[1]
			}
		})
	}
	all.Wait()
	for _, g := range got {
		if g == nil || !bytes.Equal(g.key, got[0].key) {
			t.Fatal("two keys were made for one mailbox")
		}
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*"))
	want := []string{filepath.Join(dir, File(box)), filepath.Join(dir, SiteFile)}
	slices.Sort(want)
	if !slices.Equal(files, want) {
		t.Errorf("files of keys: %v", files)
	}
	for _, f := range files {
		if st, err := os.Stat(f); err != nil || st.Mode().Perm() != 0o600 {
			t.Errorf("%s: mode %v, %v", f, st.Mode(), err)
		}
	}
}

func TestADiskThatHangsWhileAKeyIsMadeHoldsNobody(t *testing.T) {
	k, err := OpenRing(t.TempDir(), NewMaster(), true)
	if err != nil {
		t.Fatal(err)
	}
	k.turn <- struct{}{} // as one does whose write hangs
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if _, err := k.Obtain(ctx, []Tag{k.Tag("maria@example.net")}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}
