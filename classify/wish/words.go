package wish

import (
	"strings"

	"usher/classify/words"
)

// set makes a look-up of words, folded as those of a text are.
func set(list string) map[string]bool {
	s := map[string]bool{}
	for _, w := range strings.Fields(list) {
		s[words.Fold(w)] = true
	}
	return s
}

// What words do between topics.
var (
	joining = set(`or and & oder und ou et y o e und of en och eller og tai ja sekä lub i a nebo или и veya ve nor nor noch ni né und`)
	turning = set(`no not n't dont don't without w/o except never excluding minus neither unless hate avoid
		ohne kein keine keinen keiner keinem keines nicht nichts ausser bloss
		pas sans sauf aucun aucune hors hormis excepté sin salvo excepto menos senza non tranne eccetto sem não exceto
		geen niet zonder behalve utan inte inga ingen inget förutom ej uten uden ikke unntatt undtagen
		ei ilman paitsi eikä älä bez nie oprócz не без кроме`)
	returning = set(`but aber sondern mais pero sino ma però mas maar men mutta vaan ale но`)
	heeding   = set(`to from for of with about in on at by via into near
		nach für von vom mit über aus zu zum zur bei gegen im am
		à au aux de des du d' pour vers sur chez en dans avec para por con sobre del al per da di verso
		till om för från på i mot med til fra naar voor van met over op do dla na`)
	// empty are words that a wish is dressed in.
	empty = set(`i i'm 'm 's 're 've want wants wanted looking look need needs buy find interested get like would love please
		show send me my our for about some any anything something things thing stuff am is are be do does did to of in on at by the a an
		with from that this these those it we you they one ones newsletters newsletter mail mails email emails information news tell
		inform only just really also maybe both either cheap-ish via kautta ich suche möchte brauche nur bitte gern gerne alles je cherche
		voudrais seulement uniquement surtout busco quiero sólo solamente cerco voglio solo soltanto vain haluan etsin söker vill bara
		alleen graag le la les un une des der die das den dem sean sea siano ein eine einen el los las il lo gli`)
)

// only names the languages in which a word does what the lists say, where in
// another it is a word like any: English "men", "sin" and "ale".
var only = map[string]string{
	"men": "sv da no", "sin": "es", "non": "it fr", "ale": "pl", "ma": "it", "mas": "pt es", "e": "it pt", "o": "es it pt", "i": "pl sv no da",
	"a": "cs sk", "y": "es", "of": "nl en", "on": "en", "in": "en de it nl", "do": "pl", "na": "pl", "om": "sv da no nl", "op": "nl", "over": "nl en",
	"am": "de", "de": "fr es pt nl", "en": "sv da no nl fr es", "d'": "fr", "menos": "es pt", "nie": "pl", "ej": "sv da", "das": "de", "die": "de",
	"den": "de", "des": "fr de", "per": "it en", "hors": "fr", "ni": "es fr", "ja": "fi", "et": "fr", "du": "fr", "by": "en", "at": "en", "ou": "fr pt", "van": "nl",
}

// fixed are pairs that one topic has.
var fixed = map[string]bool{
	"bed and breakfast": true, "rock and roll": true, "arts and crafts": true, "salt and pepper": true, "mac and cheese": true,
	"fish and chips": true, "drum and bass": true, "black and white": true, "dungeons and dragons": true, "health and safety": true,
	"war and peace": true, "marks and spencer": true, "barnes and noble": true, "johnson and johnson": true, "food and drink": true,
	"bed & breakfast": true, "rock & roll": true, "arts & crafts": true, "marks & spencer": true, "barnes & noble": true,
}
