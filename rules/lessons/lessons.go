// Package lessons turns the corrections of one person into what they teach: where
// mail like it goes from now on. It never judges mail, never reads a file of
// statements and keeps nothing.
package lessons

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"usher/classify"
)

// Most is how many labels of one mailbox teach at once. Beyond them the oldest of
// the narrowest scope leaves.
const Most = 500

// Scope is how far a correction reaches.
type Scope string

// The scopes, from the narrowest to the widest.
const (
	Message Scope = "message" // this message alone
	Kind    Scope = "kind"    // mail of this kind from this brand
	Brand   Scope = "brand"   // all mail from this brand
	Topic   Scope = "topic"   // promotions and newsletters about a topic, whoever sends them
)

// Scopes are all of them, the default first.
var Scopes = []Scope{Kind, Message, Brand, Topic}

// Label is a correction: what a person said of one message. The field names are
// those of --json.
type Label struct {
	ID       string            `json:"id"` // ULID
	At       time.Time         `json:"at"` // to the second
	Way      string            `json:"by"` // "command", "page", "move", "reply" or "link"
	Decision string            `json:"decision"`
	To       string            `json:"to"`  // a disposition or a category
	Was      string            `json:"was"` // the disposition that it had
	Scope    Scope             `json:"scope"`
	Brand    string            `json:"brand,omitempty"`   // as the decision names the sender
	Proven   bool              `json:"proven"`            // that it was that brand
	Category classify.Category `json:"category"`          // as it was judged
	Topic    string            `json:"topic,omitempty"`   // of scope topic
	Instead  string            `json:"instead,omitempty"` // id of the label on the same message that it took the place of
	Undone   bool              `json:"undone,omitempty"`
}

// routes are where the kinds go that a person may name; "" is where the file has
// mail of that kind.
var routes = map[string]string{
	"inbox": "inbox", "promotions": "promotions", "digest": "digest", "refuse": "refuse",
	string(classify.Personal): "inbox", string(classify.Transactional): "inbox", string(classify.Notification): "inbox", string(classify.List): "inbox",
	string(classify.Newsletter): "", string(classify.Promotion): "",
}

// others are further words for the same.
var others = map[string]string{
	"receipt": "transactional", "receipts": "transactional", "invoice": "transactional", "order": "transactional", "bill": "transactional",
	"code": "transactional", "promo": "promotion", "ad": "promotion", "ads": "promotion", "spam": "refuse", "refused": "refuse", "newsletters": "newsletter",
}

// Target reads what a message is said to be, or where it belongs.
func Target(word string) (to string, ok bool) {
	to = strings.ToLower(strings.TrimSpace(word))
	if o := others[to]; o != "" {
		to = o
	}
	_, ok = routes[to]
	return to, ok
}

// Targets are the words that Target reads, for messages to a person.
const Targets = "inbox, promotions, digest, refuse, or what it is: personal, transactional, notification, newsletter, promotion, list"

// Route is where a label has mail go; "" where the file has mail of its kind.
func (l *Label) Route() string { return routes[l.To] }

// Narrowed is the widest scope that a label can have. Without a brand, or where
// nobody could prove it and mail is to be let in, it holds for its message alone:
// anyone could write that name. So does one that has notices of a brand go lower: what
// is taken for a notice may be needed, and a hand slips, so it takes two that agree.
func (l *Label) Narrowed() Scope {
	switch {
	case l.Scope == Topic || l.Scope == Message:
		return l.Scope
	case l.Brand == "", !l.Proven && l.Route() == "inbox", l.Scope == Kind && l.lowersNotices():
		return Message
	}
	return l.Scope
}

// lowersNotices reports a label that has notices leave the inbox.
func (l *Label) lowersNotices() bool {
	return l.Category == classify.Notification && l.Route() != "inbox"
}

// Lesson tells what a label teaches, in a sentence for the one who is about to
// learn it.
func (l *Label) Lesson() string {
	goes := " as your file has " + l.To + "s"
	if to := l.Route(); to != "" {
		goes = " to " + place(to)
	}
	switch l.Scope {
	case Message:
		text := "It is noted of this message alone, and teaches nothing about other mail."
		if l.Brand != "" && l.lowersNotices() {
			text += " (A notice may be needed: say the same of a second one from " + l.Brand + " to have it learnt.)"
		}
		if l.Brand != "" && !l.Proven && l.Route() == "inbox" {
			text += " (" + l.Brand + " was not proven to be its sender: a lesson would let in whoever writes that name.)"
		}
		return text
	case Topic:
		return fmt.Sprintf("Promotions and newsletters about %q go%s from now on, whoever sends them.%s", l.Topic, goes, l.bounds())
	case Brand:
		return fmt.Sprintf("All mail from %s goes%s from now on.%s", l.Brand, goes, l.bounds())
	}
	verb := "go"
	if name := plural(l.Category, true); !strings.HasSuffix(name, "s") {
		verb = "goes"
	}
	return fmt.Sprintf("%s from %s %s%s from now on.%s", plural(l.Category, true), l.Brand, verb, goes, l.bounds())
}

// bounds tells what a lesson does not touch.
func (l *Label) bounds() string {
	if l.Route() == "inbox" {
		return " A refuse or mute in your file still comes first."
	}
	return " What you protect, and mail that may be needed, stays in the inbox all the same."
}

func place(route string) string {
	switch route {
	case "refuse":
		return "the refused mail"
	case "digest":
		return "the promotions, and into the digest"
	}
	return "the " + route
}

// plural names mail of a category.
func plural(c classify.Category, begins bool) string {
	name := string(c) + "s"
	switch c {
	case classify.Personal, classify.Transactional, classify.List:
		name = string(c) + " mail"
	}
	if begins {
		name = strings.ToUpper(name[:1]) + name[1:]
	}
	return name
}

