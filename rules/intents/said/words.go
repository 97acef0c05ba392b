package said

import "strings"

// set makes a look-up of phrases that commas part.
func set(list string) map[string]bool {
	s := map[string]bool{}
	for p := range strings.SplitSeq(list, ",") {
		s[strings.Join(strings.Fields(p), " ")] = true
	}
	return s
}

// What people say before and behind an amount, a percentage, a day or a brand.
var (
	unders = set(`under, below, less than, for less than, for under, cheaper than, no more than, not more than, at most, up to, max, max.,
		maximum, not over, <, <=, ≤, unter, für unter, höchstens, maximal, weniger als, bis zu, bis, moins de, à moins de, pour moins de,
		de moins de, pas plus de, jusqu'à, maximum de, menos de, por menos de, hasta, máximo, como máximo, meno di, a meno di, fino a, massimo, sotto, alle,
		enintään, korkeintaan, under, högst, för under, max, onder, onder de, minder dan, poniżej, do, abaixo de, até, på højst, højst`)
	overs = set(`no cheaper than, not cheaper than, no less than, not less than, not under, not below, nicht unter, nicht weniger als, pas moins de,
		no menos de, over, above, more than, at least, from, starting at, >, >=, ≥, über, ab, mindestens, mehr als, plus de, au moins, à partir de,
		más de, al menos, desde, oltre, almeno, più di, yli, vähintään, alkaen, över, minst, vanaf, boven, powyżej, od`)
	articles = set(`i, the, los, las, les, die, gli, l'`)
	periods  = set(`month, mo, monat, mois, mes, mese, mês, kk, mån, md, maand, year, yr, jahr, week, day, night, nacht, person`)
	each     = set(`per night, per person, per month, per day, per year, per week, per piece, a night, a month, a piece, each, pro nacht, pro person, pro stück,
		par nuit, par personne, por noche, a notte, per nacht, per natt, yöltä`)
	orLess   = set(`or less, or under, or below, or cheaper, max, max., maximum, at most, tops, oder weniger, maximal, ou moins, maximum, o menos, tai alle, eller mindre`)
	betweens = set(`between, zwischen, entre, tra, fra, mellan, mellem, mellom, tussen, from, von, de`)
	ands     = set(`and, to, und, bis, et, à, y, a, e, och, og, en, -, –`)

	atLeast = set(`at least, at least a, with at least, min, min., minimum, with, a discount of at least, discount of at least, a discount of, discount of, ab,
		mindestens, mit mindestens, mit, um, um mindestens, au moins, avec au moins, avec, al menos, por lo menos, con, con al menos, almeno, con almeno,
		vähintään, ainakin, minst, med minst, med, minstens, met minstens, met, przynajmniej, co najmniej, pelo menos, more than, over`)
	discounted = set(`a discount of at least, discount of at least, a discount of, discount of`)
	percents   = set(`%, percent, prozent, pour cent, por ciento, prosenttia, procent, prosent`)
	offs       = set(`off, discount, off the price, reduced, reduction, cheaper, rabatt, reduziert, nachlass, günstiger, de réduction, de remise,
		de rabais, réduction, remise, de descuento, descuento, di sconto, sconto, alennus, alennuksella, alennuksessa, alennusta, ale, korting, zniżki,
		taniej, rabatu, de desconto, desconto, rabat, avslag`)
	orMore = set(`or more, or better, oder mehr, ou plus, o más, o più, tai enemmän, eller mer, of meer, ou mais`)
	halves = set(`half price, at half price, half-price, zum halben preis, à moitié prix, moitié prix, a mitad de precio, a metà prezzo, puoleen hintaan, till halva priset, halva priset`)

	untils = set(`until, till, up to, before, by, no later than, not after, bis, bis zu, bis zum, bis zur, spätestens, vor, jusqu'à, jusqu'au, jusqu'en, avant,
		avant le, hasta, hasta el, antes de, fino a, fino al, entro, tills, till, fram till, tot, tot en met, indtil, inntil, do, até, até ao`)
	plainUntils = set(`until, till, bis zum, jusqu'à, jusqu'au, hasta, fino a, tills`) // that hardly mean anything else
	behinds     = set(`asti, saakka, mennessä`)
	codes       = set(`with code, with a code, with discount code, with a discount code, with a coupon, with a coupon code, with a promo code, with promo code, with a voucher,
		with a voucher code, mit code, mit einem code, mit gutscheincode, mit gutschein, mit rabattcode, avec code, avec un code, avec un code promo, avec code promo,
		con código, con un código, con codice, con codice sconto, con un codice sconto, alennuskoodilla, med rabattkod, med kod, met kortingscode, met code`)
	froms     = set(`from, by, von, vom, bei, chez, de chez, från, fra, hos, bij, van`)
	turnsFrom = set(`not, nothing, no, except, apart, free, nicht, nichts, but`)
	eithers   = set(`or, oder, ou, o, tai, eller, of, lub, and, und, et`)
	onlys     = set(`only, nur, ausschließlich, uniquement, seulement, sólo, solo, solamente, soltanto, vain, ainoastaan, bara, endast, alleen, uitsluitend, kun, tylko, apenas`)
	leading   = set(`but, and, aber, und, mais, et, pero, y, ma, och, men, ja, mutta, maar`)
	months    = strings.Fields("january february march april may june july august september october november december")
)

