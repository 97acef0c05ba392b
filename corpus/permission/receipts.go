package permission

import "time"

// Receipts is the list as JSON-LD, with field names of ISO/IEC TS 27560:2023 in the W3C
// Data Privacy Vocabulary. That these names fit is not verified.
type Receipts struct {
	Context map[string]string `json:"@context"`
	Title   string            `json:"dct:title"`
	Mapping string            `json:"mapping"`
	Created time.Time         `json:"dct:created"`
	Records []Record          `json:"dct:hasPart"`
}

// Record is what there is of one brand.
type Record struct {
	Type       string `json:"@type"`
	ID         string `json:"record_id"` // of its first event
	Schema     string `json:"schema_version"`
	Principal  string `json:"pii_principal_id"` // the mailbox
	Controller string `json:"pii_controller"`   // the brand, as far as it is known
	Purpose    string `json:"purpose"`
	State      string `json:"event_state"` // of the permission now
	Events     []Step `json:"events"`
}

// Step is an event with the name that the vocabulary has for it, if any.
type Step struct {
	Type string `json:"@type,omitempty"`
	Event
}

// words are the names of the vocabulary.
var words = map[string]string{Granted: "dpv:ConsentGiven", Withdrawn: "dpv:ConsentWithdrawn", Ended: "dpv:ConsentExpired"}

// Receipts writes the events of a mailbox, brand by brand in the order of their first one.
func (l *Ledger) Receipts(mailbox string, all []Event) Receipts {
	r := Receipts{
		Context: map[string]string{"dpv": "https://w3id.org/dpv#", "dct": "http://purl.org/dc/terms/"},
		Title:   "recipient's own record, not a receipt issued by a controller",
		Mapping: "unverified", Created: l.Now().UTC().Truncate(time.Second), Records: []Record{},
	}
	at := map[string]int{}
	for _, e := range all {
		i, is := at[e.Brand]
		if !is {
			i = len(r.Records)
			at[e.Brand] = i
			r.Records = append(r.Records, Record{
				Type: "dpv:ConsentRecord", ID: e.ID, Schema: Schema, Principal: mailbox, Controller: e.Brand,
				Purpose: "dpv:DirectMarketing", State: "dpv:ConsentUnknown",
			})
		}
		record := &r.Records[i]
		record.Events = append(record.Events, Step{words[e.Event], e})
		if w := words[e.Event]; w != "" {
			record.State = w
		}
	}
	return r
}
