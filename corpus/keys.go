package corpus

import (
	"slices"

	"github.com/oklog/ulid/v2"

	"usher/corpus/keys"
)

// Every key of the store, on one screen.
//
//	prefix  in use  key, byte by byte                        value                                    ends after
//	d/      yes     "d/" tag[16] 'i' id[16]                  a decision, sealed; 0; features (rules)  30 days (limit 180)
//	                "d/" tag[16] 'm' message[16] id[16]      nothing, sealed: finds a Message-ID      with its decision
//	n/      yes     "n/" day[8] '/' kind '/' name            a count by day, not sealed: nobody's     400 days
//	s/      yes     "s/" tag[16] id[16]                      a slip: how a list may be left, sealed   14 days
//	c/      yes     "c/" tag[16] id[16]                      names it counts under, as tags, sealed   35 days
//	w/      yes     "w/" tag[16] week[8] sender[16]          what came in that week, sealed           400 days
//	l/      yes     "l/" tag[16] id[16]                      a correction, sealed                     never
//	m/      yes     "m/" tag[16] id[16] minute[4]            a move to another folder, sealed         with its decision
//	g/      yes     "g/" tag[16] moment[8]                   a digest that was sent, sealed           60 days
//	p/      yes     "p/" tag[16] id[16]                      an event of a permission, sealed         3 years after it ended
//	h/      yes     "h/" tag[16] id[16]                      to whom one complains of it, sealed      14 days
//	y/      yes     "y/" tag[16] id[16]                      a complaint, sealed                      180 days
//	u/      yes     "u/" tag[16] id[16]                      that a list is to be left, sealed        180 days
//	b/      yes     "b/" tag[16] id[16]                      that it counted in a report, sealed      371 days
//	r/      yes     "r/" tag[16] id[16]                      the reference in a reply, sealed         14 days, or with its decision
//	k/      yes     "k/" tag[16] retry[16]                   a decision's id, sealed                  7 days, or with its decision
//	v/      yes     "v/" tag[16] id[16]                      an override, sealed                      with the decisions it made
//	t/      yes     "t/" tag[16]                             a tomb: day, prints; not sealed          400 days
//	e/      yes     "e/" prefix                              days that an admin set; nobody's         never
//	o/      yes     "o/" tag[16] id[16]                      a delivery that a report counts, sealed  32 days
//	f/      yes     "f/" tag[16] id[16]                      a report of the site's, sealed           400 days
//	a/      yes     "a/e" seq[8]                             an audit entry, not sealed: no person    400 days, by whole months
//	                "a/h"; "a/c"                             links: the last entry; the last that left  never
//	x/      yes     "x/" tag[16] id[16]                      who proved a domain, sealed              60 days after it was checked
//	z/      yes     "z/" tag[16] id[16]                      an address that wants no more, sealed    never
//	q/      yes     "q/" tag[16] id[16]                      what a sender asked for, sealed          30 days after last use
//
// tag is the mailbox tag, message the message tag, retry that of a retry key
// (keys/seal.go), sender that of a sender; week the seconds of its Monday, the highest byte first; id the sixteen bytes of a ULID, so that keys of one mailbox stand in the order of time;
// day is 20261124, in UTC; kind and name are words such as category/promotion. A sealed value is version 1, a nonce of 12 bytes, and the ciphertext with its tag; a count is version 1
// and eight bytes, the highest first.
const (
	prefixDecision = "d/"
	prefixRetry    = "k/"
	prefixOverride = "v/"
	prefixLabel    = "l/"
	prefixMove     = "m/"
	prefixDigest   = "g/"
	prefixTomb     = "t/"
	prefixLimit    = "e/"
	prefixAudit    = "a/"

	PrefixSlip         = "s/" // by Note, in packages above
	PrefixRef          = "r/" // by Note, in corpus/refs
	PrefixPermission   = "p/" // by Note, in corpus/permission
	PrefixUnsubscribe  = "u/"
	PrefixComplaint    = "y/"
	PrefixComplainSlip = "h/"
	PrefixDelivery     = "o/"
	PrefixBudget       = "b/"
	PrefixReport       = "f/" // of the site's own address, as the next
	PrefixRequest      = "q/"
	PrefixProof        = "x/"
	PrefixSilence      = "z/"

	byID, byMessage = 'i', 'm'
	version         = keys.Version // the first byte of every value
)

type tag = keys.Tag
type boxKey = keys.Box

// decisionKey is where one decision of a mailbox stands.
func decisionKey(box tag, id ulid.ULID) []byte {
	return slices.Concat(decisionPrefix(box), id[:])
}

// decisionPrefix begins every decision of a mailbox.
func decisionPrefix(box tag) []byte {
	return slices.Concat([]byte(prefixDecision), box[:], []byte{byID})
}

// messageKey finds a decision by the tag of its Message-ID.
func messageKey(box, message tag, id ulid.ULID) []byte {
	return slices.Concat(messagePrefix(box, message), id[:])
}

// messagePrefix begins the keys of all decisions on one Message-ID.
func messagePrefix(box, message tag) []byte {
	return slices.Concat([]byte(prefixDecision), box[:], []byte{byMessage}, message[:])
}

// retryKey finds a decision by the tag of its retry key.
func retryKey(box, retry tag) []byte {
	return slices.Concat([]byte(prefixRetry), box[:], retry[:])
}

// sealedKey is where one override or correction of a mailbox stands.
func sealedKey(prefix string, box tag, id ulid.ULID) []byte {
	return slices.Concat([]byte(prefix), box[:], id[:])
}

// tombKey is where the tomb of a mailbox stands.
func tombKey(box tag) []byte { return append([]byte(prefixTomb), box[:]...) }

// limitKey is where the days of a kind stand.
func limitKey(prefix string) []byte { return []byte(prefixLimit + prefix) }

// idOf reads the id that ends a key of c/, d/ or v/.
func idOf(key []byte) (id ulid.ULID) {
	copy(id[:], key[len(key)-len(id):])
	return id
}
