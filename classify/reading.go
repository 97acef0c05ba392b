package classify

import (
	"cmp"
	"slices"
	"strings"

	"usher/classify/knows"
	"usher/classify/mail"
	"usher/classify/model"
	"usher/classify/words"
)

// maxOwn bounds the text that is looked through, in bytes: a mail that says
// nothing of its kind in so many bytes says it nowhere.
const maxOwn = 128 << 10

// reading is a message as the signs are looked for in it.
type reading struct {
	o *mail.Object
	m *mail.Message

	fields  map[string]string // of the header, by names in lower case
	subject string            // folded
	own     string            // what the sender wrote, as it stands: quoted and forwarded text is cut off
	folded  string            // own, folded
	quoted  bool              // there was quoted text
	passed  bool              // there was a forwarded message

	inSubject *tally
	inOwn     *tally
	inLinks   *tally // texts of links

	seen       *knows.View
	provider   string
	bulkHeader bool
	tagged     bool // a link counts the campaign that it is of
	found      []finding
}

// finding is a sign that was found, with the words that its sentence shows.
type finding struct{ code, shown string }

func (r *reading) find(code, shown string) {
	r.found = append(r.found, finding{code, shown})
}

// findIf finds the sign if ok.
func (r *reading) findIf(ok bool, code, shown string) {
	if ok {
		r.find(code, shown)
	}
}

func (r *reading) has(code string) bool {
	for _, f := range r.found {
		if f.code == code {
			return true
		}
	}
	return false
}

// read prepares a message and collects its signs.
func read(o *mail.Object) *reading {
	r := &reading{o: o, m: o.Message}
	r.fields = named(r.m)
	r.subject = words.Fold(clip(r.m.Subject, 2000))
	r.own, r.quoted, r.passed = ownText(clip(r.m.Text, maxOwn))
	r.folded = words.Fold(r.own)

	r.seen = knows.Look(o, r.passed)

	book := phrases()
	r.inSubject = book.countWith(r.subject, maxSubjectWords)
	r.inOwn = book.countWith(r.folded, maxOwnWords)
	r.inLinks = r.countLinks(book)

	r.headers()
	r.sender()
	r.markup()
	r.body()
	r.selling()
	r.needed()
	r.findIf(r.isIssue(), "issue", "")
	r.findIf(r.isRead(), "bulk_read", "")
	r.people()
	r.findIf(!r.pitches(), "nothing_offered", "")
	r.findIf(r.business(), "business_done", "")
	return r
}

// said gives what the words say that the sender knows. Who writes to a friend,
// or to a list, knows names, days and places anyway.
func (r *reading) said(kind Category) knows.Said {
	said := knows.Said{Behaviour: cmp.Or(r.inOwn.first[behaviour], r.inSubject.first[behaviour])}
	if kind != Personal && kind != List {
		said.Date = r.inOwn.has(date) || r.inSubject.has(date)
		said.Place = r.inOwn.has(place) || r.inSubject.has(place)
		said.Own, said.Subject = r.folded, r.subject
	}
	return said
}

// Words that are weighed, at most.
const (
	maxSubjectWords = 40
	maxOwnWords     = 600
)

// keys gives the words of the subject and of the beginning of the text, and the
// names of header fields, each once, as far as they count.
func (r *reading) keys(counts func(key uint32) bool) []uint32 {
	var list []uint32
	add := func(place byte, hash uint32) {
		if key := model.Key(place, hash); counts(key) {
			list = append(list, key)
		}
	}
	for _, h := range r.inSubject.hashes {
		add('t', h)
	}
	for _, h := range r.inOwn.hashes {
		add('b', h)
	}
	for name := range r.fields {
		add('f', words.Hash(name))
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// language is told by the script of the beginning and by common words.
func (r *reading) language() string {
	const enough = 2 << 10 // bytes, to see the script
	return words.LanguageOf(clip(r.m.Subject, enough)+clip(r.own, enough), r.inSubject.hashes, r.inOwn.hashes)
}

func (r *reading) countLinks(book *phraseBook) *tally {
	t := new(tally)
	seen := book.unseen()
	for _, l := range r.m.Links {
		if l.Text != "" && len(l.Text) <= 200 {
			book.countInto(t, seen, words.Fold(l.Text))
		}
	}
	return t
}

// clip cuts a text to at most n bytes, at a rune's border.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && s[n]&0xC0 == 0x80 {
		n--
	}
	return s[:n]
}

// ownText parts what the sender wrote from what is quoted or passed on. Lines
// that begin with ">" are quoted; everything under a line such as "-----Original
// Message-----" or "On Monday, Ann wrote:" is too, unless it is all there is.
func ownText(text string) (own string, quoted, passed bool) {
	var b strings.Builder
	b.Grow(len(text))
	book := phrases()
	for line := range strings.Lines(text) {
		bare := strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(bare, ">"):
			quoted = true
			continue
		case len(bare) > 160 || len(bare) < 4:
		case mayQuote(bare) && book.count(words.Fold(bare)).has(quote):
			dashed := bare[0] == '-' || bare[0] == '_'
			quoted = true
			passed = passed || dashed || b.Len() < 400
			return b.String(), quoted, passed
		}
		b.WriteString(line)
	}
	return b.String(), quoted, passed
}

// mayQuote is a cheap look at whether a line can introduce quoted text: a rule
// with words in it, or a colon after a date or an address.
func mayQuote(line string) bool {
	if line[0] == '-' || line[0] == '_' {
		return true
	}
	return strings.HasSuffix(line, ":") && strings.ContainsAny(line, "0123456789@")
}
