package mail

import (
	"bytes"
	"slices"
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

// settle puts together the text that a reader would see.
func (r *reader) settle() {
	m := r.m
	var all []string
	for i, s := range r.shown {
		if s.choice == 0 {
			all = append(all, s.text)
		} else if i == slices.IndexFunc(r.shown, func(o shown) bool { return o.choice == s.choice }) {
			all = append(all, r.choose(s.choice))
		}
	}
	all = slices.DeleteFunc(all, func(s string) bool { return s == "" })
	m.Text = shorten(strings.Join(all, "\n\n"), MaxText)
	if !m.Layout.HTML {
		m.plainLinks(m.Text)
	}
	m.Preheader = r.html.hidden.String()
	m.Layout.MergeFields = hasMergeField(m.Subject) || hasMergeField(m.Text)
}

// choose gives the plain text of an alternative if it is substantial, else the
// text of its markup.
func (r *reader) choose(choice int) string {
	var plain, markup []string
	for _, s := range r.shown {
		switch {
		case s.choice != choice:
		case s.html:
			markup = append(markup, s.text)
		default:
			plain = append(plain, s.text)
		}
	}
	p, h := strings.Join(plain, "\n\n"), strings.Join(markup, "\n\n")
	if h == "" || substantial(p, h) {
		return p
	}
	return h
}

// substantial reports whether the plain alternative says about as much as the
// marked up one. Many say only "please view this mail as HTML".
func substantial(plain, shown string) bool {
	return len(plain) >= 200 && len(plain) >= len(shown)/2
}
