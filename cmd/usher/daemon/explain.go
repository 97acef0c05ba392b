package daemon

import (
	"bytes"
	"context"
	"strings"
	"time"
	"usher/classify/mail"
	"usher/rules"
	"usher/smtpd"
)

// explain gives the decision that a message would get now, for a person's
// question; nothing is stored.
func (d *Daemon) explain(ctx context.Context, mailbox string, raw []byte) (*rules.Decision, error) {
	o := &mail.Object{Message: Read(raw)}
	o.Envelope = mail.Envelope{From: ReturnPath(o.Message), To: []string{mailbox}, Arrived: time.Now()}
	o.Identity = d.verifier.Identify(ctx, bytes.NewReader(raw), &o.Envelope, o.Message)
	// Without Marks: a question must not tell what others received, nor teach it.
	judge := &rules.Judge{Model: d.judge.Model, Statements: d.judge.Statements, Delimiter: d.judge.Delimiter, Overrides: d.judge.Overrides, Lessons: d.store, History: d.store.Looking()}
	decisions, err := judge.Decide(ctx, o)
	if err != nil {
		return nil, err
	}
	return decisions[0], nil
}

// Read reads as much of a message as the wire has judged.
func Read(raw []byte) *mail.Message {
	return mail.Parse(raw[:min(len(raw), smtpd.DefaultJudgeBytes)])
}

// ReturnPath is the reverse-path that a final server wrote into the message;
// where none did, the From address stands for it.
func ReturnPath(m *mail.Message) string {
	if !m.Has("Return-Path") && len(m.From) > 0 {
		return m.From[0].String()
	}
	return strings.Trim(m.Get("Return-Path"), "<> \t")
}
