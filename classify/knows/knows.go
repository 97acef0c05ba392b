// Package knows tells what a sender does, and seems to know of the recipient, by
// looking at the message alone. It never loads a picture, follows a link, or
// keeps or shows a mark by which one recipient is told from another.
package knows

import (
	"fmt"
	"strings"

	"usher/classify/mail"
	"usher/classify/provider"
)

// Levels of a Sign: what was seen stands in the message; what is suspected may
// have another reason.
const (
	Seen      = "seen"
	Suspected = "suspected"
)

// Sign is something that the sender does, or seems to know of the recipient.
type Sign struct {
	Code   string `json:"code"`             // "open_pixel"
	Level  string `json:"level"`            // "seen" or "suspected"
	Text   string `json:"text"`             // a sentence for a person; never the mark itself
	Count  int    `json:"count,omitempty"`  // links and pictures that do so
	Of     int    `json:"of,omitempty"`     // of how many
	Vendor string `json:"vendor,omitempty"` // who hears of it, where that is not the sender: "Salesforce"
}

// Said is what the words of a message say, as whoever read them found it.
type Said struct {
	Behaviour string // a phrase that speaks of what the recipient did; "" if there is none
	Date      bool   // a phrase that speaks of a birthday or another day of the recipient's
	Place     bool   // a phrase that speaks of where the recipient is
	Own       string // what the sender wrote, folded
	Subject   string // folded
}

// Look reads the links, pictures and header of a message, in one pass. passedOn
// says that it is forwarded, so that its links name no provider.
func Look(o *mail.Object, passedOn bool) *View {
	v := &View{o: o, m: o.Message}
	if v.m == nil {
		v.m = new(mail.Message)
	}
	v.images()
	v.links()
	v.inFeedback()
	v.Provider = v.sight.Of(o, passedOn)
	return v
}

// View is what was found in one message.
type View struct {
	Provider string // that carried the message; "" if none was seen
	Pixels   int    // pictures that tell of an opening

	o     *mail.Object
	m     *mail.Message
	sight provider.Sight

	pictures   int            // remote ones
	pixelBy    string         // the provider to whom the first pixel tells
	loaded     map[string]int // by URL, how often; nil until asked
	marked     int            // pictures with an id-like token
	collector  string         // a third party that is told of an opening
	collectors int            // pictures that tell one

	web       int    // links that lead to the web
	wrapped   int    // links of the shape of a provider's redirector
	wrappedBy string // that provider
	oneHost   string // the host of all links; "" if there are several
	hosts     int    // 0, 1, or 2 for several
	opaque    int    // links with an id-like token
	shared    int    // links that hold the token that most of them hold
	personal  int    // links with a parameter of one person
	param     string // its name
	segment   string // a word that says which group the recipient was put into
}

// Signs lists what the sender does and seems to know.
func (v *View) Signs(said Said) []Sign {
	var list []Sign
	add := func(ok bool, s Sign) {
		if ok {
			list = append(list, s)
		}
	}
	add(v.Pixels > 0, v.pixel())
	add(v.marks())
	n := v.addresses()
	add(n > 0, Sign{Code: "recipient_address_in_url", Level: Seen, Count: n, Of: v.web + v.pictures,
		Text: "a link, a picture or the header appears to carry the address it was sent to"})
	add(v.wrapper())
	add(v.personal > 0, Sign{Code: "personal_params", Level: Seen, Count: v.personal, Of: v.web,
		Text: fmt.Sprintf("%d of %s %s to tell one recipient from another by %s", v.personal, plural(v.web, "link"), appear(v.personal), v.param)})
	add(v.collectors > 0, Sign{Code: "third_party_beacon", Level: Seen, Count: v.collectors, Of: v.pictures, Vendor: v.collector,
		Text: fmt.Sprintf("tells a third party, %s, when you open this", v.collector)})
	add(v.m.Layout.AMP, Sign{Code: "amp", Level: Seen, Text: "has a part that can load content each time you open it"})
	add(v.asksReceipt(), Sign{Code: "read_receipt", Level: Seen, Text: "asks for a receipt when you read it"})
	add(v.namesYou(said), Sign{Code: "knows.name", Level: Seen, Text: "appears to know your name"})
	add(said.Place, Sign{Code: "knows.place", Level: Suspected, Text: "appears to know roughly where you are"})
	add(said.Date, Sign{Code: "knows.date", Level: Suspected, Text: "appears to know a date of yours, such as a birthday"})
	add(said.Behaviour != "", Sign{Code: "knows.behaviour", Level: Seen, Text: fmt.Sprintf("speaks of what you did: “%s”", said.Behaviour)})
	add(v.segment != "", Sign{Code: "knows.segment", Level: Suspected, Text: fmt.Sprintf("appears to have put you in a group called “%s”", v.segment)})
	add(v.m.Layout.MergeFields, Sign{Code: "merge_field", Level: Seen, Text: "left a blank for something about you unfilled"})
	return list
}

