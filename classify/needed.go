package classify

import (
	"cmp"
	"strings"
)

// kinds are the transactional kinds in the words of "protect", with the class
// of phrases that tells of each.
var kinds = []struct {
	class class
	name  string
}{
	{kindCode, "security codes"}, {kindReceipt, "receipts"}, {kindOrder, "orders"}, {kindInvoice, "invoices"},
	{kindDelivery, "delivery"}, {kindTravel, "travel"}, {kindTax, "tax"}, {kindAppointment, "appointments"},
}

// needed finds the marks of mail about business that was done, and of robots.
func (r *reading) needed() {
	s, t := r.inSubject, r.inOwn
	subject, phrase, many := "", "", 0
	for _, k := range kinds {
		if s.has(k.class) && subject == "" {
			subject = s.first[k.class]
		}
		if t.has(k.class) {
			many += int(t.kinds[k.class])
			if phrase == "" {
				phrase = t.first[k.class]
			}
		}
	}
	r.findIf(subject != "", "subject_kind", subject)
	if found := phrases().errands.in(r.subject); found != "" && !r.has("subject_offer") {
		r.find("errand", found)
	}
	r.findIf(phrase != "", "kind_words", phrase)
	r.findIf(many >= 4, "kind_many", "")
	r.findIf(hasOneTimeCode(t, r.folded) || hasOneTimeCode(s, r.subject), "code", "")
	numbered := hasNumber(t, r.folded) || hasNumber(s, r.subject)
	r.findIf(numbered, "number", "")
	r.findIf(numbered && (subject != "" || many >= 3) || many >= 4 && !t.has(sale), "business", "")
	r.notices()
	asked := r.has("fundraise") || r.has("sale_many") || t.has(countdown)
	switch {
	case asked:
	case s.has(confirm):
		r.find("confirm", s.first[confirm])
	case t.has(confirm) && len(r.own) < 2500:
		r.find("confirm", t.first[confirm])
	}
	r.findIf(s.has(account), "account_subject", s.first[account])
	r.findIf(t.kinds[account] >= 1, "account_words", t.first[account])
	r.findIf(t.kinds[account] >= 2 && !t.has(sale), "account_many", "")
	r.findIf(s.has(robot), "robot_subject", s.first[robot])
	r.findIf(t.has(robot), "robot_words", t.first[robot])
	machine := r.has("noreply") || r.has("from_robot") || r.has("robot_header") || r.has("auto_submitted")
	r.findIf(machine && r.has("discussion"), "robot_list", "")
	for _, kind := range r.m.Attachments {
		if kind == "text/calendar" || kind == "application/ics" {
			r.find("calendar", "")
			break
		}
	}
}

// business reports whether the mail tells of what is between sender and reader
// already: by its subject or a code; or by an answer to a wish, a number, many
// words or a contract, unless it is a newsletter that speaks of such things.
func (r *reading) business() bool {
	for _, code := range []string{"errand", "subject_kind", "account_subject", "contract_subject", "code", "confirm", "calendar", "discussion"} {
		if r.has(code) {
			return true
		}
	}
	if r.has("newsletter_many") || r.has("advert") {
		return false
	}
	for _, code := range []string{"asked", "number", "business", "kind_many", "contract_many", "notice_many"} {
		if r.has(code) {
			return true
		}
	}
	early := func(c class, most int) bool {
		return r.inOwn.has(c) && r.inOwn.start[c] < r.bodyEnd()/2 && (r.inOwn.kinds[c] >= 2 || len(r.own) < most)
	}
	return early(contract, 1500) || early(notice, 0)
}

// notices finds the marks of mail that goes to many and is meant for each: of a
// contract, of a school or a house, or of what one asked to be told.
func (r *reading) notices() {
	s, t := r.inSubject, r.inOwn
	r.findIf(s.has(contract), "contract_subject", s.first[contract])
	r.findIf(t.has(contract), "contract", t.first[contract])
	r.findIf(t.kinds[contract] >= 3, "contract_many", "")
	r.findIf(t.kinds[notice] >= 2, "notice", t.first[notice])
	r.findIf(t.kinds[notice] >= 3, "notice_many", "")
	r.findIf(t.has(asked) || s.has(asked), "asked", cmp.Or(t.first[asked], s.first[asked]))
}

