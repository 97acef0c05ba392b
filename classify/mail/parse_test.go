package mail

import (
	"bytes"
	"math/rand/v2"
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

// Each case is one that a careless reader takes a square of its length for; the
// deadline of go test is what would notice.
func TestHostileMail(t *testing.T) {
	random := make([]byte, 1<<20)
	src := rand.NewChaCha8([32]byte{7})
	src.Read(random)
	nested := func(n int) []byte {
		var b strings.Builder
		b.WriteString("Subject: nested\n")
		for i := range n {
			b.WriteString("Content-Type: multipart/mixed; boundary=b" + strings.Repeat("x", i%5) + "\n\n--b" + strings.Repeat("x", i%5) + "\n")
		}
		b.WriteString("Content-Type: text/plain\n\ndeep\n")
		return []byte(b.String())
	}
	html := "Content-Type: text/html\n\n"
	cases := []struct {
		name string
		raw  []byte
	}{
		{"nothing", nil},
		{"one line end", []byte("\n")},
		{"random bytes", random},
		{"random bytes as HTML", append([]byte(html), random...)},
		{"10,000 multiparts in each other", nested(10000)},
		{"10,000 forwarded messages in each other", bytes.Repeat([]byte("Content-Type: message/rfc822\n\n"), 10000)},
		{"10,000 parts in a row", append([]byte("Content-Type: multipart/mixed; boundary=b\n\n"), bytes.Repeat([]byte("--b\n\nhello\n"), 10000)...)},
		{"100,000 header fields", append(bytes.Repeat([]byte("X-A: b\n"), 100000), "\nbody\n"...)},
		{"100,000 continuation lines", append(bytes.Repeat([]byte(" b\n"), 100000), "\nbody\n"...)},
		{"a line of 20 MB", append([]byte("Subject: long\n\n"), bytes.Repeat([]byte("a"), 20<<20)...)},
		{"a subject of 20 MB", append([]byte("Subject: "), bytes.Repeat([]byte("a"), 20<<20)...)},
		{"60 MB of text", append([]byte("Subject: big\n\n"), bytes.Repeat([]byte("a word or two for $5 and 20 % off\n"), 60<<20/34)...)},
		{"60 MB of boundary lookalikes", append([]byte("Content-Type: multipart/mixed; boundary=\"-\"\n\n"), bytes.Repeat([]byte("-"), 60<<20)...)},
		{"50,000 open comments in From", []byte("From: " + strings.Repeat("(", 50000) + "\n\nx")},
		{"50,000 quotes in From", []byte("From: " + strings.Repeat("\"a,", 20000) + "\n\nx")},
		{"50,000 encoded words", []byte("Subject: " + strings.Repeat("=?utf-8?q?a?= ", 5000) + "\n\nx")},
		{"50,000 Content-Type parameters", []byte("Content-Type: multipart/mixed" + strings.Repeat("; a=b", 13000) + "\n\nx")},
		{"200,000 open elements", []byte(html + strings.Repeat("<div>", 200000))},
		{"200,000 open links", []byte(html + strings.Repeat("<a href=x>", 100000))},
		{"200,000 stray end tags", []byte(html + strings.Repeat("<b>", 60) + strings.Repeat("</p>", 200000))},
		{"200,000 attributes", []byte(html + "<div " + strings.Repeat("a=b ", 200000) + ">x</div>")},
		{"a million opening brackets", []byte(html + strings.Repeat("<", 1<<20))},
		{"comments that never close", []byte(html + strings.Repeat("<!--", 1<<18))},
		{"200,000 url(", []byte(html + "<p style='" + strings.Repeat("url(", 200000) + "'>")},
		{"a srcset of 500,000 commas", []byte(html + "<img srcset='" + strings.Repeat(", ", 200000) + "'>")},
		{"deep JSON-LD", []byte(html + "<script type='application/ld+json'>" + strings.Repeat("[", 60000) + "</script>")},
		{"wide JSON-LD", []byte(html + "<script type='application/ld+json'>[" + strings.Repeat(`{"@type":"Offer"},`, 5000) + "1]</script>")},
		{"items in items", []byte(html + strings.Repeat("<div itemscope itemprop=a itemtype=x>", 20000))},
		{"300,000 merge fields that never close", []byte("\n" + strings.Repeat("{{", 300000))},
		{"a million colons", []byte("Subject: x\n\n" + strings.Repeat(":", 1<<20))},
		{"a million digits", []byte("Subject: x\n\n$" + strings.Repeat("1", 1<<20))},
		{"a million grouped digits", []byte("Subject: x\n\n$1" + strings.Repeat(" 111", 1<<18))},
		{"a million percent signs", []byte("Subject: x\n\n" + strings.Repeat("5%", 1<<19))},
		{"half a million untils", []byte("Subject: x\n\n" + strings.Repeat("until ", 1<<17))},
		{"half a million was", []byte("Subject: x\n\n" + strings.Repeat("was $5 ", 1<<17))},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			m := Parse(c.raw)
			check(t, m)
			if m.Size != len(c.raw) {
				t.Errorf("Size is %d", m.Size)
			}
		})
	}
}
