package classify

import (
	"fmt"
	"strings"

	"usher/classify/mail"
	"usher/classify/trace"
)

// Levels of Knows: what was seen stands in the mail; what is suspected may
// have another reason.
const (
	seen      = "seen"
	suspected = "suspected"
)

// beaconHosts collect what people do across the mails and pages of many firms.
var beaconHosts = []string{
	"doubleclick.net", "demdex.net", "bluekai.com", "liadm.com", "everesttech.net", "everestengagement.com", "emltrk.com",
	"krxd.net", "facebook.com",
}

// personalParams name parameters of URLs that hold a token of one person.
var personalParams = set(`mc_eid _hsenc mkt_tok _kx vero_id ajs_uid sc_uid _ri_ _esuh dm_i elqtrackid elqtrack`)

// knows lists what the sender does, and seems to know of the recipient.
func (r *reading) knows() []Knows {
	var list []Knows
	add := func(ok bool, code, level, text string) {
		if ok {
			list = append(list, Knows{Code: code, Level: level, Text: text})
		}
	}
	who := r.provider
	if who == "" {
		who = "its sender"
	}
	if n, by := r.openPixel(); n > 0 {
		if by == "" {
			by = who
		}
		add(true, "open_pixel", seen, fmt.Sprintf("tells %s when you open this", by))
	}
	add(r.addressInURL(), "recipient_address_in_url", seen, "a link or picture appears to carry the address it was sent to")
	n, of := r.idLinks()
	add(n > 0, "recipient_id_in_url", suspected, fmt.Sprintf("%d of %d links and pictures appear to carry a mark of their own for each recipient", n, of))
	param := r.personalParam()
	add(param != "", "personal_params", seen, fmt.Sprintf("links carry %s, which tells one recipient from another", param))
	by, all := r.wrapper()
	add(all, "link_wrapper", suspected, fmt.Sprintf("links appear to pass through %s before they lead on", by))
	host := r.beacon()
	add(host != "", "third_party_beacon", seen, fmt.Sprintf("tells a third party, %s, when you open this", host))
	add(r.m.Layout.AMP, "amp", seen, "has a part that can load content each time you open it")
	add(r.asksReceipt(), "read_receipt", seen, "asks for a receipt when you read it")
	add(r.inOwn.has(behaviour), "knows.behaviour", seen, fmt.Sprintf("speaks of what you did: “%s”", r.inOwn.first[behaviour]))
	add(r.inOwn.has(date) || r.inSubject.has(date), "knows.date", seen, "appears to know a date of yours, such as a birthday")
	add(r.inOwn.has(place), "knows.place", seen, "appears to know roughly where you are")
	add(r.m.Layout.MergeFields, "merge_field", seen, "left a blank for your name unfilled")
	return list
}

// pixels lists remote pictures that nobody can see. One URL used twice or more
// is a spacer.
func pixels(m *mail.Message) []mail.Image {
	uses := map[string]int{}
	for _, i := range m.Images {
		uses[i.URL]++
	}
	var found []mail.Image
	for _, i := range m.Images {
		tiny := i.Width >= 0 && i.Width <= 2 && i.Height >= 0 && i.Height <= 2
		if i.Host != "" && uses[i.URL] == 1 && (tiny || i.Hidden) {
			found = append(found, i)
		}
	}
	return found
}

// pixelShapes are pictures by which providers hear of an opening, of any size.
var pixelShapes = []string{
	"/track/open.php?", "/wf/open?", "/open.aspx?", "/tr/op/", "/mk/op/", "/e2t/o/", "/trk?t=1", "/on.jsp?", "/o/ej", "/i0/",
	"/oo/", "/stats/mc_", "/d/d.gif?", "/e/o/", "pstmrk.it/open",
}

// openPixel counts the pictures that report an opening, and names the provider
// to whom the first reports, or "".
func (r *reading) openPixel() (n int, by string) {
	found := pixels(r.m)
	for _, i := range r.m.Images {
		url := strings.ToLower(clip(i.URL, 300))
		for _, shape := range pixelShapes {
			if i.Host != "" && strings.Contains(url, shape) {
				found = append(found, i)
				break
			}
		}
	}
	if len(found) == 0 {
		return 0, ""
	}
	return len(found), providerOfURL(found[0].URL, found[0].Host)
}

// idLinks counts links and pictures with an id-like token: in pictures any,
// in links one that stands in 60 % of them.
func (r *reading) idLinks() (n, of int) {
	counts := map[string]int{}
	web := 0
	for _, l := range r.m.Links {
		if l.Host == "" {
			continue
		}
		web++
		for _, token := range trace.IDs(l.URL) {
			counts[token]++
		}
	}
	most := 0
	for _, c := range counts {
		most = max(most, c)
	}
	if web >= 2 && most*10 >= web*6 {
		n = most
	}
	of = web
	for _, i := range r.m.Images {
		if i.Host == "" {
			continue
		}
		of++
		if len(trace.IDs(i.URL)) > 0 {
			n++
		}
	}
	return n, of
}

func (r *reading) personalParam() string {
	for _, l := range r.m.Links {
		_, query, ok := strings.Cut(l.URL, "?")
		for ok {
			var param string
			param, query, ok = strings.Cut(query, "&")
			name, value, _ := strings.Cut(strings.TrimPrefix(param, "amp;"), "=")
			lower := strings.ToLower(name)
			if value != "" && (personalParams[lower] || strings.HasPrefix(lower, "msdynmkt_")) {
				return clip(name, 30)
			}
		}
	}
	return ""
}

// wrapper names the one host, or the provider, through which all links pass.
func (r *reading) wrapper() (by string, all bool) {
	hosts, web, shaped := map[string]bool{}, 0, 0
	name := ""
	for _, l := range r.m.Links {
		if l.Host == "" {
			continue
		}
		web++
		hosts[l.Host] = true
		if p := providerOfURL(l.URL, l.Host); p != "" {
			name = p
			shaped++
		}
	}
	if shaped > 0 && shaped*2 >= web {
		return name, true
	}
	own := ""
	if len(r.m.From) > 0 {
		own = lastLabels(r.m.From[0].Domain)
	}
	for h := range hosts {
		if web >= 3 && len(hosts) == 1 && len(longestIDs(r.m.Links)) == web && (own == "" || h != own && h != "www."+own) {
			return h, true
		}
	}
	return "", false
}

// longestIDs keeps the links that hold an id-like token.
func longestIDs(links []mail.Link) (held []string) {
	for _, l := range links {
		if l.Host != "" && len(trace.IDs(l.URL)) > 0 {
			held = append(held, l.URL)
		}
	}
	return held
}

func (r *reading) beacon() string {
	own := r.o.Identity.Brand()
	for _, i := range r.m.Images {
		for _, h := range beaconHosts {
			if i.Host != h && !strings.HasSuffix(i.Host, "."+h) || own == h {
				continue
			}
			if h != "facebook.com" || strings.Contains(i.URL, "/tr?") || strings.Contains(i.URL, "/tr/") {
				return h
			}
		}
	}
	return ""
}

func (r *reading) asksReceipt() bool {
	return r.m.Has("Disposition-Notification-To") || r.m.Has("Return-Receipt-To") || r.m.Has("X-Confirm-Reading-To")
}
