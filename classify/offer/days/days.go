// Package days names months, weekdays and days near. It never reads a clock.
package days

import (
	"strings"
	"time"
)

// Month gives the month that a word in lower case names, 0 if none.
func Month(low string) time.Month { return months[low] }

// Weekday counts from Sunday, which is 1, so that 0 means that a word in lower case
// names none.
func Weekday(low string) time.Weekday { return weekdays[low] }

// Near gives 1 for today, 2 for tomorrow, 0 for any other word in lower case.
func Near(low string) int { return near[low] }

// months are names and abbreviations in English, German, French, Spanish,
// Italian, Dutch, Finnish, Swedish, Danish, Norwegian and Portuguese.
var months = names[time.Month](
	`january jan januar januari janvier janv enero ene gennaio gen tammikuuta tammikuun jänner janeiro ledna leden stycznia styczeń stycz január janeiro ianuarie ian ocak ocağa`,
	`february feb februar februari février févr febrero febbraio helmikuuta helmikuun fevereiro února únor lutego luty február febr fevereiro februarie şubat`,
	`march mar märz mars marzo maart maaliskuuta maaliskuun marts março mrz března březen marca marzec március márc março martie mart`,
	`april apr avril avr abril abr aprile huhtikuuta huhtikuun dubna duben kwietnia kwiecień április ápr abril aprilie nisan`,
	`may mai mayo maggio mag mei toukokuuta toukokuun maj maio května květen maja május máj maio mayıs`,
	`june jun juni juin junio giugno giu kesäkuuta kesäkuun junho června červen czerwca czerwiec június jún junho iunie haziran`,
	`july jul juli juillet juil julio luglio lug heinäkuuta heinäkuun julho července červenec lipca lipiec július júl julho iulie temmuz`,
	`august aug août aout agosto ago augustus elokuuta elokuun augusti agosto srpna srpen sierpnia sierpień augusztus aug ağustos`,
	`september sep sept septembre septiembre settembre set syyskuuta syyskuun setembro září września wrzesień szeptember szept setembro septembrie eylül`,
	`october oct oktober okt octobre octubre ottobre ott lokakuuta lokakuun outubro října říjen października październik október outubro octombrie ekim`,
	`november nov novembre noviembre marraskuuta marraskuun novembro listopadu listopad listopada listopad november novembro noiembrie kasım`,
	`december dec dezember dez décembre déc diciembre dic dicembre joulukuuta joulukuun desember des dezembro prosince prosinec grudnia grudzień december dezembro decembrie aralık`,
)

// weekdays are counted from Sunday, which is 1, so that 0 means none.
var weekdays = names[time.Weekday](
	`sunday sun sonntag so dimanche domingo domenica zondag sunnuntaihin sunnuntai sunnuntaina söndag søndag neděle neděli neděli niedziela niedzieli niedzielę vasárnap vasárnapig domingo duminică pazar`,
	`monday mon montag mo lundi lunes lunedì maandag maanantaihin maanantai måndag mandag pondělí poniedziałek poniedziałku hétfő hétfőig segunda-feira luni pazartesi`,
	`tuesday tue tues dienstag di mardi martes martedì dinsdag tiistaihin tiistai tisdag tirsdag úterý wtorek wtorku kedd keddig terça marți salı`,
	`wednesday wed mittwoch mi mercredi miércoles mercoledì woensdag keskiviikkoon keskiviikko onsdag středa středy środa środy szerda szerdáig quarta miercuri çarşamba`,
	`thursday thu thurs donnerstag do jeudi jueves giovedì donderdag torstaihin torstai torsdag čtvrtek čtvrtka czwartek czwartku csütörtök csütörtökig quinta joi perşembe`,
	`friday fri freitag fr vendredi viernes venerdì vrijdag perjantaihin perjantai fredag pátek pátku piątek piątku péntek péntekig sexta vineri cuma`,
	`saturday sat samstag sa sonnabend samedi sábado sabato zaterdag lauantaihin lauantai lördag lørdag sobota soboty sobotę szombat szombatig sâmbătă cumartesi`,
)

// near are today (1) and tomorrow (2).
var near = names[int](
	`today tonight heute aujourd hoy oggi stasera vandaag vanavond tänään idag ikväll dnes dziś dzisiaj hoje azi bugün`,
	`tomorrow morgen demain mañana domani huomiseen huomenna imorgon imorgen zítra jutro amanhã mâine yarın`,
)

// names numbers the words of each list from 1.
func names[T ~int](lists ...string) map[string]T {
	out := make(map[string]T)
	for i, list := range lists {
		for name := range strings.FieldsSeq(list) {
			if _, seen := out[name]; !seen {
				out[name] = T(i + 1)
			}
		}
	}
	return out
}

// Lasts reports a word in lower case for a length of time of a day or more: a
// number before it counts no things.
func Lasts(low string) bool { return lasting[low] > 0 }

// Day reports a word in lower case for days.
func Day(low string) bool { return lasting[low] == 1 }

// lasting are days (1), weeks (2), months (3), years (4) and nights (5).
var lasting = names[int](
	`day days tag tage tagen jour jours día días giorno giorni dag dagen päivä päivää päivän dagar dage dager dia dias dzień dni den dny dní nap napig zi zile gün`,
	`week weeks woche wochen semaine semaines semana semanas settimana settimane weken viikko viikkoa vecka veckor uge uger uke uker tydzień tygodnie tygodni týden týdny týdnů hét`,
	`month months mo mos monat monate monaten mois mes meses mese mesi maand maanden mnd kk kuukausi kuukautta mån månad månader md mdr måned måneder mies miesiąc miesiące miesięcy měsíc měsíce měsíců hó hónap mês luni ay`,
	`year years yr yrs jahr jahre jahren an ans année años año anno anni jaar vuosi vuotta år rok lata lat let év ano anos ani yıl`,
	`night nights nacht nächte nuit nuits noche noches notte notti nachten yö yötä natt nätter nat nætter netter noite noites noc noce nocy nocí`,
)
