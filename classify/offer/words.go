package offer

import "strings"

// role is what a phrase says of the amount or date near it. The roles are bits,
// since a phrase may say several things.
type role uint32

const (
	was       role = 1 << iota // before an amount: the old price
	wasPast                    // after an amount: the old price (Finnish)
	now                        // before an amount: the price
	from                       // before an amount: the lowest price
	upTo                       // before a percent or an amount off
	off                        // after a percent or amount: it is taken off
	save                       // before a percent or amount: it is taken off
	over                       // before an amount: what must be spent
	spend                      // after an amount: what must be spent
	never                      // before an amount: a sum, fee or tax, no offer
	other                      // after a percent: a share, rate or growth, no discount
	code                       // before a code
	password                   // before "code": not one for a shop
	ends                       // before a date: the offer's end, if there is an offer
	endsSure                   // before a date: an end for certain
	endsPast                   // after a date: its end (Finnish)
	sale                       // speaks of selling
	checkout                   // where a code is entered
	ship                       // delivery: what is said of it is no price of a thing
	monthly                    // after an amount: one of several payments
	lowest                     // before an amount: the lowest price of late
	beforeDay                  // before a date: the day before is the last
	today                      // it ends today
	weekend                    // it ends on Sunday
	half                       // half the price
	second                     // the second thing, of which alone something is said
	free                       // for nothing
	receipt                    // speaks of what was bought or is owed
	value                      // after an amount: it is given, not asked
	varan                      // after a percent: at most so much (Turkish)
)

