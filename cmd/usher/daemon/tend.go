package daemon

import (
	"context"
	"time"

	"usher/rules/intents"
)

const (
	tendFirst = 10 * time.Minute     // after the start, which has other work to do
	tendEvery = 24 * time.Hour       // since everything ends by days
	tendPause = 2 * time.Millisecond // between two mailboxes: a hundred thousand of them take some minutes
)

// tend applies once a day what was shortened to what is stored already.
func (d *Daemon) tend(ctx context.Context) error {
	for next := time.After(tendFirst); ; next = time.After(tendEvery) {
		select {
		case <-ctx.Done():
			return nil
		case <-next:
		}
		n, err := d.store.Tend(ctx, tendPause)
		if err != nil && ctx.Err() == nil {
			d.log.Warn("what is over is not yet deleted", "deleted", n, "error", err)
		} else if n > 0 {
			d.log.Info("deleted what is over", "entries", n)
		}
	}
}

// stated gives the days for which a mailbox's owner wants decisions kept: by their
// own file, else by the site's; 0 where neither says.
func (d *Daemon) stated(ctx context.Context, mailbox string) int {
	own, site, _ := d.files.For(ctx, mailbox) // where the disk hangs, nothing is stated for now
	for _, f := range []*intents.File{own, site} {
		if days := forgotten(f); days > 0 {
			return days
		}
	}
	return 0
}

func forgotten(f *intents.File) int {
	if f != nil {
		for _, s := range f.All {
			if f, is := s.(*intents.Forget); is {
				return f.Days
			}
		}
	}
	return 0
}
