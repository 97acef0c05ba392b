package mail

import (
	"bytes"
	"strings"

	"golang.org/x/net/html"
)

// attributes are those of one start tag that tell something.
type attributes struct {
	href, src, srcset, alt, class, style, rel, kind string
	width, height, background, poster               string
	hidden                                          bool
	itemtype, itemprop, content, datetime           string
	itemscope                                       bool

	seen uint32 // bits of those that stood there
}

// readAttributes reads those of the start tag that z is at.
func readAttributes(z *html.Tokenizer) (a attributes) {
	if a.scan(z.Raw()) {
		return a
	}
	// A value that is not as it stands is the library's to read.
	a = attributes{}
	for more := true; more; {
		var k, v []byte
		k, v, more = z.TagAttr()
		if to := a.place(k); to != nil {
			*to = strings.TrimSpace(string(v))
		}
	}
	return a
}

// tagName gives the name of a tag, of which raw is what follows "<" or "</".
func tagName(raw []byte) []byte {
	for i, c := range raw {
		if blank(c) || c == '/' || c == '>' {
			raw = raw[:i]
			break
		}
	}
	if bytes.ContainsFunc(raw, func(c rune) bool { return 'A' <= c && c <= 'Z' }) {
		return bytes.ToLower(raw)
	}
	return raw
}

// scan reads the attributes of a start tag as the tokenizer parts them, without
// its copies: most of them tell nothing. It gives up, and reports false, where a
// value that tells something holds a reference or a line end.
func (a *attributes) scan(tag []byte) bool {
	tag = tag[1:]
	i := 0
	for i < len(tag) && !blank(tag[i]) && tag[i] != '/' && tag[i] != '>' {
		i++
	}
	for tag = tag[i:]; ; {
		for i = 0; i < len(tag) && blank(tag[i]); i++ {
		}
		if tag = tag[i:]; len(tag) == 0 || tag[0] == '>' {
			return true
		}
		var name, value []byte
		name, tag = cutName(tag)
		value, tag = cutValue(tag)
		if to := a.place(name); to != nil {
			if bytes.IndexByte(value, '&') >= 0 || bytes.IndexByte(value, '\r') >= 0 || bytes.IndexByte(value, 0) >= 0 {
				return false
			}
			*to = strings.TrimSpace(string(value))
		}
	}
}

func blank(c byte) bool { return c == ' ' || '\t' <= c && c <= '\r' && c != '\v' }

// cutName cuts off the name of an attribute, with which tag begins.
func cutName(tag []byte) (name, rest []byte) {
	for i, c := range tag {
		if c == '=' && i > 0 || blank(c) || c == '/' || c == '>' {
			return tag[:i], tag[i:]
		}
	}
	return tag, nil
}

// cutValue cuts off the value of an attribute, whose name stood before tag.
func cutValue(tag []byte) (value, rest []byte) {
	i := 0
	for i < len(tag) && blank(tag[i]) {
		i++
	}
	if tag = tag[i:]; len(tag) == 0 {
		return nil, nil
	}
	if tag[0] == '/' {
		return nil, tag[1:]
	}
	if tag[0] != '=' {
		return nil, tag
	}
	for i = 1; i < len(tag) && blank(tag[i]); i++ {
	}
	if tag = tag[i:]; len(tag) == 0 || tag[0] == '>' {
		return nil, tag
	}
	if quote := tag[0]; quote == '"' || quote == '\'' {
		tag = tag[1:]
		if i = bytes.IndexByte(tag, quote); i < 0 {
			return tag, nil
		}
		return tag[:i], tag[i+1:]
	}
	for i = 0; i < len(tag) && !blank(tag[i]) && tag[i] != '>'; i++ {
	}
	return tag[:i], tag[i:]
}

// place gives where the value of an attribute is kept; nil for one that tells
// nothing, or that stood there before.
func (a *attributes) place(name []byte) *string {
	var lower [len("background")]byte
	if len(name) > len(lower) {
		return nil
	}
	for i, c := range name {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		lower[i] = c
	}
	var to *string
	bit := 0
	switch string(lower[:len(name)]) {
	case "href":
		to, bit = &a.href, 1
	case "src":
		to, bit = &a.src, 2
	case "srcset":
		to, bit = &a.srcset, 3
	case "alt":
		to, bit = &a.alt, 4
	case "class":
		to, bit = &a.class, 5
	case "style":
		to, bit = &a.style, 6
	case "rel":
		to, bit = &a.rel, 7
	case "type":
		to, bit = &a.kind, 8
	case "width":
		to, bit = &a.width, 9
	case "height":
		to, bit = &a.height, 10
	case "background":
		to, bit = &a.background, 11
	case "poster":
		to, bit = &a.poster, 12
	case "itemtype":
		to, bit = &a.itemtype, 13
	case "itemprop":
		to, bit = &a.itemprop, 14
	case "content":
		to, bit = &a.content, 15
	case "datetime":
		to, bit = &a.datetime, 16
	case "hidden":
		a.hidden = true
		return nil
	case "itemscope":
		a.itemscope = true
		return nil
	}
	if to == nil || a.seen&(1<<bit) != 0 {
		return nil
	}
	a.seen |= 1 << bit
	return to
}
