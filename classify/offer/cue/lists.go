package cue

import "strings"

// Words is a set of words in lower case.
type Words map[string]bool

// Personal are words by which people write of themselves.
var Personal = words(`myself ich mir mich yo ik jag mig jeg meg minä minulle mně nekem benim`)

// Acting are the words of sentences, not of names.
var Acting = words(`you we they he she who which cost costs costing kostet kosten kostar koster kost kostaa maksaa coûte coûtent cuesta cuestan costa costano custa kosztuje kosztują stojí was will can could
	would should here there try please bitte du sie wir ihr vous nous il ils niet nicht not ikke inte ei kan can betaler betalar maksaa betaalt zahlt zahlen elle usted vi ni ze wij`)

// Dressing are the words around the name of a thing, before it or after it.
var Dressing = words(`the a an our your this these that is are was were has have it its it's get buy shop our all only just now new for at from with and or of to in on plus per save extra up take treat yours soit statt
	der die das den dem ein eine einen unser unsere ihr ihre dein deine jetzt nur ab für um zu zum zur mit und oder im am bei auf ist sind neu heute noch
	le la les l un une des du de d notre nos votre vos à au aux pour dès avec et ou est sont en sur maintenant seulement nouveau
	el los las una unos por desde con y o es son en al del ahora solo sólo nuestro nuestra nuevo il lo gli i uno a da con e è sono ora adesso nostro nuovo
	het een onze voor vanaf met en of is nu alleen van op nieuw nyt vain alkaen ja on hintaan nu endast bara från för med och är den det på en ett kun fra til og er nå bare
	teď nyní jen od za s a je tylko od za z i jest teraz csak most od do po por a partir apenas agora com şimdi sadece pe la de cu acum doar`)

// Urging are the verbs that ask a reader to do something; what follows is no name.
var Urging = words(`fly travel sail escape discover explore enjoy book stay eat visit join see watch read fliege fliegen flieg reise reisen reist entdecke entdecken genieße genießen erlebe buche buchen fahre fahr quer
	vlieg reis ontdek geniet boek beleef bezoek vuela viaja descubre disfruta reserva apúntate viaggia vola scopri parti prenota voyagez partez envolez découvrez profitez réservez viaje voe descubra aproveite reserve
	rejs oplev nyd book flyv tag reis opplev nyt bestill dra flyg upplev njut boka res åk lennä matkusta koe varaa leć podróżuj odkryj zarezerwuj leť cestuj objevte meld tegn teckna sluit hent vælg velg välj kies wähle choisis choisissez elige scegli sign passe passer switch træn tren träna betaal bezahle bezahlen paga paghi payez pay you u je du`)

// Rates are words for whom a price is; they name nothing.
var Rates = words(`early bird studenter schüler elever elev pupils juniors junior seniors senior senioren pensionärer honnør under ridotti étudiants estudiantes studenti studenci ermäßigt ermäßigte kinder erwachsene adults adult children child kids concessions concession students student kinderen volwassenen studenten enfants adultes niños adultos bambini adulti
	børn voksne voksen barn vuxna vuxen lapset aikuiset dzieci dorośli děti dospělí online regulier regulär standard tarif réduit reducido ridotto rabatteret thereafter afterwards herefter dorpris døra abendkasse vorverkauf vvk ak
	voorverkoop deur kassa prévente stück styck stuk piece pièce pieza pezzo sztuka unidad unité each person persoon persona personne osoba hlö pers`)

// Greeting are words that begin a letter.
var Greeting = words(`dear hi hello hey liebe lieber hallo guten beste hej kjære kära hei cher chère bonjour estimado estimada hola ciao gentile caro cara olá caro caros drogi szanowni milí moi hyvä`)

// Buying are verbs of buying.
var Buying = words(`buy buying purchase kauf kaufe kaufen kaufst achetez acheter achète compra compre compras llévate lleva acquista compri koop kup kupuj köp köper kjøp køb osta kupte kup vásárolj cumpără al stay
		book`)

// Paying are verbs of paying.
var Paying = words(`pay pays paying zahl zahle zahlen bezahle bezahlen payez payer paga pague pagas paghi paga betaal betalen betal betala betaler maksa maksaa maksat plať plaťte zaplať zapłać płacisz płać fizess fizet plătești plătesc öde ödeyin`)