// currency words currencies as codes.
var currency = strings.NewReplacer(" euroa ", " EUR ", " euroon ", " EUR ", " euro ", " EUR ", " euros ", " EUR ", " dollars ", " USD ", " dollar ", " USD ",
	" bucks ", " USD ", " pounds ", " GBP ", " quid ", " GBP ", " franken ", " CHF ", " kronor ", " kr ", " kroner ", " kr ", ":- ", " SEK ", "eur ", " EUR ")

// feasts are days of more than one word.
var feasts = strings.NewReplacer("christmas eve", "24 december", "new year's eve", "31 december", "the new year", "1 january", "new year", "1 january",
	"ende des jahres", "end of year", "la fin de l'année", "end of year", "fin de año", "end of year")

// days gives the words by which a calendar knows a day, "" for what it needs not.
var days = func() map[string]string {
	m := map[string]string{"the": "", "le": "", "el": "", "il": "", "den": "", "dem": "", "zum": "", "de": "", "di": "", "del": "",
		"xmas": "christmas", "weihnachten": "christmas", "heiligabend": "24 december", "noël": "christmas", "navidad": "christmas", "natale": "christmas",
		"natal": "christmas", "jouluun": "christmas", "joulu": "christmas", "jouluksi": "christmas", "jul": "christmas", "kerst": "christmas", "kerstmis": "christmas",
		"ende": "end of", "fin": "end of", "fine": "end of", "finales": "end of", "anfang": "beginning of", "début": "beginning of", "jahresende": "end of year",
		"frühling": "spring", "frühjahr": "spring", "sommer": "summer", "herbst": "autumn", "été": "summer", "printemps": "spring", "hiver": "winter",
		"verano": "summer", "primavera": "spring", "kesään": "summer", "kevääseen": "spring", "morgen": "tomorrow", "demain": "tomorrow"}
	for _, list := range []string{
		"januar februar märz april mai juni juli august september oktober november dezember",
		"janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
		"enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
		"gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
		"tammikuun helmikuun maaliskuun huhtikuun toukokuun kesäkuun heinäkuun elokuun syyskuun lokakuun marraskuun joulukuun",
		"tammikuuhun helmikuuhun maaliskuuhun huhtikuuhun toukokuuhun kesäkuuhun heinäkuuhun elokuuhun syyskuuhun lokakuuhun marraskuuhun joulukuuhun",
		"januari februari mars april maj juni juli augusti september oktober november december",
		"januari februari maart april mei juni juli augustus september oktober november december",
	} {
		for n, w := range strings.Fields(list) {
			m[w] = months[n]
		}
	}
	for _, w := range months {
		m[w] = w
	}
	return m
}()
