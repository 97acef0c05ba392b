package offer

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// A name of a thing is short; longer runs of words are prose.
const (
	maxName      = 70 // bytes
	maxNameWords = 9
)

// personal are words by which people write of themselves.
var personal = list(`myself ich mir mich yo ik jag mig jeg meg minä minulle mně nekem benim`)

// acting are the words of sentences, not of names.
var acting = list(`you we they he she who which cost costs costing kostet kosten kostar koster kost kostaa maksaa coûte coûtent cuesta cuestan costa costano custa kosztuje kosztują stojí was will can could
	would should here there try please bitte du sie wir ihr vous nous il ils elle usted vi ni ze wij`)

// urging are the verbs that ask a reader to do something; what follows is no name.
var urging = list(`fly travel sail escape discover explore enjoy book stay eat visit join see watch read fliege fliegen flieg reise reisen reist entdecke entdecken genieße genießen erlebe buche buchen fahre fahr quer
	vlieg reis ontdek geniet boek beleef bezoek vuela viaja descubre disfruta reserva apúntate viaggia vola scopri parti prenota voyagez partez envolez découvrez profitez réservez viaje voe descubra aproveite reserve
	rejs oplev nyd book flyv tag reis opplev nyt bestill dra flyg upplev njut boka res åk lennä matkusta koe varaa leć podróżuj odkryj zarezerwuj leť cestuj objevte betaal bezahle bezahlen paga paghi payez pay you u je du`)

// rates are words for whom a price is; they name nothing.
var rates = list(`early bird ermäßigt ermäßigte kinder erwachsene adults adult children child kids concessions concession students student kinderen volwassenen studenten enfants adultes niños adultos bambini adulti
	børn voksne voksen barn vuxna vuxen lapset aikuiset dzieci dorośli děti dospělí online regulier regulär standard tarif réduit reducido ridotto rabatteret thereafter afterwards herefter dorpris døra abendkasse vorverkauf vvk ak
	voorverkoop deur kassa prévente stück styck stuk piece pièce pieza pezzo sztuka unidad unité each person persoon persona personne osoba hlö pers`)

// greeting are words that begin a letter.
var greeting = list(`dear hi hello hey liebe lieber hallo guten beste hej kjære kära hei cher chère bonjour estimado estimada hola ciao gentile caro cara olá caro caros drogi szanowni milí moi hyvä`)

// dressing are the words around the name of a thing, before it or after it.
var dressing = list(`the a an our your this these that is are was were has have it its it's get buy shop our all only just now new for at from with and or of to in on plus per save extra up take treat yours soit statt
	der die das den dem ein eine einen unser unsere ihr ihre dein deine jetzt nur ab für um zu zum zur mit und oder im am bei auf ist sind neu heute noch
	le la les l un une des du de d notre nos votre vos à au aux pour dès avec et ou est sont en sur maintenant seulement nouveau
	el los las una unos por desde con y o es son en al del ahora solo sólo nuestro nuestra nuevo il lo gli i uno a da con e è sono ora adesso nostro nuovo
	het een onze voor vanaf met en of is nu alleen van op nieuw nyt vain alkaen ja on hintaan nu endast bara från för med och är den det på en ett kun fra til og er nå bare
	teď nyní jen od za s a je tylko od za z i jest teraz csak most od do po por a partir apenas agora com şimdi sadece pe la de cu acum doar`)

// name gives what the amount at mark m is the price of, from what stands before it
// in its sentence; "" if that is no name.
func (s *sentence) name(from, to int) string {
	skip := func(t token) bool {
		return t.kind == sign || t.kind == word && (dressing[t.low] || t.role&^(sale|other|code|ends|second|receipt|ship|monthly|today|spend|over) != 0)
	}
	for k := to - 1; k >= from; k-- { // behind the last comma or the like, if it is a clause of its own
		if s.is(k, ",") && k+1 < to && s.t[k+1].kind == word && s.t[k+1].gap && !s.onlyDressing(k+1, to) {
			if s.leads(from, k) {
				to = k // "Gran Canaria, flight and hotel"
				continue
			}
			from = k + 1 // "Dear parents, the trip"
			break
		}
		if s.is(k, ";", "|", "•", "→", "!", "?") || s.is(k, ":") && k < to-1 && !s.onlyDressing(k+1, to) {
			from = k + 1
			break
		}
	}
	for from < to && skip(s.t[from]) && !s.is(from, "(") {
		from++
	}
	for to > from && (skip(s.t[to-1]) || s.t[to-1].kind == number && s.is(to-2, "(")) {
		to--
	}
	return s.asName(from, to)
}

// leads reports a short name before a comma, behind which it is only told more of.
func (s *sentence) leads(from, comma int) bool {
	first, _ := utf8.DecodeRuneInString(s.at(from))
	next, _ := utf8.DecodeRuneInString(s.at(comma + 1))
	if comma-from > 4 || comma == from || !unicode.IsUpper(first) || unicode.IsUpper(next) || greeting[s.low(from)] || s.t[from].role != 0 {
		return false
	}
	return s.asName(from, comma) != ""
}

// onlyDressing reports that the tokens name nothing.
func (s *sentence) onlyDressing(from, to int) bool {
	for _, t := range s.t[from:to] {
		if t.kind == number || t.kind == word && t.role == 0 && !dressing[t.low] {
			return false
		}
	}
	return true
}

// asName gives the text of tokens if it can be the name of a thing.
func (s *sentence) asName(from, to int) string {
	if from >= to {
		return ""
	}
	for k := from + 1; k < to-1; k++ { // what is in brackets tells more
		if s.is(k, "(", "[") {
			to = k
			break
		}
	}
	for from < to && s.t[to-1].kind == word && acting[s.t[to-1].low] {
		to--
	}
	if from == to {
		return ""
	}
	if urging[s.low(from)] {
		return ""
	}
	words, letters, named := 0, false, false
	for _, t := range s.t[from:to] {
		if t.kind == word {
			named = named || !rates[t.low]
			if acting[t.low] {
				return ""
			}
			words++
			letters = letters || utf8.RuneCountInString(t.low) >= 3 || words > 0 && !isASCII(t.low)
		}
	}
	text := strings.TrimSpace(s.text[s.t[from].from:s.t[to-1].to])
	if !letters || !named || words > maxNameWords || len(text) > maxName {
		return ""
	}
	return text
}

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(c rune) bool { return c >= utf8.RuneSelf }) < 0
}

// nameBehind gives a name that stands behind the amount: "Now £39.00 Wrenfield throw".
func (s *sentence) nameBehind(from int) string {
	to := from
	for to < len(s.t) && to < from+6 && s.t[to].kind == word && s.t[to].role == 0 {
		to++
	}
	if from >= to {
		return ""
	}
	if first, _ := utf8.DecodeRuneInString(s.at(from)); !unicode.IsUpper(first) {
		return ""
	}
	return s.asName(from, to)
}

// heading gives a line that may name what the next line prices.
func (s *sentence) heading() string {
	if len(s.marks) > 0 || len(s.t) == 0 || s.is(len(s.t)-1, ".", ":", ",") {
		return ""
	}
	if name := s.name(0, len(s.t)); len(strings.Fields(name)) <= 7 {
		return name
	}
	return ""
}
