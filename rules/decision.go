// Package rules turns a verdict and a person's statements into a decision. It
// never reads a disk, talks to a network or changes a message.
package rules

import (
	"encoding/json"
	"fmt"
	"time"

	"usher/classify"
	"usher/rules/claim"
)

// Disposition says where a message goes.
type Disposition string

// The five dispositions.
const (
	Inbox      Disposition = "inbox"
	Promotions Disposition = "promotions"
	Digest     Disposition = "digest" // filed among the promotions and summarised
	Refuse     Disposition = "refuse" // filed among the refused
	Reject     Disposition = "reject" // answered 5xx, where the wire may
)

// Decision is verdict + statement + disposition for one recipient, as kept and
// as printed by --json: the field names are a contract.
type Decision struct {
	ID          string              `json:"id"` // ULID; its time is the minute of arrival
	At          time.Time           `json:"at"` // arrival, to the minute
	Recipient   string              `json:"recipient"`
	MessageID   string              `json:"message_id,omitempty"` // kept as a keyed hash only
	Sender      Sender              `json:"sender"`
	Subject     string              `json:"subject,omitempty"`
	Category    classify.Category   `json:"category"`
	Confidence  float64             `json:"confidence"`
	Disposition Disposition         `json:"disposition"`
	Because     string              `json:"because"` // "intents:39", "site:3", "override:01JD8Q…", "default" or "error"
	Statement   string              `json:"statement,omitempty"`
	Text        string              `json:"text,omitempty"`
	Also        []Also              `json:"also,omitempty"`
	Relevance   []Relevance         `json:"relevance,omitempty"`
	Offers      []Offer             `json:"offers,omitempty"`
	Knows       []classify.Knows    `json:"knows,omitempty"`
	Terms       *claim.Terms        `json:"terms,omitempty"`
	Evidence    []classify.Evidence `json:"evidence,omitempty"`
	Summary     string              `json:"summary,omitempty"`
	Topic       string              `json:"topic,omitempty"`    // one of topic.All, of promotions and newsletters: what it is mainly about
	Size        int                 `json:"size,omitempty"`     // bytes, rounded up to a power of two
	Intents     string              `json:"intents,omitempty"`  // first 16 hex digits of the SHA-256 of the intents file
	Nearest     string              `json:"nearest,omitempty"`  // the smallest change that would have moved it: "without line 41, it would have gone to the inbox"
	Observed    bool                `json:"observed,omitempty"` // an observe is in force: the mail passes as it came
	WouldBe     Disposition         `json:"would_be,omitempty"` // where it would have gone, but for an override or an observe
	Counts      []Count             `json:"counts,omitempty"`   // what it counts as for this mailbox; none if for nothing
	Outcome     *Outcome            `json:"outcome,omitempty"`  // what the next hop said; absent until then

	// Retry is the key under which the wire finds the decision again when the
	// same message comes once more; "" where it must be made anew.
	Retry string `json:"-"`

	// Features are what is kept so that the decision can be made again under
	// another file (Again), sealed with it and never printed; nil of personal
	// mail, and where the judge was not asked to keep them.
	Features []byte `json:"-"`

	// Detail is what stood behind the delimiter of the address that the mail came to,
	// for the totals of its sender.
	Detail string `json:"-"`

	// Beside is what is kept beside the decision when it is stored, sealed, under the
	// prefix of its kind and for as long as that is kept.
	Beside map[string][]byte `json:"-"`

	// Declined is what the 5xx reply gives as the reason when Disposition is reject: one
	// of mail.Declines…. TellSender is what it says in the person's words, "" where these
	// may not be said.
	Declined   string `json:"declined,omitempty"`
	TellSender string `json:"tell_sender,omitempty"`
}

// Sender is the sender of a decision.
type Sender struct {
	Brand   string `json:"brand"`
	Name    string `json:"name,omitempty"`
	Aligned bool   `json:"aligned"`
	How     string `json:"how"`
}

// Also is a statement that matched, or nearly did, without deciding.
type Also struct {
	Source    string          `json:"source"`
	Statement string          `json:"statement"`
	Answer    classify.Answer `json:"answer"`
	Text      string          `json:"text,omitempty"`
}

// Relevance is how well the message served one want.
type Relevance struct {
	Source string          `json:"source"`
	Score  float64         `json:"score"`
	Answer classify.Answer `json:"answer"`
}

// Offer is an offer as printed: amounts are decimal strings.
type Offer struct {
	Brand    string `json:"brand,omitempty"`
	Item     string `json:"item,omitempty"`
	Price    string `json:"price,omitempty"`
	Currency string `json:"currency,omitempty"`
	Was      string `json:"was,omitempty"`
	Discount int    `json:"discount,omitempty"`
	Code     string `json:"code,omitempty"`
	Ends     string `json:"ends,omitempty"` // RFC 3339
	From     string `json:"from,omitempty"` // where it was read: "json-ld", "text"
}

// Outcome is what became of a decision on the wire.
type Outcome struct {
	Applied Disposition `json:"applied"`                     // differs from Disposition where it was softened
	Code    int         `json:"code"`                        // the reply upstream got
	Why     string      `json:"why,omitempty"`               // why it was softened
	Ref     string      `json:"ref,omitempty"`               // the reference in the reply that told the sender
	Changed int         `json:"line_ends_changed,omitempty"` // line ends of the message that were not CRLF, and are now
}

// Keep puts a value, as JSON, among what is kept beside the decision.
func (d *Decision) Keep(prefix string, value any) error {
	raw, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("keep %s beside a decision: %w", prefix, err)
	}
	if d.Beside == nil {
		d.Beside = map[string][]byte{}
	}
	d.Beside[prefix] = raw
	return nil
}
