package classify

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"usher/classify/trace"
)

// socialHosts are the networks that a row of links at the end leads to.
var socialHosts = []string{
	"facebook.com", "instagram.com", "twitter.com", "x.com", "linkedin.com", "youtube.com", "tiktok.com", "pinterest.com",
	"threads.net", "vk.com", "weibo.com", "mastodon.social", "bsky.app",
}

// markup finds what structured claims say. They are a sender's own words, so
// they count only when it is proven who the sender is.
func (r *reading) markup() {
	if !r.o.Identity.Proven() {
		return
	}
	for _, n := range r.m.Nodes {
		switch n.Type {
		case "Order", "ParcelDelivery", "Invoice", "EventReservation", "FlightReservation", "LodgingReservation",
			"TrainReservation", "BusReservation", "RentalCarReservation", "FoodEstablishmentReservation":
			r.find("markup_transaction", n.Type)
			return // an order beside an offer is an order
		}
	}
	for _, n := range r.m.Nodes {
		if n.Type == "DiscountOffer" || n.Type == "PromotionCard" {
			r.find("markup_promotion", n.Type)
			return
		}
	}
}

// body finds the marks of bulk mail in text, links and layout.
func (r *reading) body() {
	t := r.inOwn
	r.findIf(t.has(unsub) && (t.tail[unsub] || r.inLinks.has(unsub) || t.hits[unsub] > 1), "unsubscribe_text", "")
	r.findIf(t.has(view), "view_online", "")
	r.findIf(t.has(whyYou), "why_you", "")
	r.findIf(t.kinds[legal] >= 2 && t.tail[legal], "legal", "")
	r.findIf(t.tail[legal] && hasAddress(r.folded), "postal_footer", "")
	r.newsWords()
	if !r.passed {
		r.links()
		r.pictures()
		r.findIf(r.m.Layout.ESPClasses || r.m.Layout.TableDepth >= 3 && r.m.Layout.MSO, "layout", "")
		r.findIf(r.m.Layout.MergeFields, "merge_field", "")
		r.findIf(utf8.RuneCountInString(r.m.Preheader) >= 20, "preheader", "")
	}
	rules := countRules(r.own)
	r.findIf(rules >= 3, "sections", "")
	r.findIf(len(r.own) > 4000 && !r.quoted && len(r.m.InReplyTo) == 0, "long_text", "")
}

func (r *reading) newsWords() {
	t := r.inOwn
	r.findIf(t.has(newsletter), "newsletter_words", t.first[newsletter])
	r.findIf(t.kinds[newsletter] >= 4, "newsletter_many", "")
	r.findIf(r.inSubject.has(newsletter), "subject_news", r.inSubject.first[newsletter])
	r.findIf(hasIssueNumber(r.subject), "issue_number", "")
	r.findIf(t.kinds[political] >= 2, "political", t.first[political])
}

// links finds what the links say together.
func (r *reading) links() {
	hosts := map[string]int{}
	web, tagged, social, leaving := 0, 0, map[string]bool{}, false
	for _, l := range r.m.Links {
		if l.Host == "" {
			continue
		}
		web++
		hosts[l.Host]++
		if trace.CountsCampaign(l.URL) {
			tagged++
		}
		for _, s := range socialHosts {
			if l.Host == s || strings.HasSuffix(l.Host, "."+s) {
				social[s] = true
			}
		}
		leaving = leaving || leadsAway(l.URL)
	}
	r.tagged = tagged > 0
	most := 0
	for _, n := range hosts {
		most = max(most, n)
	}
	r.findIf(r.inLinks.has(unsub) || r.inLinks.has(unsubLink) || leaving, "unsubscribe_link", "")
	r.findIf(web >= 12, "many_links", strconv.Itoa(web))
	r.findIf(web >= 3 && tagged*2 >= web, "campaign_params", "")
	r.findIf(web >= 6 && most*10 >= web*8, "one_redirector", "")
	r.findIf(len(social) >= 3, "social_row", "")
	n := r.stories()
	r.findIf(n >= 3, "stories", strconv.Itoa(n))
}

// stories counts the links whose text reads as a headline does: four words or
// more, or a dozen characters without blanks in scripts that have none. Links
// to unsubscribe are none.
func (r *reading) stories() int {
	seen := map[string]bool{}
	for _, l := range r.m.Links[:min(len(r.m.Links), 300)] {
		text := strings.TrimSpace(l.Text)
		long := strings.Count(text, " ") >= 3 && len(text) >= 20 || strings.Count(text, " ") == 0 && utf8.RuneCountInString(text) >= 12 && len(text) >= 30
		if l.Host != "" && len(text) <= 300 && long && !strings.Contains(text, "://") && !seen[text] && !leadsAway(l.URL) {
			seen[text] = true
		}
	}
	return len(seen)
}

// leadsAway reports whether a link leads to where one unsubscribes.
func leadsAway(url string) bool {
	url = strings.ToLower(clip(url, 500))
	for _, s := range []string{"unsub", "optout", "opt-out", "opt_out", "abmelden", "desabon", "desinscri", "uitschrij"} {
		if strings.Contains(url, s) {
			return true
		}
	}
	return false
}

// pictures finds mail that is mostly pictures, and pictures that report.
func (r *reading) pictures() {
	large := 0
	for _, i := range r.m.Images {
		if !i.Hidden && (i.Width < 0 || i.Width > 40) && (i.Height < 0 || i.Height > 40) {
			large++
		}
	}
	r.findIf(large >= 3 && len(r.m.Text) < 600, "image_heavy", "")
	r.findIf(r.seen.Pixels > 0, "pixel", "")
}

// countRules counts lines of punctuation alone, with which plain text is parted
// into sections.
func countRules(text string) int {
	n := 0
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if len(line) >= 8 && strings.Trim(line, line[:1]) == "" && strings.ContainsAny(line[:1], "-=*_~#+") {
			n++
		}
	}
	return n
}

// hasAddress reports whether the end of folded text looks like a firm's
// address: the sign of copyright or a number with a word for a street or a box.
func hasAddress(folded string) bool {
	end := folded[len(folded)-min(len(folded), 1500):]
	for _, s := range []string{
		"©", "(c) 2", " inc.", " inc,", " llc", " ltd", " gmbh", " s.r.l", " b.v.", " a/s", " oy", " ab,", " s.a.", "p.o. box", "po box",
		" street", " st.", " ave", "suite ", " blvd", " road", "strasse", "straße", " rue ", "calle ", " katu", "gatan ", "str. ",
	} {
		if strings.Contains(end, s) {
			return true
		}
	}
	return false
}

// hasIssueNumber reports whether a folded subject counts an issue: a word for
// one, or "#", before a number of up to four digits.
func hasIssueNumber(subject string) bool {
	for i := 0; i < len(subject); i++ {
		if !isDigit(subject[i]) || i > 0 && (isDigit(subject[i-1]) || strings.IndexByte(".,$€", subject[i-1]) >= 0) {
			continue
		}
		end := i
		for end < len(subject) && isDigit(subject[end]) {
			end++
		}
		if end-i > 4 {
			i = end
			continue
		}
		before := strings.TrimRight(subject[:i], " .")
		if strings.HasSuffix(before, "#") && end-i <= 3 {
			return true
		}
		word := before[strings.LastIndexAny(before, " (-:|")+1:]
		if issueWords[word] {
			return true
		}
	}
	return false
}

var issueWords = set("issue no nr num numero numero: n° nº № vol volume ausgabe folge episode ep avsnitt afsnit jakso odcinek puntata episodio edition edicion edizione edicao numer cislo aflevering nummer выпуск sayi bolum part letter brief")
