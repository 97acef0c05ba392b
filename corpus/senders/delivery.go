package senders

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"

	"usher/classify"
	"usher/classify/knows"
	"usher/classify/mail"
	"usher/corpus/report"
	"usher/rules"
	"usher/smtpd/leave"
)

// Delivery is what is kept of one bulk message to one mailbox, whoever's statements
// decided about it, so that a report can count it.
type Delivery struct {
	Brand    string `json:"brand"`    // organisational domain of From, proven by DKIM
	Decision string `json:"decision"` // its id, which has the minute
	To       string `json:"to"`       // the mailbox
	Was      was    `json:"was"`
	Void     bool   `json:"void,omitempty"` // the next hop refused it: nobody got it
}

// was is a report.Delivery without an act, since people act later, as short as there may
// be a million of.
type was struct{ report.Delivery }

// brief is how it is written.
type brief struct {
	FeedbackID string `json:"f,omitempty"`
	ListID     string `json:"l,omitempty"`
	Refused    bool   `json:"x,omitempty"`
	Placement  string `json:"p"`
	Reason     string `json:"r"`
	Topic      string `json:"t,omitempty"`
	Matched    bool   `json:"m,omitempty"`
	Facts      int    `json:"b,omitempty"` // a bit each
	Claim      string `json:"c,omitempty"`
}

// MarshalJSON implements json.Marshaler.
func (w was) MarshalJSON() ([]byte, error) {
	return json.Marshal(brief{w.FeedbackID, w.ListID, !w.Accepted, w.Placement, w.Reason, w.Topic, w.Matched, w.Facts.Bits(), w.Facts.TermsClaim})
}

// UnmarshalJSON implements json.Unmarshaler.
func (w *was) UnmarshalJSON(raw []byte) error {
	var b brief
	err := json.Unmarshal(raw, &b)
	w.Delivery = report.Delivery{FeedbackID: b.FeedbackID, ListID: b.ListID, Accepted: !b.Refused, Placement: b.Placement, Reason: b.Reason, Topic: b.Topic, Matched: b.Matched, Facts: report.FactsOf(b.Facts, b.Claim)}
	return err
}

// at is when a delivery came, to the minute; the zero time if that is not known.
func (k *Delivery) at() time.Time {
	id, err := ulid.ParseStrict(k.Decision)
	if err != nil {
		return time.Time{}
	}
	return ulid.Time(id.Time()).UTC()
}

// DeliveryOf reads what a report counts of a message; nil where it counts nothing: of
// what is not bulk, is not proven by DKIM, or is a report itself.
func DeliveryOf(o *mail.Object, d *rules.Decision) *Delivery {
	id, m := o.Identity, o.Message
	if d.Category != classify.Promotion && d.Category != classify.Newsletter || id.How != mail.ByDKIM || id.OrgDomain == "" || id.SenderKey != id.OrgDomain || isReport(m) {
		return nil
	}
	k := &Delivery{Brand: id.OrgDomain, Decision: d.ID, To: d.Recipient, Was: was{report.Delivery{
		Accepted: true, Placement: string(d.Disposition), Reason: reasonOf(d), Topic: cmp.Or(d.Topic, report.Other),
		Matched: slices.ContainsFunc(d.Relevance, func(r rules.Relevance) bool { return r.Answer == classify.Yes }),
	}}}
	for name, at := range map[string]*string{"Feedback-ID": &k.Was.FeedbackID, "List-Id": &k.Was.ListID} {
		if id.Covered(name) {
			*at = m.Get(name)
		}
	}
	if open := strings.LastIndexByte(k.Was.ListID, '<'); open >= 0 {
		k.Was.ListID = strings.TrimSuffix(strings.TrimSpace(k.Was.ListID[open+1:]), ">")
	}
	k.Was.Facts = factsOf(o, d)
	return k
}

// isReport reports mail that tells of other mail: about reports nothing is reported.
func isReport(m *mail.Message) bool {
	auto := strings.ToLower(strings.TrimSpace(m.Get("Auto-Submitted")))
	return auto != "" && auto != "no" || m.Has("Relevance-Report-Domain") || strings.HasPrefix(strings.ToLower(strings.TrimSpace(m.Get("Content-Type"))), "multipart/report")
}

func factsOf(o *mail.Object, d *rules.Decision) report.Facts {
	seen := func(code string) bool {
		return slices.ContainsFunc(d.Knows, func(k classify.Knows) bool { return k.Code == code && k.Level == knows.Seen })
	}
	slip, err := leave.Read(o.Message, o.Identity)
	f := report.Facts{
		OpenPixel: seen("open_pixel"), RecipientIDInURL: seen("recipient_id_in_url"), RecipientAddressInURL: seen("recipient_address_in_url"), ThirdPartyBeacon: seen("third_party_beacon"),
		OneClickOK: err == nil && slip.Post != "", UnsubscribeSigned: err == nil,
		ExpiresPresent: o.Message.Has("Expires"), StreamIDOK: o.Identity.Covered("Feedback-ID") || o.Identity.Covered("List-Id"),
		PriceReadable: slices.ContainsFunc(d.Offers, func(o rules.Offer) bool { return o.Price != "" }),
		TermsClaim:    "none",
	}
	if d.Terms != nil && d.Terms.Claim != nil {
		f.TermsClaim = "consistent"
		if d.Terms.Claim.Against != "" {
			f.TermsClaim = "contradicted"
		}
	}
	return f
}

// reasonOf tells by which kind of statement a message went where it did.
func reasonOf(d *rules.Decision) string {
	verb, rest, _ := strings.Cut(d.Statement, " ")
	switch verb {
	case "want":
		for _, r := range d.Relevance {
			if r.Source == d.Because && r.Answer == classify.Yes {
				return "intent_match"
			}
		}
		return "intent_unknown"
	case "grant":
		if d.Disposition == rules.Inbox {
			return "granted"
		}
		return "no_intent"
	case "promotions", "newsletters":
		return "no_intent"
	case "cap", "at":
		return "over_frequency"
	case "mute":
		return "refused"
	case "refuse":
		if strings.HasPrefix(rest, "tracking") {
			return "tracking"
		}
		return "refused"
	}
	return report.Other
}

// became completes a delivery by what became of it at the wire, and reports whether that
// is another than was kept.
func (k *Delivery) became(out *rules.Outcome) bool {
	before := *k
	k.Was.Placement = string(cmp.Or(out.Applied, rules.Disposition(k.Was.Placement)))
	k.Was.Accepted = out.Code/100 == 2
	k.Void = out.Code/100 != 2 && out.Applied != rules.Reject
	return before != *k
}
