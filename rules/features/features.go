// Package features writes what of a message must be kept so that statements can
// be asked about it again, and reads it. It never keeps a word as it was written,
// nor anything of personal mail.
package features

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"strings"

	"usher/classify"
	"usher/classify/mail"
)

// version is the first byte of what is kept. What has another cannot be read.
const version = 2

// maxCondition bounds what is kept of an offer's condition, in bytes.
const maxCondition = 60

// ErrVersion is the answer to what another version kept, or what is damaged.
var ErrVersion = errors.New("what was kept of it belongs to another version of usher")

// kept is what is kept beside the hashed words, as JSON. A sender's domains stand
// here only where they are not the one before: that of the address, the
// organisational one, the proven one; none of them is "-".
type kept struct {
	Language   string      `json:"l,omitempty"`
	Kinds      []string    `json:"k,omitempty"`
	ListID     string      `json:"i,omitempty"`
	Address    string      `json:"a,omitempty"`
	Domain     string      `json:"d,omitempty"`
	Org        string      `json:"o,omitempty"`
	Key        string      `json:"s,omitempty"`
	Signature  string      `json:"v,omitempty"` // "valid" or "unchecked", the best there is
	Structured bool        `json:"m,omitempty"` // it has markup
	Offers     []keptOffer `json:"f,omitempty"`
}

// keptOffer is what of an offer is asked and not printed. Sums are minor units.
type keptOffer struct {
	Price   *int64 `json:"p,omitempty"`
	Was     *int64 `json:"w,omitempty"`
	Old     string `json:"c,omitempty"` // currency of the price before, where it is not that of the price
	FromLow bool   `json:"l,omitempty"`
	UpTo    bool   `json:"u,omitempty"`
	If      string `json:"i,omitempty"`
}

// Keep gives what is kept of a message: nothing of personal mail, the words only
// of mail about whose words statements ask, and as many offers as are printed
// with the decision.
func Keep(o *mail.Object, v *classify.Verdict, listID string, offers int) []byte {
	if v.Category == classify.Personal {
		return nil
	}
	id := o.Identity
	k := kept{
		Language: v.Language, Kinds: v.Kinds, ListID: listID, Address: id.Address, Structured: len(o.Message.Nodes) > 0,
		Domain: unless(id.Domain, domainOf(id.Address)), Org: unless(id.OrgDomain, id.Domain), Key: unless(id.SenderKey, id.OrgDomain),
	}
	for _, s := range id.Signatures {
		switch {
		case s.Valid:
			k.Signature = "valid"
		case s.Unchecked && k.Signature == "":
			k.Signature = "unchecked"
		}
	}
	for _, offer := range v.Offers[:min(len(v.Offers), offers)] {
		k.Offers = append(k.Offers, keepOffer(offer))
	}
	plain, err := json.Marshal(k)
	if err != nil {
		return nil // of strings and numbers it cannot fail; such a decision is not made again
	}
	b := binary.AppendUvarint([]byte{version}, uint64(len(plain)))
	b = append(b, plain...)
	if !v.Category.Needed() {
		b = v.Words().Append(b)
	}
	return b
}

func keepOffer(o mail.Offer) keptOffer {
	k := keptOffer{FromLow: o.FromLow, UpTo: o.UpTo, If: strings.ToValidUTF8(o.If[:min(len(o.If), maxCondition)], "")}
	if o.Price != nil {
		k.Price = &o.Price.Minor
	}
	if o.Was != nil {
		k.Was = &o.Was.Minor
		if o.Price != nil {
			k.Old = unless(o.Was.Currency, o.Price.Currency)
		}
	}
	return k
}

// unless leaves out what is as expected; "-" is nothing where something was.
func unless(s, expected string) string {
	switch s {
	case expected:
		return ""
	case "":
		return "-"
	}
	return s
}

// or is the reverse of unless.
func or(s, expected string) string {
	switch s {
	case "":
		return expected
	case "-":
		return ""
	}
	return s
}

func domainOf(address string) string { return address[strings.LastIndexByte(address, '@')+1:] }

// Offer is one offer as a decision prints it.
type Offer struct {
	mail.Offer        // without its prices
	Currency   string // of its prices
}

// Read adds what was kept to what the decision itself says: to the object its
// sender's domains, its list and whether it has markup; to the verdict all that
// statements ask, and the words. Offers are those that the decision prints, and
// the title is its subject, then their names.
func Read(b []byte, o *mail.Object, v *classify.Verdict, offers []Offer) error {
	if len(b) == 0 || b[0] != version {
		return ErrVersion
	}
	n, used := binary.Uvarint(b[1:])
	rest := b[1+max(0, used):]
	var k kept
	if used <= 0 || n > uint64(len(rest)) || json.Unmarshal(rest[:n], &k) != nil || len(k.Offers) < len(offers) {
		return ErrVersion
	}
	v.Kinds, v.Language = k.Kinds, k.Language
	title := []string{o.Message.Subject}
	for i, printed := range offers {
		v.Offers = append(v.Offers, printed.whole(k.Offers[i]))
		title = append(title, printed.Item)
	}
	if !v.Category.Needed() {
		words, err := classify.ReadWords(rest[n:])
		if err != nil {
			return ErrVersion
		}
		v.Recall(words, title)
	}
	k.describe(o)
	return nil
}

// describe puts into an object what was kept of its sender and its header.
func (k *kept) describe(o *mail.Object) {
	id := &o.Identity
	id.Address = k.Address
	id.Domain = or(k.Domain, domainOf(k.Address))
	id.OrgDomain = or(k.Org, id.Domain)
	id.SenderKey = or(k.Key, id.OrgDomain)
	if k.Signature != "" {
		id.Signatures = []mail.Signature{{Valid: k.Signature == "valid", Unchecked: k.Signature == "unchecked"}}
	}
	if k.ListID != "" {
		o.Message.Fields = []mail.Field{{Name: "List-Id", Value: "<" + k.ListID + ">"}}
	}
	if k.Structured {
		o.Message.Nodes = []mail.Node{{}}
	}
}

// whole is the offer that was printed, with what was kept of it.
func (o Offer) whole(k keptOffer) mail.Offer {
	w := o.Offer
	w.FromLow, w.UpTo, w.If = k.FromLow, k.UpTo, k.If
	if k.Price != nil {
		w.Price = &mail.Money{Minor: *k.Price, Currency: o.Currency}
	}
	if k.Was != nil {
		w.Was = &mail.Money{Minor: *k.Was, Currency: or(k.Old, o.Currency)}
	}
	return w
}
