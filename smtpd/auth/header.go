package auth

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"usher/classify/mail"
)

// Bounds that keep a hostile message from costing more than an honest one. A
// message beyond them is unproven.
const (
	maxSignatureField = 8 << 10  // bytes of one DKIM-Signature; real ones stay under 3 KiB
	maxBlank          = 64 << 10 // bytes of white space in a row, which canonicalisation holds back
	// go-msgauth copies a field again with each line that continues it, and looks
	// through all fields for each name that a signature lists.
	maxCopied = 32 << 20 // bytes: a field of 1,000 recipients, one a line, copies 15 MB
	maxPicked = 250_000  // fields looked at: 8 signatures of 60 names each over 500 fields
)

// header is the outermost header as it was received. It is split as go-msgauth
// splits it, so that both see the same fields.
type header struct {
	raw    []byte // with the empty line that ends it
	fields []field
	copied int // bytes, as maxCopied counts them
}

type field struct {
	name  string // lower case
	value string // unfolded, nothing decoded
}

// count tells how many fields of that lower-case name there are.
func (h *header) count(name string) int {
	n := 0
	for _, f := range h.fields {
		if f.name == name {
			n++
		}
	}
	return n
}

// readHeader reads up to and including the first empty line, which it adds
// where a message ends without one.
func readHeader(r *bufio.Reader) (*header, error) {
	h := &header{raw: make([]byte, 0, 8<<10), fields: make([]field, 0, 32)}
	start := 0
	for {
		part, err := r.ReadSlice('\n')
		h.raw = append(h.raw, part...)
		if len(h.raw) > mail.MaxHeader {
			return nil, fmt.Errorf("the header is longer than %d KiB", mail.MaxHeader>>10)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, errors.New("the message could not be read")
		}
		line := strings.TrimSuffix(strings.TrimSuffix(string(h.raw[start:]), "\n"), "\r")
		start = len(h.raw)
		if line != "" {
			if problem := h.add(line); problem != nil {
				return nil, problem
			}
		}
		if err != nil && line != "" {
			h.raw = append(h.raw, "\r\n"...)
		}
		if err != nil {
			h.raw = append(h.raw, "\r\n"...)
		}
		if err != nil || line == "" {
			return h, h.tooLarge()
		}
	}
}

func (h *header) add(line string) error {
	if n := len(h.fields); n > 0 && (line[0] == ' ' || line[0] == '\t') {
		f := &h.fields[n-1]
		f.value += " " + strings.TrimSpace(line)
		if h.copied += len(f.value); h.copied > maxCopied {
			return errors.New("a header field has too many lines")
		}
		return nil
	}
	if len(h.fields) == mail.MaxFields {
		return fmt.Errorf("the header has more than %d fields", mail.MaxFields)
	}
	name, value, _ := strings.Cut(line, ":")
	h.fields = append(h.fields, field{strings.ToLower(strings.TrimSpace(name)), strings.TrimSpace(value)})
	return nil
}

func (h *header) tooLarge() error {
	listed, signatures := 0, 0
	for _, f := range h.fields {
		if f.name != "dkim-signature" {
			continue
		}
		if len(f.value) > maxSignatureField {
			return fmt.Errorf("a DKIM signature is longer than %d KiB", maxSignatureField>>10)
		}
		if signatures++; signatures <= MaxSignatures {
			listed += strings.Count(f.value, ":")
		}
	}
	if listed*len(h.fields) > maxPicked {
		return errors.New("the DKIM signatures name too many fields")
	}
	return nil
}

// body passes a body on. It ends early, and says why, where a message goes
// beyond a bound or cannot be read: go-msgauth would leave goroutines behind on
// an error, while a body cut short merely fails its hash.
type body struct {
	ctx   context.Context
	r     io.Reader
	blank int
	why   string
}

func (b *body) Read(p []byte) (int, error) {
	if b.why == "" && b.ctx.Err() != nil {
		b.why = "there was no time to check the signatures"
	}
	if b.why != "" {
		return 0, io.EOF
	}
	p = p[:min(len(p), maxBlank)] // so that no run is over within one piece
	n, err := b.r.Read(p)
	const blanks = "\r\n \t"
	if after := len(bytes.TrimLeft(p[:n], blanks)); after > 0 {
		if b.blank += n - after; b.blank <= maxBlank {
			b.blank = n - len(bytes.TrimRight(p[:n], blanks))
		}
	} else {
		b.blank += n
	}
	if b.blank > maxBlank {
		b.why = fmt.Sprintf("the body has more than %d KiB of white space in a row", maxBlank>>10)
		return 0, io.EOF
	}
	if err != nil && !errors.Is(err, io.EOF) {
		b.why = "the message could not be read"
		return n, io.EOF
	}
	return n, err
}
