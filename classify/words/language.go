package words

import (
	_ "embed"
	"strings"
	"sync"
	"unicode"
)

//go:embed stops.txt
var stopsFile string

// stops maps a folded word to the languages in which it is common, as bits in
// the order of stopLanguages.
type stops struct {
	languages []string
	bits      map[string]uint64
}

var stopWords = sync.OnceValue(func() *stops {
	s := &stops{bits: map[string]uint64{}}
	for line := range strings.Lines(stopsFile) {
		language, list, ok := strings.Cut(strings.TrimSpace(line), ": ")
		if !ok || line[0] == '#' {
			continue
		}
		bit := uint64(1) << len(s.languages)
		s.languages = append(s.languages, language)
		for _, w := range strings.Fields(list) {
			s.bits[Fold(w)] |= bit
		}
	}
	return s
})

// IsStop reports whether a folded word is one of the commonest of a language.
func IsStop(word, language string) bool {
	s := stopWords()
	bits := s.bits[word]
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
	if len(text) > 16<<10 {
		text = text[:16<<10]
	}
	if l := byScript(text); l != "" {
		return l
	}
	s := stopWords()
	folded := Fold(text)
	counts := make([]int, len(s.languages))
	n := 0
	for i := 0; n < looked; n++ {
		start, end := Next(folded, i)
		if start == len(folded) {
			break
		}
		for bits, l := s.bits[folded[start:end]], 0; bits != 0; bits, l = bits>>1, l+1 {
			counts[l] += int(bits & 1)
		}
		i = end
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
	var latin, cyrillic, han int
	var kana, ukrainian, bulgarian, russian int
	others := map[string]int{}
	for _, r := range text {
		switch {
		case r < 0x0250:
			if unicode.IsLetter(r) {
				latin++
			}
		case r >= 0x0370 && r < 0x0400:
			others["el"]++
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
			others["he"]++
		case r >= 0x0600 && r < 0x0700:
			others["ar"]++
		case r >= 0x0900 && r < 0x0980:
			others["hi"]++
		case r >= 0x0E00 && r < 0x0E80:
			others["th"]++
		case r >= 0x3040 && r < 0x3100:
			kana++
		case r >= 0x3400 && r < 0xA000:
			han++
		case r >= 0xAC00 && r < 0xD7B0:
			others["ko"]++
		}
	}
	switch {
	case ukrainian > russian:
		others["uk"] = cyrillic
	case bulgarian > 0 && russian == 0:
		others["bg"] = cyrillic
	default:
		others["ru"] = cyrillic
	}
	if kana*10 > han {
		others["ja"] = kana + han
	} else {
		others["zh"] = han
	}
	for _, l := range []string{"ja", "zh", "ko", "ru", "uk", "bg", "el", "he", "ar", "hi", "th"} {
		// Brands and addresses are written in Latin letters everywhere.
		if n := others[l]; n > 3 && n*3 > latin {
			return l
		}
	}
	return ""
}
