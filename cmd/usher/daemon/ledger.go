package daemon

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"usher/corpus/audit"
)

// ledgerEvery is how often the site's file is looked at for the audit ledger.
const ledgerEvery = time.Minute

// maxSiteFile is how much of the site's file is read to tell it from another, in
// bytes: far more than one may have.
const maxSiteFile = 16 << 20

// keepLedger writes to the audit ledger what happens to the daemon itself. Mail
// flows whether or not it can.
func (d *Daemon) keepLedger(ctx context.Context) error {
	d.note(ctx, audit.Start, d.settings.Version)
	site, terms := d.noteChanges(ctx)
	tick := time.NewTicker(ledgerEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
		site, terms = d.noteSite(ctx, site), d.noteTerms(ctx, terms)
	}
}

// noteChanges writes what was changed since the ledger last said so, while usher
// did not run, and gives the hashes of the site's file and of the published terms.
func (d *Daemon) noteChanges(ctx context.Context) (site, terms string) {
	site, terms = d.siteHash(), "none"
	entries, err := d.store.Ledger(time.Time{})
	if err != nil {
		d.log.Warn("audit ledger not read", "error", err)
		return site, terms
	}
	known := map[string]string{} // kind to hash
	for _, e := range entries {
		if e.Event == audit.Changed && len(e.Object) > 5 {
			known[e.Object[:4]] = e.Object[5:]
		}
		if e.Event == audit.Published {
			terms = e.Object
		}
	}
	for kind, hash := range map[string]string{"conf": d.settings.hash(), "site": site} {
		if known[kind] != hash {
			d.note(ctx, audit.Changed, kind+":"+hash)
		}
	}
	return site, d.noteTerms(ctx, terms)
}

// noteTerms writes which terms are published, if they are others than last, and gives
// their hash.
func (d *Daemon) noteTerms(ctx context.Context, last string) string {
	now := "none"
	if d.terms != nil {
		if v := d.terms.Now(); v != nil {
			now = hashOf(v.Text)
		}
	}
	if now != last {
		d.note(ctx, audit.Published, now)
	}
	return now
}

// noteSite writes that the site's file is another one than last, and gives its
// hash.
func (d *Daemon) noteSite(ctx context.Context, last string) string {
	now := d.siteHash()
	if now != last {
		d.note(ctx, audit.Changed, "site:"+now)
	}
	return now
}

func (d *Daemon) note(ctx context.Context, event audit.Event, object string) {
	audit.Keep(ctx, d.store, d.log, audit.Itself(event, object, "ok"))
}

// hash tells one configuration from another.
func (s Settings) hash() string {
	s.Sockets, s.Model, s.Version, s.Web.Manual = nil, nil, "", "" // what a start brings along
	return hashOf(fmt.Appendf(nil, "%+v", s))
}

// siteHash is the hash of the site's file, "none" where there is none.
func (d *Daemon) siteHash() string {
	f, err := os.Open(d.settings.SiteFile)
	if errors.Is(err, fs.ErrNotExist) || d.settings.SiteFile == "" {
		return "none"
	}
	if err != nil {
		return "unreadable"
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxSiteFile))
	if err != nil {
		return "unreadable"
	}
	return hashOf(text)
}

func hashOf(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
