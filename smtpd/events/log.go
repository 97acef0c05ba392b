// Package events tells what happens on the wire, one method an event: a line of
// the log, a count, or both. It never writes a subject, a body, the text of a
// reason or an intent, and no label of a count ever carries an address, a domain
// or anything from a message.
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
)

// Log hears what happens on all hops. What happens on one is for its Hop.
type Log struct {
	log       *slog.Logger
	pseudonym func(address string) string // nil: addresses are written as they are
	metrics   *metrics
}

// New makes a log that writes to log, and counts in a registry of its own.
// pseudonym, if not nil, gives what is written in place of an address.
func New(log *slog.Logger, pseudonym func(address string) string) *Log {
	return &Log{log: log, pseudonym: pseudonym, metrics: newMetrics()}
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
	if len(s) <= maxLogged && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' || r == '"' || r == '\\' }) {
		return s
	}
	return strconv.QuoteToASCII(s[:min(len(s), maxLogged)])
}

func remoteError(err error) string {
	if err == nil {
		return ""
	}
	return remote(err.Error())
}

// address gives an address, or what stands for it.
func (l *Log) address(a string) string {
	if l.pseudonym == nil {
		return remote(a)
	}
	return l.pseudonym(a)
}

// Draining tells that no more connections are taken, and how many are open.
func (l *Log) Draining(connections int) {
	l.metrics.draining.Set(1)
	l.log.Info("draining", "connections", connections)
}

func (l *Log) Stopped(took time.Duration) { l.log.Info("stopped", "took", took) }

// Panicked tells of a bug of ours that was confined: where is "wire" or "judge".
func (l *Log) Panicked(where, stack string) {
	l.metrics.panics.WithLabelValues(where).Inc()
	l.log.Error("panic", "where", where, "stack", stack)
}

// WireError counts what a peer did against the protocol, or to us: one of
// Kinds. It is no line in the log, or a stranger could fill the disk.
func (l *Log) WireError(kind string) { l.metrics.wireErrors.WithLabelValues(kind).Inc() }

// FailedOpen tells that a message passes untouched because something of ours
// failed. id is of one of its decisions, "" where there is none.
func (l *Log) FailedOpen(queue, id, reason string, err error, took time.Duration) {
	l.metrics.failOpen.WithLabelValues(reason).Inc()
	l.log.Warn("failed open", "id", id, "queue", remote(queue), "reason", reason, "error", remoteError(err), "took", took)
}

// Softened tells that less was applied than was decided.
func (l *Log) Softened(queue, id, reason string) {
	l.metrics.softened.WithLabelValues(reason).Inc()
	l.log.Info("softened", "id", id, "queue", remote(queue), "reason", reason)
}

// RecallFailed tells why it is not known whether a message came before.
func (l *Log) RecallFailed(queue string, err error) {
	l.log.Warn("retries are not recognised", "queue", remote(queue), "error", remoteError(err))
}

// ObserveFailed tells why mail to a control address passed unobserved.
func (l *Log) ObserveFailed(queue string, err error) {
	l.log.Error("control mail is not observed", "queue", remote(queue), "error", remoteError(err))
}

// SpoolFailed tells why a message found no room.
func (l *Log) SpoolFailed(err error) { l.log.Error("spool", "error", remoteError(err)) }

// OutcomeLost tells why the record does not say what became of a message.
func (l *Log) OutcomeLost(queue string, err error) {
	l.log.Warn("outcome not recorded", "queue", remote(queue), "error", remoteError(err))
}

// Printf and Println let go-smtp report what it caught.
func (l *Log) Printf(format string, v ...any) {
	text := fmt.Sprintf(format, v...)
	if !strings.HasPrefix(text, "panic") {
		l.log.Info("connection ended", "error", remote(text)) // reset by the peer, as a rule
		return
	}
	l.metrics.panics.WithLabelValues("wire").Inc()
	stack := strings.LastIndex(text, "\ngoroutine ") // what is before it may be remote text
	if stack < 0 {
		stack = len(text)
	}
	l.log.Error("panic", "where", "wire", "error", remote(text[:stack]), "stack", strings.TrimPrefix(text[stack:], "\n"))
}

// Println is Printf with Print's spacing.
func (l *Log) Println(v ...any) { l.Printf("%s", fmt.Sprint(v...)) }