func (v *View) pixel() Sign {
	by := "its sender"
	if v.pixelBy != "" {
		by = v.pixelBy
	}
	return Sign{Code: "open_pixel", Level: Seen, Count: v.Pixels, Of: v.pictures, Vendor: v.pixelBy,
		Text: fmt.Sprintf("tells %s when you open this", by)}
}

// marks suspects a mark of one recipient: in a picture any id-like token, in
// links one that stands in three of five.
func (v *View) marks() (bool, Sign) {
	n := v.marked
	if v.web >= 2 && v.shared*5 >= v.web*3 {
		n += v.shared
	}
	of := v.web + v.pictures
	return n > 0, Sign{Code: "recipient_id_in_url", Level: Suspected, Count: n, Of: of,
		Text: fmt.Sprintf("%d of %s %s to carry a mark that may be yours alone", n, plural(of, "link and picture", "links and pictures"), appear(n))}
}

// wrapper suspects that whoever wrote the links hears of every click: half of
// them have the shape of a provider's redirector, or all pass through one host
// that is not the sender's own front door.
func (v *View) wrapper() (bool, Sign) {
	s := Sign{Code: "link_wrapper", Level: Suspected, Of: v.web}
	by := ""
	switch {
	case v.wrapped > 0 && v.wrapped*2 >= v.web:
		by, s.Count, s.Vendor = v.wrappedBy, v.wrapped, v.wrappedBy
	case v.web >= 3 && v.hosts == 1 && v.opaque == v.web && !v.frontDoor(v.oneHost):
		by, s.Count = v.oneHost, v.web
	}
	s.Text = fmt.Sprintf("%d of %s %s to pass through %s first", s.Count, plural(v.web, "link"), appear(s.Count), by)
	return by != "", s
}

// appear is the verb of that many things.
func appear(n int) string {
	if n == 1 {
		return "appears"
	}
	return "appear"
}

// frontDoor reports whether a host is the sender's own site.
func (v *View) frontDoor(host string) bool {
	if len(v.m.From) == 0 {
		return false
	}
	own := v.m.From[0].Domain
	host = strings.TrimPrefix(host, "www.")
	return host == own || host == v.o.Identity.OrgDomain || host == lastLabels(own)
}

// lastLabels gives the last two labels of a domain, which serves as a hint only.
func lastLabels(domain string) string {
	if i := strings.LastIndexByte(domain, '.'); i > 0 {
		return domain[strings.LastIndexByte(domain[:i], '.')+1:]
	}
	return domain
}

func (v *View) asksReceipt() bool {
	return v.m.Has("Disposition-Notification-To") || v.m.Has("Return-Receipt-To") || v.m.Has("X-Confirm-Reading-To")
}

func plural(n int, one string, many ...string) string {
	switch {
	case n == 1:
	case len(many) > 0:
		one = many[0]
	default:
		one += "s"
	}
	return fmt.Sprintf("%d %s", n, one)
}
