package mail

import (
	"strings"
	"testing"
	"unicode/utf8"

	"usher/classify/offer"
)

// check fails when a message leaves the bounds that Parse promises.
func check(t *testing.T, m *Message) {
	t.Helper()
	switch {
	case !utf8.ValidString(m.Text), !utf8.ValidString(m.Subject), !utf8.ValidString(m.Preheader):
		t.Error("text is not valid UTF-8")
	case len(m.Text) > MaxText:
		t.Errorf("text of %d bytes", len(m.Text))
	case len(m.Fields) > MaxFields:
		t.Errorf("%d fields", len(m.Fields))
	case len(m.Links) > MaxLinks, len(m.Images) > MaxLinks, len(m.Nodes) > MaxNodes, len(m.Offers) > offer.Max:
		t.Errorf("%d links, %d images, %d nodes, %d offers", len(m.Links), len(m.Images), len(m.Nodes), len(m.Offers))
	case m.Parts > MaxParts:
		t.Errorf("%d parts", m.Parts)
	case len(m.Notes) > maxNotes:
		t.Errorf("%d notes", len(m.Notes))
	case len(m.From) > maxAddresses, len(m.To) > maxAddresses, len(m.ReplyTo) > maxAddresses:
		t.Error("too many addresses")
	}
	for _, f := range m.Fields {
		if !utf8.ValidString(f.Value) || len(f.Name) > MaxField {
			t.Errorf("field %q is not valid", f.Name)
		}
	}
	for _, o := range m.Offers {
		if o.Discount < 0 || o.Discount > 100 || o.Source == "" {
			t.Errorf("offer %+v", o)
		}
	}
	for _, n := range m.Notes {
		if strings.Contains(n, "reading failed") {
			t.Error(n)
		}
	}
}
