// Package smtpd takes mail in over LMTP or SMTP, has it judged and recorded, passes it
// to the next hop and answers with the next hop's words.
//
// It never takes custody: a recipient is answered 2xx only after the next hop
// answered 2xx for that recipient, nothing of a message outlives its
// connection, and no bounce is written. Whatever of ours fails, the message
// goes on untouched. It never decides where mail goes, and nothing in a
// message or an address ever chooses a server.
//
// One connection, in the order of its life: listener.go accepts it, package
// guard stands between the socket and go-smtp, session.go holds MAIL and RCPT,
// deliver.go reads the message into a spool and sees it through consider.go,
// where it is recognised (retry.go) or judged (judge.go) and recorded, and
// nexthop; replies turns every outcome into a reply, events tells of it.
package smtpd

import (
	"context"
	"io"
	"log/slog"

	"usher/classify/mail"
	"usher/rules"
	"usher/smtpd/sockets"
)

// Judge decides about a mail object: one decision for each recipient of its
// envelope, in that order, nil where the mailbox is not judged.
type Judge interface {
	Decide(ctx context.Context, o *mail.Object) ([]*rules.Decision, error)
}

// Recorder remembers decisions. Record returns when they are durable; Outcome
// adds, best effort, what became of them; Unjudged counts recipients whose
// mailboxes are not judged.
type Recorder interface {
	Record(ctx context.Context, ds []*rules.Decision) error
	Outcome(ctx context.Context, ds []*rules.Decision) error
	Unjudged(ctx context.Context, n int) error
}

// Identifier says who really sent a message. A broken message or a silent DNS
// makes the sender unproven, never an error.
type Identifier interface {
	Identify(ctx context.Context, raw io.Reader, env *mail.Envelope, msg *mail.Message) mail.Identity
}

// Memory knows the decisions of the last seven days by their retry keys. Recall
// gives one for each recipient, nil where nothing is known under the key at the
// same index.
type Memory interface {
	Recall(ctx context.Context, recipients, keys []string) ([]*rules.Decision, error)
}

// Observer is shown mail to a control address, and what Deps.Answers says is for it,
// once it has passed: its envelope with these addresses alone, the sender as far as
// proven, and the first MaxObserved bytes, as read and as they came. What it does or
// fails to do changes nothing for that mail.
type Observer interface {
	Observe(ctx context.Context, o *mail.Object, head []byte)
}

// Deps is what a Server works with. All but Judge and Recorder may be nil: then
// every sender is unproven, no message is recognised, nobody is shown anything,
// keys are of this process alone, and nothing is logged.
type Deps struct {
	Judge    Judge
	Recorder Recorder
	Identify Identifier
	Memory   Memory
	Observer Observer
	// Answers tells by its header alone whether mail to a recipient is for the observer
	// too, beside being judged; nil: none is.
	Answers func(recipient string, header []byte) bool
	// Terms gives the URL of what this site asks of bulk mail, for replies that reject;
	// it is "" where nothing is published.
	Terms   func() string
	SiteKey func(use string) []byte // a key of the site for one use, always the same
	Log     *slog.Logger
	Version string           // of the program, for its metrics
	Sockets []sockets.Handed // open before the start, and used as they are
}
