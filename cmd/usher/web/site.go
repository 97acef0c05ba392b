package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"usher/corpus/audit"
	"usher/corpus/keys"
	"usher/corpus/kinds"
	"usher/corpus/site"
)

// Bounds of what an admin asks.
const (
	maxDays  = 400 // of counts: as long as they are kept
	maxWeeks = 27  // of one mailbox's messages: as long as a decision can be kept
)

func (s *Server) siteRoutes() map[string]Answer {
	return map[string]Answer{
		"GET /v1/site/counts":  ForAdmin(s.getCounts),
		"GET /v1/site/weeks":   ForAdmin(s.getWeeks),
		"GET /v1/site/senders": ForAdmin(s.getSenders),
		"POST /v1/keys/rotate": ForAdmin(s.postRotate),
	}
}

// SiteStatus is how the site is, for an admin.
type SiteStatus struct {
	Today     map[string]uint64 `json:"today"`              // counts by kind and name, of this day in UTC
	Mailboxes int               `json:"mailboxes"`          // that have a key
	Size      int64             `json:"size"`               // of the store, in bytes
	Rotating  bool              `json:"rotating,omitempty"` // a rotation of keys is under way
	Retention []kinds.Retention `json:"retention"`
}

func (s *Server) siteStatus() (*SiteStatus, error) {
	today, err := s.Site.Counts(time.Now())
	boxes, err2 := s.Site.Mailboxes()
	size, err3 := s.Site.Size()
	return &SiteStatus{today, boxes, size, s.Site.Rotating(), s.Site.Retention()}, errors.Join(err, err2, err3)
}

// Day is what was counted on one day, by kind and name.
type Day struct {
	Day    string            `json:"day"` // 2026-11-23, in UTC
	Counts map[string]uint64 `json:"counts"`
}

// Days are counts by day, newest first.
type Days struct {
	Days []Day `json:"days"`
}

func (s *Server) getCounts(_ http.ResponseWriter, r *http.Request, _ Whoami) (any, error) {
	n, err := amount(r, "days", 7, maxDays)
	if err != nil {
		return nil, err
	}
	list := Days{}
	for i := range n {
		day := time.Now().UTC().AddDate(0, 0, -i)
		counts, err := s.Site.Counts(day)
		if err != nil {
			return nil, err
		}
		list.Days = append(list.Days, Day{day.Format(time.DateOnly), counts})
	}
	return list, nil
}

// Weeks are how many messages one mailbox got by week, newest first.
type Weeks struct {
	Weeks []site.Week `json:"weeks"`
}

func (s *Server) getWeeks(_ http.ResponseWriter, r *http.Request, _ Whoami) (any, error) {
	box := r.FormValue("mailbox")
	if box == "" {
		return nil, Wrong("say which mailbox, by its address or its tag")
	}
	n, err := amount(r, "weeks", 4, maxWeeks)
	if err != nil {
		return nil, err
	}
	weeks, err := site.Weeks(s.Site, box, time.Now(), n)
	return Weeks{weeks}, err
}

// Senders are those whom many mailboxes had.
type Senders struct {
	Senders []site.Sender `json:"senders"`
}

func (s *Server) getSenders(_ http.ResponseWriter, r *http.Request, _ Whoami) (any, error) {
	since, err := moment(r, "since")
	if err != nil {
		return nil, err
	}
	if !s.counting.TryLock() {
		return nil, &Error{http.StatusServiceUnavailable, "senders are being counted already", "try again in a minute"}
	}
	defer s.counting.Unlock()
	list, err := site.Senders(r.Context(), s.Site, since)
	return Senders{list}, err
}

// Rotation is what became of a rotation of keys.
type Rotation struct {
	keys.Rotated
	GoesOn bool `json:"goes_on,omitempty"` // it takes long, and is not done yet
}

// postRotate has the keys wrapped under a new master key. The entry is in the
// ledger before it begins.
func (s *Server) postRotate(_ http.ResponseWriter, r *http.Request, who Whoami) (any, error) {
	if err := s.audit(r.Context(), who, audit.Rotated, "", "asked for"); err != nil {
		return nil, err
	}
	wait, cancel := context.WithTimeout(r.Context(), answerTime/2)
	defer cancel()
	did, err := s.Rotate(wait)
	if errors.Is(err, context.DeadlineExceeded) && r.Context().Err() == nil {
		return Rotation{GoesOn: true}, nil
	}
	var f *keys.Fault
	if errors.As(err, &f) {
		return nil, &Error{http.StatusInternalServerError, err.Error(), f.Hint()}
	}
	return Rotation{Rotated: did}, err
}

// amount reads a number of a query, from 1 to limit.
func amount(r *http.Request, name string, usual, limit int) (int, error) {
	text := r.FormValue(name)
	if text == "" {
		return usual, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > limit {
		return 0, Wrong("%s %q is no number from 1 to %d", name, text, limit)
	}
	return n, nil
}

// Counts gives the counts of the last days, newest first. It is for an admin.
func (c *Client) Counts(ctx context.Context, days int) ([]Day, error) {
	var list Days
	err := c.Ask(ctx, Question{Path: "site/counts", Query: url.Values{"days": {strconv.Itoa(days)}}}, &list)
	return list.Days, err
}

// Weeks gives how many messages a mailbox got in the last weeks, newest first. It
// is for an admin.
func (c *Client) Weeks(ctx context.Context, mailbox string, weeks int) ([]site.Week, error) {
	var list Weeks
	err := c.Ask(ctx, Question{Path: "site/weeks", Query: url.Values{"mailbox": {mailbox}, "weeks": {strconv.Itoa(weeks)}}}, &list)
	return list.Weeks, err
}

// Senders gives the senders whom many mailboxes had since a time. It is for an
// admin.
func (c *Client) Senders(ctx context.Context, since time.Time) ([]site.Sender, error) {
	var list Senders
	err := c.Ask(ctx, Question{Path: "site/senders", Query: url.Values{"since": {since.Format(time.RFC3339)}}}, &list)
	return list.Senders, err
}

// RotateKeys has the keys wrapped under a new master key. It is for an admin.
func (c *Client) RotateKeys(ctx context.Context) (did Rotation, err error) {
	err = c.Ask(ctx, Question{Method: http.MethodPost, Path: "keys/rotate"}, &did)
	return did, err
}
