package mail

import (
	"bytes"
	"mime"
	"strings"
)

// reader walks the parts of one message.
type reader struct {
	m        *Message
	budget   int // bytes of text that may still be decoded
	html     htmlReader
	shown    []shown
	choice   int             // the multipart/alternative being read; 0 outside
	choices  int             // of these seen
	enclosed strings.Builder // text of forwarded messages
}

// shown is the text of a part. Of those with one choice other than 0, plain or
// marked up text is shown, not both.
type shown struct {
	text   string
	html   bool
	choice int
}

// part reads one part and what it holds. Depth counts the parts around it.
func (r *reader) part(h header, body []byte, depth int) {
	m := r.m
	m.Parts++
	kind, params := mediaType(h.get("Content-Type"))
	if depth == 0 {
		m.ContentType = kind
	}
	switch {
	case strings.HasPrefix(kind, "multipart/"):
		if r.multipart(kind, params["boundary"], body, depth) {
			return
		}
		// QUIRK: a multipart without parts is shown as text by most readers.
		m.note("part %d: %s without parts, read as text", m.Parts, kind)
		r.text("text/plain", params, h, body)
	case kind == "message/rfc822" || kind == "message/global":
		m.Attachments = append(m.Attachments, kind)
		r.enclose(body, depth)
	case !attached(h) && (kind == "text/plain" || kind == "text/html"):
		r.text(kind, params, h, body)
	default:
		if kind == "text/x-amp-html" {
			m.Layout.AMP = true
		}
		m.Attachments = append(m.Attachments, kind)
	}
}

// multipart reads the parts between the boundary lines; false if there are none.
func (r *reader) multipart(kind, boundary string, body []byte, depth int) bool {
	if boundary == "" {
		return false
	}
	if depth >= MaxDepth {
		r.m.note("part %d: deeper than %d, not opened", r.m.Parts, MaxDepth)
		return true
	}
	if kind == "multipart/alternative" && r.choice == 0 {
		r.choices++
		r.choice = r.choices
		defer func() { r.choice = 0 }()
	}
	n := 0
	for part := range eachPart(body, boundary) {
		if r.m.Parts >= MaxParts {
			r.m.note("more than %d parts, the rest not read", MaxParts)
			break
		}
		n++
		block, content := cutHeader(part)
		r.m.guard("part", func() {
			h := readHeader(block, r.m.note)
			if h.get("Content-Type") == "" && kind == "multipart/digest" {
				h = append(h, Field{"Content-Type", "message/rfc822"})
			}
			r.part(h, content, depth+1)
		})
	}
	return n > 0
}

// eachPart gives the parts between the boundary lines of a multipart body. A
// missing last boundary ends with the body.
func eachPart(body []byte, boundary string) func(yield func([]byte) bool) {
	return func(yield func([]byte) bool) {
		dash := []byte("--" + boundary)
		begin := -1
		for at := 0; at < len(body); {
			i := bytes.Index(body[at:], dash)
			if i < 0 {
				break
			}
			i += at
			end := i + len(dash)
			next := len(body)
			if n := bytes.IndexByte(body[end:], '\n'); n >= 0 {
				next = end + n + 1
			}
			at = next
			tail := bytes.TrimSpace(body[end:next])
			last := bytes.HasPrefix(tail, []byte("--"))
			if i > 0 && body[i-1] != '\n' || !last && len(tail) > 0 {
				continue // a longer boundary, or text that mentions this one
			}
			if begin >= 0 && !yield(trimLineEnd(body[begin:i])) || last {
				return
			}
			begin = next
		}
		if begin >= 0 && begin < len(body) {
			yield(body[begin:])
		}
	}
}

func trimLineEnd(b []byte) []byte {
	return bytes.TrimSuffix(bytes.TrimSuffix(b, []byte("\n")), []byte("\r"))
}

// enclose reads the text of a forwarded message. Its header fields, links and
// pictures are another message's and never count as this one's.
func (r *reader) enclose(body []byte, depth int) {
	if depth >= MaxDepth {
		return
	}
	inner := &Message{}
	sub := &reader{m: inner, budget: r.budget}
	block, content := cutHeader(body)
	inner.Parts = r.m.Parts
	sub.part(readHeader(block, r.m.note), content, depth+1)
	sub.settle()
	r.m.Parts, r.budget = inner.Parts, sub.budget
	for _, n := range inner.Notes {
		r.m.note("%s", n)
	}
	r.m.Attachments = append(r.m.Attachments, inner.Attachments...)
	r.enclosed.WriteString("\n\n" + inner.Text + sub.enclosed.String())
}

// text decodes a text part and reads it.
func (r *reader) text(kind string, params map[string]string, h header, body []byte) {
	b := r.decode(kind, params["charset"], h.get("Content-Transfer-Encoding"), body)
	if kind == "text/html" {
		r.m.Layout.HTML = true
		r.shown = append(r.shown, shown{r.html.read(r.m, b), true, r.choice})
		return
	}
	r.shown = append(r.shown, shown{cleanPlain(b), false, r.choice})
}

// shorten cuts s to at most n bytes, never inside a character.
func shorten(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}

// attached reports whether the part is meant to be saved, not shown.
func attached(h header) bool {
	disposition, _, _ := strings.Cut(h.get("Content-Disposition"), ";")
	return strings.EqualFold(strings.TrimSpace(disposition), "attachment")
}

// mediaType reads a Content-Type in lower case; text/plain if there is none. It
// finds a boundary or charset even where the rest is malformed.
func mediaType(value string) (kind string, params map[string]string) {
	value = shorten(value, 4096)
	if value == "" {
		return "text/plain", nil
	}
	kind, params, err := mime.ParseMediaType(value)
	if err == nil {
		return kind, params
	}
	kind, rest, _ := strings.Cut(value, ";")
	kind = strings.ToLower(strings.TrimSpace(kind))
	if major, minor, ok := strings.Cut(kind, "/"); !ok || major == "" || minor == "" {
		kind = "text/plain" // QUIRK: "Content-Type: text" and the like, as RFC 2045, section 5.2 advises
	}
	params = make(map[string]string)
	for p := range strings.SplitSeq(rest, ";") {
		name, v, ok := strings.Cut(p, "=")
		name = strings.ToLower(strings.TrimSpace(name))
		if _, seen := params[name]; ok && !seen {
			params[name] = strings.Trim(strings.TrimSpace(v), `"`)
		}
	}
	return kind, params
}
