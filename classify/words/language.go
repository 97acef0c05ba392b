package words

import (
	_ "embed"
	"strings"
	"sync"
	"unicode"
)

//go:embed stops.txt
var stopsFile string

// stops maps the hash of a folded word to the languages in which it is common,
// as bits in the order of languages.
type stops struct {
	languages []string
	bits      map[uint32]uint64
}

var stopWords = sync.OnceValue(func() *stops {
	s := &stops{bits: map[uint32]uint64{}}
	for line := range strings.Lines(stopsFile) {
		language, list, ok := strings.Cut(strings.TrimSpace(line), ": ")
		if !ok || line[0] == '#' {
			continue
		}
		bit := uint64(1) << len(s.languages)
		s.languages = append(s.languages, language)
		for _, w := range strings.Fields(list) {
			s.bits[Hash(Fold(w))] |= bit
		}
	}
	return s
})

// IsStop reports whether a folded word is one of the commonest of a language.
func IsStop(word, language string) bool {
	s := stopWords()
	bits := s.bits[Hash(word)]
	for i, l := range s.languages {
		if l == language {
			return bits&(1<<i) != 0
		}
	}
	return false
}

const (
	looked = 600 // words looked at to guess a language
	needed = 2   // common words needed to believe it
)

// Language guesses the language of a text as an ISO 639-1 code: by its script,
// or by which language's commonest words it has most of. It is "" where too
// little speaks for one. The same text always gives the same answer.
func Language(text string) string {
	text = text[:min(len(text), 16<<10)]
	folded := Fold(text)
	var hashes []uint32
	for i := 0; len(hashes) < looked; {
		start, end := Next(folded, i)
		if start == len(folded) {
			break
		}
		hashes = append(hashes, Hash(folded[start:end]))
		i = end
	}
	return LanguageOf(text, hashes)
}

// LanguageOf is Language for who has the hashes of the folded words already;
// text shows the script, and its beginning is enough.
func LanguageOf(text string, hashes ...[]uint32) string {
	if l := byScript(text); l != "" {
		return l
	}
	s := stopWords()
	counts := make([]int, len(s.languages))
	n := 0
	for _, list := range hashes {
		for _, h := range list[:min(len(list), looked-n)] {
			n++
			for bits, l := s.bits[h], 0; bits != 0; bits, l = bits>>1, l+1 {
				counts[l] += int(bits & 1)
			}
		}
	}
	best := 0
	for l := range counts {
		if counts[l] > counts[best] {
			best = l
		}
	}
	if counts[best] < needed || counts[best]*20 < n {
		return ""
	}
	return s.languages[best]
}

// byScript names the language of scripts that few languages share.
func byScript(text string) string {
	var latin, cyrillic, greek, hebrew, arabic, hindi, thai, hangul, kana, han int
	var ukrainian, bulgarian, russian int
	for _, r := range text {
		switch {
		case r < 0x0250:
			if 'a' <= r && r <= 'z' || unicode.IsLetter(r) {
				latin++
			}
		case r >= 0x0370 && r < 0x0400:
			greek++
		case r >= 0x0400 && r < 0x0500:
			cyrillic++
			switch unicode.ToLower(r) {
			case 'і', 'ї', 'є', 'ґ':
				ukrainian++
			case 'ъ':
				bulgarian++
			case 'ы', 'э', 'ё':
				russian++
			}
		case r >= 0x0590 && r < 0x0600:
			hebrew++
		case r >= 0x0600 && r < 0x0700:
			arabic++
		case r >= 0x0900 && r < 0x0980:
			hindi++
		case r >= 0x0E00 && r < 0x0E80:
			thai++
		case r >= 0x3040 && r < 0x3100:
			kana++
		case r >= 0x3400 && r < 0xA000:
			han++
		case r >= 0xAC00 && r < 0xD7B0:
			hangul++
		}
	}
	slavic, eastern := "ru", "zh"
	switch {
	case ukrainian > russian:
		slavic = "uk"
	case bulgarian > 0 && russian == 0:
		slavic = "bg"
	}
	if kana*10 > han {
		eastern, han = "ja", han+kana
	}
	for _, l := range [...]struct {
		name  string
		runes int
	}{{eastern, han}, {"ko", hangul}, {slavic, cyrillic}, {"el", greek}, {"he", hebrew}, {"ar", arabic}, {"hi", hindi}, {"th", thai}} {
		// Brands and addresses are written in Latin letters everywhere.
		if l.runes > 3 && l.runes*3 > latin {
			return l.name
		}
	}
	return ""
}
