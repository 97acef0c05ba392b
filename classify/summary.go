package classify

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"usher/classify/mail"
)

// maxSummary bounds a summary, in characters.
const maxSummary = 120

// summary builds one line, "Brand: subject — price (was) · % off · code · ends".
// Nothing is written that the mail does not say: a number whose digits are not
// in its subject or text is left out, and so is what the subject says already.
func summary(o *mail.Object, kind Category) string {
	m := o.Message
	subject := oneLine(m.Subject)
	head := subject
	if brand := brandName(o); brand != "" && !names(subject, brand) {
		head = strings.TrimSuffix(brand+": "+subject, ": ")
	}
	var facts []string
	if kind == Promotion || kind == Newsletter { // elsewhere a sum is no offer
		facts = offerFacts(m, subject)
	}
	tail := ""
	if len(facts) > 0 {
		tail = " — " + strings.Join(facts, " · ")
	}
	room := maxSummary - utf8.RuneCountInString(tail)
	return strings.TrimPrefix(shorten(head, room)+tail, " — ")
}

// brandName is the sender's name as shown, else its domain.
func brandName(o *mail.Object) string {
	if len(o.Message.From) == 0 {
		return ""
	}
	from := o.Message.From[0]
	if name := oneLine(from.Name); name != "" && !strings.Contains(name, "@") {
		return shorten(name, 40)
	}
	return from.Domain
}

// names reports whether a subject says a brand, at least what stands before a
// mark in it: "Fellwind | Outdoor & Sport".
func names(subject, brand string) bool {
	short, _, _ := strings.Cut(brand, " | ")
	short, _, _ = strings.Cut(short, " – ")
	return strings.Contains(strings.ToLower(subject), strings.ToLower(short))
}

func oneLine(s string) string { return strings.Join(strings.Fields(clip(s, 1000)), " ") }

// shorten cuts a line to n characters, at a word's end where there is one. It
// never cuts inside a number: half a number is another number.
func shorten(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	runes := []rune(s)[:max(0, n-1)]
	for cut := len(runes); cut > 0; cut-- {
		if runes[cut-1] == ' ' {
			return strings.TrimRight(string(runes[:cut-1]), " ,;:–—-") + "…"
		}
	}
	return strings.TrimRight(string(runes), "0123456789.,") + "…"
}

// offerFacts words the first offer that says something new. Where the subject tells
// the price of the first, it is that: beside it another's would be taken for it.
func offerFacts(m *mail.Message, subject string) (facts []string) {
	if len(m.Offers) == 0 {
		return nil
	}
	said, body := digitsOf(subject), digitsOf(clip(m.Text, maxOwn))
	has := func(text, number string) bool {
		return strings.Contains(text, " "+strings.TrimSpace(digitsOf(number))+" ")
	}
	fresh := func(number string) bool { return has(body, number) && !has(said, number) }
	offers := m.Offers[:min(len(m.Offers), 50)]
	if p := offers[0].Price; p != nil && p.Minor > 0 && has(said, p.String()) {
		offers = offers[:1]
	}
	for _, o := range offers {
		if o.Price != nil && o.Price.Minor > 0 {
			if price := o.Price.String(); fresh(price) {
				if o.FromLow {
					price = "from " + price
				}
				if o.Was != nil && fresh(o.Was.String()) {
					price += " (was " + o.Was.String() + ")"
				}
				facts = append(facts, price)
			}
		}
		if off := fmt.Sprintf("%d %% off", o.Discount); o.Discount > 0 && fresh(off) {
			if o.UpTo {
				off = "up to " + off
			}
			facts = append(facts, off)
		}
		if o.Code != "" && len(o.Code) <= 20 && !strings.Contains(subject, o.Code) && strings.Contains(m.Text, o.Code) {
			facts = append(facts, "code "+o.Code)
		}
		if day := ends(o.Ends); day != "" && saysDay(m.Text, o.Ends.Day()) && !saysDay(subject, o.Ends.Day()) {
			facts = append(facts, "ends "+day)
		}
		if len(facts) > 0 {
			return facts
		}
	}
	return nil
}

// saysDay reports whether the number of a day stands in a text by itself.
func saysDay(text string, day int) bool {
	number := strconv.Itoa(day)
	for word := range strings.FieldsFuncSeq(clip(text, maxOwn), func(c rune) bool { return c < '0' || c > '9' }) {
		if strings.TrimPrefix(word, "0") == number {
			return true
		}
	}
	return false
}

func ends(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format("2 Jan")
}

// digitsOf gives the numbers of a text, each between spaces, without the marks
// that part thousands; a fraction of zeros is left out. Where a blank may part
// thousands, "1 299" is 1, 299 and 1299.
func digitsOf(s string) string {
	var b strings.Builder
	b.WriteByte(' ')
	for i := 0; i < len(s); {
		if !isDigit(s[i]) {
			i++
			continue
		}
		number, end := numberAt(s, i, ".", ",")
		b.WriteString(number)
		b.WriteByte(' ')
		if parted, _ := numberAt(s, i, " ", "\u00a0", "\u202f", "'", "’", ".", ","); parted != number {
			b.WriteString(parted)
			b.WriteByte(' ')
		}
		i = end
	}
	return b.String()
}

// numberAt gives the digits of the number at i, and its end. Behind all marks
// but the point and the comma stand three digits.
func numberAt(s string, i int, marks ...string) (number string, end int) {
	for {
		start := i
		for i < len(s) && isDigit(s[i]) {
			i++
		}
		if group := s[start:i]; number == "" || group != "00" {
			number += group
		}
		at := slices.IndexFunc(marks, func(m string) bool { return strings.HasPrefix(s[i:], m) })
		if at < 0 || len(number) > 30 {
			return number, i
		}
		rest := s[i+len(marks[at]):]
		digits := 0
		for digits < len(rest) && isDigit(rest[digits]) {
			digits++
		}
		if digits == 0 || digits != 3 && marks[at] != "." && marks[at] != "," {
			return number, i
		}
		i += len(marks[at])
	}
}