// Book is what the labels of one person teach. It is immutable.
type Book struct {
	brands map[string][]*Label // those of scope message, kind and brand, the newest first
	topics []topic
}

// topic is a label of scope topic, with what it is about.
type topic struct {
	*Label
	about *classify.Intent
}

// Read makes a book of the labels of a person, in any order. It reads Most of them:
// see Kept.
func Read(labels []Label) *Book {
	b := &Book{brands: map[string][]*Label{}}
	for _, l := range Kept(labels) {
		switch {
		case l.Scope == Topic:
			b.topics = append(b.topics, topic{l, classify.Compile(l.Topic, nil, nil)})
		case l.Brand != "":
			b.brands[l.Brand] = append(b.brands[l.Brand], l)
		}
	}
	return b
}

// Kept gives the labels in force, the newest first: the one that speaks last of a
// message, and of too many the newest of the widest scopes.
func Kept(labels []Label) (kept []*Label) {
	replaced := map[string]bool{}
	for i := range labels {
		if l := &labels[i]; !l.Undone {
			kept = append(kept, l)
			replaced[l.Instead] = true
		}
	}
	kept = slices.DeleteFunc(kept, func(l *Label) bool { return replaced[l.ID] })
	newest := func(a, b *Label) int { return strings.Compare(b.ID, a.ID) }
	if len(kept) > Most {
		slices.SortFunc(kept, func(a, b *Label) int {
			if a, b := a.Scope == Message, b.Scope == Message; a != b {
				if a {
					return 1
				}
				return -1
			}
			return newest(a, b)
		})
		kept = kept[:Most]
	}
	slices.SortFunc(kept, newest)
	return kept
}

// MostStored is how many labels of one mailbox are stored, those too that teach nothing
// any more.
const MostStored = 4 * Most

// Over names those of the older half of labels, given the oldest first, that teach
// nothing any more: what is let go where there are too many.
func Over(labels []Label) map[string]bool {
	over := map[string]bool{}
	for _, l := range labels[:len(labels)/2] {
		over[l.ID] = true
	}
	for _, l := range Kept(labels) {
		delete(over, l.ID)
	}
	return over
}

// Facts are what of a message a lesson is held against.
type Facts struct {
	Brand    string
	Proven   bool
	Category classify.Category
	Serves   func(*classify.Intent) bool // whether it is about that; asked of promotions and newsletters alone
}

// Lesson is what a book says of a message.
type Lesson struct {
	*Label      // the newest behind it
	Also   int  // labels that agree with it, beside it
	Wider  bool // it is wider than each of them: they agreed
}

// Of finds what a book teaches about a message, nil if nothing. The narrower scope
// comes first, and of one scope the newest label: so a contrary correction narrows
// what was taught before.
func (b *Book) Of(f Facts) *Lesson {
	if b == nil {
		return nil
	}
	list := b.brands[f.Brand]
	if f.Brand == "" {
		list = nil
	}
	of := func(scope Scope, category classify.Category) *Lesson {
		return agreed(list, func(l *Label) bool {
			return l.Scope == scope && (category == "" || l.Category == category) && l.holds(f)
		})
	}
	if l := of(Kind, f.Category); l != nil {
		return l
	}
	if l := of(Message, f.Category); l != nil && l.Also > 0 {
		l.Wider = true
		return l
	}
	for _, t := range b.topics {
		if f.sells() && f.Serves != nil && f.Serves(t.about) {
			return &Lesson{Label: t.Label}
		}
	}
	if l := of(Brand, ""); l != nil {
		return l
	}
	if l := of(Kind, ""); l != nil && l.Also > 0 && l.unanimous(list) && (l.Route() == "inbox" || f.sells()) {
		l.Wider = true
		return l
	}
	return nil
}

// holds reports whether a label may speak of a message: mail is let in only where
// the brand is proven.
func (l *Label) holds(f Facts) bool { return f.Proven && l.Proven || l.Route() != "inbox" }

func (f Facts) sells() bool {
	return f.Category == classify.Promotion || f.Category == classify.Newsletter
}

// agreed gives the newest of the labels, and how many of the others that speak last
// of their message say the same until one says otherwise.
func agreed(list []*Label, is func(*Label) bool) (found *Lesson) {
	for _, l := range list {
		switch {
		case !is(l):
		case found == nil:
			found = &Lesson{Label: l}
		case l.Route() != found.Route():
			return found
		default:
			found.Also++
		}
	}
	return found
}

// unanimous reports whether no label on the brand says otherwise.
func (l *Lesson) unanimous(list []*Label) bool {
	kinds := map[classify.Category]bool{}
	for _, o := range list {
		if o.Route() != l.Route() {
			return false
		}
		if o.Scope == Kind {
			kinds[o.Category] = true
		}
	}
	return len(kinds) > 1
}

// Text tells why a message goes where a lesson has it, with days as in the zone.
func (l *Lesson) Text(zone *time.Location) string {
	day := l.At.In(zone).Format("2 Jan 2006")
	if l.Scope == Topic {
		return fmt.Sprintf("about %q, which you corrected to %s on %s", l.Topic, l.To, day)
	}
	what := plural(l.Category, false) + " from " + l.Brand
	switch {
	case l.Wider && l.Scope == Kind, l.Scope == Brand:
		what = "mail from " + l.Brand
	}
	by := "corrected"
	if l.Way == "move" {
		by = "moved"
	}
	text := fmt.Sprintf("%s, which you %s to %s on %s", what, by, l.To, day)
	if l.Wider {
		text += fmt.Sprintf(", as %d others", l.Also)
		if l.Also == 1 {
			text = strings.TrimSuffix(text, ", as 1 others") + ", as one other"
		}
	}
	return text
}
