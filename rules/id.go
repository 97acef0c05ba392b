package rules

import (
	"crypto/rand"
	"encoding/binary"
	"sync/atomic"
	"time"

	"github.com/oklog/ulid/v2"
)

// made counts the IDs of this process.
var made atomic.Uint32

// NewID returns a ULID whose time is the minute of at. Its first 32 bits of
// entropy count on, so that IDs of one process and minute sort in their order;
// the other 48 are random.
func NewID(at time.Time) string {
	var id ulid.ULID
	if ms := at.Truncate(time.Minute).UnixMilli(); ms > 0 {
		_ = id.SetTime(uint64(ms)) // fails after the year 10889
	}
	var entropy [10]byte
	rand.Read(entropy[4:])
	binary.BigEndian.PutUint32(entropy[:4], made.Add(1))
	_ = id.SetEntropy(entropy[:]) // fails unless it is 10 bytes
	return id.String()
}
