package corpus

import (
	"bytes"
	"math"
)

// kind is one kind of what is kept. The table of kinds is what erasing, forgetting,
// exporting and ending go by: the committer takes nothing that is not in it.
type kind struct {
	prefix string
	name   string // as commands call it
	holds  string
	isBox  bool // a mailbox tag follows the prefix, and the value is sealed under that mailbox's key
	days   int  // kept where nobody says otherwise; 0: until it is deleted
	limit  int  // days that it may be kept at most
	least  int  // days that an admin may shorten it to; 0: it is not to be shortened
	why    string
}

// forever stands for a limit that there is not.
const forever = math.MaxInt32

// kinds are all prefixes in use.
var kinds = [...]kind{
	{prefixDecision, "decisions", "what came, where it went, because of what", true, 30, 180, 1, ""},
	{prefixRetry, "retry keys", "a message that comes once more is known again", true, 7, 7, 1, ""},
	{prefixMove, "moves", "that you moved a message, as your mail server told", true, 30, 180, 0, "ends with the decisions"},
	{prefixOverride, "overrides", "what you let in by command, and until when", true, 30, 180, 0, "ends with the decisions"},
	{prefixCount, "counts", "how much mail of which kind a day, about nobody", false, 400, 400, 1, ""},
	{prefixTomb, "tombs", "that a mailbox was erased, as a tag and a day", false, 400, 400, 0, "keeps a backup from bringing it back"},
	{prefixAudit, "audit ledger", "who did what: role, uid, event, and a tag or hash", false, 400, 400, 0, "it leaves by whole months"},
	{prefixLimit, "limits", "what an admin shortened", false, 0, forever, 0, "they are the table itself"},
}

// kindOf gives the kind that a key is of, nil for none.
func kindOf(key []byte) *kind {
	for i := range kinds {
		if bytes.HasPrefix(key, []byte(kinds[i].prefix)) {
			return &kinds[i]
		}
	}
	return nil
}

// boxOf gives the mailbox tag of a key whose kind has one.
func boxOf(key []byte) (box tag, is bool) {
	k := kindOf(key)
	if k == nil || !k.isBox || len(key) < len(k.prefix)+len(box) {
		return box, false
	}
	copy(box[:], key[len(k.prefix):])
	return box, true
}

// all begins every key of a mailbox and kind.
func (k *kind) all(box tag) []byte { return append([]byte(k.prefix), box[:]...) }
