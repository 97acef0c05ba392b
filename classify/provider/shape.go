package provider

import "strings"

// form is the shape of a provider's URLs, which holds on a brand's own host too.
type form struct {
	host   string   // the host, or the beginning of it; "" for any
	starts bool     // host is the beginning of one
	pieces []string // what follows the host, in order, with anything between; the first begins it
	ends   bool     // the last piece ends it
	tiny   bool     // for a picture of two dots or less alone
	rank   rank
}

// minRun is the least length of a run that "#" stands for.
const minRun = 20

func (t *providers) addShape(to map[string][]form, at rank, shape string) {
	if mark, ok := strings.CutPrefix(shape, "?"); ok {
		t.queries = append(t.queries, form{pieces: []string{mark}, rank: at})
		return
	}
	f := form{rank: at}
	shape, f.tiny = strings.CutPrefix(shape, "tiny ")
	host, _, _ := strings.Cut(shape, "/")
	path := shape[len(host):]
	f.host, f.starts = strings.CutSuffix(host, "*")
	path, f.ends = strings.CutSuffix(path, "$")
	f.pieces = strings.Split(path, "*")
	first := firstPart(path)
	to[first] = append(to[first], f)
}

// firstPart is what stands between the first slash of a path and the next
// mark that parts it.
func firstPart(path string) string {
	path = strings.TrimPrefix(path, "/")
	for i := range len(path) {
		if path[i] == '/' || path[i] == '?' {
			return path[:i]
		}
	}
	return path
}

// ofURL names the provider of a URL by its shape, else by its host, which is
// own's, and says what it is for.
func (t *providers) ofURL(url, host string, own rank, tiny bool) (rank, Use) {
	path := pathOf(url[:min(len(url), maxValue)])
	best, use := none, Other
	try := func(shapes []form, as Use) {
		for _, f := range shapes {
			// On a provider's own host no other one's shape counts.
			if f.rank < best && (own == none || own == f.rank) && (tiny || !f.tiny) && f.is(host, path) {
				best, use = f.rank, as
			}
		}
	}
	first := firstPart(path)
	try(t.opens[first], Open)
	try(t.clicks[first], Click)
	best = min(best, own)
	if q := strings.IndexByte(path, '?'); q >= 0 && best == none {
		for _, f := range t.queries {
			if strings.Contains(path[q:], f.pieces[0]) {
				best = best.over(f.rank)
			}
		}
	}
	return best, use
}

// pathOf is what follows the host of a URL.
func pathOf(url string) string {
	for i := strings.Index(url, "//") + 2; i < len(url); i++ {
		if url[i] == '/' || url[i] == '?' {
			return url[i:]
		}
	}
	return ""
}

func (f form) is(host, path string) bool {
	switch {
	case f.host == "":
	case f.starts && !strings.HasPrefix(host, f.host),
		!f.starts && host != f.host && !strings.HasSuffix(host, "."+f.host):
		return false
	}
	first, run := strings.CutSuffix(f.pieces[0], "#")
	path, ok := strings.CutPrefix(path, first)
	if !ok || run && letters(path) < minRun {
		return false
	}
	for i, piece := range f.pieces[1:] {
		if f.ends && i == len(f.pieces)-2 {
			return strings.HasSuffix(path, piece)
		}
		_, after, found := strings.Cut(path, piece)
		if !found {
			return false
		}
		path = after
	}
	return true
}

// letters counts the letters and digits that a text begins with.
func letters(s string) int {
	for i := range len(s) {
		c := s[i] | 0x20
		if (c < 'a' || c > 'z') && (s[i] < '0' || s[i] > '9') {
			return i
		}
	}
	return len(s)
}
