// Package written turns a decision into the bytes that are sealed, and back, and
// tells between which ids those of a minute lie. It never keeps anything.
package written

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"

	"usher/classify"
	"usher/corpus/keys"
	"usher/rules"
)

// Seal gives what is stored of a decision at a place: as printed, without the
// Message-ID, and thin where the mail is personal; then, if there are any, a zero
// byte, which no JSON has, and the decision's features. A sender chooses the length
// of a subject: what would be longer than max bytes goes without features, and then
// thin.
func Seal(key *keys.Box, place []byte, d *rules.Decision, max int) ([]byte, error) {
	kept := *d
	if d.Category == classify.Personal {
		kept = *d.Thin()
	}
	kept.MessageID = ""
	plain, err := json.Marshal(&kept)
	if err == nil && len(plain) > max {
		kept = *d.Thin()
		plain, err = json.Marshal(&kept)
	}
	if err != nil {
		return nil, fmt.Errorf("encode decision: %w", err)
	}
	if n := len(kept.Features); n > 0 && len(plain)+1+n <= max {
		plain = append(append(plain, 0), kept.Features...)
	}
	return key.Seal(place, plain), nil
}

// Open is the reverse of Seal.
func Open(key *keys.Box, place, value []byte) (*rules.Decision, error) {
	plain, err := key.Open(place, value)
	if err != nil {
		return nil, err
	}
	return Read(plain)
}

// Read reads a decision that is opened. What an usher without features wrote has
// none.
func Read(plain []byte) (*rules.Decision, error) {
	d := new(rules.Decision)
	printed, features, _ := bytes.Cut(plain, []byte{0})
	if err := json.Unmarshal(printed, d); err != nil {
		return nil, fmt.Errorf("decode decision: %w", err)
	}
	if len(features) > 0 {
		d.Features = features
	}
	return d, nil
}

// Bracketed is the form in which a Message-ID is tagged.
func Bracketed(messageID string) string {
	return "<" + strings.Trim(messageID, "<> \t") + ">"
}

// Lowest is the lower bound of the ids of a minute; of a zero time, of all ids.
func Lowest(at time.Time) (id ulid.ULID) {
	if !at.IsZero() && at.UnixMilli() > 0 {
		_ = id.SetTime(ulid.Timestamp(at.Truncate(time.Minute)))
	}
	return id
}

// Highest is the upper bound of the ids of a moment; of a zero time, of all ids.
func Highest(at time.Time) (id ulid.ULID) {
	for i := range id {
		id[i] = math.MaxUint8
	}
	if !at.IsZero() {
		_ = id.SetTime(ulid.Timestamp(at))
	}
	return id
}
