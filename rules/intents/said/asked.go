package said

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// percent reads "at least 30% off", "mindestens 20 % Rabatt", "half price". A
// percentage without such a word is one of cocoa or cotton.
func (r *reader) percent(i int) int {
	if n := r.cue(i, halves); n > 0 && r.found.Off == 0 {
		r.found.Off = 50
		return r.take(i, n, cut)
	}
	n := r.cue(i, atLeast)
	at := i + n
	if at >= len(r.words) {
		return 0
	}
	digits, minus := strings.CutPrefix(strings.ReplaceAll(r.words[at].folded, "−", "-"), "-")
	digits, sign := strings.CutSuffix(digits, "%")
	at++
	if !sign && at < len(r.words) && percents[r.words[at].folded] && r.words[at-1].marks == "" {
		at, sign = at+1, true
	}
	number, err := strconv.Atoi(digits)
	if err != nil || !sign || number < 1 || number > 100 || r.found.Off != 0 {
		return 0
	}
	k := 0
	if at < len(r.words) && r.words[at-1].marks == "" {
		k = r.cue(at, offs)
	}
	if k == 0 && !minus && !discounted[r.phrase(i, n)] {
		return 0
	}
	at += k
	if at < len(r.words) && r.words[at-1].marks == "" {
		at += r.cue(at, orMore)
	}
	if at < len(r.words) && r.words[at-1].marks == "" && k > 0 && r.words[at].folded == "on" {
		at++
	}
	r.found.Off = number
	return r.take(i, at-i, cut)
}

// last reads "until Christmas", "bis Ende Juni", "jouluun asti".
func (r *reader) last(i int) int {
	if r.found.Until != nil {
		return 0
	}
	if n := r.cue(i, untils); n > 0 {
		for k := min(5, len(r.words)-i-n); k > 0; k-- {
			if text := r.phrase(i+n, k); text != "" {
				if d, ok := r.Day(inEnglish(text)); ok {
					r.found.Until = d
					return r.take(i, n+k, cut)
				}
			}
		}
		if at := i + n; at < len(r.words) && plainUntils[r.phrase(i, n)] && i > 0 {
			end := at
			for end < len(r.words)-1 && r.words[end].marks == "" && end-at < 4 {
				end++
			}
			if text := r.phrase(i, end-i+1); text != "" {
				r.found.Unread = append(r.found.Unread, text+": this is no day, and nothing is asked")
				return r.take(i, end-i+1, hidden)
			}
		}
		return 0
	}
	for n := min(3, len(r.words)-i-1); n > 0; n-- {
		if k := i + n; behinds[r.words[k].folded] {
			if d, ok := r.Day(inEnglish(r.phrase(i, n))); ok {
				r.found.Until = d
				return r.take(i, n+1, cut)
			}
		}
	}
	return 0
}

// inEnglish words a day as calendars know it.
func inEnglish(text string) string {
	var out []string
	for _, w := range strings.Fields(feasts.Replace(text)) {
		switch known, is := days[strings.TrimSuffix(w, ".")]; {
		case is && known != "":
			out = append(out, strings.Fields(known)...)
		case !is:
			if day, month, ok := strings.Cut(strings.TrimSuffix(w, "."), "."); ok && isNumber(day) && isNumber(month) {
				if m, err := strconv.Atoi(month); err == nil && m >= 1 && m <= 12 {
					w = day + " " + months[m-1]
				}
			}
			out = append(out, w)
		}
	}
	return strings.Join(out, " ")
}

// code reads "with a discount code", "mit Gutscheincode".
func (r *reader) code(i int) int {
	n := r.cue(i, codes)
	if n == 0 || i == 0 {
		return 0
	}
	r.found.Code = true
	return r.take(i, n, hidden)
}

// brand reads "from zalando.fi", "from Nike or Adidas", "by Björk". A place is
// named so, too: whether it is the sender, the message shows.
func (r *reader) brand(i int) int {
	if !froms[r.words[i].folded] || i == 0 || r.words[i-1].marks == "" && turnsFrom[r.words[i-1].folded] {
		return 0
	}
	at, domains, list := i+1, []string(nil), []string(nil)
	for at < len(r.words) && (r.words[at-1].marks == "" || r.words[at-1].marks == ",") {
		if at > i+1 && r.words[at-1].marks == "" && !eithers[r.words[at-1].folded] {
			break
		}
		if d, ok := r.From(r.words[at].folded); ok {
			domains, at = append(domains, d), at+1
		} else if n := r.name(at); n > 0 && (at == i+1 || eithers[r.words[at-1].folded]) {
			list, at = append(list, r.written(at, n)), at+n
		} else {
			break
		}
		if at+1 < len(r.words) && r.words[at-1].marks == "" && eithers[r.words[at].folded] {
			at++
		}
	}
	if at > i+1 && r.words[at-1].marks == "" && eithers[r.words[at-1].folded] {
		at--
	}
	if len(domains) > 0 == (len(list) > 0) { // neither, or both: the language has no clause for that
		return 0
	}
	as := hidden
	if len(domains) > 0 {
		as = cut
	}
	r.found.Domains, r.found.Names = append(r.found.Domains, domains...), append(r.found.Names, list...)
	return r.take(i, at-i, as)
}

// name counts the capitalised words at i, three at most.
func (r *reader) name(i int) (n int) {
	for n < 3 && i+n < len(r.words) {
		first, _ := utf8.DecodeRuneInString(r.words[i+n].text)
		if !unicode.IsUpper(first) || n > 0 && r.words[i+n-1].marks != "" {
			break
		}
		if _, is := days[r.words[i+n].folded]; is {
			break // "from December"
		}
		n++
	}
	return n
}

func (r *reader) written(i, n int) string {
	var list []string
	for _, w := range r.words[i : i+n] {
		list = append(list, w.text)
	}
	return strings.Join(list, " ")
}

func isNumber(s string) bool {
	return s != "" && strings.Trim(s, "0123456789.,") == "" && s[0] >= '0' && s[0] <= '9'
}