// Getting are verbs of getting.
var Getting = words(`får fås gir giver ger gibt gives donne geeft antaa daje krijgt ontvang ontvangt bekommst erhältst bekommen erhalten recibe recibes ricevi ottieni obtén obtenha ganhe receba receberá hanki otrzymasz zgarnij získáte získejte get gets receive take nimm erhalte bekomme recevez obtenez prendi prenda ricevi lleva llévate leve leva krijg neem ta få tag saat hae hakee weź otrzymaj vezmi dostaneš vidd kapsz primești al`)

// Against stand between what is taken and what is paid for it.
var Against = words(`for für pour por per voor för til za på`)

// Pieces are the words by which things are counted.
var Pieces = words(`kpl st stk paar par paia pares pair pairs paire paires pary styck stykk szt sztuki ks kusy db stück stuks stuk pcs pieces piezas pezzi pièces unidades unités pss pkt pkg plo prk rs pack packs pak pakken pakker zak zakken
	paket pakete packungen flaschen flessen poser påsar pussia purkkia dosen bakken bakjes`)

// Leaving are words around a number of days that are left.
var Leaving = words(`noch nog plus encore reste restent quedan queda últimos mancano restano ancora enää jäljellä endast bara bare kun kvar igjen tilbage jeszcze tylko zostały zostało zbývá zbývají už jen
		faltam restam últimos left remaining last final only solo sólo só letzte letzten laatste derniers dernières últimas ultimi ultime viimeiset sista siste sidste ostatnie poslední rămase restants restantes übrig`)

// Lending are words around a number of days for which something can be used.
var Lending = words(`gilt gültig geldig valid valable valables válido válida valido valida vale gäller giltig giltigt gælder gjelder gyldig voimassa ważny ważna ważne platí runs lasts`)

// Costing are the verbs by which somebody tells what a thing costs.
var Costing = words(`cost costs costing kostet kosten kostar koster kost kostaa maksaa coûte coûtent cuesta cuestan costa costano custa custam kosztuje kosztują stojí koszt koszty kosztów quota beträgt bedraagt hinta`)

// Endings are words for the end of a month or a year.
var Endings = words(`end ende fin fine final finales fim konce konec końca koniec eind einde slutet slutten slutningen udgangen utgangen finalul sfârșitul`)

// AMonth are words for the month.
var AMonth = words(`måneden månaden month monat monats mois mes mese maand månaden måneden månedens kuukauden měsíce miesiąca hónap mês lunii ay`)

// AYear are words for the year.
var AYear = words(`året year jahres jahr année l'année año anno jaar året vuoden roku év ano anului yıl`)

// Counted are numbers in words.
var Counted = map[string]int{"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "eins": 1, "eine": 1, "einen": 1, "zwei": 2, "drei": 3, "un": 1, "une": 1, "deux": 2, "trois": 3, "uno": 1, "una": 1, "dos": 2, "tres": 3, "due": 2, "tre": 3, "yksi": 1, "kaksi": 2, "kolme": 3, "kahden": 2, "kolmen": 3, "dois": 2, "duas": 2, "três": 3, "twee": 2, "drie": 3, "dwa": 2, "trzy": 3, "två": 2, "tri": 3, "dva": 2, "en": 1, "to": 2}

// Huge are words for millions and more.
var Huge = words(`million millions millionen mio mln milliarden mrd billion billions bn trillion millones milioni miljoen miljoonaa miljoner millioner mrd. miliony milionów`)

// Shortened are words that a point shortens, and does not end a sentence.
var Shortened = words(`reg rég exp aik ord inkl incl excl zzgl exkl norm ovh approx max min bzw etc art tel inc ltd avg est orig prof str jan feb mar apr jun jul
		aug sep sept oct okt nov dec dez déc avr juil janv févr ene abr ago dic gen mag giu lug set ott ord ordin tid resp usw evtl max kpl alk klo sis alv mwst`)

func words(list string) Words {
	set := Words{}
	for w := range strings.FieldsSeq(list) {
		set[w] = true
	}
	return set
}
