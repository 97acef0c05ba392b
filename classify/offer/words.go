package offer

import "strings"

// role is what a phrase says of the amount or date near it. The roles are bits,
// since a phrase may say several things.
type role uint32

const (
	was      role = 1 << iota // before an amount: the old price
	wasPast                   // after an amount: the old price (Finnish)
	now                       // before an amount: the price
	from                      // before an amount: the lowest price
	upTo                      // before a percent or an amount off
	off                       // after a percent or amount: it is taken off
	save                      // before a percent or amount: it is taken off
	over                      // before an amount: what must be spent
	spend                     // after an amount: what must be spent
	never                     // before an amount: a sum, fee or tax, no offer
	other                     // after a percent: a share, rate or growth, no discount
	code                      // before a code
	password                  // before "code": not one for a shop
	ends                      // before a date: the offer's end, if there is an offer
	endsSure                  // before a date: an end for certain
	endsPast                  // after a date: its end (Finnish)
	sale                      // speaks of selling
	checkout                  // where a code is entered
)

// cues are the phrases, lower case, words separated by blanks, apostrophes and
// hyphens left out; several of one role are separated by commas.
var cues = table(map[role]string{
	was: `was,reg,regular,regularly,originally,instead of,rather than,list price,rrp,msrp,retail,retail price,previously,before,
statt,uvp,vorher,bisher,ehemals,anstatt,anstelle von,früher,normalpreis,originalpreis,au lieu de,prix conseillé,prix barré,avant,
antes,en lugar de,en vez de,precio anterior,invece di,anziché,prima,listino,prezzo di listino,adviesprijs,in plaats van,normaal,em vez de,zamiast,вместо,
ovh,norm,ennen,tidigare,ord,ordinarie,ord pris,ordinarie pris,i stället för,istället för,i stedet for,istedenfor,før,førpris,veil`,
	wasPast: `sijaan,sijasta`,
	now:     `now,only,just,jetzt,nur,für nur,maintenant,seulement,ahora,solo,sólo,ora,adesso,nu,nyt,vain,endast,bara,kun,nå,special price,sale price`,
	from:    `from,starting at,starting from,as low as,ab,schon ab,ab nur,à partir de,dès,desde,a partir de,a partire da,da,vanaf,alkaen,alk,från,fra,od`,
	upTo:    `up to,bis zu,jusqu à,jusqu a,jusqu’à,hasta un,hasta el,hasta,fino a,fino al,tot,tot wel,jopa,upp till,opp til,opptil,op til,até`,
	off | save | sale: `discount,rabatt,rabatte,rabais,remise,réduction,réductions,reduction,descuento,descuentos,dto,dcto,rebaja,sconto,sconti,
korting,alennus,alennusta,alennuksen,ale,rabat,desconto,desc,sleva,kedvezmény,zniżki,скидка,nachlass,preisnachlass,reduziert,markdown,offre`,
	off:  `off,cheaper,günstiger,billiger,sparen,gespart,moins cher,menos,in meno,goedkoper,gratis dazu,オフ,割引`,
	save: `save,saves,you save,spare,spar,sparen sie,ersparnis,économisez,ahorra,ahorre,risparmia,bespaar,säästä,spara,sparer`,
	over: `over,above,orders over,orders of,order of,purchase of,purchases over,purchases of,spend,when you spend,minimum,min,mindestbestellwert,
ab einem einkauf von,ab einem bestellwert von,bestellwert von,einkaufswert von,über,dès,d achat de,supérieur à,supérieure à,más de,superiores a,superiore a,oltre,boven,yli,över`,
	spend: `bestellwert,einkaufswert,mindestbestellwert,einkauf,warenkorb,d achat,d achats,achat,de compra,compra,di spesa,spesa,besteding,or more,and up,minimum`,
	never: `total,totals,subtotal,grand total,order total,amount,amount due,balance,tax,vat,fee,fees,paid,charged,payment,due,invoice,refund,refunded,deposit,
salary,shipping,delivery,postage,account,credited,gesamt,gesamtbetrag,gesamtsumme,summe,zwischensumme,betrag,rechnungsbetrag,endbetrag,mwst,ust,versand,versandkosten,
gebühr,bezahlt,rechnung,guthaben,erstattung,montant,sous total,tva,frais,livraison,facture,payé,solde,importe,iva,envío,pagado,factura,saldo,
totale,importo,spedizione,fattura,pagato,totaal,bedrag,btw,verzendkosten,factuur,betaald,yhteensä,summa,alv,toimitus,lasku,moms,frakt,faktura,spend over,worth,revenue,loss,fine,debt,
raise,raised,raising,goal,goal of,donate,donating,donation,donation of,contribute,contribution,chip in,short of,spende,spenden,awarding,earns,earned`,
	other: `of,cotton,baumwolle,coton,algodón,cotone,katoen,puuvillaa,wool,wolle,polyester,leather,linen,silk,interest,apr,apy,zinsen,zins,taux,interés,interesse,rente,korko,
faster,more,less,better,longer,higher,lower,fewer,growth,increase,decrease,mehr,weniger,schneller,besser,der,des,plus,moins,battery,charged,alcohol,vol,abv,humidity,
chance,probability,complete,completed,full,recycled,natural,organic,satisfaction,effective,juice,arabica,cacao,cocoa,kakao,people,users,respondents,voters,stake,share,tax,vat,mwst,tva,commission,fee`,
	code: `code,promo code,promocode,promotion code,coupon code,coupon,couponcode,discount code,voucher,voucher code,voucher codes,offer code,gutscheincode,gutschein,rabattcode,
aktionscode,vorteilscode,code promo,code avantage,código,código promocional,código de descuento,cupón,codice,codice sconto,codice promo,coupon sconto,kortingscode,actiecode,
vouchercode,koodi,alekoodi,alennuskoodi,koodilla,tarjouskoodi,kampanjkod,rabattkod,rabatkode,rabattkode,kod,kode,промокод`,
	password: `verification,verify,security,confirmation,login,log in,sign in,access,passcode,zip,postal,post,area,country,dress,source,qr,bar,error,exit,activation,pin,one time,
otp,tracking,booking,reference,pickup,door,gate,reset,authentication,2fa,morse,building,penal,civil,open,swift,bic,iban,sort,dial,discount no,git,java,python,sample,machine`,
	ends: `until,till,til,through,thru,bis,bis zum,jusqu au,jusqu à,jusqu en,hasta,hasta el,fino al,fino a,fino alle,entro,entro il,tot,tot en met,t m,til og med,till och med,t o m,før`,
	endsSure: `ends,ending,end,expires,expire,expiring,expires on,valid until,valid through,valid thru,valid till,good until,good through,offer ends,sale ends,only until,last day,
gültig bis,gültig bis zum,endet,endet am,läuft ab,einlösbar bis,nur bis,noch bis,nur noch bis,valable jusqu au,valable jusqu à,se termine,se termine le,expire le,prend fin,prend fin le,
válido hasta,válida hasta,termina,termina el,finaliza,vence,caduca,acaba,valido fino al,valida fino al,scade,scade il,termina il,valido entro,
geldig tot,geldig t m,geldig tot en met,eindigt,eindigt op,loopt af,verloopt,päättyy,voimassa,gäller till,giltig till,gælder til,gjelder til,udløber,utløper,slutar,slutter`,
	endsPast: `asti,saakka,mennessä`,
	sale: `sale,deal,deals,offer,offers,special,clearance,black friday,cyber monday,angebot,angebote,aktion,schlussverkauf,soldes,promo,promotion,promotions,oferta,ofertas,rebajas,
offerta,offerte,saldi,aanbieding,aanbiedingen,uitverkoop,tarjous,tarjoukset,erbjudande,rea,tilbud,udsalg,salg,shop,prices,preise,prix,everything,alles,tout`,
	checkout: `checkout,at checkout,kasse,warenkorb,panier,carrito,carrello,winkelwagen,kassalla,kassan`,
})

