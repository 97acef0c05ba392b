package daemon

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"usher/smtpd"
)

// TestTheLedgerTellsWhatWasChanged: while usher runs, and while it does not.
func TestTheLedgerTellsWhatWasChanged(t *testing.T) {
	dir := t.TempDir()
	hop, err := smtpd.ParseHop("lmtp:127.0.0.1:0=lmtp:" + filepath.Join(dir, "hop"))
	if err != nil {
		t.Fatal(err)
	}
	s := Settings{
		StateDir: dir, IntentsDir: filepath.Join(dir, "intents"), MasterKey: filepath.Join(dir, "master.key"), Socket: filepath.Join(dir, "sock"),
		SiteFile: filepath.Join(dir, "site.intents"), Version: "v1",
		Wire: smtpd.Config{Hops: []smtpd.Hop{hop}, Hostname: "usher.example", Delimiter: "+", StateDir: dir},
	}
	ctx := context.Background()
	for _, c := range []struct {
		name          string
		before, while func() error
		want          []string // what was changed, and of the site's file whether it is there
	}{
		{"the first start", nothing, nothing, []string{"conf", "site:none"}},
		{"nothing changed", nothing, nothing, nil},
		{"the site's file is written while usher runs", nothing, func() error { return os.WriteFile(s.SiteFile, []byte("promotions digest\n"), 0o600) }, []string{"site"}},
		{"and another program, which is no configuration", func() error { s.Version = "v2"; return nil }, nothing, nil},
		{"an owner is added, and the file changed, while it does not run", func() error {
			s.Owners = []string{"root=maria@example.org"}
			return os.WriteFile(s.SiteFile, []byte("promotions inbox\n"), 0o600)
		}, nothing, []string{"conf", "site"}},
		{"the site's file is removed", nothing, func() error { return os.Remove(s.SiteFile) }, []string{"site:none"}},
	} {
		err := c.before()
		d, err2 := New(s, nil, slog.New(slog.DiscardHandler))
		if err = errors.Join(err, err2); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		old, err := d.store.Ledger(time.Time{})
		last, _ := d.noteChanges(ctx)
		err = errors.Join(err, c.while())
		d.noteSite(ctx, last)
		all, err2 := d.store.Ledger(time.Time{})
		n, broken, err3 := d.store.VerifyAudit(ctx)
		if err = errors.Join(err, err2, err3, d.socket.Close(), d.wire.Close(), d.store.Close()); err != nil || broken != nil || n != len(all) {
			t.Fatalf("%s: %v, %v, %d of %d fit", c.name, err, broken, n, len(all))
		}
		var got []string
		for _, e := range all[len(old):] {
			what := e.Object
			if hash := what[5:]; len(hash) == 64 {
				what = what[:4]
			}
			if e.Result == "ok" && !strings.Contains(e.Object, "maria") {
				got = append(got, what)
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: the ledger tells of %q, want %q", c.name, got, c.want)
		}
	}
}

func nothing() error { return nil }