// hasOneTimeCode finds a run of four to eight digits, or two threes, within 60
// bytes of a word for a code.
func hasOneTimeCode(t *tally, folded string) bool {
	for _, p := range t.placed {
		if p.class == kindCode && codeIn(folded[max(0, p.start-60):min(len(folded), p.end+60)]) {
			return true
		}
	}
	return false
}

func codeIn(s string) bool {
	for i := 0; i < len(s); i++ {
		if !isDigit(s[i]) {
			continue
		}
		start := i
		for i < len(s) && (isDigit(s[i]) || (s[i] == ' ' || s[i] == '-') && i-start == 3 && i+1 < len(s) && isDigit(s[i+1])) {
			i++
		}
		n := i - start
		before := start == 0 || strings.IndexByte("$€£.,/:@#", s[start-1]) < 0
		year := n == 4 && (strings.HasPrefix(s[start:], "20") || strings.HasPrefix(s[start:], "19"))
		if n >= 4 && n <= 8 && before && !year && start > 0 && i < len(s)+1 {
			return true
		}
	}
	return false
}

// hasNumber finds a word that stands before the number of one order, bill or
// parcel, with a number after it.
func hasNumber(t *tally, folded string) bool {
	for _, p := range t.placed {
		if p.class == number && numberAhead(clip(folded[p.end:], 40)) {
			return true
		}
	}
	return false
}

// numberAhead reports whether a word of four or more, with a digit in it or of
// a booking code's length, begins within a few bytes.
func numberAhead(s string) bool {
	others := 0
	for _, w := range strings.FieldsFunc(s, func(c rune) bool { return strings.ContainsRune(" :#.,;()[]", c) }) {
		digits := 0
		for _, c := range []byte(w) {
			if isDigit(c) {
				digits++
			}
		}
		if len(w) >= 4 && digits >= 2 {
			return true
		}
		if others++; others > 3 {
			return false
		}
	}
	return false
}

// people finds the marks of a letter that one person writes to others.
func (r *reading) people() {
	r.findIf(r.quoted, "quoted", "")
	r.findIf(!r.looksBulk(), "not_bulk", "")
	r.findIf(r.passed && !r.bulkHeader, "forwarded", "")
	r.findIf(isAnswer(r.subject) && (r.quoted || len(r.m.InReplyTo) > 0 || !r.bulkHeader), "re_subject", "")
	links := 0
	for _, l := range r.m.Links {
		if l.Host != "" {
			links++
		}
	}
	r.findIf(r.inOwn.has(signoff) && len(r.own) < 6000, "signoff", r.inOwn.first[signoff])
	bare := !r.inOwn.has(unsub) && len(r.m.Images) <= 2
	r.findIf(bare && links <= 2 && len(r.own) < 1500, "short_plain", "")
	r.findIf(bare && links <= 3 && !r.m.Layout.HTML, "plain_few", "")
	r.findIf(r.has("mail_client") && r.has("no_bulk") && !r.has("unsubscribe_link") && len(r.m.Images) <= 2, "by_hand", "")
	for _, kind := range r.m.Attachments {
		if strings.Contains(kind, "pdf") || strings.Contains(kind, "word") || strings.Contains(kind, "sheet") || strings.Contains(kind, "excel") {
			r.find("attachment", "")
			break
		}
	}
}

// looksBulk reports whether anything in header or body says that the message
// went to many.
func (r *reading) looksBulk() bool {
	if r.bulkHeader || r.inOwn.has(unsub) || r.inOwn.has(view) || r.inOwn.has(whyYou) {
		return true
	}
	for _, code := range []string{"unsubscribe_link", "campaign_params", "layout", "pixel", "social_row", "bulk_domain", "from_promo"} {
		if r.has(code) {
			return true
		}
	}
	return false
}

// isAnswer reports whether a folded subject begins as answers and passed-on
// mail do, in the words of common mail programs.
func isAnswer(subject string) bool {
	if strings.HasPrefix(subject, "[") {
		// A list or a help desk puts its mark before the word.
		_, rest, _ := strings.Cut(subject, "]")
		subject = strings.TrimSpace(rest)
	}
	head, _, ok := strings.Cut(subject, ":")
	if !ok || len(head) > 6 {
		return false
	}
	switch strings.TrimSpace(strings.TrimRight(head, "0123456789[]()")) {
	case "re", "aw", "sv", "vs", "antw", "odp", "ynt", "res", "rv", "ref", "fw", "fwd", "wg", "tr", "vl", "enc", "i", "r", "ha", "fs", "pd", "ilt", "回复", "答复", "转发":
		return true
	}
	return false
}
