package daemon

import (
	"context"
	"errors"
	"time"

	"usher/corpus"
	"usher/corpus/complaints"
	"usher/corpus/leaving"
	"usher/corpus/permission"
	"usher/rules"
	"usher/rules/intents"
)

// followFirst is when permissions are looked at after the start, which has other work
// to do.
const followFirst = 15 * time.Minute

// followAll looks once a day whether somebody's file was changed by hand: what a command
// changes is noticed at once.
func (d *Daemon) followAll(ctx context.Context) error {
	for next := time.After(followFirst); ; next = time.After(tendEvery) {
		select {
		case <-ctx.Done():
			return nil
		case <-next:
		}
		d.digests.each(ctx, func(p person) {
			if err := d.follow(ctx, p.mailbox); err != nil && ctx.Err() == nil {
				d.log.Warn("permissions are not up to date", "error", err)
			}
			select {
			case <-time.After(tendPause):
			case <-ctx.Done():
			}
		})
	}
}

// follow brings the permissions of a mailbox up to date. Where it cannot be told what is
// stated, nothing was withdrawn.
func (d *Daemon) follow(ctx context.Context, mailbox string) error {
	own, _, err := d.files.For(ctx, mailbox)
	if err != nil || own == nil && d.files.Fault(mailbox) != nil {
		return err
	}
	var said permission.Said
	if said.Leaving, err = corpus.Notes[leaving.Request](d.store, mailbox, corpus.PrefixUnsubscribe); err == nil {
		said.Complaints, err = corpus.Notes[complaints.Complaint](d.store, mailbox, corpus.PrefixComplaint)
	}
	if err != nil {
		return err
	}
	zone := time.UTC
	if own != nil && own.Zone != nil {
		zone = own.Zone
	}
	return d.permissions.Follow(ctx, mailbox, own, said, intents.DateOf(time.Now().In(zone)))
}

// acknowledged notes which senders named a version of our terms, and were not seen to do
// more than they permit.
func (d *Daemon) acknowledged(ctx context.Context, ds []*rules.Decision) (err error) {
	for _, one := range ds {
		if d.terms == nil || one.Terms == nil || one.Terms.Claim == nil || one.Outcome == nil || one.Outcome.Code/100 != 2 {
			continue
		}
		if c := one.Terms.Claim; c.Against == "" && d.terms.Published(c.Sum) {
			err = errors.Join(err, d.permissions.Acknowledge(ctx, one))
		}
	}
	return err
}
