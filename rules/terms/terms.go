// Package terms states what a site asks of bulk mail, as a file that the machines of
// senders read. It never holds anything of one person, and nothing that the site's own
// statements do not say.
package terms

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"usher/classify/mail"
	"usher/classify/topic"
	"usher/rules/intents"
)

// MaxBytes bounds a file of terms: ten times what one holds that says everything.
const MaxBytes = 32 << 10

// version is that of the form of the file; a reader of another major version may not
// understand it.
const version = "1.0"

// Document is what a site asks, and where mail of each kind goes for who states
// nothing of their own.
type Document struct {
	Version    string            `json:"version"`
	Domain     string            `json:"domain"`      // of the recipients
	ValidUntil string            `json:"valid_until"` // the last day, 2027-05-01
	Contact    string            `json:"contact,omitempty"`
	Agreements []Agreement       `json:"agreements,omitempty"`
	Accepts    Accepts           `json:"accepts"`
	Requires   Requires          `json:"requires"`
	Declines   map[string]string `json:"declines,omitempty"` // what mail does, by its code: the disposition that it gets
	Prefers    Prefers           `json:"prefers,omitzero"`
	Feedback   Feedback          `json:"feedback,omitzero"`
}

// Agreement is one that is proffered, by its identifier alone.
type Agreement struct {
	ID     string `json:"id"`
	Roster string `json:"roster"` // where identifiers of its kind are kept
	Status string `json:"status"` // "proffered": no message forms an agreement
}

// Accepts are dispositions by category; PromotionWanted is that of one which serves a
// stated want.
type Accepts struct {
	Transactional   intents.Route `json:"transactional,omitempty"`
	Notification    intents.Route `json:"notification,omitempty"`
	List            intents.Route `json:"list,omitempty"`
	Newsletter      intents.Route `json:"newsletter,omitempty"`
	Promotion       intents.Route `json:"promotion,omitempty"`
	PromotionWanted intents.Route `json:"promotion_wanted,omitempty"`
}

// Requires is what mail must have to be accepted so.
type Requires struct {
	AlignedDKIM    bool     `json:"aligned_dkim,omitempty"`
	OneClickSigned bool     `json:"one_click_signed,omitempty"` // the admin's own wish: nothing here goes by it
	StreamID       []string `json:"stream_id,omitempty"`        // the same
	MaxPerDay      int      `json:"max_per_day,omitempty"`      // of one brand, to one mailbox
	MaxPerWeek     int      `json:"max_per_week,omitempty"`
	MaxPerMonth    int      `json:"max_per_month,omitempty"`
}

// Prefers is what usher makes use of where a sender gives it.
type Prefers struct {
	ExpiresHeader bool     `json:"expires_header,omitempty"`
	SchemaOrg     []string `json:"schema_org,omitempty"`
	Topics        string   `json:"topics,omitempty"`
}

// Feedback is what a sender may ask this site for.
type Feedback struct {
	Reports    string   `json:"reports,omitempty"`
	Complaints []string `json:"complaints,omitempty"`
}

// complaints is the one way in which senders are told of complaints.
const complaints = "rfc9477"

// Errors of Of and Contradictions.
var (
	ErrNothing  = errors.New("there is no site file, and so nothing that could be published")
	ErrObserves = errors.New("the site's file only observes until")
)

// Asked is what the site's statements do not tell.
type Asked struct {
	Domain  string
	Contact string
	Until   intents.Date // the last day; earlier where a statement ends before it
	Told
}

// Told is what this usher tells senders.
type Told struct {
	Reports    bool // who asks for reports
	Complaints bool // where people complain, as RFC 9477 has it
}

// Of writes out what a site's statements ask, as of a day. It leaves out what they do
// not say.
func Of(site *intents.File, asked Asked, day intents.Date) (Document, error) {
	if site == nil {
		return Document{}, ErrNothing
	}
	for _, o := range site.Observes {
		if !o.Ended(day) {
			return Document{}, fmt.Errorf("%w %s: nothing that it states is in force before", ErrObserves, o.Until)
		}
	}
	d := Document{
		Version: version, Domain: mail.Domain(asked.Domain), Contact: asked.Contact,
		Accepts: Accepts{
			Transactional: intents.Inbox, List: intents.Inbox, PromotionWanted: intents.Inbox,
			Notification: route(site, "notifications", intents.Inbox),
			Newsletter:   route(site, "newsletters", intents.Promotions),
			Promotion:    route(site, "promotions", intents.Promotions),
		},
		Requires: Requires{AlignedDKIM: true}, // nobody benefits from a want who has not proven who they are
		Prefers:  Prefers{ExpiresHeader: true, SchemaOrg: []string{"DiscountOffer", "Order"}, Topics: topic.Scheme},
	}
	if asked.Reports {
		d.Feedback.Reports = mail.LabelRelevance
	}
	if asked.Complaints {
		d.Feedback.Complaints = []string{complaints}
	}
	for _, id := range proffered(site) {
		d.Agreements = append(d.Agreements, Agreement{ID: id, Roster: "https://customercommons.org/", Status: "proffered"})
	}
	until := asked.Until
	d.cap(site, day, &until)
	d.decline(site, day, &until)
	d.ValidUntil = until.String()
	return d, nil
}

