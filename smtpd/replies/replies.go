// Package replies says what goes back upstream: our own replies, with texts that
// are fixed, and those of the next hop, made fit to pass. SMTP codes stand here
// and nowhere else; it never lets the text of an error of ours reach the wire.
package replies

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/emersion/go-smtp"
)

// Our own replies. Their texts are fixed: what failed in detail is for the log.
var (
	Untrusted   = Own(554, smtp.EnhancedCode{5, 7, 1}, "This server takes mail from its neighbours only")
	Full        = Own(421, smtp.EnhancedCode{4, 3, 2}, "Too many connections, try again later")
	Draining    = Own(421, smtp.EnhancedCode{4, 3, 2}, "Shutting down, try again later")
	Unreachable = Own(421, smtp.EnhancedCode{4, 3, 2}, "The next server cannot be reached, try again later")
	Line        = Own(500, smtp.EnhancedCode{5, 5, 2}, "Line too long or not ended by CRLF")
	Unknown     = Own(500, smtp.EnhancedCode{5, 5, 2}, "Command not recognised")
	NotOffered  = Own(502, smtp.EnhancedCode{5, 5, 1}, "Command not offered")
	Order       = Own(503, smtp.EnhancedCode{5, 5, 1}, "Command out of order")
	Sender      = Own(501, smtp.EnhancedCode{5, 1, 7}, "Bad sender path")
	Recipient   = Own(501, smtp.EnhancedCode{5, 1, 3}, "Bad recipient path")
	Malformed   = Own(501, smtp.EnhancedCode{5, 5, 4}, "Malformed parameter")
	Parameter   = Own(555, smtp.EnhancedCode{5, 5, 4}, "Parameter not offered")
	Wrong       = Own(421, smtp.EnhancedCode{4, 7, 0}, "Too many wrong commands")
	Rcpts       = Own(452, smtp.EnhancedCode{4, 5, 3}, "Too many recipients")
	Size        = Own(552, smtp.EnhancedCode{5, 3, 4}, "Message too large")
	Bare        = Own(550, smtp.EnhancedCode{5, 6, 0}, "Bare CR or LF in the message")
	Spool       = Own(452, smtp.EnhancedCode{4, 3, 1}, "No room for the message, try again later")
	Slow        = Own(421, smtp.EnhancedCode{4, 4, 2}, "Too slow, closing the connection")
	Lost        = Own(451, smtp.EnhancedCode{4, 4, 2}, "The next server did not answer, try again later")
	Spent       = Own(451, smtp.EnhancedCode{4, 4, 7}, "No time left for this recipient, try again later")
	Ours        = Own(451, smtp.EnhancedCode{4, 3, 0}, "Temporary failure, try again later")
	GivenUp     = Own(421, smtp.EnhancedCode{4, 5, 1}, "Message given up halfway, closing the connection")
	Panic       = Own(421, smtp.EnhancedCode{4, 3, 0}, "Internal error, closing the connection")
	Xforward    = Own(250, smtp.EnhancedCode{2, 0, 0}, "Noted")
)

func Own(code int, enhanced smtp.EnhancedCode, text string) *smtp.SMTPError {
	return &smtp.SMTPError{Code: code, EnhancedCode: enhanced, Message: text}
}

// IsOwn reports whether r is one of our own fixed replies, not the next hop's.
func IsOwn(r *smtp.SMTPError) bool {
	return slices.Contains([]*smtp.SMTPError{
		Untrusted, Full, Draining, Unreachable, Line, Unknown, NotOffered, Order, Sender, Recipient, Malformed, Parameter,
		Wrong, Rcpts, Size, Bare, Spool, Slow, Lost, Spent, Ours, GivenUp, Panic, Xforward,
	}, r)
}

// Text gives a reply of ours as it is written by the guard.
func Text(r *smtp.SMTPError) string {
	e := r.EnhancedCode
	return fmt.Sprintf("%d %d.%d.%d %s\r\n", r.Code, e[0], e[1], e[2], r.Message)
}

// To turns any error into what go-smtp may send: a reply of the next hop
// or of ours passes, everything else becomes 451 4.3.0. go-smtp would write
// the text of any other error to the wire.
func To(err error) error {
	if err == nil {
		return nil
	}
	if r, ok := As(err); ok {
		return r
	}
	return Ours
}

// As finds the reply in err, if it is one.
func As(err error) (*smtp.SMTPError, bool) {
	var r *smtp.SMTPError
	if !errors.As(err, &r) {
		return nil, false
	}
	return r, true
}

// Refusal is the next hop's reply to a command, as it passes upstream. A code
// that is neither 4xx nor 5xx makes no sense there.
func Refusal(r *smtp.SMTPError) *smtp.SMTPError {
	if r.Code < 400 || r.Code > 599 {
		return Ours
	}
	return passing(r)
}

// AtData is the next hop's reply at the end of data for one recipient. A
// 421 would close upstream's connection with other answers outstanding.
func AtData(r *smtp.SMTPError, path string) *smtp.SMTPError {
	switch {
	case r.Code == 421:
		r = &smtp.SMTPError{Code: 451, EnhancedCode: r.EnhancedCode, Message: r.Message}
	case r.Code/100 == 2, r.Code/100 == 4, r.Code/100 == 5:
	default:
		return Ours
	}
	r = passing(r)
	r.Message = strings.TrimPrefix(r.Message, "<"+path+"> ")
	return r
}

// Read reads a whole reply as it came. Its code is 0 where it makes no
// sense.
func Read(text string) *smtp.SMTPError {
	r := new(smtp.SMTPError)
	var words []string
	for l := range strings.Lines(text) {
		code, err := strconv.Atoi(l[:min(3, len(l))])
		if err != nil || len(l) < 4 || l[3] != ' ' && l[3] != '-' || len(words) > 0 && code != r.Code {
			return &smtp.SMTPError{Message: text}
		}
		r.Code = code
		words = append(words, strings.TrimRight(l[4:], "\r\n"))
	}
	r.Message = strings.Join(words, "\n")
	first, _, _ := strings.Cut(r.Message, " ")
	var e smtp.EnhancedCode
	if n, err := fmt.Sscanf(first, "%d.%d.%d", &e[0], &e[1], &e[2]); n == 3 && err == nil {
		r.EnhancedCode = e
		r.Message = strings.ReplaceAll("\n"+r.Message, "\n"+first+" ", "\n")[1:]
	}
	return r
}

// passing copies a reply of the next hop: every line, no byte that could do
// harm, and no enhanced code where it gave none.
func passing(r *smtp.SMTPError) *smtp.SMTPError {
	if IsOwn(r) {
		return r
	}
	c := *r
	if c.EnhancedCode == smtp.EnhancedCodeNotSet {
		c.EnhancedCode = smtp.NoEnhancedCode
	}
	lines := strings.Split(c.Message, "\n")
	for i, l := range lines {
		lines[i] = printable(l, maxReplyLine)
	}
	c.Message = strings.Join(lines, "\n")
	return &c
}

// maxReplyLine leaves room, in the 512 bytes of a reply line (RFC 5321, section
// 4.5.3.1.5), for the code and the enhanced code.
const maxReplyLine = 512 - len("250-") - len("5.255.255 ") - len("\r\n")

// printable makes s printable ASCII of at most max bytes.
func printable(s string, max int) string {
	s = strings.TrimRight(s, "\r\n")
	if len(s) > max {
		s = s[:max]
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, s)
}
