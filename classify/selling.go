package classify

import (
	"strconv"
	"strings"

	"usher/classify/words"
)

// selling finds the marks of mail that sells.
func (r *reading) selling() {
	s, t := r.inSubject, r.inOwn
	if off := percent(r.subject); off != "" && !r.isService() {
		r.find("subject_offer", off)
	} else if s.has(sale) {
		r.find("subject_offer", s.first[sale])
	} else if s.has(countdown) {
		r.find("subject_offer", s.first[countdown])
	} else if m := money(r.subject); m != "" && !r.isService() {
		r.find("subject_offer", m)
	}
	if mark := "(광고)"; strings.HasPrefix(r.subject, mark) || strings.HasPrefix(r.subject, "adv:") {
		r.find("advert_mark", "")
	}
	r.findIf(t.has(advert), "advert", "")
	if m := money(r.folded); m != "" {
		r.find("price", m)
	}
	if off := percent(r.folded); off != "" && t.has(sale) {
		r.find("discount", off)
	}
	if code := couponCode(r.own); code != "" && t.has(sale) {
		r.find("coupon", code)
	}
	r.findIf(t.has(sale), "sale_words", t.first[sale])
	r.findIf(t.kinds[sale] >= 4, "sale_many", "")
	r.findIf(t.has(countdown), "countdown", t.first[countdown])
	r.findIf(t.has(offerTerms), "offer_terms", t.first[offerTerms])
	r.findIf(t.has(tempt), "tempt_words", t.first[tempt])
	r.findIf(t.kinds[tempt] >= 3, "tempt_many", "")
	r.findIf(s.has(tempt), "tempt_subject", s.first[tempt])
	r.findIf(hasPicture(r.m.Subject), "picture_subject", "")
	r.offered()
	r.findIf(t.kinds[moneyAsk] >= 2 || r.inLinks.has(moneyAsk), "fundraise", t.first[moneyAsk]+r.ifEmpty(t.first[moneyAsk], r.inLinks.first[moneyAsk]))
	r.findIf(t.kinds[cold] >= 2 && !r.quoted, "cold", t.first[cold])
	r.findIf(t.has(behaviour), "behaviour", t.first[behaviour])
	if button := r.button(); button != "" {
		r.find("cta", button)
	}
}

// offered finds what the offers that were read say together.
func (r *reading) offered() {
	priced, was, ends, off := 0, false, false, false
	for _, o := range r.m.Offers {
		if o.Price != nil && o.Price.Minor > 0 {
			priced++
		}
		was = was || o.Was != nil
		ends = ends || !o.Ends.IsZero()
		off = off || o.Discount > 0 || o.Off != nil || o.Code != ""
	}
	r.findIf(priced >= 3, "price_many", strconv.Itoa(priced))
	r.findIf(was, "price_was", "")
	// A session, a ballot or a deadline ends too: an offer is what sells.
	r.findIf(ends && (off || was || r.inOwn.has(sale) || r.inSubject.has(sale)), "offer_ends", "")
	r.findIf(off, "offer_off", "")
}

// hasPicture reports whether a subject holds a pictograph, as an emoji is.
func hasPicture(subject string) bool {
	for _, c := range subject {
		if c >= 0x1F300 && c <= 0x1FAFF || c >= 0x2600 && c <= 0x27BF || c == 0x2B50 || c == 0x231B || c == 0x23F0 || c == 0x23F3 {
			return true
		}
	}
	return false
}

// pitches reports whether the mail itself says that it sells or informs. A
// sale that is first spoken of in the second half of a mail, below what the
// mail is about, is the aside that shops put under their receipts.
func (r *reading) pitches() bool {
	for _, code := range []string{
		"subject_news", "name_news", "advert", "advert_mark", "fundraise", "political", "cold", "newsletter_many", "many_links",
		"sections", "long_text", "image_heavy", "sale_many", "behaviour", "merge_field", "markup_promotion",
		"stories", "issue_number", "picture_subject", "bulk_read", "offer_terms", "tempt_many", "tempt_subject", "price_was", "offer_ends", "offer_off", "price_many",
	} {
		if r.has(code) {
			return true
		}
	}
	if r.has("subject_offer") || r.has("issue") {
		return true
	}
	if s := r.inSubject; s.has(sale) || s.has(countdown) || percent(r.subject) != "" {
		return true
	}
	half := r.bodyEnd() / 2
	for _, c := range []class{sale, countdown, newsletter, moneyAsk} {
		if r.inOwn.has(c) && r.inOwn.start[c] < half {
			return true
		}
	}
	return r.inOwn.kinds[newsletter] >= 2 || r.has("cta") && !r.inOwn.has(sale)
}

// leastIssue is what an issue of a subscription gives to read, in bytes before
// the footer. A practice that moves or a ferry that is late says so in less.
const leastIssue = 600

