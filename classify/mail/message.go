// Package mail reads a mail object: envelope, identity, text, links, offers and
// list headers. It never fails on a message, touches a disk or network, or
// keeps what it read.
package mail

import (
	"slices"
	"strings"
	"time"

	"usher/classify/offer"
	"usher/classify/offer/claims"
)

// Message is a mail object's content as far as it could be read. A zero field
// means "not there" or "not readable"; Notes tells which.
type Message struct {
	Fields    []Field // every field of the outermost header, in order, at most MaxFields
	MessageID string  // with its angle brackets; "" if there is none
	Subject   string  // decoded, white space collapsed
	From      []Address
	To        []Address // To and Cc
	ReplyTo   []Address
	Date      time.Time // the Date field; zero if absent or unreadable
	InReplyTo []string  // Message-IDs named by In-Reply-To and References

	Text      string            // visible text, block elements separated by line breaks, at most MaxText bytes
	Preheader string            // text that the message hides ahead of its visible text
	Links     []Link            // in order, at most MaxLinks
	Images    []Image           // in order, at most MaxLinks
	Nodes     []Node            // JSON-LD and microdata, at most MaxNodes: claims of the sender
	Offers    []Offer           // money, percent, codes and ends found in subject, text and nodes
	Conflicts []claims.Conflict // prices that nodes claim and the text does not have
	Layout    Layout

	ContentType string   // outermost media type, lower case
	Attachments []string // media types of parts that are not shown
	Parts       int      // MIME parts seen
	Size        int      // bytes read
	Notes       []string // what was skipped, and why: "part 3: unknown charset foo"
}

// Field is one header field: its name as written, its value unfolded and, where
// it holds encoded words, decoded.
type Field struct{ Name, Value string }

// Get returns the value of the first field of that name, in any case, or "".
func (m *Message) Get(name string) string {
	for _, f := range m.Fields {
		if strings.EqualFold(f.Name, name) {
			return f.Value
		}
	}
	return ""
}

// Has reports whether a field of that name is there, even an empty one.
func (m *Message) Has(name string) bool {
	return slices.ContainsFunc(m.Fields, func(f Field) bool { return strings.EqualFold(f.Name, name) })
}

// All returns the values of all fields of that name, in order.
func (m *Message) All(name string) (all []string) {
	for _, f := range m.Fields {
		if strings.EqualFold(strings.TrimSpace(f.Name), name) {
			all = append(all, f.Value)
		}
	}
	return all
}

// Address is one address of an address field: domain in lower case A-labels.
type Address struct{ Name, Local, Domain string }

// String gives local@domain, or "" for an empty address.
func (a Address) String() string {
	if a.Domain == "" {
		return a.Local
	}
	return a.Local + "@" + a.Domain
}

// Link is a target with the text that stands on it.
type Link struct {
	URL    string // as written, white space trimmed
	Host   string // lower case; "" for mailto: and relative links
	Text   string // visible link text or the alternative text of its image
	Styled bool   // looks like a button: background, padding or border of its own
}

// Image is a remote or embedded picture, or another element that loads one.
type Image struct {
	URL    string
	Host   string // lower case; "" for cid: and data:
	Alt    string
	Width  int  // pixels by attribute or style; -1 if not said
	Height int  // pixels by attribute or style; -1 if not said
	Hidden bool // display:none, visibility:hidden, or in a hidden element
}

// Node is one typed item of JSON-LD or microdata. It is a claim of the sender.
type Node struct {
	Type  string            // short name: "Order", "DiscountOffer"
	Props map[string]string // scalar properties; nested ones joined by a dot: "offers.price"

	micro bool // from microdata, not JSON-LD
}

// Layout counts what the markup looks like.
type Layout struct {
	HTML        bool
	TableDepth  int  // deepest nesting of tables
	MSO         bool // conditional comments for Outlook
	ESPClasses  bool // class names that campaign tools write (kl-, mcn, stylingblock)
	MergeFields bool // unfilled {{name}}, *|NAME|*, %%NAME%%
	AMP         bool // a text/x-amp-html part
}

// Money and Offer are found in lines by package offer; they are named here
// too, since a Message holds them.
type (
	Money = offer.Money
	Offer = offer.Offer
)
