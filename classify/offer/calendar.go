package offer

import (
	"strings"
	"time"
)

// months are names and abbreviations in English, German, French, Spanish,
// Italian, Dutch, Finnish, Swedish, Danish, Norwegian and Portuguese.
var months = names[time.Month](
	`january jan januar januari janvier janv enero ene gennaio gen tammikuuta tammikuun jänner janeiro`,
	`february feb februar februari février févr febrero febbraio helmikuuta helmikuun fevereiro`,
	`march mar märz mars marzo maart maaliskuuta maaliskuun marts março mrz`,
	`april apr avril avr abril abr aprile huhtikuuta huhtikuun`,
	`may mai mayo maggio mag mei toukokuuta toukokuun maj maio`,
	`june jun juni juin junio giugno giu kesäkuuta kesäkuun junho`,
	`july jul juli juillet juil julio luglio lug heinäkuuta heinäkuun julho`,
	`august aug août aout agosto ago augustus elokuuta elokuun augusti agosto`,
	`september sep sept septembre septiembre settembre set syyskuuta syyskuun setembro`,
	`october oct oktober okt octobre octubre ottobre ott lokakuuta lokakuun outubro`,
	`november nov novembre noviembre marraskuuta marraskuun novembro`,
	`december dec dezember dez décembre déc diciembre dic dicembre joulukuuta joulukuun desember des dezembro`,
)

// weekdays are counted from Sunday, which is 1, so that 0 means none.
var weekdays = names[time.Weekday](
	`sunday sun sonntag so dimanche domingo domenica zondag sunnuntaihin sunnuntai sunnuntaina söndag søndag`,
	`monday mon montag mo lundi lunes lunedì maandag maanantaihin maanantai måndag mandag`,
	`tuesday tue tues dienstag di mardi martes martedì dinsdag tiistaihin tiistai tisdag tirsdag`,
	`wednesday wed mittwoch mi mercredi miércoles mercoledì woensdag keskiviikkoon keskiviikko onsdag`,
	`thursday thu thurs donnerstag do jeudi jueves giovedì donderdag torstaihin torstai torsdag`,
	`friday fri freitag fr vendredi viernes venerdì vrijdag perjantaihin perjantai fredag`,
	`saturday sat samstag sa sonnabend samedi sábado sabato zaterdag lauantaihin lauantai lördag lørdag`,
)

// relative are today (1) and tomorrow (2).
var relative = names[int](
	`today tonight heute aujourd hoy oggi stasera vandaag vanavond tänään idag ikväll`,
	`tomorrow morgen demain mañana domani huomiseen huomenna imorgon`,
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
