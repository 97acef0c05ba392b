package mail

import (
	"bytes"
	"strings"
)

// Parse reads a message as it came over the wire. Any bytes at all give a
// Message: what cannot be read is left out and noted. Time and memory grow with
// the length of raw and with the bounds of this package, never faster. Parse
// does not keep raw.
func Parse(raw []byte) *Message {
	m := &Message{Size: len(raw)}
	var h header
	body := raw
	m.guard("header", func() { h, body = m.readTop(raw) })
	r := &reader{m: m, budget: MaxText}
	m.guard("body", func() { r.part(h, body, 0) })
	m.guard("text", func() { r.settle() })
	m.guard("offers", func() { m.findOffers() })
	// Last, so that a forwarded shop's prices are not taken for this sender's.
	m.Text = shorten(m.Text+r.enclosed.String(), MaxText)
	return m
}

// guard runs f. A panic in a library or in this package costs what f was to
// read, never the message.
func (m *Message) guard(what string, f func()) {
	defer func() {
		if p := recover(); p != nil {
			m.note("%s: reading failed: %v", what, p)
		}
	}()
	f()
}

// readTop reads the outermost header. A message without a single field is all body.
func (m *Message) readTop(raw []byte) (header, []byte) {
	if bytes.HasPrefix(raw, []byte("From ")) {
		// QUIRK: an mbox separator that some deliverer left on top.
		if i := bytes.IndexByte(raw, '\n'); i >= 0 {
			m.note("mbox separator skipped")
			raw = raw[i+1:]
		}
	}
	block, body := cutHeader(raw)
	h := readHeader(block, m.note)
	if len(h) == 0 {
		m.note("no header")
		return nil, raw
	}
	m.fillHeader(h)
	return h, body
}

// settle chooses the text that a reader would see and gathers what was found.
func (r *reader) settle() {
	m := r.m
	plain, shown := strings.TrimSpace(r.plain.String()), strings.TrimSpace(r.html.text.String())
	m.Text = shown
	if shown == "" || substantial(plain, shown) {
		m.Text = plain
	}
	if !m.Layout.HTML {
		m.plainLinks(plain)
	}
	m.Preheader = strings.TrimSpace(r.html.hidden.String())
	m.Text = shorten(m.Text, MaxText)
	m.Layout.MergeFields = hasMergeField(m.Subject) || hasMergeField(m.Text)
}

// substantial reports whether the plain alternative says about as much as the
// marked up one. Many say only "please view this mail as HTML".
func substantial(plain, shown string) bool {
	return len(plain) >= 200 && len(plain) >= len(shown)/2
}