// cues are the phrases, lower case, words separated by blanks, apostrophes and
// hyphens left out; several of one role are separated by commas.
var cues = table(map[role]string{
	was: `was,reg,regular,regularly,originally,instead of,rather than,list price,rrp,msrp,retail,retail price,previously,before,
statt,uvp,vorher,bisher,ehemals,anstatt,anstelle von,früher,normalpreis,originalpreis,au lieu de,prix conseillé,prix barré,avant,
antes,en lugar de,en vez de,precio anterior,invece di,anziché,prima,listino,prezzo di listino,adviesprijs,in plaats van,normaal,em vez de,zamiast,вместо,
ovh,norm,ennen,tidigare,ord,ordinarie,ord pris,ordinarie pris,i stället för,istället för,i stedet for,istedenfor,før,førpris,veil,were,usual price,usually,usual,mrp,m r p,míst,místo,původně,původní cena,běžná cena,běžně,zamiast,cena regularna,poprzednia cena,stara cena,eredeti ár,eredetileg,tidigare pris,ordinær pris,vanlig pris,normal pris,în loc de,preț vechi,preț întreg,通常価格,定価,参考価格,原価,anstelle,bisheriger preis,alter preis,prix habituel,prix d origine,prix initial,ancien prix,precio habitual,precio original,prezzo originale,prezzo pieno,oude prijs,preço normal,preço anterior,eski fiyat,eski fiyatı,aiemmin,normaalihinta,normaalisti,
regular price,original price,orig,list,normally,normal price,full price,compare at,comparable value,old price,prev,price before,down from,reduced from,
marked down from,elsewhere,listenpreis,regulär,regulärer preis,vormals,unverb preisempfehlung,ursprünglich,katalogpreis,prix normal,prix public,était,precio normal,pvp,
pvpr,precio de lista,al posto di,prezzo precedente,era,prezzo consigliato,normale prijs,eerst,ipv,i p v,winkelprijs,voorheen,förr,normalpris,
rek pris,rekommenderat pris,innan,vejl,vejl pris,vejledende pris,oprindelig pris,tidligere,tidligere pris,veil pris,veiledende pris,opprinnelig pris,norm hinta,alkuperäinen hinta,
suositushinta,aikaisemmin,było,cena katalogowa,wcześniej,sugerowana cena,cena przed,cena przed obniżką,dříve,doporučená cena,katalogová cena,před slevou,stará cena,régi ár,
korábbi ár,listaár,preço original,prp,redus de la,preț inițial,önceki fiyat,liste fiyatı,通常,元値,希望小売価格,メーカー希望小売価格,정가,было,
старая цена,замість`,
	wasPast: `sijaan,sijasta,helyett,yerine`,
	now: `now,only,just,jetzt,nur,für nur,maintenant,seulement,ahora,solo,sólo,ora,adesso,nu,nyt,vain,endast,bara,kun,nå,special price,sale price,nur noch,bloß,cena,cena promocyjna,nyní,teď,most,csak,agora,apenas,acum,şimdi,şimdi sadece,hinta,pris,prix,prezzo,precio,preço,price,price now,endpreis,aktionspreis,today s price,
today,our price,your price,sale,deal price,deal,offer price,jetzt nur,jetzt ab,aktion,angebotspreis,unser preis,prix promo,prix soldé,
à seulement,precio oferta,precio final,prezzo scontato,scontato,a soli,a solo,actieprijs,nu voor,voor maar,slechts,nu från,nupris,kampanjpris,
tilbudspris,rea pris,reapris,tarjoushinta,hintaan,tylko,teraz,cena po rabacie,akční cena,po slevě,jen,akciós ár,por apenas,por só,
preço promocional,preț redus,preț nou,特価,セール価格,販売価格,
soit,yours for`,
	from: `from,starting at,starting from,as low as,ab,schon ab,ab nur,à partir de,dès,desde,a partir de,a partire da,da,vanaf,alkaen,alk,från,fra,od,už od,již od,a partir de,de la,starting,prices from,priced from,début à,à partir,
v a,va,fr,fr o m,f o m`,
	upTo: `up to,bis zu,jusqu à,jusqu a,jusqu’à,hasta un,hasta el,hasta,fino a,fino al,tot,tot wel,jopa,upp till,opp til,opptil,op til,até,akár,až,až o,aż do,nawet do,până la,最大,opp mot,upp till,op til,maximal`,
	off | save | sale: `discount,rabatt,rabatte,rabais,remise,réduction,réductions,reduction,descuento,descuentos,dto,dcto,rebaja,sconto,sconti,
korting,alennus,alennusta,alennuksen,ale,rabat,desconto,desc,sleva,kedvezmény,zniżki,скидка,nachlass,preisnachlass,reduziert,markdown,offre,slevy,slevou,slevu,zniżka,zniżkę,zniżką,rabatu,rabatem,kedvezménnyel,kedvezményt,reducere,reduceri,indirim,indirimi,indirimler,indirimli,할인,割引き,alennuksella,alella,avslag,rabatten,korting op`,
	off: `off,cheaper,günstiger,billiger,sparen,gespart,moins cher,menos,in meno,goedkoper,gratis dazu,オフ,割引,taniej,levnější,olcsóbb,halvempi,billigere,rabattert,オフ,引き,割,extra,offerts`,
	save: `save,saves,you save,spare,spar,sparen sie,ersparnis,économisez,ahorra,ahorre,risparmia,bespaar,säästä,spara,sparer,sparst,du sparst,ihr spart,poupe,economize,ušetříte,ušetřete,oszczędzasz,oszczędź,zaoszczędź,megtakarítás,säästät,du sparar,du sparer,vous économisez,te ahorras,bespaart,jij bespaart,économie,ahorro,risparmi,risparmio,extra,an extra,another,additional,an additional,weitere,zusätzlich,encore,
sparen,sie sparen`,
	over: `over,above,orders over,orders of,order of,purchase of,purchases over,purchases of,spend,when you spend,minimum,min,mindestbestellwert,
ab einem einkauf von,ab einem bestellwert von,bestellwert von,einkaufswert von,über,d achat de,supérieur à,supérieure à,más de,superiores a,superiore a,oltre,boven,yli,över,minst,för minst,när du handlar för,handlar för,ved køb for,ved køb over,ved kjøp over,vanaf een besteding van,bij besteding vanaf,bij besteding van,bij aankoop vanaf,bij aankopen vanaf,przy zakupach za,przy zakupach od,przy zakupie za,powyżej,při nákupu nad,při nákupu od,nad,nákupu nad,a partir de compras de,em compras acima de,compras acima de,acima de,peste,la comenzi de peste,a vásárlás felett,felett,ab einem bestellwert,ab einkauf von,per ordini superiori a,per acquisti superiori a,su ordini superiori a,spesa minima,d achat minimum,yli,when you spend over,on orders over,orders above`,
	spend: `bestellwert,einkaufswert,mindestbestellwert,einkauf,warenkorb,d achat,d achats,achat,de compra,compra,di spesa,spesa,besteding,or more,and up,minimum,d achats minimum,einkaufswert,ostoksista,ostoksiin,ostoksesta,felett,feletti,以上,üzeri,üzeri alışverişlerde,ve üzeri,of meer,eller mer,ou plus,o más,oder mehr,tai enemmän`,
	never: `total,totals,subtotal,grand total,order total,amount,amount due,balance,tax,vat,fee,fees,paid,charged,payment,due,invoice,refund,refunded,deposit,
salary,shipping,delivery,postage,account,credited,gesamt,gesamtbetrag,gesamtsumme,summe,zwischensumme,betrag,rechnungsbetrag,endbetrag,mwst,ust,versand,versandkosten,
gebühr,bezahlt,rechnung,guthaben,erstattung,montant,sous total,tva,frais,livraison,facture,payé,solde,importe,iva,envío,pagado,factura,saldo,
totale,importo,spedizione,fattura,pagato,totaal,bedrag,btw,verzendkosten,factuur,betaald,yhteensä,summa,alv,toimitus,lasku,moms,frakt,faktura,spend over,worth,revenue,loss,fine,debt,
raise,raised,raising,goal,goal of,donate,donating,donation,donation of,contribute,contribution,chip in,short of,spende,spenden,awarding,earns,earned,úhradě,k úhradě,splátka,vyúčtování,kwotę,kwota,przelew,kwocie,do zapłaty,należność,fizetendő,összeg,számla,valor de,no valor de,fatura,faktura,beløp,att betala,å betale,at betale,belopp,bedraget,rachunek,tutarı,tutar,toplam,결제금액,合計,お支払い,請求額,kontostand,saldot,salda,sald,prélèvement,cargaremos,cobro,bonifico,addebito,anzahlung,kaution,acompte,caution,fianza,udbetaling,rata,rata da,raty,emi,emi from,payments of,instalments of,installments of,cuotas de,sin intereses de,intereses de,mensualités de,rate da,splátky,per month,pro monat,taksit,points,punkte,bonuspunkte,cashback,cash back,gift card,gutschein im wert von,im wert von,valued at,d une valeur de,valeur,por valor de,ter waarde van,värde,värt,arvo,arvoltaan,
then,danach,anschließend,puis,ensuite,luego,después,poi,daarna,därefter,sedan,derefter,deretter,sitten,
sen jälkeen,potem,poté,depois,apoi,sonra`,
	other: `of,cotton,baumwolle,coton,algodón,cotone,katoen,puuvillaa,wool,wolle,polyester,leather,linen,silk,interest,apr,apy,zinsen,zins,taux,interés,interesse,rente,korko,
faster,more,less,better,longer,higher,lower,fewer,growth,increase,decrease,mehr,weniger,schneller,besser,der,des,plus,moins,battery,charged,alcohol,vol,abv,humidity,
chance,probability,complete,completed,full,recycled,natural,organic,satisfaction,effective,juice,arabica,cacao,cocoa,kakao,people,users,respondents,voters,stake,share,tax,vat,mwst,tva,commission,fee`,
	code: `code,promo code,promocode,promotion code,coupon code,coupon,couponcode,discount code,voucher,voucher code,voucher codes,offer code,gutscheincode,gutschein,rabattcode,
aktionscode,vorteilscode,code promo,code avantage,código,código promocional,código de descuento,cupón,codice,codice sconto,codice promo,coupon sconto,kortingscode,actiecode,
vouchercode,koodi,alekoodi,alennuskoodi,koodilla,tarjouskoodi,kampanjkod,rabattkod,rabatkode,rabattkode,kod,kode,промокод,codes,kódem,kód,kódu,kódom,kodem,kodu,koden,koda,kóddal,kuponkód,kuponkóddal,kupon,kuponem,cod,codul,codul promoțional,código de desconto,cupom,クーポンコード,コード,クーポン,쿠폰,쿠폰코드,kodunu,kodu ile,kodla,alennuskoodilla,koodia,med koden,med kod,code réduction,code remise,mit code,mit dem code,with code,using code,using code,enter code,use code,utilise le code,con el cupón,cupon,cupón de descuento,
kodunuz,promokód,slevový kód,slevovým kódem,slevového kódu,kod rabatowy,kodem rabatowym,kodu rabatowego,rabattkoden,rabatkoden,kampanjkoden,tarjouskoodilla,kuponkikoodi,código promo,
código descuento,cod promoțional,codul de reducere,kupon kodu,indirim kodu`,
	password: `verification,verify,security,confirmation,login,log in,sign in,access,passcode,zip,postal,post,area,country,dress,source,qr,bar,error,exit,activation,pin,one time,
otp,tracking,booking,reference,pickup,door,gate,reset,authentication,2fa,morse,building,penal,civil,open,swift,bic,iban,sort,dial,discount no,git,java,python,sample,machine`,
	ends: `until,till,til,through,thru,bis,bis zum,jusqu au,jusqu à,jusqu en,hasta,hasta el,fino al,fino a,fino alle,entro,entro il,tot,tot en met,t m,til og med,till och med,t o m,før,do,do dne,até,até o,até ao,până,până pe,până la,până în,до,t/m,t m,vóór,by`,
	endsSure: `ends,ending,end,expires,expire,expiring,expires on,valid until,valid through,valid thru,valid till,good until,good through,offer ends,sale ends,only until,last day,
gültig bis,gültig bis zum,endet,endet am,läuft ab,einlösbar bis,nur bis,noch bis,nur noch bis,valable jusqu au,valable jusqu à,se termine,se termine le,expire le,prend fin,prend fin le,
válido hasta,válida hasta,termina,termina el,finaliza,vence,caduca,acaba,valido fino al,valida fino al,scade,scade il,termina il,valido entro,
geldig tot,geldig t m,geldig tot en met,eindigt,eindigt op,loopt af,verloopt,päättyy,voimassa,gäller till,giltig till,gælder til,gjelder til,udløber,utløper,slutar,slutter,platí do,akce platí do,sleva platí do,ważna do,ważne do,ważny do,tylko do,oferta ważna do,promocja trwa do,trwa do,gäller t o m,gäller till och med,erbjudandet gäller,gäller till,gyldig til,gyldig til og med,gælder t o m,gælder til og med,gjelder til og med,gjelder t o m,valabil până,valabil până pe,valabilă până,válido até,válida até,oferta válida até,termina em,nur noch bis,noch bis zum,last day,final day,last chance,valable du,valable jusqu en,offre valable,gültig vom,geldig van,offer valid,valid,ends on,on until,läuft bis,läuft noch bis,bestellbar bis,jusqu au,fino al,hasta el,book by,order by,shop by,prévente jusqu au,prévente jusqu’au,do konce,do końca,
good till,must be used by,available until,runs until,runs through,on sale until,closes,now through,now until,order before,redeem by,use by,expires at,ends at,
ends this,aktion bis,spätestens,spätestens bis,gilt bis,gilt noch bis,gültig bis einschließlich,fin le,à utiliser avant le,date limite,dernier jour,offre valable jusqu au,valable jusque,jusqu au dimanche,
último día,oferta válida hasta,vigente hasta,válidas hasta,ultimo giorno,valida fino a,valido fino a,valide fino al,nog tot,nog t m,nog tot en met,actie loopt tot,actie loopt t m,uiterlijk,
laatste dag,sista dag,sista dagen,senast,giltig t o m,giltigt t o m,giltigt till,erbjudandet gäller till,erbjudandet gäller t o m,gælder frem til,gælder indtil,indtil,frem til,senest,
sidste dag,tilbuddet gælder til,gjelder frem til,tilbudet gjelder til,siste dag,viimeinen päivä,viimeistään,obowiązuje do,kończy się,ostatni dzień,oferta do,platnost do,končí,jen do,
akce trvá do,trvá do,poslední den,nejpozději do,lejár,expira,expira em,último dia,vale até,válidas até,expiră,expiră pe,ultima zi,se încheie,
son gün,
gjelder ut,varer ut,gyldig ut,gælder ud`,
	endsPast: `asti,saakka,mennessä,ig,ig érvényes,kadar,まで,a kadar,e kadar,ya kadar,ye kadar,dek,
tarihine kadar,
gününe kadar`,
	sale: `sale,deal,deals,offer,offers,special,clearance,black friday,cyber monday,angebot,angebote,aktion,schlussverkauf,soldes,promo,promotion,promotions,oferta,ofertas,rebajas,
offerta,offerte,saldi,aanbieding,aanbiedingen,uitverkoop,tarjous,tarjoukset,erbjudande,rea,tilbud,udsalg,salg,shop,prices,preise,prix,everything,alles,tout,akce,výprodej,wyprzedaż,promocja,promocje,akció,leárazás,saldos,liquidação,reduceri,indirim,セール,rebajas,soldes,koopjes,ale,alet,udsalget,utsalg,utförsäljning,
order now,order today,order yours,order online,shop now,shop today,buy now,add to cart,pre order,jetzt bestellen,jetzt kaufen,jetzt shoppen,zum shop,zum angebot,commander,commandez,j en profite,achetez,comprar,comprar ahora,
compra ahora,acquista,acquista ora,bestel nu,koop nu,shop nu,tilaa,tilaa nyt,osta nyt,verkkokauppaan,köp nu,beställ nu,handla nu,till butiken,køb nu,bestil nu,kjøp nå,bestill nå,kup teraz,zamów,zamów teraz,objednat,koupit,
rendeld meg,vásárolj,compre agora,comandă acum,satın al,hemen al,ご購入,今すぐ購入`,
	ship: `shipping,delivery,postage,versand,versandkosten,versandkostenfrei,lieferung,livraison,frais de port,port offert,envío,envíos,gastos de envío,spedizione,spedizioni,consegna,
verzending,verzendkosten,bezorging,toimitus,toimituskulut,postikulut,frakt,fraktfritt,fragt,levering,leverans,doprava,dopravu,poštovné,dostawa,dostawy,dostawę,wysyłka,szállítás,kiszállítás,
frete,entrega,portes,livrare,transport,kargo,送料,送料無料,배송,배송비`,
	monthly: `month,a month,per month,mo,monat,im monat,pro monat,monatlich,mtl,mois,par mois,mes,al mes,mese,al mese,maand,per maand,kk,kuukausi,kuukaudessa,mån,månad,i månaden,per månad,md,måned,
pr måned,per måned,miesięcznie,mies,měsíčně,hó,havonta,mês,por mês,lună,pe lună,ay,kg,kilo,per kg,le kilo,je kg,pro kg,al kg,al kilo,el kilo,100 g,litre,liter,per hour,an hour,pro stunde,a week,x,payments`,
	lowest: `lowest price,lowest price in,niedrigster preis,niedrigster preis der letzten,tiefster preis,prix le plus bas,prix le plus bas des,precio más bajo,prezzo più basso,laagste prijs,
najniższa cena,najniższa cena z,nejnižší cena,nejnižší cena za,legalacsonyabb ár,lägsta pris,laveste pris,alin hinta,alin hinta 30 päivän,preço mais baixo,cel mai mic preț`,
	beforeDay: `before,vor dem,avant le,antes del,antes de,prima del,vóór,före den,före,ennen,před,przed,inden,innen den,înainte de`,
	today: `today only,only today,just today,for today only,one day only,for one day only,24 hours only,nur heute,heute nur,nur noch heute,nur an diesem tag,aujourd hui seulement,seulement aujourd hui,uniquement aujourd hui,
aujourd hui uniquement,ce soir,ce soir seulement,solo hoy,sólo hoy,hoy solo,únicamente hoy,solo oggi,solo per oggi,oggi soltanto,solo stasera,alleen vandaag,enkel vandaag,vandaag alleen,vain tänään,tänään vain,vain tämän päivän,
kun i dag,kun i aften,bare i dag,bare i kveld,bare idag,bara idag,bara i dag,endast idag,endast i dag,jen dnes,pouze dnes,tylko dziś,tylko dzisiaj,dziś tylko,só hoje,somente hoje,apenas hoje,csak ma,numai azi,doar azi,
sadece bugün,bugüne özel,本日限り,本日のみ,今日だけ,오늘만,last day today,ends today,ends tonight,tonight only,letzter tag,heute endet`,
	weekend: `this weekend only,weekend only,this weekend,all weekend,all weekend long,dieses wochenende,nur am wochenende,nur dieses wochenende,am wochenende,ce week end,ce weekend,seulement ce week end,este fin de semana,solo este fin de semana,
questo weekend,questo fine settimana,solo questo weekend,dit weekend,alleen dit weekend,tänä viikonloppuna,vain tänä viikonloppuna,i helgen,bara i helgen,denne weekend,kun denne weekend,i weekenden,w ten weekend,tylko w ten weekend,tento víkend,
o víkendu,ezen a hétvégén,neste fim de semana,no fim de semana,în acest weekend,bu hafta sonu,今週末,
denne helgen,kun denne helgen,hele helgen,endast i helgen,denna helg,bara denna helg,hela helgen,i denne weekend,dit hele weekend,het hele weekend,das ganze wochenende,tout le week end`,
	half: `half price,half the price,half off,at half price,halber preis,halben preis,zum halben preis,hälfte des preises,zur hälfte,à moitié prix,moitié prix,a mitad de precio,mitad de precio,a metà prezzo,metà prezzo,halve prijs,
voor de halve prijs,helft van de prijs,de helft van de prijs,puoleen hintaan,puoli hintaan,puolet hinnasta,halva priset,halva pris,halv pris,halve pris,halve prisen,za pół ceny,pół ceny,połowę ceny,za polovinu,za poloviční cenu,poloviční cena,
fél áron,félár,félárú,metade do preço,a metade do preço,la jumătate de preț,jumătate de preț,yarı fiyatına,yarı fiyat,半額,반값`,
	second: `second,2nd,the second,zweite,zweiten,zweites,das zweite,2te,deuxième,le deuxième,second article,2ème,2e,segunda,segundo,segunda unidad,segunda unidade,2ª,secondo,seconda,il secondo,tweede,2de,toinen,toisen,toisesta,andra,andre,
anden,drugi,druga,drugą,druhý,druhá,druhou,második,másodikra,al doilea,ikinci,2点目,두번째`,
	free: `free,for free,gratis,kostenlos,umsonst,offert,gratuit,gratuite,gratuits,de regalo,gratuito,in omaggio,omaggio,ilmaiseksi,ilmainen,kaupan päälle,på köpet,zdarma,za darmo,gratisowo,ingyen,grátis,gratuită,bedava,ücretsiz,無料,무료`,
	receipt: `invoice,receipt,your order,order confirmation,order number,booking confirmation,booking,statement,account statement,payment received,direct debit,payslip,salary,quote,estimate,mortgage,refund,
rechnung,rechnungsnummer,auftragsbestätigung,bestellbestätigung,bestellung,ihre bestellung,buchung,buchungsbestätigung,kontoauszug,kontostand,lastschrift,überweisung,zahlungseingang,mahnung,kostenvoranschlag,
facture,votre commande,commande,devis,relevé,relevé de compte,prélèvement,virement,échéance,quittance,factura,su pedido,tu pedido,pedido,recibo,extracto,cargo en cuenta,aviso de cobro,presupuesto,
fattura,il tuo ordine,ordine,ricevuta,estratto conto,mutuo,bonifico,preventivo,factuur,je bestelling,uw bestelling,bestelling,rekeningafschrift,afschrift,incasso,offerte aanvraag,
lasku,tilausvahvistus,tilauksesi,tilaus,kuitti,tiliote,maksu,faktura,kvitto,orderbekräftelse,din beställning,bokningsbekräftelse,bokning,kontoutdrag,autogiro,ordrebekræftelse,din ordre,ordre,kvittering,
kontoudtog,ordrebekreftelse,bestilling,kontoutskrift,faktury,przelew,przelewu,zamówienie,twoje zamówienie,potwierdzenie,paragon,wyciąg,vyúčtování,objednávka,vaše objednávka,účtenka,výpis,számla,rendelés,rendelésed,
fatura,encomenda,recibo,comprovante,boleto,comanda,factura,chitanță,faturanız,siparişiniz,sipariş,fiş,dekont,領収書,ご注文,注文,請求,주문,결제,청구,
has shipped,shipped,have shipped,dispatched,on its way,tracking,track your parcel,shares,stocks,shares of,traded,nasdaq,dow,unterwegs,
versandt,verschickt,sendungsverfolgung,aktie,aktien,überweisen,überweise,expédié,expédiée,colis,actions,enviado,acciones,spedito,
azioni,verzonden,onderweg,aandelen,skickats,på väg,aktier,sendt,afsendt,aksjer,lähetetty,matkalla,osakkeet,wysłane,
w drodze,akcje spółki,odesláno,na cestě,feladtuk,részvény,enviada,expediat,kargoya verildi,発送,出荷,배송,withdrawal,deposit received,
reminder,overdue,due date,eräpäivä,förfallodag,forfall,forfaldsdato,vervaldatum,fällig,fällig am,échéance le,vencimiento,scadenza,
termin płatności,splatnost,esedékes,vencimento,scadența,son ödeme,
medlemsavgift,medlemsavgiften,avgift,avgiften,nachzahlung,abschlag,beitrag,mitgliedsbeitrag,jahresbeitrag,contributie,boete,cotisation,cuota,cuota anual,
quota associativa,jäsenmaksu,kontingent,kontingentet,membership fee,membership fees,dues,rent,miete,loyer,alquiler,affitto,huur,hyra,
vuokra,czynsz,nájem,husleie,husleje,regning,regningen,betales,du betaler,estimert,fine,parking,multa,amende,
strafzettel,spende,donation,erlös,insamling,innsamling,keräys`,
	value: `gift card,gift cards,giftcard,voucher,vouchers,e gift card,credit,store credit,cash back,cashback,back,bonus,in points,points,reward,rewards,gift,gutschein,geschenkkarte,guthaben,bonuspunkte,bon d achat,
carte cadeau,chèque cadeau,cagnottés,tarjeta regalo,tarjeta de regalo,vale,buono,buono regalo,cadeaubon,cadeaukaart,tegoed,lahjakortti,lahjakortin,presentkort,presentkortet,gavekort,gavekortet,bon podarunkowy,
dárkový poukaz,poukaz,ajándékkártya,utalvány,vale presente,cartão presente,card cadou,hediye çeki,ギフトカード,ギフト券,ポイント`,
	varan:    `varan,a varan,e varan,ye varan,ya varan,a kadar,e kadar,ye kadar,ya kadar`,
	checkout: `checkout,at checkout,kasse,warenkorb,panier,carrito,carrello,winkelwagen,kassalla,kassan,w koszyku,v košíku,na kasse,i kassen,kassassa,nel carrello,en caja,la finalizare`,
})

// longest is the number of words in the longest phrase.
const longest = 6

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
