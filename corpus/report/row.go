package report

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// The keys of a row's histograms, in the order in which they are printed.
var (
	Placements = []string{"inbox", "promotions", "digest", "refuse", "reject"}
	Reasons    = []string{"intent_match", "granted", "no_intent", "intent_unknown", "over_frequency", "refused", "tracking", "no_permission", "other"}
	Acts       = []string{"complained", "unsubscribed", "demoted", "rescued", "none"} // the strongest first
)

// Other is the topic and the reason of what has no other.
const Other = "other"

// Delivery is one bulk message that came to one mailbox, as far as a report is about it.
type Delivery struct {
	FeedbackID string // as the aligned signature covers it; "" for none
	ListID     string // the same
	Accepted   bool   // passed on; else refused by us
	Placement  string
	Reason     string
	Topic      string
	Matched    bool // a want was served
	Act        string
	Facts      Facts
}

// Facts are what a message had, about nobody.
type Facts struct {
	OpenPixel             bool   `json:"open_pixel"`
	RecipientIDInURL      bool   `json:"recipient_id_in_url"`
	RecipientAddressInURL bool   `json:"recipient_address_in_url"`
	ThirdPartyBeacon      bool   `json:"third_party_beacon"`
	OneClickOK            bool   `json:"one_click_ok"`
	UnsubscribeSigned     bool   `json:"unsubscribe_signed"`
	ExpiresPresent        bool   `json:"expires_present"`
	StreamIDOK            bool   `json:"stream_id_ok"`
	PriceReadable         bool   `json:"price_readable"`
	TermsClaim            string `json:"terms_claim"` // "none", "consistent" or "contradicted"
}

// list gives the facts that are yes or no, to be counted.
func (f *Facts) list() []*bool {
	return []*bool{&f.OpenPixel, &f.RecipientIDInURL, &f.RecipientAddressInURL, &f.ThirdPartyBeacon, &f.OneClickOK, &f.UnsubscribeSigned, &f.ExpiresPresent, &f.StreamIDOK, &f.PriceReadable}
}

// Bits writes the facts that are yes or no as a bit each, and FactsOf reads them.
func (f Facts) Bits() (bits int) {
	for i, is := range f.list() {
		if *is {
			bits |= 1 << i
		}
	}
	return bits
}

// FactsOf reads what Bits wrote.
func FactsOf(bits int, claim string) Facts {
	f := Facts{TermsClaim: claim}
	for i, is := range f.list() {
		*is = bits&(1<<i) != 0
	}
	return f
}

// Bounds of a stream's name.
const (
	maxParts   = 4   // of a Feedback-ID
	maxStream  = 128 // bytes
	maxStreams = 10_000
)

// Window adds up one sender's mail of one span of time. Mail is added mailbox by mailbox.
type Window struct {
	Domain     string
	Begin, End time.Time
	By         string // "feedback-id", "list-id" or "domain": how fine the rows may be

	streams map[[2]string]*tally         // all mail, by Feedback-ID and List-Id
	parts   [maxParts + 1]map[string]int // mailboxes by a part of the Feedback-ID, or by List-Id
	many    bool                         // more streams than are told apart
	chosen  []chosen                     // one a mailbox that takes part
}

// chosen is the one message of a mailbox that counts.
type chosen struct {
	stream    [2]string
	placement string
	reason    string
	topic     string
	act       string
	matched   bool
}

// tally is what all mailboxes together got of something.
type tally struct {
	accepted, rejected int
	facts              [9]int
	claims             map[string]int
	topics             map[string]int
}

func (t *tally) of() int { return t.accepted + t.rejected }

func (t *tally) add(d *Delivery) {
	if t.claims == nil {
		t.claims, t.topics = map[string]int{}, map[string]int{}
	}
	if d.Accepted {
		t.accepted++
	} else {
		t.rejected++
	}
	for i, f := range d.Facts.list() {
		if *f {
			t.facts[i]++
		}
	}
	t.claims[cmp.Or(d.Facts.TermsClaim, "none")]++
	t.topics[cmp.Or(d.Topic, Other)]++
}

func (t *tally) join(o *tally) {
	if t.claims == nil {
		t.claims, t.topics = map[string]int{}, map[string]int{}
	}
	t.accepted, t.rejected = t.accepted+o.accepted, t.rejected+o.rejected
	for i := range t.facts {
		t.facts[i] += o.facts[i]
	}
	for claim, n := range o.claims {
		t.claims[claim] += n
	}
	for topic, n := range o.topics {
		t.topics[topic] += n
	}
}

// majority are the facts that more than half of the deliveries had: a pixel that was
// sent to one person tells nothing of them.
func (t *tally) majority() (f Facts) {
	for i, is := range f.list() {
		*is = 2*t.facts[i] > t.of()
	}
	f.TermsClaim = "none"
	for claim, n := range t.claims {
		if 2*n > t.of() {
			f.TermsClaim = claim
		}
	}
	return f
}

