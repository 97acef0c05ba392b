package knows

import (
	"strings"
	"unicode/utf8"

	"usher/classify/words"
)

// greetingText is how much of a text is read for a greeting, in bytes.
const greetingText = 400

// greetings begin a letter, before a name; folded.
var greetings = wordSet(`hi hello hey dear hiya welcome congratulations thanks morning afternoon evening
	hallo liebe lieber liebes guten tag moin servus sehr geehrte geehrter frau herr bonjour bonsoir salut cher chere
	hola estimado estimada querido querida buenos dias ciao gentile caro cara salve buongiorno ola prezado prezada caro
	hoi beste geachte dag hej hejsa kaere hei moi terve hyva tere tervist czesc witaj drogi droga szanowny szanowna dzien dobry
	ahoj dobry den vazeny vazena mily szia kedves tisztelt buna draga stimate
	здравствуйте привет уважаемый уважаемая дорогой дорогая добрый день вітаємо привіт здравеите
	γεια αγαπητε αγαπητη merhaba selam sayin sevgili שלום مرحبا عزيزي عزيزتي नमस्ते प्रिय halo xin chao kinh gui`)

func wordSet(list string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(list) {
		set[words.Fold(w)] = true
	}
	return set
}

// namesYou reports whether a name of the recipient's stands where one is
// addressed: after a greeting, or set off by a comma, at the beginning of the
// text or in the subject.
func (v *View) namesYou(said Said) bool {
	own := said.Own[:min(len(said.Own), greetingText)]
	for _, name := range v.names() {
		if speaksTo(own, name) || speaksTo(said.Subject, name) {
			return true
		}
	}
	return false
}

// names lists the words by which a single recipient is known, folded: those of
// the name shown, and of the local part.
func (v *View) names() (list []string) {
	to := v.recipients()
	if len(to) != 1 {
		return nil
	}
	local, _, _ := strings.Cut(to[0], "@")
	local, _, _ = strings.Cut(local, "+")
	add := func(s string) {
		s = words.Fold(s)
		for i := 0; i < len(s) && len(list) < 8; {
			start, end := words.Next(s, i)
			if w := strings.Trim(s[start:end], "0123456789"); utf8.RuneCountInString(w) >= 3 && !desks[w] && !greetings[w] {
				list = append(list, w)
			}
			i = max(end, i+1)
		}
	}
	add(strings.ReplaceAll(local[:min(len(local), 64)], "_", " "))
	for _, a := range v.m.To {
		if strings.EqualFold(a.String(), to[0]) && len(a.Name) <= 200 && !strings.Contains(a.Name, "@") {
			add(a.Name)
			break
		}
	}
	return list
}

// speaksTo reports whether folded text speaks to a name: "hi maria", "maria,
// your basket", "for you, maria!". A name that is a word of a sentence, as in
// "mark your calendar", is not spoken to.
func speaksTo(text, name string) bool {
	previous, comma := "", true // the beginning sets a name off as a comma does
	for i := 0; i < len(text); {
		start, end := words.Next(text, i)
		if start >= len(text) {
			return false
		}
		between := text[i:start]
		comma = comma || strings.ContainsAny(between, ",!،、")
		if text[start:end] == name {
			after := strings.TrimLeft(text[end:], " ")
			off := after == "" || strings.HasPrefix(after, ",") || strings.HasPrefix(after, "!") || strings.HasPrefix(after, ":") ||
				strings.HasPrefix(after, "様") || strings.HasPrefix(after, "さん") || strings.HasPrefix(after, "님") || strings.HasPrefix(after, "،")
			if greetings[previous] && strings.TrimSpace(between) == "" || comma && off {
				return true
			}
		}
		previous, comma = text[start:end], false
		i = max(end, i+1)
	}
	return false
}

// segments are words by which marketing sorts people, as they stand in
// parameters and in Feedback-ID.
var segments = wordSet(`winback winbacks reactivation reactivate reengage reengagement lapsed lapsing dormant inactive inactives
	unengaged disengaged churn churned churnrisk atrisk vip vips bigspender highvalue lowvalue nonbuyer nonbuyers nonopener nonopeners
	prospect prospects lookalike abandoner abandoners abandoned cartabandon browseabandon firsttimebuyer repeatbuyer sleeper sleepers
	30d 60d 90d 120d 180d 365d`)

// segmentIn finds such a word in a value, "" if there is none.
func segmentIn(value string) string {
	value = strings.ToLower(value[:min(len(value), 200)])
	previous := ""
	for i := 0; i < len(value); {
		start, end := words.Next(value, i)
		w := value[start:end]
		switch {
		case segments[w]:
			return w
		case previous != "" && len(w) > 2 && segments[previous+w]:
			return previous + "-" + w
		}
		previous, i = w, max(end, i+1)
	}
	return ""
}

// inFeedback looks for a segment in Feedback-ID, whose parts a sender chooses.
func (v *View) inFeedback() {
	for _, name := range [...]string{"Feedback-ID", "X-Feedback-ID"} {
		if value := v.m.Get(name); value != "" && v.segment == "" {
			v.segment = segmentIn(value)
		}
	}
}
