package audit

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"time"
)

// limit is how long one entry of the daemon's own may take.
const limit = 10 * time.Second

// Itself is an entry of what the daemon did by itself.
func Itself(event Event, object, result string) Entry {
	return Entry{Actor: Actor{Role: Usher, UID: int64(os.Getuid())}, Event: event, Object: object, Result: result}
}

// Keep writes an entry. Where that fails it is logged: what was done stays done.
func Keep(ctx context.Context, ledger interface {
	Audit(context.Context, Entry) error
}, log *slog.Logger, e Entry) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if err := ledger.Audit(ctx, e); err != nil && !errors.Is(err, context.Canceled) {
		log.Warn("audit entry lost", "event", e.Event, "error", err)
	}
}