// isIssue reports an issue of a subscription: a named list that one leaves by
// one click and may read in a browser, much to read or to look at, and not a
// word of business. Shops send their receipts through the same tools, but not by
// a list; clubs and practices send their notices by a list.
func (r *reading) isIssue() bool {
	listed := r.has("list_id") && r.has("one_click") && r.has("view_online") && r.has("precedence")
	much := r.bodyEnd() >= leastIssue || r.has("many_links") || r.has("image_heavy")
	return listed && much && !r.business()
}

// isRead reports a long text that went to many and is not about what is between
// sender and reader: new terms and notices are long too.
func (r *reading) isRead() bool {
	own := r.inOwn
	return r.bulkHeader && len(r.own) > 1800 && !r.quoted && !own.has(account) && !own.has(contract) && !own.has(notice) && !own.has(asked)
}

// bodyEnd is where the footer begins in the folded text, in bytes.
func (r *reading) bodyEnd() int {
	end := len(r.folded)
	for _, c := range []class{unsub, whyYou} {
		if start := r.inOwn.start[c]; r.inOwn.has(c) && start > len(r.folded)/4 {
			end = min(end, start)
		}
	}
	return end
}

func (r *reading) ifEmpty(s, then string) string {
	if s == "" {
		return then
	}
	return ""
}

// isService reports whether the subject speaks of business done, where a sum
// is what was paid and no offer.
func (r *reading) isService() bool {
	for _, k := range kinds {
		if r.inSubject.has(k.class) {
			return true
		}
	}
	return r.inSubject.has(account)
}

// button finds a link of at most four words that calls to buy.
func (r *reading) button() string {
	book := phrases()
	for _, l := range r.m.Links {
		if len(l.Text) == 0 || len(l.Text) > 60 || strings.Count(l.Text, " ") > 3 {
			continue
		}
		text := strings.Trim(words.Fold(l.Text), " !>»→.-")
		start, end := words.Next(text, 0)
		for _, p := range book.beginning(words.Hash(text[start:end])) {
			if p.class == cta && (p.text == text || l.Styled && p.at(text, start)) {
				return text
			}
		}
	}
	return ""
}

// percent finds a percentage in folded text, as "20 %".
func percent(s string) string {
	for i := 0; i < len(s); i++ {
		if s[i] != '%' {
			continue
		}
		end := i
		for end > 0 && s[end-1] == ' ' && i-end < 1 {
			end--
		}
		start := end
		for start > 0 && end-start < 2 && isDigit(s[start-1]) {
			start--
		}
		if start == end || start > 0 && (isDigit(s[start-1]) || s[start-1] == '%') {
			continue
		}
		if n, _ := strconv.Atoi(s[start:end]); n >= 5 {
			return s[start:end] + " %"
		}
	}
	return ""
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

var currencies = []string{"$", "€", "£", "¥", "₹", "₽", "₩", "₺", "₪", "usd", "eur", "gbp", "chf", "kr", "zł", "zl", "kc", "円", "元", "ft", "lei", "руб", "원"}

// money finds a sum with a currency in folded text, as it stands there.
func money(s string) string {
	for i := 0; i < len(s); i++ {
		if !isDigit(s[i]) {
			continue
		}
		end := i
		for end < len(s) && (isDigit(s[end]) || end+1 < len(s) && (s[end] == '.' || s[end] == ',') && isDigit(s[end+1])) {
			end++
		}
		before, after := strings.TrimSuffix(s[max(0, i-4):i], " "), strings.TrimPrefix(s[end:min(len(s), end+6)], " ")
		for _, c := range currencies {
			if strings.HasSuffix(before, c) && wordStarts(s, i-len(c)) {
				return strings.TrimSpace(c + s[i:end])
			}
			if strings.HasPrefix(after, c) && wordEnds(after, len(c)) {
				return s[i:end] + " " + c
			}
		}
		i = end - 1
		if end == i+1 && end < len(s) {
			i = end - 1
		}
	}
	return ""
}

// wordStarts and wordEnds keep "kr" of "krone" and "usd" of "susd" apart.
func wordStarts(s string, i int) bool {
	return i <= 0 || !('a' <= s[i-1] && s[i-1] <= 'z')
}

func wordEnds(s string, i int) bool {
	return i >= len(s) || !('a' <= s[i] && s[i] <= 'z')
}

// couponCode finds four to fifteen capitals or digits after the word "code".
func couponCode(text string) string {
	const near = 40
	for i := 0; i < len(text); {
		at := strings.Index(text[i:], "ode")
		if at < 0 {
			return ""
		}
		i += at + len("ode")
		for _, word := range strings.FieldsFunc(clip(text[i:], near), func(c rune) bool {
			return !('A' <= c && c <= 'Z' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z')
		}) {
			if isCode(word) {
				return word
			}
		}
	}
	return ""
}

func isCode(word string) bool {
	letters := 0
	for _, c := range []byte(word) {
		switch {
		case 'A' <= c && c <= 'Z':
			letters++
		case !isDigit(c):
			return false
		}
	}
	return len(word) >= 4 && len(word) <= 15 && letters >= 2
}
