package knows

import (
	"slices"
	"strings"

	"usher/classify/mail"
	"usher/classify/provider"
	"usher/classify/trace"
)

// Bounds of looking.
const (
	maxURL    = 2000 // bytes of one
	maxTokens = 500  // different tokens of links that are counted
	maxName   = 30   // bytes of a parameter's name that are shown
)

// images looks at what is loaded when the message is opened.
func (v *View) images() {
	for _, i := range v.m.Images {
		if i.Host == "" {
			continue
		}
		v.pictures++
		by, use := v.sight.Image(i)
		pixel := use == provider.Open || unseen(i) && !isSpacer(i, v.uses(i.URL))
		if pixel {
			if v.Pixels++; v.pixelBy == "" {
				v.pixelBy = by
			}
		}
		if hasMark(i.URL, pixel) {
			v.marked++
		}
		if c := collectorOf(i); c != "" && v.isOther(i.Host) {
			v.collector = c
			v.collectors++
		}
	}
}

// unseen reports a picture that nobody can see. A large one that is hidden, or
// one with words for those who cannot see it, is shown on other screens.
func unseen(i mail.Image) bool {
	return provider.Tiny(i) || i.Hidden && i.Alt == "" && i.Width <= 20 && i.Height <= 20
}

// uses counts how often a picture is loaded.
func (v *View) uses(url string) int {
	if v.loaded == nil {
		v.loaded = map[string]int{}
		for _, i := range v.m.Images {
			v.loaded[i.URL[:min(len(i.URL), maxURL)]]++
		}
	}
	return v.loaded[url[:min(len(url), maxURL)]]
}

// spacers begin the names of files that keep others apart.
var spacers = []string{"spacer", "space.", "blank", "clear", "trans", "shim", "dot.", "b.gif", "invis", "empty", "1x1", "1px", "leer"}

// isSpacer reports whether a picture only keeps others apart: it is used twice
// or more, or is a file of such a name that is the same for everybody.
func isSpacer(i mail.Image, uses int) bool {
	if uses > 1 {
		return true
	}
	name := i.URL[strings.LastIndexByte(i.URL, '/')+1:]
	if strings.Contains(i.URL, "?") || hasMark(i.URL, true) {
		return false
	}
	return slices.ContainsFunc(spacers, func(s string) bool { return len(name) >= len(s) && strings.EqualFold(name[:len(s)], s) })
}

// hasMark reports an id-like token in what is loaded. The path of a file names
// its content, and a number behind it the version, so in a file that is seen
// neither counts.
func hasMark(url string, pixel bool) bool {
	path, query, _ := strings.Cut(url, "?")
	file := !pixel && isFile(path)
	if file {
		url = "?" + query
	}
	for token := range trace.IDs(url) {
		if !file || strings.Trim(token, "0123456789") != "" {
			return true
		}
	}
	return false
}

// isFile reports whether a path ends as the name of a picture, a font or a
// style sheet does.
func isFile(path string) bool {
	switch strings.ToLower(path[max(strings.LastIndexAny(path, "./")+1, len(path)-6):]) {
	case "png", "jpg", "jpeg", "gif", "webp", "svg", "bmp", "avif", "woff", "woff2", "ttf", "otf", "eot", "css":
		return true
	}
	return false
}

// held counts the links that hold one token, and knows the last of them.
type held struct{ n, last int }

// links looks at where the message leads.
func (v *View) links() {
	counts := map[string]held{}
	for _, l := range v.m.Links {
		if l.Host == "" {
			continue
		}
		v.web++
		if v.hosts == 0 {
			v.oneHost, v.hosts = l.Host, 1
		} else if v.oneHost != l.Host {
			v.hosts = 2
		}
		if by, use := v.sight.Link(l); use == provider.Click {
			v.wrappedBy = by
			v.wrapped++
		}
		opaque := false
		for token := range trace.IDs(l.URL) {
			opaque = true
			c := counts[token]
			if c.last == v.web || c.n == 0 && len(counts) >= maxTokens {
				continue
			}
			counts[token] = held{c.n + 1, v.web}
			v.shared = max(v.shared, c.n+1)
		}
		if opaque {
			v.opaque++
		}
		v.params(l.URL)
	}
}

// personalParams name parameters that hold a mark of one person.
var personalParams = map[string]bool{
	"mc_eid": true, "_hsenc": true, "mkt_tok": true, "_kx": true, "vero_id": true, "ajs_uid": true, "sc_uid": true,
	"_ri_": true, "_esuh": true, "dm_i": true, "elqtrackid": true,
}

// params looks through the parameters of a link.
func (v *View) params(url string) {
	_, query, ok := strings.Cut(url[:min(len(url), maxURL)], "?")
	found := false
	for n := 0; ok && n < 50; n++ {
		var param string
		param, query, ok = strings.Cut(query, "&")
		name, value, _ := strings.Cut(strings.TrimPrefix(param, "amp;"), "=")
		if value == "" || len(name) > maxName {
			continue
		}
		lower := strings.ToLower(name)
		switch {
		case personalParams[lower] || strings.HasPrefix(lower, "msdynmkt_"):
			found, v.param = true, name
		case v.segment == "" && trace.IsCampaign(lower):
			v.segment = segmentIn(value)
		}
	}
	if found {
		v.personal++
	}
}
