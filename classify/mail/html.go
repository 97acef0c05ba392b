package mail

import (
	"bytes"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Bounds of reading HTML.
const (
	maxPreheader = 2000 // bytes of hidden text kept
	maxLinkText  = 300  // bytes of a link's text kept
	maxOpen      = 400  // elements open at once; deeper ones are read as siblings
	maxImplied   = 64   // open elements that one end tag may close
)

// htmlReader turns markup into text and gathers what it links to and loads, in
// one pass of the tokenizer.
type htmlReader struct {
	m      *Message
	text   textWriter
	hidden textWriter
	open   []element
	tables int
	skip   atom.Atom // the element whose content is dropped: script, style …
	sheet  bool      // that content is a style sheet
	ld     bool      // that content is JSON-LD
	link   int       // index of the open link in m.Links plus one; 0 if none
	linked textWriter
	micro  microdata
}

// element is an open element, with what its content inherits.
type element struct {
	name   atom.Atom
	tag    string // for elements without an atom
	hidden bool   // not shown, whatever stands inside
	tiny   bool   // font-size 0, which a child may undo
	item   bool   // opened a microdata item
	prop   bool   // its text is the value of a microdata property
}

// read reads one text/html part and gives its visible text.
func (r *htmlReader) read(m *Message, s []byte) string {
	r.m, r.hidden.max, r.text.max, r.linked.max = m, maxPreheader, MaxText, maxLinkText
	r.text.reset()
	r.linked.reset()
	r.skip, r.sheet, r.ld, r.link = 0, false, false, 0
	z := html.NewTokenizer(bytes.NewReader(s))
	for {
		switch z.Next() {
		case html.ErrorToken:
			r.closeLink()
			r.pop(0)
			return r.text.String()
		case html.TextToken:
			r.content(z)
		case html.StartTagToken, html.SelfClosingTagToken:
			r.start(z)
		case html.EndTagToken:
			name := tagName(z.Raw()[len("</"):])
			r.end(atom.Lookup(name), name)
		case html.CommentToken:
			r.comment(z.Raw())
		}
	}
}

// comment sees Outlook's conditions; what stands in them is never shown.
func (r *htmlReader) comment(raw []byte) {
	head := raw[:min(len(raw), 200)]
	if m := r.m; !m.Layout.MSO && bytes.IndexByte(head, '[') >= 0 {
		head = bytes.ToLower(head)
		m.Layout.MSO = bytes.Contains(head, []byte("[if")) && bytes.Contains(head, []byte("mso"))
	}
}

// content takes the text between two tags.
func (r *htmlReader) content(z *html.Tokenizer) {
	switch {
	case r.ld:
		r.m.readJSONLD(z.Raw())
		return
	case r.sheet:
		r.m.cssImages(string(z.Raw()), false)
		return
	case r.skip != 0:
		return
	}
	s := z.Raw()
	if bytes.IndexByte(s, '&') >= 0 {
		s = z.Text()
	}
	if r.micro.taking {
		r.micro.text.write(s)
	}
	if r.concealed() {
		// Text hidden far below the top is a variant for phones, not a preheader.
		if len(r.text.b) < 200 {
			r.hidden.write(s)
		}
		return
	}
	r.text.write(s)
	if r.link > 0 {
		r.linked.write(s)
	}
}

// concealed reports whether text here would not be shown.
func (r *htmlReader) concealed() bool {
	if len(r.open) == 0 {
		return false
	}
	e := r.open[len(r.open)-1]
	return e.hidden || e.tiny
}

// start opens an element.
func (r *htmlReader) start(z *html.Tokenizer) {
	name := tagName(z.Raw()[len("<"):])
	e := element{name: atom.Lookup(name)}
	if e.name == 0 {
		e.tag = string(name)
	}
	a := readAttributes(z)
	r.implied(e.name)
	if n := len(r.open); n > 0 {
		e.hidden, e.tiny = r.open[n-1].hidden, r.open[n-1].tiny
	}
	st := readStyle(a.style)
	e.hidden = e.hidden || st.hidden || a.hidden
	if st.sized {
		e.tiny = st.tiny
	}
	r.visit(e, &a, st)
	r.breaks(e.name)
	if e.name == atom.Noscript {
		z.NextIsNotRawText() // no reader of mail runs scripts, so its content is shown
	}
	e.item, e.prop = r.micro.open(r.m, &a, e.name)
	switch e.name {
	case atom.Script, atom.Style, atom.Title, atom.Noembed, atom.Noframes, atom.Iframe, atom.Template, atom.Textarea, atom.Select:
		if r.skip == 0 {
			r.skip = e.name
			r.sheet = e.name == atom.Style
			r.ld = e.name == atom.Script && strings.EqualFold(strings.TrimSpace(a.kind), "application/ld+json")
		}
	}
	if !void(e.name) && len(r.open) < maxOpen {
		r.open = append(r.open, e)
	}
}

// visit notes what an element links to or loads.
func (r *htmlReader) visit(e element, a *attributes, st style) {
	m := r.m
	if a.class != "" && !m.Layout.ESPClasses {
		m.Layout.ESPClasses = campaignClass(a.class)
	}
	if a.background != "" {
		m.addImage(a.background, Image{Width: -1, Height: -1, Hidden: e.hidden})
	}
	if strings.Contains(a.style, "(") {
		m.cssImages(a.style, e.hidden)
	}
	switch e.name {
	case atom.A, atom.Area:
		r.closeLink()
		if a.href != "" && len(m.Links) < MaxLinks {
			m.Links = append(m.Links, Link{URL: a.href, Host: hostOf(a.href), Text: a.alt, Styled: st.button || buttonClass(a.class)})
			if e.name == atom.A {
				r.link = len(m.Links)
			}
		}
	case atom.Img, atom.Image:
		r.image(e, a, st)
	case atom.Input:
		if strings.EqualFold(a.kind, "image") {
			r.image(e, a, st)
		}
	case atom.Video:
		m.addImage(a.poster, Image{Width: -1, Height: -1, Hidden: e.hidden})
	case atom.Source:
		m.addSet(a.srcset, "", Image{Width: -1, Height: -1, Hidden: e.hidden})
	case atom.Link:
		if loads(a.rel) {
			m.addImage(a.href, Image{Width: -1, Height: -1})
		}
	case atom.Table:
		r.tables++
		m.Layout.TableDepth = max(m.Layout.TableDepth, r.tables)
	}
}

// image takes a picture; inside a link its alternative text stands for the link's.
func (r *htmlReader) image(e element, a *attributes, st style) {
	i := Image{Alt: clean(a.alt), Width: size(st.width, a.width), Height: size(st.height, a.height), Hidden: e.hidden}
	r.m.addImage(a.src, i)
	r.m.addSet(a.srcset, a.src, i)
	if r.link > 0 && i.Alt != "" && len(r.linked.b) == 0 && r.m.Links[r.link-1].Text == "" {
		r.m.Links[r.link-1].Text = shorten(i.Alt, maxLinkText)
	}
}

// end closes an element and those that were left open in it.
func (r *htmlReader) end(name atom.Atom, tag []byte) {
	if name == r.skip {
		r.skip, r.sheet, r.ld = 0, false, false
	}
	if name == atom.A {
		r.closeLink()
	}
	r.breaks(name)
	for i := len(r.open) - 1; i >= max(0, len(r.open)-maxImplied); i-- {
		if e := r.open[i]; e.name == name && (name != 0 || e.tag == string(tag)) {
			r.pop(i)
			return
		}
		if r.open[i].name == atom.Table && name != atom.Body && name != atom.Html {
			return // a stray end tag does not reach out of its table
		}
	}
}

// pop closes every open element from index i on.
func (r *htmlReader) pop(i int) {
	for j := len(r.open) - 1; j >= i; j-- {
		e := r.open[j]
		if e.name == atom.Table {
			r.tables--
		}
		r.micro.close(r.m, e)
	}
	r.open = r.open[:i]
}

// implied closes the element that the start of another one ends: a cell the
// cell before it, and so on within one table or list.
func (r *htmlReader) implied(next atom.Atom) {
	also := next
	switch next {
	case atom.Td:
		also = atom.Th
	case atom.Th:
		also = atom.Td
	case atom.Tr, atom.Li:
	case atom.P, atom.Option:
		if n := len(r.open); n > 0 && r.open[n-1].name == next {
			r.pop(n - 1)
		}
		return
	default:
		return
	}
	for i := len(r.open) - 1; i >= max(0, len(r.open)-maxImplied); i-- {
		switch name := r.open[i].name; {
		case name == next, name == also:
			r.pop(i)
			return
		case name == atom.Table, name == atom.Ol, name == atom.Ul, name == atom.Tr:
			return // of the table or list around this one
		}
	}
}

// closeLink ends the open link and gives it its text.
func (r *htmlReader) closeLink() {
	if r.link == 0 {
		return
	}
	if s := r.linked.String(); s != "" {
		r.m.Links[r.link-1].Text = shorten(collapse(s), maxLinkText)
	}
	r.link = 0
	r.linked.reset()
}

// breaks asks for the line break or blank that an element brings. A link's text
// and the hidden text are one line.
func (r *htmlReader) breaks(name atom.Atom) {
	switch name {
	case atom.Br, atom.Div, atom.P, atom.Tr, atom.Table, atom.Li, atom.Ul, atom.Ol, atom.Dl, atom.Dt, atom.Dd,
		atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Hr, atom.Blockquote, atom.Pre, atom.Center,
		atom.Section, atom.Article, atom.Header, atom.Footer, atom.Main, atom.Nav, atom.Aside, atom.Form,
		atom.Fieldset, atom.Address, atom.Figure, atom.Caption, atom.Body, atom.Option:
		r.text.line()
	case atom.Td, atom.Th, atom.Img:
		r.text.space = true
	default:
		return
	}
	r.linked.space, r.hidden.space = true, true
}

// void reports elements that have no content and no end tag.
func void(name atom.Atom) bool {
	switch name {
	case atom.Area, atom.Base, atom.Br, atom.Col, atom.Embed, atom.Hr, atom.Img, atom.Image, atom.Input, atom.Link,
		atom.Meta, atom.Param, atom.Source, atom.Track, atom.Wbr, atom.Basefont, atom.Bgsound, atom.Frame, atom.Keygen:
		return true
	}
	return false
}

// loads reports whether a link element of this kind is loaded with the message.
func loads(rel string) bool {
	for kind := range strings.FieldsSeq(strings.ToLower(rel)) {
		switch kind {
		case "stylesheet", "preload", "prefetch", "icon", "modulepreload":
			return true
		}
	}
	return false
}
