package web

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"usher/corpus/relation"
	"usher/corpus/weeks"
)

// Totals are what mailboxes were sent, as their owners may ask.
type (
	Brand = relation.Brand
	Stats = relation.Stats
)

func (s *Server) brandRoutes() map[string]Answer {
	return map[string]Answer{"GET /v1/brands": s.getBrands, "GET /v1/stats": s.getStats}
}

// getBrands tells how it stands with each brand that wrote in the last 400 days, or
// with one, given by its domain or by the name that it gives itself.
func (s *Server) getBrands(_ http.ResponseWriter, r *http.Request, who Whoami) (any, error) {
	name, now, found := r.FormValue("brand"), time.Now(), []*Brand{}
	err := s.eachTotals(r, who, func(box string, totals []*weeks.Total) error {
		own, site, err := s.Intents.For(r.Context(), box)
		for _, b := range relation.Brands(box, totals, relation.Files{Own: own, Site: site}, now) {
			if name == "" || b.Is(name) {
				found = append(found, b)
			}
		}
		return err
	})
	if err == nil && name != "" && len(found) == 0 {
		err = &Error{http.StatusNotFound, "no mail of yours came from " + name, "`usher brands` lists who wrote to you"}
	}
	return found, err
}

// eachTotals shows the totals of the caller's mailboxes, or of the one that is named.
func (s *Server) eachTotals(r *http.Request, who Whoami, see func(box string, totals []*weeks.Total) error) error {
	boxes, err := s.Mailboxes(r, who)
	for _, box := range boxes {
		var totals []*weeks.Total
		if totals, err = s.Site.Totals(box, time.Time{}); err == nil {
			err = see(box, totals)
		}
		if err != nil {
			break
		}
	}
	return err
}

func (s *Server) getStats(_ http.ResponseWriter, r *http.Request, who Whoami) (any, error) {
	days, err := strconv.Atoi(r.FormValue("days"))
	if err != nil || days != 7 && days != relation.Recent {
		return nil, Wrong("days is 7 or %d", relation.Recent)
	}
	found := []Stats{}
	err = s.eachTotals(r, who, func(box string, totals []*weeks.Total) error {
		st := relation.StatsOf(box, totals, days, time.Now())
		err := st.LookInto(s.Site, box, time.Now())
		found = append(found, st)
		return err
	})
	return found, err
}

// Brands asks how it stands with each brand, or with the one that is named.
func (c *Client) Brands(ctx context.Context, rcpt, name string) (found []*Brand, err error) {
	query := url.Values{}
	set(query, "rcpt", rcpt)
	set(query, "brand", name)
	err = c.Ask(ctx, Question{Path: "brands", Query: query}, &found)
	return found, err
}

// Stats asks for the five numbers of the last 7 or 30 days, a mailbox each.
func (c *Client) Stats(ctx context.Context, rcpt string, days int) (found []Stats, err error) {
	query := url.Values{"days": {strconv.Itoa(days)}}
	set(query, "rcpt", rcpt)
	err = c.Ask(ctx, Question{Path: "stats", Query: query}, &found)
	return found, err
}