// longest is the number of words in the longest phrase.
const longest = 5

// table turns the lists into one look-up. A phrase in several lists has all
// their roles.
func table(lists map[role]string) map[string]role {
	out := make(map[string]role)
	for r, list := range lists {
		for phrase := range strings.SplitSeq(list, ",") {
			phrase = strings.Join(strings.Fields(phrase), " ")
			out[phrase] |= r
			// Its beginnings are there too, without a role, so that a look-up stops early.
			for i := range len(phrase) {
				if phrase[i] == ' ' {
					out[phrase[:i]] |= 0
				}
			}
		}
	}
	return out
}

// filter tells cheaply of most words that no phrase begins with them: a bit for
// each hash of a phrase's first word.
type filter [64]uint64

var heads = newFilter(cues)

func newFilter(phrases map[string]role) *filter {
	f := new(filter)
	for p := range phrases {
		p, _, _ = strings.Cut(p, " ")
		h := hash(p)
		f[h/64] |= 1 << (h % 64)
	}
	return f
}

func (f *filter) may(word string) bool {
	h := hash(word)
	return f[h/64]>>(h%64)&1 != 0
}

// hash gives 0 to 4,095 by a word's length and its first, middle and last byte.
func hash(word string) uint32 {
	n := len(word)
	h := uint32(word[0])*31 + uint32(word[n-1])
	h = h*31 + uint32(word[n/2])
	h = h*31 + uint32(n)
	return (h ^ h>>9) % 4096
}

// cue marks the tokens from i on with the role of the longest phrase that
// begins there, and gives how many tokens it took.
func (s *sentence) cue(i int) int {
	s.key = s.key[:0]
	best, taken := role(0), 0
	for k, words := i, 0; k < len(s.t) && words < longest; k++ {
		if s.t[k].kind != word {
			if words == 0 || !s.is(k, "'", "’", "-", "/", ".", "‘") || s.t[k].gap {
				break
			}
			continue
		}
		if words > 0 {
			s.key = append(s.key, ' ')
		}
		s.key = append(s.key, s.t[k].low...)
		words++
		r, ok := cues[string(s.key)]
		if !ok {
			break
		}
		if r != 0 {
			best, taken = r, k+1-i
		}
	}
	for k := i; k < i+taken; k++ {
		s.t[k].role = best
	}
	return max(taken, 1)
}
