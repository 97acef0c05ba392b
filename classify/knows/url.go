package knows

import (
	"strings"

	"usher/classify/mail"
	"usher/classify/provider"
	"usher/classify/trace"
)

// Bounds of looking.
const (
	maxURLs   = 500 // links looked at, and pictures
	maxTokens = 500 // different tokens of links that are counted
	maxName   = 30  // bytes of a parameter's name that are shown
)

// images looks at what is loaded when the message is opened.
func (v *View) images() {
	all := v.m.Images[:min(len(v.m.Images), maxURLs)]
	for _, i := range all {
		if i.Host == "" {
			continue
		}
		v.pictures++
		by, use := v.sight.Image(i)
		marked := hasMark(i.URL)
		if use == provider.Open || unseen(i) && !isSpacer(i, marked, all) {
			if v.Pixels++; v.pixelBy == "" {
				v.pixelBy = by
			}
		}
		if marked {
			v.marked++
		}
		if c := collectorOf(i); c != "" && v.isOther(i.Host) {
			v.collector = c
			v.collectors++
		}
	}
}

// unseen reports a picture that nobody can see.
func unseen(i mail.Image) bool { return provider.Tiny(i) || i.Hidden }

// maxSpacers bounds the pictures that are compared with each other.
const maxSpacers = 20

// isSpacer reports whether a picture only keeps others apart: it is used twice
// or more.
func isSpacer(i mail.Image, marked bool, all []mail.Image) bool {
	uses := 0
	for _, other := range all {
		if other.URL == i.URL {
			uses++
		}
	}
	return uses > 1
}

func hasMark(url string) bool {
	for range trace.IDs(url) {
		return true
	}
	return false
}

// held counts the links that hold one token, and knows the last of them.
type held struct{ n, last int }

// links looks at where the message leads.
func (v *View) links() {
	counts := map[string]held{}
	for _, l := range v.m.Links[:min(len(v.m.Links), maxURLs)] {
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
	_, query, ok := strings.Cut(url[:min(len(url), 2000)], "?")
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
