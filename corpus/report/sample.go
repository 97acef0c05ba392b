package report

import (
	"fmt"
	"time"
)

// Sample is a report of made-up counts, drawn as a real one is: who builds a reader, or
// wants to know what to expect, needs no mail for it.
func Sample(s Sampler, now time.Time) (*Report, error) {
	begin := now.UTC().Truncate(24*time.Hour).AddDate(0, 0, -1)
	w := &Window{Domain: "shop.example", Begin: begin, End: begin.AddDate(0, 0, 1)}
	for i := range 161 {
		d := Delivery{FeedbackID: fmt.Sprintf("u%d:spring:promo:shopexample", i), Accepted: i%40 != 7, Topic: "apparel", Facts: Facts{OpenPixel: true, RecipientIDInURL: true, OneClickOK: true, UnsubscribeSigned: true, StreamIDOK: true, PriceReadable: true}}
		if i%4 == 3 {
			d.FeedbackID, d.Topic = fmt.Sprintf("u%d:letter:news:shopexample", i), "home-garden"
		}
		switch {
		case i%10 < 3:
			d.Placement, d.Reason, d.Matched = "inbox", "intent_match", true
		case i%10 == 3:
			d.Placement, d.Reason = "inbox", "granted"
		case i%10 < 7:
			d.Placement, d.Reason = "digest", "no_intent"
		case i%10 < 9:
			d.Placement, d.Reason = "promotions", "over_frequency"
		default:
			d.Placement, d.Reason = "refuse", "tracking"
		}
		if !d.Accepted {
			d.Placement, d.Reason = "reject", "refused"
		}
		if i%13 == 5 {
			d.Act = "unsubscribed"
		} else if i%17 == 4 {
			d.Act = "rescued"
		}
		mail := []Delivery{d, d, d}
		if err := w.Add(mail, true, s); err != nil {
			return nil, err
		}
	}
	r, err := w.Seal(s)
	if err != nil || r == nil {
		return nil, fmt.Errorf("make a sample: %w", err)
	}
	from := Metadata{OrgName: "Example Net Mail (a sample: its counts are made up)", Submitter: "mail.example.net", Contact: "mailto:relevance-reports@mail.example.net", Generator: "usher/1.0"}
	return r, r.Name(from, "_relevance.shop.example", s.Source)
}
