package report

import (
	"fmt"
	"io"
	"math"
	"slices"
	"time"
)

// Version of the form; a reader refuses another number before the point.
const Version = "1.0"

// Report is what a sender receives. The field names are a contract.
type Report struct {
	Version  string   `json:"version"`
	Metadata Metadata `json:"report_metadata"`
	Policy   Policy   `json:"policy"`
	Records  []Record `json:"records"`
	Withheld bool     `json:"rows_withheld"` // a stream that had mail has no row
}

// Metadata is who reports, and of when.
type Metadata struct {
	OrgName   string  `json:"org_name"`
	Submitter string  `json:"submitter"`
	Contact   string  `json:"contact"`
	ID        string  `json:"report_id"`
	Generator string  `json:"generator"`
	Range     Range   `json:"date_range"`
	Terms     *Terms  `json:"terms,omitempty"`
	Privacy   Privacy `json:"privacy"`
}

// Range is the span of a report, in UTC; End is not in it.
type Range struct {
	Begin time.Time `json:"begin"`
	End   time.Time `json:"end"`
}

// Terms are those that the site publishes.
type Terms struct {
	URL    string `json:"url"`
	SHA256 string `json:"sha256"`
	Agr    string `json:"agr,omitempty"`
}

// Privacy is what is promised about one mailbox.
type Privacy struct {
	Unit      string  `json:"unit"`
	Epsilon   float64 `json:"epsilon"`
	Delta     float64 `json:"delta"`
	Least     int     `json:"k_min"`
	PublishAt int     `json:"publish_at"`
	Noise     string  `json:"noise"`
	SD        float64 `json:"noise_sd"`
}

// Promise is ours.
var Promise = Privacy{"mailbox+sender+7d", Total, Delta, Least, PublishAt, "discrete-laplace", NoiseSD}

// Policy is what the sender asked for.
type Policy struct {
	Domain    string `json:"domain"`
	Request   string `json:"request"`   // the name at which it asked
	Alignment string `json:"alignment"` // "dkim", always
}

// Record is one row.
type Record struct {
	Stream     Stream       `json:"stream"`
	Messages   Messages     `json:"messages"`
	Recipients int          `json:"recipients"`
	Placement  Placement    `json:"placement"`
	Action     Action       `json:"action"`
	Reason     Reason       `json:"reason"`
	Topics     []TopicCount `json:"topics,omitempty"`
	Relevance  Relevance    `json:"relevance"`
	Advice     []string     `json:"advice"`
	Facts      Facts        `json:"message_facts"`
}

// Messages are counted exactly: the sender could count them itself.
type Messages struct {
	Accepted int `json:"accepted"`
	Rejected int `json:"rejected"`
}

// Placement counts where mail went.
type Placement struct {
	Inbox      int `json:"inbox"`
	Promotions int `json:"promotions"`
	Digest     int `json:"digest"`
	Refuse     int `json:"refuse"`
	Reject     int `json:"reject"`
}

// Action counts what people did.
type Action struct {
	Complained   int `json:"complained"`
	Unsubscribed int `json:"unsubscribed"`
	Demoted      int `json:"demoted"`
	Rescued      int `json:"rescued"`
	None         int `json:"none"`
}

// Reason counts why mail went there.
type Reason struct {
	IntentMatch   int `json:"intent_match"`
	Granted       int `json:"granted"`
	NoIntent      int `json:"no_intent"`
	IntentUnknown int `json:"intent_unknown"`
	OverFrequency int `json:"over_frequency"`
	Refused       int `json:"refused"`
	Tracking      int `json:"tracking"`
	NoPermission  int `json:"no_permission"`
	Other         int `json:"other"`
}

// TopicCount counts mail of one topic that served a want, and that did not.
type TopicCount struct {
	Topic     string `json:"topic"`
	Matched   int    `json:"matched"`
	Unmatched int    `json:"unmatched"`
}

// Relevance is the share of mailboxes for which the mail served a want; in 80 of 100
// reports the share without noise lies between the bounds.
type Relevance struct {
	Share  float64 `json:"share"`
	Low80  float64 `json:"low80"`
	High80 float64 `json:"high80"`
}

// cells are the counts of a histogram, in the order of its keys.
func (p *Placement) cells() []*int {
	return []*int{&p.Inbox, &p.Promotions, &p.Digest, &p.Refuse, &p.Reject}
}
func (a *Action) cells() []*int {
	return []*int{&a.Complained, &a.Unsubscribed, &a.Demoted, &a.Rescued, &a.None}
}
func (r *Reason) cells() []*int {
	return []*int{&r.IntentMatch, &r.Granted, &r.NoIntent, &r.IntentUnknown, &r.OverFrequency, &r.Refused, &r.Tracking, &r.NoPermission, &r.Other}
}

// count counts into the cell of a key; what has none is counted in the last.
func count(cells []*int, keys []string, key string) {
	i := slices.Index(keys, key)
	if i < 0 {
		i = len(keys) - 1
	}
	*cells[i]++
}