// route is where the site's default sends a kind.
func route(site *intents.File, kind string, usual intents.Route) intents.Route {
	if d := site.Default(kind); d != nil {
		return d.Route
	}
	return usual
}

// proffered lists the identifiers that the site proffers.
func proffered(site *intents.File) (ids []string) {
	for _, s := range site.All {
		if t, is := s.(*intents.Terms); is {
			ids = append(ids, t.ID)
		}
	}
	return ids
}

// cap takes up how often one brand may write.
func (d *Document) cap(site *intents.File, day intents.Date, until *intents.Date) {
	for _, c := range site.Caps {
		if !c.Every || !counts(&c.Head, day, until) {
			continue
		}
		at := map[string]*int{"day": &d.Requires.MaxPerDay, "week": &d.Requires.MaxPerWeek, "month": &d.Requires.MaxPerMonth}[c.Rate.Period]
		if at != nil && (*at == 0 || c.Rate.N < *at) {
			*at = c.Rate.N
		}
	}
}

// decline takes up what mail is refused for that it does.
func (d *Document) decline(site *intents.File, day intents.Date, until *intents.Date) {
	d.Declines = map[string]string{}
	for _, r := range site.Refuses {
		if len(r.Tracking) == 0 && !r.Unsigned || !counts(&r.Head, day, until) {
			continue
		}
		to := "refuse"
		if r.Tell {
			to = "reject"
		}
		set := func(code string) {
			if d.Declines[code] == "" { // the first that applies decides
				d.Declines[code] = to
			}
		}
		if r.Unsigned {
			set("unsigned")
		}
		for _, way := range r.Tracking {
			for code, is := range intents.TrackedBy {
				if is == way {
					set(code)
				}
			}
		}
	}
}

// counts reports whether a statement holds on a day; what is published ends with it.
func counts(h *intents.Head, day intents.Date, until *intents.Date) bool {
	if h.Ended(day) {
		return false
	}
	if h.Until != nil && h.Until.Before(*until) {
		*until = *h.Until
	}
	return true
}

// Bytes is the document as it is published.
func (d Document) Bytes() []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	e.Encode(d) // words and numbers alone
	return b.Bytes()
}

// Read reads a published document; a name that it does not know is an error, so that
// nothing is published by mistake.
func Read(text []byte) (Document, error) {
	var d Document
	if len(text) > MaxBytes {
		return d, fmt.Errorf("it holds over %d bytes", MaxBytes)
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&d); err != nil {
		return d, err
	}
	if _, err := dec.Token(); err != io.EOF {
		return d, errors.New("something stands behind its end")
	}
	if d.Version != version {
		return d, fmt.Errorf("its version is %q, and this usher knows %q", d.Version, version)
	}
	if d.Domain == "" || d.Domain != mail.Domain(d.Domain) {
		return d, fmt.Errorf("%q is no domain", d.Domain)
	}
	return d, nil
}

// Sum is the SHA-256 of a document as published, in hex.
func Sum(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// URL is where a document is looked for whose site says nothing else.
func (d Document) URL() string { return "https://" + d.Domain + mail.PathTerms }

// Pointer is the DNS record that leads to a document published at a URL: its name, and
// its text.
func (d Document) Pointer(text []byte, url string) (name, txt string) {
	txt = fmt.Sprintf("v=%s; url=%s; sha256=%s", mail.TermsVersion, url, Sum(text))
	if len(d.Agreements) > 0 {
		txt += "; agr=" + d.Agreements[0].ID
	}
	return mail.LabelTerms + "." + d.Domain, txt
}

// Zone writes a TXT record as a zone file has it, in strings of at most 255 bytes
// (RFC 1035, section 3.3.14).
func Zone(name, txt string) string {
	var parts []string
	for len(txt) > 255 {
		parts, txt = append(parts, txt[:255]), txt[255:]
	}
	parts = append(parts, txt)
	for i, p := range parts {
		parts[i] = `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(p) + `"`
	}
	return name + ". TXT " + strings.Join(parts, " ")
}

// Day reads the last day of a document.
func (d Document) Day() (time.Time, error) { return time.Parse(time.DateOnly, d.ValidUntil) }
