package corpus

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/oklog/ulid/v2"

	"usher/corpus/kinds"
	"usher/corpus/times"
	"usher/corpus/written"
	"usher/rules"
)

// Export shows all that is kept of a mailbox, kind by kind, the oldest first where
// a kind has an order: each entry as one line of JSON, without its end. Only a part
// of it is in memory at a time. What does not open is left out, and so are the ways
// from Message-IDs, which are empty.
func (s *Store) Export(mailbox string, see func(k *kinds.Kind, line []byte) error) error {
	s.flush()
	box, key, err := s.find(mailbox)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	for i := range kinds.All {
		k := &kinds.All[i]
		for from := k.Begin(box); k.IsBox && from != nil && err == nil; {
			var lines [][]byte
			from, err = s.walk(k.Begin(box), from, func(place, value []byte) {
				if line := lineOf(key, place, value); line != nil {
					lines = append(lines, line)
				}
			})
			for _, line := range lines {
				if err == nil {
					err = see(k, line)
				}
			}
		}
	}
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	return nil
}

// lineOf is an entry as its owner may read it. What is no JSON of its own is told
// by its key.
func lineOf(key *boxKey, place, value []byte) []byte {
	plain, err := key.Open(place, value)
	if err != nil || len(plain) == 0 {
		return nil
	}
	var told any
	switch k := kinds.Of(place); {
	case k.Prefix == prefixMove:
		m, err := readMove(place, plain)
		if err != nil {
			return nil
		}
		told = map[string]any{"decision": m.Decision, "at": m.At, "from": m.From, "to": m.To}
	case k.Prefix == prefixRetry && len(plain) == len(ulid.ULID{}):
		told = map[string]string{"decision": ulid.ULID(plain).String()}
	case k.Prefix == times.Prefix:
		m, err := times.Open(key, place, value)
		if err != nil {
			return nil
		}
		as := []string{}
		for _, c := range m.Counts() {
			as = append(as, hex.EncodeToString(c.Of[:]))
		}
		told = map[string]any{"at": ulid.Time(m.ID.Time()).UTC(), "decision": m.ID.String(), "as": as}
	case json.Valid(plain):
		return plain
	case k.Prefix == prefixDecision:
		d, err := written.Read(plain)
		if err != nil {
			return nil
		}
		told = struct {
			*rules.Decision
			Features []byte `json:"features"` // in base64: hashes of the message's words
		}{d, d.Features}
	default:
		told = map[string]string{"key": hex.EncodeToString(place[len(k.Prefix)+len(tag{}):]), "value": hex.EncodeToString(plain)}
	}
	line, _ := json.Marshal(told) // strings and a time
	return line
}
