package senders

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"

	"usher/corpus/audit"
)

// told writes to the audit ledger what became of a report: its name and SHA-256, that of
// the JSON that is the same however and wherever it goes.
func (d *Desk) told(ctx context.Context, s *Sealed) {
	if s.Report == nil {
		audit.Keep(ctx, d.Store, d.Log, audit.Itself(audit.Withheld, s.Domain, "too few mailboxes"))
		return
	}
	raw, err := json.Marshal(s.Report)
	if err != nil {
		d.Log.Warn("audit entry lost", "event", audit.Reported, "error", err)
		return
	}
	name, _, _ := strings.Cut(s.Report.Metadata.ID, "@")
	sum := sha256.Sum256(raw)
	audit.Keep(ctx, d.Store, d.Log, audit.Itself(audit.Reported, s.Domain, name+" "+hex.EncodeToString(sum[:])))
}
