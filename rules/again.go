package rules

import (
	"errors"
	"time"

	"usher/classify"
	"usher/classify/mail"
	"usher/rules/features"
	"usher/rules/intents"
)

// Errors of a decision that cannot be made again, beside features.ErrVersion.
var (
	ErrNoFeatures = errors.New("it was decided by an usher that kept too little of it")
	ErrFailed     = errors.New("it was not judged: usher failed and let it pass")
)

// Files are the statements that hold for one mailbox; either may be nil.
type Files struct{ Own, Site *intents.File }

// Again makes a stored decision again under other files, at the time of its
// message's arrival and without overrides. It takes what was kept of the message
// for the message; past is what was counted before, or nil. Nil is nothing
// decided: with no file at all the mailbox is not judged. Its errors are
// ErrNoFeatures, ErrFailed and features.ErrVersion.
func (d *Decision) Again(files Files, past Past) (*Decision, error) {
	o, v, err := d.recall()
	if err != nil || files == (Files{}) {
		return nil, err
	}
	h := new(Judge).hear(o, v, d.Recipient, files.Own, files.Site)
	if past != nil && h.isCounted() {
		h.past = past
	}
	again := h.decision()
	again.ID, again.Summary, again.Retry, again.Outcome, again.Features = d.ID, d.Summary, d.Retry, d.Outcome, d.Features
	again.Terms, again.Topic = d.Terms, d.Topic
	return again, nil
}

// recall gives the message and the verdict again, as far as they were kept.
func (d *Decision) recall() (*mail.Object, *classify.Verdict, error) {
	o := &mail.Object{
		Envelope: mail.Envelope{To: []string{d.Recipient}, Arrived: d.At},
		Identity: mail.Identity{Name: d.Sender.Name, How: mail.How(d.Sender.How)},
		Message:  &mail.Message{Subject: d.Subject, MessageID: d.MessageID, Size: d.Size},
	}
	v := &classify.Verdict{Category: d.Category, Confidence: d.Confidence, Knows: d.Knows, Tagged: d.Terms != nil && d.Terms.Needs == "SD-BASE-A"}
	switch {
	case d.Category == classify.Personal:
		return o, v, nil
	case d.Because == "error" && len(d.Features) == 0:
		return nil, nil, ErrFailed
	case len(d.Features) == 0:
		return nil, nil, ErrNoFeatures
	}
	for _, e := range d.Evidence {
		if e.Code != LooksLike {
			v.Evidence = append(v.Evidence, e)
		}
	}
	var offers []features.Offer
	for _, p := range d.Offers {
		offer := features.Offer{Offer: mail.Offer{Brand: p.Brand, Item: p.Item, Discount: p.Discount, Code: p.Code, Source: p.From}, Currency: p.Currency}
		offer.Ends, _ = time.Parse(time.RFC3339, p.Ends) // "" is no end
		offers = append(offers, offer)
	}
	return o, v, features.Read(d.Features, o, v, offers)
}
