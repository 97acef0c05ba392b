// Package site counts what an admin may see. It never shows one person's mail,
// and no sender whom few mailboxes had.
package site

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"usher/classify"
	"usher/corpus"
	"usher/rules"
)

const day = 24 * time.Hour

// LeastMailboxes is how many mailboxes must have had a sender before an admin is
// told of it: from fewer, one could tell whose mail it was.
const LeastMailboxes = 10

// Week is how much mail a mailbox got in one week.
type Week struct {
	Monday   string `json:"monday"`   // the day it begins, 2026-11-23, in UTC
	Messages int    `json:"messages"` // decided in it, and still kept
}

// Weeks counts what came to a mailbox in each of the last n weeks, the newest
// first. The mailbox is given by its address or its tag in hex; of one that is not
// known, as of one that got nothing, all counts are 0.
func Weeks(s *corpus.Store, mailbox string, now time.Time, n int) ([]Week, error) {
	today := now.UTC().Truncate(day)
	next := today.AddDate(0, 0, 7-(int(today.Weekday())+6)%7)
	weeks := make([]Week, n)
	for i := range weeks {
		weeks[i].Monday = next.AddDate(0, 0, -7*(i+1)).Format(time.DateOnly)
	}
	err := s.EachArrival(mailbox, next.AddDate(0, 0, -7*n), func(at time.Time) {
		if ago := next.Sub(at); ago > 0 {
			weeks[int((ago-1)/(7*day))].Messages++
		}
	})
	if err != nil {
		return nil, fmt.Errorf("count messages: %w", err)
	}
	return weeks, nil
}

// Sender is a sender whom many mailboxes had.
type Sender struct {
	Domain    string `json:"domain"`
	Mailboxes int    `json:"mailboxes"`
}

// Senders lists whom LeastMailboxes mailboxes or more had mail from since a time,
// as far as it was proven who sent it and is kept, most mailboxes first. People's
// letters have no sender in the store, and are not among it. It opens every
// decision of the site, and keeps but the counts.
func Senders(ctx context.Context, s *corpus.Store, since time.Time) ([]Sender, error) {
	had, last := map[string]int{}, map[string]string{} // by domain: mailboxes, and the last one that was counted
	err := s.EachOfAll(ctx, since, func(box string, d *rules.Decision) {
		domain := d.Sender.Brand
		if d.Sender.Aligned && domain != "" && d.Category != classify.Personal && last[domain] != box {
			had[domain]++
			last[domain] = box
		}
	})
	if err != nil {
		return nil, fmt.Errorf("count senders: %w", err)
	}
	list := []Sender{}
	for domain, n := range had {
		if n >= LeastMailboxes {
			list = append(list, Sender{domain, n})
		}
	}
	slices.SortFunc(list, func(a, b Sender) int {
		return cmp.Or(cmp.Compare(b.Mailboxes, a.Mailboxes), cmp.Compare(a.Domain, b.Domain))
	})
	return list, nil
}
