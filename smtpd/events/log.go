// Package events tells what happens on the wire, one method an event. It never
// writes a subject, a body, the text of a reason or an intent.
package events

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"usher/classify/mail"
	"usher/rules"
)

// Log writes the mail log.
type Log struct {
	log       *slog.Logger
	pseudonym func(address string) string // nil: addresses are written as they are
}

// New makes a log that writes to log. pseudonym, if not nil, gives what is
// written in place of an address.
func New(log *slog.Logger, pseudonym func(address string) string) *Log {
	return &Log{log: log, pseudonym: pseudonym}
}

// Pseudonym gives what stands in a log for an address under key: the same for
// all spellings of one mailbox, so that one search finds them.
func Pseudonym(key []byte, address, delimiter string) string {
	if address == "" {
		return ""
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(mail.Mailbox(address, delimiter)))
	return hex.EncodeToString(mac.Sum(nil)[:8])
}

const maxLogged = 200 // bytes of remote text in one attribute

// remote makes text from elsewhere fit for a log line.
func remote(s string) string {
	q := strconv.QuoteToASCII(s[:min(len(s), maxLogged)])
	if plain := q[1 : len(q)-1]; plain == s {
		return s
	}
	return q
}

// address gives an address, or what stands for it.
func (l *Log) address(a string) string {
	if l.pseudonym == nil {
		return remote(a)
	}
	return l.pseudonym(a)
}

func (l *Log) Listening(hop fmt.Stringer)   { l.log.Info("listening", "hop", hop.String()) }
func (l *Log) Draining(connections int)     { l.log.Info("draining", "connections", connections) }
func (l *Log) Stopped(took time.Duration)   { l.log.Info("stopped", "took", took) }
func (l *Log) HopUp(hop fmt.Stringer)       { l.log.Info("next hop up", "hop", hop.String()) }
func (l *Log) Loop(hop fmt.Stringer)        { l.log.Error("loop", "hop", hop.String()) }
func (l *Log) Panicked(where, stack string) { l.log.Error("panic", "where", where, "stack", stack) }

func (l *Log) HopDown(hop fmt.Stringer, err error) {
	l.log.Error("next hop down", "hop", hop.String(), "error", remote(err.Error()))
}

func (l *Log) RefusedConnection(hop fmt.Stringer, peer, reason string) {
	l.log.Warn("refused connection", "hop", hop.String(), "peer", peer, "reason", reason)
}

func (l *Log) FailedOpen(queue, reason string, err error, took time.Duration) {
	text := ""
	if err != nil {
		text = remote(err.Error())
	}
	l.log.Warn("failed open", "queue", remote(queue), "reason", reason, "error", text, "took", took)
}

// Decided tells of one recipient's decision.
func (l *Log) Decided(o *mail.Object, d *rules.Decision, took time.Duration) {
	l.log.Info("decided", "id", d.ID, "queue", remote(o.Envelope.Client.Queue), "message_id", remote(d.MessageID),
		"sender", l.address(o.Envelope.From), "recipient", l.address(d.Recipient), "category", string(d.Category),
		"disposition", string(d.Disposition), "because", remote(d.Because), "took", took)
}

// Recognised tells that one recipient's copy was decided before.
func (l *Log) Recognised(queue string, d *rules.Decision, took time.Duration) {
	l.log.Info("recognised", "id", d.ID, "queue", remote(queue), "recipient", l.address(d.Recipient), "category", string(d.Category),
		"disposition", string(d.Disposition), "because", remote(d.Because), "took", took)
}

// RecallFailed tells why it is not known whether a message came before.
func (l *Log) RecallFailed(queue string, err error) {
	l.log.Warn("retries are not recognised", "queue", remote(queue), "error", remote(err.Error()))
}

// ObserveFailed tells why mail to a control address passed unobserved.
func (l *Log) ObserveFailed(queue string, err error) {
	l.log.Error("control mail is not observed", "queue", remote(queue), "error", remote(err.Error()))
}

// Answered tells what one recipient got upstream.
func (l *Log) Answered(queue, recipient string, d *rules.Decision, code int, took time.Duration) {
	event, id, applied := "passed", "", ""
	switch code / 100 {
	case 4:
		event = "deferred"
	case 5:
		event = "refused"
	}
	if d != nil {
		id = d.ID
		if d.Outcome != nil {
			applied = string(d.Outcome.Applied)
			if d.Outcome.Applied == rules.Reject {
				event = "rejected"
			}
		}
	}
	l.log.Info(event, "id", id, "queue", remote(queue), "recipient", l.address(recipient), "applied", applied, "code", code, "took", took)
}

func (l *Log) Softened(queue, id, reason string) {
	l.log.Info("softened", "id", id, "queue", remote(queue), "reason", reason)
}

// SpoolFailed tells why a message found no room.
func (l *Log) SpoolFailed(err error) { l.log.Error("spool", "error", err) }

func (l *Log) Stripped(queue string, count int) {
	l.log.Info("stripped", "queue", remote(queue), "count", count)
}

func (l *Log) Normalised(queue string, count int) {
	l.log.Info("normalised", "queue", remote(queue), "count", count)
}

func (l *Log) Aborted(queue, peer, stage string, bytes int64) {
	l.log.Info("aborted", "queue", remote(queue), "peer", peer, "stage", stage, "bytes", bytes)
}

func (l *Log) OutcomeLost(queue string, err error) {
	l.log.Warn("outcome not recorded", "queue", remote(queue), "error", remote(err.Error()))
}

// Printf and Println let go-smtp report what it caught.
func (l *Log) Printf(format string, v ...any) {
	text := fmt.Sprintf(format, v...)
	if !strings.HasPrefix(text, "panic") {
		l.log.Info("connection ended", "error", remote(text)) // reset by the peer, as a rule
		return
	}
	l.log.Error("panic", "where", "wire", "error", remote(text))
}

// Println is Printf with Print's spacing.
func (l *Log) Println(v ...any) { l.Printf("%s", fmt.Sprint(v...)) }
