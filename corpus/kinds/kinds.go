// Package kinds lists what is kept: under which prefix, whose it is, for how long.
// It never reads or writes any of it.
package kinds

import (
	"bytes"
	"encoding/binary"
	"time"

	"usher/corpus/keys"
)

// Kind is one kind of what is kept. Erasing, forgetting, exporting and ending go
// by the table of kinds, and nothing is stored that is not in it.
type Kind struct {
	Prefix string
	Name   string                     // as commands call it
	Holds  string                     // in words
	IsBox  bool                       // a mailbox tag follows the prefix, and the value is sealed under that mailbox's key
	Days   int                        // kept where nobody says otherwise; 0: until it is deleted
	Limit  int                        // days that it may be kept at most
	Least  int                        // days that an admin may shorten it to; 0: it stays
	Why    string                     // it stays
	At     func(key []byte) time.Time // when an entry was written, told by its key; nil: the key does not tell
	Names  bool                       // it is JSON with the brand that it is about
}

// Forever is the limit, in days, of what has none: a century.
const Forever = 36500

// Decisions is the kind whose owner may say how long it is kept.
const Decisions = "d/"

// All are the kinds in use; every prefix in corpus/keys.go is here.
var All = [...]Kind{
	{Decisions, "decisions", "what came, where it went, because of what; hashed words, for a replay", true, 30, 180, 1, "", nil, false},
	{"k/", "retry keys", "a message that comes once more is known again", true, 7, 7, 0, withDecisions, nil, false},
	{"l/", "corrections", "what you corrected, as what, and what it teaches", true, 0, Forever, 0, "they teach until you undo them, or forget their brand; the oldest of very many end", nil, true},
	{"g/", "digests", "when a digest was sent, and which mails its numbers stand for", true, 60, 180, 0, "a reply to one is read by it", nil, false},
	{"r/", "references", "under which reference a reply told a sender that you decline", true, 14, 14, 0, withDecisions, nil, false},
	{"m/", "moves", "that you moved a message, as your mail server told", true, 30, 180, 0, withDecisions, nil, false},
	{"v/", "overrides", "what you let in by command, and until when", true, 30, 180, 0, withDecisions, nil, true},
	{"c/", "times", "when mail came that counts, under which names, as tags", true, 35, 35, 0, "a cap counts the last 30 days", nil, false},
	{"w/", "weekly totals", "how much of what came from whom a week, and where it went", true, 400, 400, 35, "", weekOf, false},
	{"s/", "slips", "how a list may be left, as its sender signed it", true, 14, 14, 0, "`usher unsubscribe` goes by the newest", nil, true},
	{"u/", "unsubscribing", "which lists were left for you, when, and what came of it", true, 180, 180, 0, "nobody is asked twice", nil, true},
	{"h/", "complaint slips", "to whom its sender wants complaints about a message told, as it signed", true, 14, 14, 0, "`usher complain` goes by them", nil, true},
	{"y/", "complaints", "of which messages you complained to their senders", true, 180, 180, 0, "nobody is told twice", nil, true},
	{"p/", "permissions", "which brands you let market to you, since when and until when", true, 0, Forever, 0, "they end three years after the permission", nil, true},
	{"o/", "deliveries", "of bulk mail whose sender asks for reports: which of its streams, and where it went", true, 32, 32, 0, "a report covers 28 days at most", nil, true},
	{"b/", "report budget", "when you last counted in a report to a sender, and how often this year", true, 371, 371, 0, "you count in 26 a year at most", nil, true},
	{"f/", "reports", "what senders were told: kept for the site's own address", true, 400, 400, 0, "a sender may read it again", nil, false},
	{"q/", "requests", "which senders ask for reports: kept for the site's own address", true, 30, 30, 0, "from its last use on", nil, false},
	{"x/", "proofs", "which senders proved their domain, to read their reports: kept for the site's own address", true, 60, 60, 0, "they are checked once in 30 days", nil, false},
	{"z/", "silences", "which addresses want no more complaints, or took no letter: kept for the site's own address", true, 0, Forever, 0, "nobody has to say so twice; who took no letter is left alone for 30 days", nil, false},
	{"n/", "counts", "how much mail of which kind a day, about nobody", false, 400, 400, 1, "", dayOf, false},
	{"t/", "tombs", "that a mailbox was erased, as a tag and a day", false, 400, 400, 0, "they keep a backup from bringing it back", nil, false},
	{"a/", "audit ledger", "who did what: role, uid, event, and a tag or hash", false, 400, 400, 0, "it leaves by whole months", nil, false},
	{"e/", "limits", "what an admin shortened", false, 0, Forever, 0, "they are this table", nil, false},
}

// withDecisions is why some kinds have no days of their own.
const withDecisions = "they end with their decisions"

// Follows reports whether a kind ends with the decisions that it is about.
func (k *Kind) Follows() bool { return k.Why == withDecisions }

// Of gives the kind that a key is of, nil for none.
func Of(key []byte) *Kind {
	for i := range All {
		if bytes.HasPrefix(key, []byte(All[i].Prefix)) {
			return &All[i]
		}
	}
	return nil
}

// Box gives the mailbox tag of a key whose kind has one.
func Box(key []byte) (box keys.Tag, is bool) {
	k := Of(key)
	if k == nil || !k.IsBox || len(key) < len(k.Prefix)+len(box) {
		return box, false
	}
	copy(box[:], key[len(k.Prefix):])
	return box, true
}

// Begin begins every key of a mailbox and kind.
func (k *Kind) Begin(box keys.Tag) []byte { return append([]byte(k.Prefix), box[:]...) }

// weekOf is the begin of the week that a total is of.
func weekOf(key []byte) time.Time {
	week := key[len("w/")+len(keys.Tag{}):]
	return time.Unix(int64(binary.BigEndian.Uint64(week)), 0)
}

// dayOf is the begin of the day that a count is of.
func dayOf(key []byte) time.Time {
	day, _, _ := bytes.Cut(key[len("n/"):], []byte("/"))
	at, _ := time.Parse("20060102", string(day))
	return at
}