// Seal blurs a window, once: whoever reads it again reads the same. It gives nil where
// no row may be published.
func (w *Window) Seal(s Sampler) (*Report, error) {
	r := &Report{Version: Version, Policy: Policy{Domain: w.Domain, Alignment: "dkim"}, Metadata: Metadata{Range: Range{w.Begin, w.End}, Privacy: Promise}}
	for i, row := range w.rows() {
		rec, err := row.seal(s, i == 0)
		if err != nil {
			return nil, fmt.Errorf("seal a report: %w", err)
		}
		if rec == nil {
			r.Withheld = true
			continue
		}
		r.Records = append(r.Records, *rec)
	}
	if len(r.Records) == 0 {
		return nil, nil
	}
	return r, nil
}

// seal blurs a row; nil where it may not be published. The very draw that decides is
// the one that is printed.
func (r *row) seal(s Sampler, isDomain bool) (*Record, error) {
	if len(r.chosen) < Least {
		return nil, nil
	}
	x, err := s.noise()
	if err != nil {
		return nil, err
	}
	rec := &Record{Stream: r.Stream, Messages: Messages{r.all.accepted, r.all.rejected}, Recipients: len(r.chosen) + int(x), Facts: r.all.majority()}
	rec.Facts.StreamIDOK = rec.Facts.StreamIDOK && !r.personal
	if rec.Recipients < PublishAt {
		return nil, nil
	}
	r.fill(rec, isDomain)
	for _, cells := range [][]*int{rec.Placement.cells(), rec.Action.cells(), rec.Reason.cells(), topicCells(rec.Topics)} {
		for _, c := range cells {
			if *c, err = s.blur(*c); err != nil {
				return nil, err
			}
		}
	}
	rec.derive()
	return rec, nil
}

// fill counts what the row's mailboxes chose.
func (r *row) fill(rec *Record, isDomain bool) {
	if isDomain {
		for topic, n := range r.all.topics {
			if topic != Other && 10*n >= r.all.of() {
				rec.Topics = append(rec.Topics, TopicCount{Topic: topic})
			}
		}
		slices.SortFunc(rec.Topics, func(a, b TopicCount) int { return compareTopics(a.Topic, b.Topic) })
	}
	for _, c := range r.chosen {
		count(rec.Placement.cells(), Placements, c.placement)
		count(rec.Action.cells(), Acts, c.act)
		count(rec.Reason.cells(), Reasons, c.reason)
		for i := range rec.Topics {
			switch t := &rec.Topics[i]; {
			case t.Topic != c.topic:
			case c.matched:
				t.Matched++
			default:
				t.Unmatched++
			}
		}
	}
}

func compareTopics(a, b string) int {
	if a < b {
		return -1
	}
	return 1
}

func topicCells(topics []TopicCount) (cells []*int) {
	for i := range topics {
		cells = append(cells, &topics[i].Matched, &topics[i].Unmatched)
	}
	return cells
}

// derive computes from what is printed, and from nothing else.
func (rec *Record) derive() {
	cells := rec.Reason.cells()
	for _, c := range cells[:len(cells)-1] {
		if *c*foldShare < rec.Recipients {
			rec.Reason.Other += *c
			*c = 0
		}
	}
	rec.Relevance = relevance(rec.Reason.IntentMatch, rec.Recipients)
	rec.Advice = rec.advise()
}

// relevance tells a share with its bounds, in hundredths: of both counts four of five
// draws of the noise lie within 3.3.
func relevance(matched, recipients int) Relevance {
	share := min(1, float64(matched)/float64(recipients))
	wide := 3.3 * math.Sqrt(1+share*share) / float64(recipients)
	round := func(x float64) float64 { return math.Round(100*min(1, max(0, x))) / 100 }
	return Relevance{round(share), round(share - wide), round(share + wide)}
}

// advise gives what the sender may do about the row, by codes.
func (rec *Record) advise() []string {
	tenth := func(n int) bool { return 10*n >= rec.Recipients }
	list := []string{}
	for _, a := range []struct {
		is   bool
		code string
	}{
		{tenth(rec.Reason.OverFrequency), "lower-frequency"},
		{tenth(rec.Reason.NoPermission), "ask-permission"},
		{tenth(rec.Reason.IntentUnknown) && !rec.Facts.PriceReadable, "state-price"},
		{rec.Facts.OpenPixel, "drop-open-pixel"},
		{rec.Facts.RecipientIDInURL, "drop-recipient-id"},
		{rec.Facts.RecipientAddressInURL, "drop-recipient-address"},
		{!rec.Facts.OneClickOK, "add-one-click"},
		{!rec.Facts.UnsubscribeSigned, "sign-list-unsubscribe"},
		{!rec.Facts.StreamIDOK, "split-feedback-id"},
		{!rec.Facts.ExpiresPresent, "set-expires"},
	} {
		if a.is {
			list = append(list, a.code)
		}
	}
	return list
}

// Name completes a report: who it is from, and a name that is no counter.
func (r *Report) Name(from Metadata, request string, random io.Reader) error {
	const letters = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789"
	s := Sampler{random}
	id := make([]byte, 8)
	for i := range id {
		at, err := s.uniform(uint64(len(letters)))
		if err != nil {
			return fmt.Errorf("name a report: %w", err)
		}
		id[i] = letters[at]
	}
	from.Range, from.Privacy = r.Metadata.Range, r.Metadata.Privacy
	from.ID = from.Range.Begin.UTC().Format(time.DateOnly) + "." + string(id) + "@" + from.Submitter
	r.Metadata, r.Policy.Request = from, request
	return nil
}
