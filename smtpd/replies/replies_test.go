package replies

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/emersion/go-smtp"
)

func TestR17EveryErrorBecomesAReply(t *testing.T) {
	wrapped := fmt.Errorf("pass on: %w", Own(550, smtp.EnhancedCode{5, 1, 1}, "no such user"))
	for _, c := range []struct {
		name string
		err  error
		code int
		text string
	}{
		{"row 3 a plain error never reaches the wire", errors.New("open /var/secret: permission denied"), 451, "Temporary failure"},
		{"row 3 a wrapped reply is found", wrapped, 550, "no such user"},
		{"a context that ended", context.DeadlineExceeded, 451, "Temporary failure"},
	} {
		reply, ok := To(c.err).(*smtp.SMTPError)
		if !ok || reply.Code != c.code || !strings.Contains(reply.Message, c.text) {
			t.Errorf("%s: %v", c.name, To(c.err))
		}
	}
	if To(nil) != nil {
		t.Error("nil is no reply")
	}
}

func TestR16RepliesPassInOnePieceAndHarmless(t *testing.T) {
	r := Refusal(Own(550, smtp.EnhancedCode{5, 1, 1}, "one\nt\x1bwo\x00\r\n"+strings.Repeat("x", 600)))
	lines := strings.Split(r.Message, "\n")
	if len(lines) != 3 || lines[0] != "one" || lines[1] != "t?wo?" || len(lines[2]) != maxReplyLine {
		t.Errorf("message is %q", r.Message)
	}
	if r := Refusal(Own(250, smtp.EnhancedCode{}, "yes")); r.Code != 451 {
		t.Errorf("a 250 that is an error passes as %d", r.Code)
	}
	if r := Refusal(Own(550, smtp.EnhancedCode{}, "no")); r.EnhancedCode != smtp.NoEnhancedCode {
		t.Errorf("an enhanced code was made up: %v", r.EnhancedCode)
	}
	if r := AtData(Own(252, smtp.EnhancedCode{2, 0, 0}, "taken"), "u@y.test"); r.Code != 252 {
		t.Errorf("row 17 a 252 at the end of data passes as %d", r.Code)
	}
}

func TestReadReply(t *testing.T) {
	for _, c := range []struct {
		name, in, text string
		code           int
		enhanced       smtp.EnhancedCode
	}{
		{"one line", "250 2.0.0 <u@y.test> Saved\r\n", "<u@y.test> Saved", 250, smtp.EnhancedCode{2, 0, 0}},
		{"several lines, the enhanced code on each", "550-5.1.1 no\r\n550 5.1.1 such user\r\n", "no\nsuch user", 550, smtp.EnhancedCode{5, 1, 1}},
		{"no enhanced code", "250 fine\r\n", "fine", 250, smtp.EnhancedCode{}},
		{"no text", "250 \r\n", "", 250, smtp.EnhancedCode{}},
		{"two codes", "250-yes\r\n550 no\r\n", "250-yes\r\n550 no\r\n", 0, smtp.EnhancedCode{}},
		{"no code", "hello\r\n", "hello\r\n", 0, smtp.EnhancedCode{}},
		{"hardly anything", "2\n", "2\n", 0, smtp.EnhancedCode{}},
	} {
		if r := Read(c.in); r.Code != c.code || r.Message != c.text || r.EnhancedCode != c.enhanced {
			t.Errorf("%s: %+v", c.name, r)
		}
	}
}
