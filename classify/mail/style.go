package mail

import (
	"strconv"
	"strings"
)

// style is what an inline style says about being seen.
type style struct {
	hidden        bool // display:none and the like
	sized, tiny   bool // a font size is given; it is zero
	button        bool // background, padding or border of its own
	width, height string
}

// readStyle reads an inline style in one pass.
func readStyle(s string) style {
	var st style
	if s == "" {
		return st
	}
	for decl := range strings.SplitSeq(strings.ToLower(s), ";") {
		name, value, _ := strings.Cut(decl, ":")
		value, _, _ = strings.Cut(value, "!")
		value = strings.TrimSpace(value)
		switch strings.TrimSpace(name) {
		case "display":
			st.hidden = st.hidden || value == "none"
		case "visibility":
			st.hidden = st.hidden || value == "hidden"
		case "mso-hide":
			st.hidden = st.hidden || value == "all"
		case "max-height", "max-width":
			st.hidden = st.hidden || zero(value)
		case "opacity":
			st.hidden = st.hidden || zero(value)
		case "font-size":
			st.sized, st.tiny = true, zero(value) || value == "1px"
		case "font":
			st.sized, st.tiny = true, strings.HasPrefix(value, "0 ") || strings.HasPrefix(value, "0px")
		case "width":
			st.width = value
		case "height":
			st.height = value
		case "background", "background-color", "padding", "border", "border-radius":
			st.button = st.button || !zero(value) && value != "none" && value != "transparent" && value != "inherit" && value != ""
		}
	}
	return st
}

// zero reports a length of nothing: 0, 0px, 0.0em.
func zero(value string) bool {
	if value == "" || value[0] != '0' && value[0] != '.' {
		return false
	}
	n := strings.TrimRight(value, "abcdefghijklmnopqrstuvwxyz%")
	f, err := strconv.ParseFloat(n, 64)
	return err == nil && f == 0
}

// size gives the pixels that a style or else an attribute says; -1 for neither.
func size(styled, attribute string) int {
	for _, s := range [...]string{styled, attribute} {
		s = strings.TrimSuffix(strings.TrimSpace(s), "px")
		if s == "" || s[len(s)-1] > '9' {
			continue
		}
		if f, err := strconv.ParseFloat(strings.TrimSpace(s), 64); err == nil && f >= 0 && f < 1e5 {
			return int(f)
		}
	}
	return -1
}

// campaignClass finds class names that campaign tools write.
func campaignClass(class string) bool {
	for c := range strings.FieldsSeq(class) {
		if strings.HasPrefix(c, "kl-") || strings.HasPrefix(c, "mcn") || strings.HasPrefix(c, "stylingblock") ||
			strings.HasPrefix(c, "mj-column-") || strings.HasPrefix(c, "mceText") {
			return true
		}
	}
	return false
}

func buttonClass(class string) bool {
	for c := range strings.FieldsSeq(strings.ToLower(class)) {
		if strings.Contains(c, "button") || strings.Contains(c, "btn") || c == "cta" {
			return true
		}
	}
	return false
}

// addImage keeps a picture under its target.
func (m *Message) addImage(target string, i Image) {
	if target == "" || len(m.Images) >= MaxLinks {
		return
	}
	i.URL, i.Host = target, hostOf(target)
	m.Images = append(m.Images, i)
}

// addSet keeps every candidate of a srcset but the one that src names too.
func (m *Message) addSet(set, src string, i Image) {
	for set != "" {
		var one string
		one, set, _ = strings.Cut(set, ", ")
		if f := strings.Fields(one); len(f) > 0 && f[0] != src {
			m.addImage(strings.TrimRight(f[0], ","), i)
		}
	}
}

// cssImages keeps what a style loads: url(), and @import with a string.
func (m *Message) cssImages(css string, hidden bool) {
	i := Image{Width: -1, Height: -1, Hidden: hidden}
	rest := css
	for len(m.Images) < MaxLinks {
		_, after, ok := strings.Cut(rest, "url(")
		if !ok {
			break
		}
		target, tail, _ := strings.Cut(after, ")")
		m.addImage(strings.Trim(strings.TrimSpace(target), `'"`), i)
		rest = tail
	}
	rest = css
	for len(m.Images) < MaxLinks {
		_, after, ok := strings.Cut(rest, "@import")
		if !ok {
			break
		}
		rest = after
		after = strings.TrimLeft(after, " \t\r\n")
		if len(after) > 1 && (after[0] == '"' || after[0] == '\'') {
			if target, _, ok := strings.Cut(after[1:], after[:1]); ok {
				m.addImage(target, i)
			}
		}
	}
}
