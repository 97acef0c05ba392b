package wish

import (
	"strings"

	"usher/classify/vectors"
	"usher/classify/words"
)

// telling are words that a short line shows its language by.
var telling = func() map[string]string {
	m := map[string]string{}
	for language, list := range map[string]string{
		"de": "ohne kein keine keinen nicht nur aber oder und für mindestens ausser",
		"fr": "sans sauf mais pour ou pas et moins jusqu'à aucun",
		"es": "sin pero con para por sólo menos",
		"it": "senza tranne scarpe con per ma",
		"pt": "sem mas com para não",
		"nl": "zonder geen behalve voor niet maar",
		"sv": "utan inte eller och från",
		"da": "uden ikke eller og fra",
		"fi": "ilman tai ei vain alle eikä mutta ja sekä",
		"pl": "bez nie ale oprócz lub i",
	} {
		for _, w := range strings.Fields(list) {
			m[words.Fold(w)] += " " + language
		}
	}
	return m
}()

var languages = []string{"de", "fr", "es", "it", "pt", "nl", "sv", "fi", "da", "pl"}

// languageOf guesses the language of a line. Of a few words no more can be asked
// than that one tells a language and the rest are not English; "" if none does.
func languageOf(text string, list []Tagged) string {
	if low := words.Fold(text); strings.HasPrefix(low, "i want ") || strings.HasPrefix(low, "i need ") {
		return "en" // "i" and "a" are Italian, too
	}
	if l := words.Language(text); l != "" {
		return l
	}
	english, all := 0, 0
	votes := map[string]int{}
	for _, w := range list {
		folded := words.Fold(w.Text)
		if !hasLetters(folded) || w.Tag == "POS" || w.Text == "'s" {
			continue
		}
		stop := false
		for _, l := range languages {
			if words.IsStop(folded, l) {
				votes[l]++
				stop = true
			}
		}
		for _, l := range strings.Fields(telling[folded]) {
			votes[l]++
			stop = true
		}
		if stop && !words.IsStop(folded, "en") {
			continue
		}
		all++
		if words.IsStop(folded, "en") || vectors.Says(folded) != vectors.Unranked {
			english++
		}
	}
	if all > 0 && 2*english >= all {
		return "en"
	}
	best := ""
	for _, l := range languages {
		if votes[l] > votes[best] {
			best = l
		}
	}
	return best
}