// Add adds the mail that came to one mailbox. Where it takes part one message counts for
// it: that of the strongest act, else one by chance.
func (w *Window) Add(mail []Delivery, takesPart bool, s Sampler) error {
	if w.streams == nil {
		w.streams = map[[2]string]*tally{}
	}
	for i := range mail {
		d := &mail[i]
		d.FeedbackID, d.ListID = stream(d.FeedbackID), stream(d.ListID)
		key := [2]string{d.FeedbackID, d.ListID}
		if w.many || len(w.streams) >= maxStreams && w.streams[key] == nil {
			w.merge()
			key = [2]string{}
		}
		of := w.streams[key]
		if of == nil {
			of = &tally{}
			w.streams[key] = of
		}
		of.add(d)
	}
	w.met(mail)
	if !takesPart || len(mail) == 0 {
		return nil
	}
	at, err := s.uniform(uint64(len(mail)))
	if err != nil {
		return err
	}
	one := &mail[at]
	for i := range mail {
		if strength(mail[i].Act) < strength(one.Act) {
			one = &mail[i]
		}
	}
	w.chosen = append(w.chosen, chosen{
		stream: [2]string{one.FeedbackID, one.ListID}, placement: one.Placement, reason: one.Reason,
		topic: cmp.Or(one.Topic, Other), act: cmp.Or(one.Act, "none"), matched: one.Matched,
	})
	return nil
}

// met counts one mailbox for each part of a name that it got mail under.
func (w *Window) met(mail []Delivery) {
	var seen [maxParts + 1]map[string]bool
	for i := range mail {
		if w.many {
			return
		}
		parts := []string{}
		if mail[i].FeedbackID != "" {
			parts = strings.Split(mail[i].FeedbackID, ":")
		}
		for at := range seen {
			value := mail[i].ListID
			if at < maxParts {
				if at >= len(parts) {
					continue
				}
				value = parts[at]
			}
			if seen[at] == nil {
				seen[at] = map[string]bool{}
			}
			if w.parts[at] == nil {
				w.parts[at] = map[string]int{}
			}
			if !seen[at][value] {
				seen[at][value] = true
				w.parts[at][value]++
			}
		}
	}
}

// personal reports whether a part of a name tells people apart: there are more values
// than half the deliveries, or most of many values met one mailbox alone.
func (w *Window) personal(at, deliveries int) bool {
	const many = 10
	n, alone := len(w.parts[at]), 0
	for _, boxes := range w.parts[at] {
		if boxes == 1 {
			alone++
		}
	}
	return 2*n > deliveries || n >= many && 2*alone > n
}

// strength is the place of an act: the lower, the stronger.
func strength(act string) int {
	if i := slices.Index(Acts, act); i >= 0 {
		return i
	}
	return len(Acts) - 1
}

// merge gives up telling streams apart: they are too many.
func (w *Window) merge() {
	if w.many {
		return
	}
	w.many, w.parts = true, [maxParts + 1]map[string]int{}
	all := &tally{}
	for _, t := range w.streams {
		all.join(t)
	}
	w.streams = map[[2]string]*tally{{}: all}
}

// stream is a name that may be told: printable ASCII, of at most four parts; "" if it is
// something else.
func stream(name string) string {
	name = strings.TrimSpace(name)
	if len(name) > maxStream || strings.Count(name, ":") >= maxParts || strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return ""
	}
	return name
}

// Stream names a row.
type Stream struct {
	Kind  string `json:"kind"` // "domain", "feedback-id" or "list-id"
	Value string `json:"value"`
}

// row is a row before it is blurred.
type row struct {
	Stream
	all      tally
	chosen   []chosen
	personal bool // a part of its Feedback-ID names people
}

// rows parts the mail into the domain's row and one a stream, those of the most mail
// first. Nobody is in more than one beside the domain's.
func (w *Window) rows() []*row {
	whole := &row{Stream: Stream{"domain", w.Domain}, chosen: w.chosen}
	for _, t := range w.streams {
		whole.all.join(t)
	}
	if w.By == "domain" || w.many {
		return []*row{whole}
	}
	name := w.names(whole.all.of())
	by := map[Stream]*row{}
	for key, t := range w.streams {
		if s := name(key); s.Kind != "" {
			if by[s] == nil {
				by[s] = &row{Stream: s, personal: strings.Contains(s.Value, "*") || s.Kind != "feedback-id" && key[0] != ""}
				whole.personal = whole.personal || by[s].personal
			}
			by[s].all.join(t)
		}
	}
	for _, c := range w.chosen {
		if r := by[name(c.stream)]; r != nil {
			r.chosen = append(r.chosen, c)
		}
	}
	var rows []*row
	for _, r := range by {
		rows = append(rows, r)
	}
	slices.SortFunc(rows, func(a, b *row) int {
		return cmp.Or(cmp.Compare(b.all.of(), a.all.of()), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Value, b.Value))
	})
	return append([]*row{whole}, rows[:min(len(rows), maxRows)]...)
}

// names tells how streams are called: parts of a Feedback-ID that tell people apart
// become *; if all do, the List-Id names the stream.
func (w *Window) names(deliveries int) func(key [2]string) Stream {
	var personal [maxParts + 1]bool
	for at := range personal {
		personal[at] = w.personal(at, deliveries)
	}
	return func(key [2]string) Stream {
		if w.By != "list-id" && key[0] != "" {
			parts, told := strings.Split(key[0], ":"), false
			for i := range parts {
				if personal[i] {
					parts[i] = "*"
				} else if parts[i] != "" {
					told = true
				}
			}
			if told {
				return Stream{"feedback-id", strings.Join(parts, ":")}
			}
		}
		if key[1] != "" && !personal[maxParts] {
			return Stream{"list-id", key[1]}
		}
		return Stream{}
	}
}
