package smtpd

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

// mailLog writes the mail log, one method an event. It never writes a subject,
// a body, the text of a reason or an intent.
type mailLog struct {
	log       *slog.Logger
	addresses bool
	key       []byte // of the hashes that stand for addresses
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

// address gives an address, or a keyed hash that stands for it.
func (l *mailLog) address(a string) string {
	if l.addresses {
		return remote(a)
	}
	if a == "" {
		return ""
	}
	mac := hmac.New(sha256.New, l.key)
	mac.Write([]byte(strings.ToLower(a)))
	return hex.EncodeToString(mac.Sum(nil)[:8])
}

func (l *mailLog) listening(h Hop)              { l.log.Info("listening", "hop", h.String()) }
func (l *mailLog) draining(connections int)     { l.log.Info("draining", "connections", connections) }
func (l *mailLog) stopped(took time.Duration)   { l.log.Info("stopped", "took", took) }
func (l *mailLog) hopUp(h Hop)                  { l.log.Info("next hop up", "hop", h.String()) }
func (l *mailLog) loop(h Hop)                   { l.log.Error("loop", "hop", h.String()) }
func (l *mailLog) panicked(where, stack string) { l.log.Error("panic", "where", where, "stack", stack) }

func (l *mailLog) hopDown(h Hop, err error) {
	l.log.Error("next hop down", "hop", h.String(), "error", remote(err.Error()))
}

func (l *mailLog) refusedConnection(h Hop, peer, reason string) {
	l.log.Warn("refused connection", "hop", h.String(), "peer", peer, "reason", reason)
}

func (l *mailLog) failedOpen(queue, reason string, err error, took time.Duration) {
	text := ""
	if err != nil {
		text = remote(err.Error())
	}
	l.log.Warn("failed open", "queue", remote(queue), "reason", reason, "error", text, "took", took)
}

// decided tells of one recipient's decision.
func (l *mailLog) decided(o *mail.Object, d *rules.Decision, took time.Duration) {
	l.log.Info("decided", "id", d.ID, "queue", remote(o.Envelope.Client.Queue), "message_id", remote(d.MessageID),
		"sender", l.address(o.Envelope.From), "recipient", l.address(d.Recipient), "category", string(d.Category),
		"disposition", string(d.Disposition), "because", remote(d.Because), "took", took)
}

// answered tells what one recipient got upstream.
func (l *mailLog) answered(queue, recipient string, d *rules.Decision, code int, took time.Duration) {
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
		}
	}
	l.log.Info(event, "id", id, "queue", remote(queue), "recipient", l.address(recipient), "applied", applied, "code", code, "took", took)
}

func (l *mailLog) softened(queue, id, reason string) {
	l.log.Info("softened", "id", id, "queue", remote(queue), "reason", reason)
}

func (l *mailLog) stripped(queue string, count int) {
	l.log.Info("stripped", "queue", remote(queue), "count", count)
}

func (l *mailLog) normalised(queue string, count int) {
	l.log.Info("normalised", "queue", remote(queue), "count", count)
}

func (l *mailLog) aborted(queue, peer, stage string, bytes int64) {
	l.log.Info("aborted", "queue", remote(queue), "peer", peer, "stage", stage, "bytes", bytes)
}

func (l *mailLog) outcomeLost(queue string, err error) {
	l.log.Warn("outcome not recorded", "queue", remote(queue), "error", remote(err.Error()))
}

// Printf and Println let go-smtp report what it caught.
func (l *mailLog) Printf(format string, v ...any) {
	text := fmt.Sprintf(format, v...)
	if !strings.HasPrefix(text, "panic") {
		l.log.Info("connection ended", "error", remote(text)) // reset by the peer, as a rule
		return
	}
	l.log.Error("panic", "where", "wire", "error", remote(text))
}

// Println is Printf with Print's spacing.
func (l *mailLog) Println(v ...any) { l.Printf("%s", fmt.Sprint(v...)) }
