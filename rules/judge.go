package rules

import (
	"context"
	"time"

	"usher/classify"
	"usher/classify/mail"
	"usher/rules/intents"
)

// Statements finds what was stated for a mailbox. own and site may be nil;
// where both are, the mailbox is not judged.
type Statements interface {
	For(mailbox string) (own, site *intents.File)
}

// Judge decides where mail goes.
type Judge struct {
	Model      *classify.Model
	Statements Statements
	Delimiter  string // between mailbox and detail of an address: "+"; "" for none
}

// Decide gives one decision for each recipient of the envelope, in its order;
// nil where the mailbox is not judged. Its only error is that of ctx.
func (j *Judge) Decide(ctx context.Context, o *mail.Object) ([]*Decision, error) {
	return make([]*Decision, len(o.Envelope.To)), ctx.Err()
}

// NewID returns a ULID whose time is the minute of at.
func NewID(at time.Time) string { return "" }

// Failed is the decision about recipient i where judging failed: inbox,
// because "error".
func Failed(o *mail.Object, i int, reason string) *Decision {
	return &Decision{Disposition: Inbox, Because: "error", Text: reason}
}

// Thin returns what is kept of a decision about personal mail.
func (d *Decision) Thin() *Decision { return d }
