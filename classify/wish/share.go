package wish

import "strings"

// closeLists has an exclusion go on over commas to the "or" or "and" that closes its
// list: "not kids, sandals or heels". At the beginning, a comma ends it: else
// nothing would be wanted.
func closeLists(list []part) {
	wanted := false
	for i := range list {
		if !list[i].not {
			wanted = wanted || list[i].before != parts || i == 0
		}
		if !list[i].turned || !wanted {
			continue
		}
		end := i
		for end+1 < len(list) && list[end+1].before == parts && !list[end+1].turned {
			end++
		}
		if end == i || end+1 >= len(list) || list[end+1].before != joins {
			continue
		}
		for n := i + 1; n < len(list) && (n <= end || list[n].before == joins); n++ {
			list[n].not = true
		}
	}
}

// inList reports whether part i and the one behind it belong to one list that an
// "or" closes.
func inList(list []part, i int) bool {
	for n := i + 1; n < len(list) && list[n].not == list[i].not; n++ {
		switch list[n].before {
		case joins:
			return true
		case parts:
		default:
			return false
		}
	}
	return false
}

// shareLast gives "Go" of "Go or Rust jobs" the jobs, from the last to the first.
func shareLast(list []part) {
	for i := len(list) - 2; i >= 0; i-- {
		a, b := list[i].words, list[i+1].words
		if len(a) != 1 || len(b) < 2 || !inList(list, i) || class(a[0]) == "" {
			continue
		}
		n := 0
		for n < len(b) && class(b[n]) == class(a[0]) && (n == 0 || class(a[0]) == "name") {
			n++
		}
		if n == 0 || n == len(b) || b[n].does == heeds || !isThing(b[n]) || strings.HasSuffix(a[0].Tag, "S") {
			continue
		}
		list[i].words = append(a[:1:1], b[n:]...)
	}
}

// class is what may stand before a noun in place of another: a name, a quality or a
// thing; "" for all else.
func class(t token) string {
	switch {
	case t.does != names:
		return ""
	case strings.HasPrefix(t.Tag, "NNP"), strings.ToLower(t.Text) != t.Text: // "iPhone" too
		return "name"
	case t.Tag == possessive, strings.HasPrefix(t.Tag, "JJ"), t.Tag == "VBN", t.Tag == "VBD":
		return "quality"
	case t.Tag == "NN", t.Tag == "VBG", t.Tag == "VB", t.Tag == "VBP":
		return "thing"
	}
	return ""
}

// isThing reports a word that may be what is wanted, not its name.
func isThing(t token) bool { return class(t) == "thing" || class(t) == "quality" || t.Tag == "NNS" }

// shareFirst gives "Porto" of "flights to Lisbon or Porto" the flights.
func shareFirst(list []part) {
	for i := 0; i+1 < len(list); i++ {
		a, b := list[i].words, list[i+1].words
		cut := lastHeeding(a)
		if cut < 0 && list[i+1].before == joins {
			cut = headed(a)
		}
		if cut < 0 || a[0].does == heeds || cut+1 == len(a) || !inList(list, i) && list[i+1].before != joins || list[i+1].not != list[i].not ||
			list[i+1].before != joins && list[i+1].before != parts || lastHeeding(b) >= 0 || !alike(a[cut+1:], b) {
			continue
		}
		list[i+1].words = append(append([]token{}, a[:cut+1]...), b...)
	}
}

// headed is the place of the last word before the names that end a part, -1 if it
// does not end with names: "hotels Lisbon", "lentoja Lissaboniin".
func headed(ts []token) int {
	for i := len(ts) - 1; i >= 0; i-- {
		if !isUpper(ts[i]) {
			if i+1 == len(ts) {
				return -1
			}
			return i
		}
	}
	return -1
}

// lastHeeding is the place of the last preposition, -1 if there is none.
func lastHeeding(ts []token) int {
	for i := len(ts) - 1; i >= 0; i-- {
		if ts[i].does == heeds {
			return i
		}
	}
	return -1
}

// alike reports whether both could stand in the same place: names both, or one
// word each.
func alike(a, b []token) bool {
	isName := func(ts []token) bool {
		for _, t := range ts {
			if !isUpper(t) {
				return false
			}
		}
		return true
	}
	return isName(a) == isName(b) && (isName(b) || len(a) == 1 && len(b) == 1)
}
