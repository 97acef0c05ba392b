package daemon

import (
	"context"

	"usher/corpus/audit"
	"usher/corpus/keys"
)

// rotated is what became of a rotation.
type rotated struct {
	did keys.Rotated
	err error
}

// rotateKeys wraps the keys under a new master key whenever it is asked to, and
// ends at the start what was interrupted. Who asks need not wait for it.
func (d *Daemon) rotateKeys(ctx context.Context) error {
	if d.store.Rotating() {
		d.rotateOnce(ctx)
	}
	for {
		select {
		case done := <-d.rotations:
			done <- d.rotateOnce(ctx)
		case <-ctx.Done():
			return nil
		}
	}
}

func (d *Daemon) rotateOnce(ctx context.Context) (r rotated) {
	r.did, r.err = d.store.RotateKeys(ctx)
	switch {
	case r.err == nil:
		d.log.Info("keys rotated", "keys", r.did.Keys, "spoilt", r.did.Spoilt, "resumed", r.did.Resuming)
		d.note(ctx, audit.Rotated, "")
	case ctx.Err() == nil:
		d.log.Error("keys not rotated", "error", r.err)
	}
	return r
}

// askRotation has the keys rotated, and waits for it until ctx ends.
func (d *Daemon) askRotation(ctx context.Context) (keys.Rotated, error) {
	done := make(chan rotated, 1)
	select {
	case d.rotations <- done:
	case <-ctx.Done():
		return keys.Rotated{}, ctx.Err()
	}
	select {
	case r := <-done:
		return r.did, r.err
	case <-ctx.Done():
		return keys.Rotated{}, ctx.Err()
	}
}
