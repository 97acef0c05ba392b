// Package cue knows the phrases by which offers are read, in many languages. It never
// looks at what stands between them.
package cue

import "strings"

// Role is what a phrase says of the amount or date near it. The roles are bits,
// since a phrase may say several things.
type Role uint32

const (
	Was       Role = 1 << iota // before an amount: the old price
	WasPast                    // after an amount: the old price (Finnish)
	Now                        // before an amount: the price
	From                       // before an amount: the lowest price
	UpTo                       // before a percent or an amount off
	Off                        // after a percent or amount: it is taken off
	Save                       // before a percent or amount: it is taken off
	Over                       // before an amount: what must be spent
	Spend                      // after an amount: what must be spent
	Never                      // before an amount: a sum, fee or tax, no offer
	Other                      // after a percent: a share, rate or growth, no discount
	Code                       // before a code
	Password                   // before "code": not one for a shop
	Ends                       // before a date: the offer's end, if there is an offer
	EndsSure                   // before a date: an end for certain
	EndsPast                   // after a date: its end (Finnish)
	Sale                       // speaks of selling
	Checkout                   // where a code is entered
	Ship                       // delivery: what is said of it is no price of a thing
	Monthly                    // after an amount: one of several payments
	Lowest                     // before an amount: the lowest price of late
	BeforeDay                  // before a date: the day before is the last
	Today                      // it ends today
	Weekend                    // it ends on Sunday
	Half                       // half the price
	Second                     // the second thing, of which alone something is said
	Free                       // for nothing
	Receipt                    // speaks of what was bought or is owed
	Value                      // after an amount: it is given, not asked
	Varan                      // after a percent: at most so much (Turkish)
	Past                       // speaks of an offer that is over
)

// cues are the phrases, lower case, words separated by blanks, apostrophes and
// hyphens left out; several of one role are separated by commas.
var cues = table(map[Role]string{
	Was: `was,reg,regular,regularly,originally,instead of,rather than,list price,rrp,msrp,retail,retail price,previously,before,
statt,uvp,vorher,bisher,ehemals,anstatt,anstelle von,früher,normalpreis,originalpreis,au lieu de,prix conseillé,prix barré,avant,
antes,en lugar de,en vez de,precio anterior,invece di,anziché,prima,listino,prezzo di listino,adviesprijs,in plaats van,normaal,em vez de,zamiast,вместо,
ovh,norm,ennen,tidigare,ord,ordinarie,ord pris,ordinarie pris,i stället för,istället för,i stedet for,istedenfor,før,førpris,veil,were,usual price,usually,usual,mrp,m r p,míst,místo,původně,původní cena,běžná cena,běžně,zamiast,cena regularna,poprzednia cena,stara cena,eredeti ár,eredetileg,tidigare pris,ordinær pris,vanlig pris,normal pris,în loc de,preț vechi,preț întreg,通常価格,定価,参考価格,原価,anstelle,bisheriger preis,alter preis,prix habituel,prix d origine,prix initial,ancien prix,precio habitual,precio original,prezzo originale,prezzo pieno,oude prijs,preço normal,preço anterior,eski fiyat,eski fiyatı,aiemmin,normaalihinta,normaalisti,
regular price,original price,orig,list,normally,normal price,full price,compare at,comparable value,old price,prev,price before,down from,reduced from,
marked down from,elsewhere,listenpreis,regulär,regulärer preis,vormals,unverb preisempfehlung,ursprünglich,katalogpreis,prix normal,prix public,était,precio normal,pvp,
pvpr,precio de lista,al posto di,prezzo precedente,era,prezzo consigliato,normale prijs,eerst,ipv,i p v,winkelprijs,voorheen,förr,normalpris,
rek pris,rekommenderat pris,innan,vejl,vejl pris,vejledende pris,oprindelig pris,tidligere,tidligere pris,veil pris,veiledende pris,opprinnelig pris,norm hinta,alkuperäinen hinta,
suositushinta,aikaisemmin,było,cena katalogowa,wcześniej,sugerowana cena,cena przed,cena przed obniżką,dříve,doporučená cena,katalogová cena,před slevou,stará cena,régi ár,
korábbi ár,listaár,preço original,prp,redus de la,preț inițial,önceki fiyat,liste fiyatı,通常,元値,希望小売価格,メーカー希望小売価格,정가,было,
старая цена,замість,
førpris kr,førpris,i stedet,i stedet for,butikspris,butikkpris,vejl udsalgspris,anbefalet pris,anbefalt pris,tidigare lägsta,lägsta tidigare pris,listpris,rekpris,rekomenderat pris,ord prs,
jämförpris ord,adviesprijs van,adviesprijs was,normaal voor,normale verkoopprijs,doorstreepte prijs,verkoopadviesprijs,ladenpreis,bisheriger verkaufspreis,früherer preis,zuvor,vorher nur,
neupreis,einzelpreis,einzeln,sonst,regulärer verkaufspreis,ovh hinta,ennen hinta,hinta ennen,suosituslähtöhinta,aik,precio recomendado,precio habitual de,costaba,antes costaba,antes a,
prima a,prezzo di partenza,costava,prix de vente conseillé,prix de base,valeur d origine,coûtait,preço de tabela,preço habitual,era de,cena wyjściowa,cena pierwotna,przed promocją,
cena przed promocją,zamiast za,normalnie,obvykle,usually priced at,usually costs,reg price,rrp of,was previously,full retail,
gammel pris,gammalt pris,förut,alter preis,oude prijs was,cena stara,vanha hinta,vecchio prezzo,precio viejo,preço antigo,
przed obniżką,rég,prix rég,prix régulier,prix courant,avant réduction,antes de la rebaja,prima dello sconto,före rea,før rabatt,før rabat,
aik`,
	WasPast: `sijaan,sijasta,helyett,yerine`,
	Now: `now,only,just,jetzt,nur,für nur,maintenant,seulement,ahora,solo,sólo,ora,adesso,nu,nyt,vain,endast,bara,kun,nå,special price,sale price,nur noch,bloß,cena,cena promocyjna,nyní,teď,most,csak,agora,apenas,acum,şimdi,şimdi sadece,hinta,pris,prix,prezzo,precio,preço,price,price now,endpreis,aktionspreis,today s price,
today,our price,your price,sale,deal price,deal,offer price,jetzt nur,jetzt ab,aktion,angebotspreis,unser preis,prix promo,prix soldé,
à seulement,precio oferta,precio final,prezzo scontato,scontato,a soli,a solo,actieprijs,nu voor,voor maar,slechts,nu från,nupris,kampanjpris,
tilbudspris,rea pris,reapris,tarjoushinta,hintaan,tylko,teraz,cena po rabacie,akční cena,po slevě,jen,akciós ár,por apenas,por só,
preço promocional,preț redus,preț nou,特価,セール価格,販売価格,
soit,yours for,
nu voor slechts,nu maar,nu slechts,voor slechts,slechts voor,maar,aanbieding voor,nu alleen,nå kun,nå bare,kun kr,vår pris,pris nå,nettpris,medlemspris,klubbpris,kampanjepris,tilbudspris kun,
nu kun,nu bara,vårt pris,pris nu,nettopris,medlemspris nu,extrapris,jäsenhinta,hinta nyt,etuhinta,kampanjahinta,verkkohinta,kundenpreis,jetzt für,jetzt für nur,sonderpreis,dein preis,
ihr preis,unser aktionspreis,onlinepreis,webprijs,clubprijs,onze prijs,voordeelprijs,bonusprijs,prix membre,notre prix,prix en ligne,prix spécial,prix remisé,désormais,precio socio,
nuestro precio,precio web,precio especial,a tan solo,por solo,por sólo,por tan solo,a soli,il nostro prezzo,prezzo web,prezzo promo,prezzo speciale,in offerta a,em promoção,preço online,
preço especial,nasza cena,cena klubowa,cena online,już za,tylko za,naše cena,cena nyní,členská cena,members price,member price,club price,early bird,frühbucherpreis,frühbucher,early booking,
intro price,introductory price,
ny pris,nytt pris,neuer preis,nieuwe prijs,nouveau prix,nuevo precio,nuovo prezzo,novo preço,nowa cena,uusi hinta,new price,nová cena,új ár`,
	From: `from,starting at,starting from,as low as,ab,schon ab,ab nur,à partir de,dès,desde,a partir de,a partire da,da,vanaf,alkaen,alk,från,fra,od,už od,již od,a partir de,de la,starting,prices from,priced from,début à,à partir,
v a,va,fr,fr o m,f o m,
ab nur,schon für,allerede fra,redan från,nå fra,nu fra,billetter fra,al vanaf,reeds vanaf,à partir de seulement,ya desde,già da,już za,jo alkaen,priser fra,priser från,hinnat alkaen,
prezzi da,precios desde,prijzen vanaf,preise ab,prix dès`,
	UpTo: `up to,bis zu,jusqu à,jusqu a,jusqu’à,hasta un,hasta el,hasta,fino a,fino al,tot,tot wel,jopa,upp till,opp til,opptil,op til,até,akár,až,až o,aż do,nawet do,până la,最大,opp mot,upp till,op til,maximal,
inntil,indtil,opptil hele,opp til hele,upp emot,op til hele,enintään,jusqu,maximaal,máximo,máximo de,sino al,massimo,maks,do aż,maximálně,legfeljebb,as much as`,
	Off | Save | Sale: `discount,rabatt,rabatte,rabais,remise,réduction,réductions,reduction,descuento,descuentos,dto,dcto,rebaja,sconto,sconti,
korting,alennus,alennusta,alennuksen,ale,rabat,desconto,desc,sleva,kedvezmény,zniżki,скидка,nachlass,preisnachlass,reduziert,markdown,offre,slevy,slevou,slevu,zniżka,zniżkę,zniżką,rabatu,rabatem,kedvezménnyel,kedvezményt,reducere,reduceri,indirim,indirimi,indirimler,indirimli,할인,割引き,alennuksella,alella,avslag,rabatten,korting op`,
	Off: `off,cheaper,günstiger,billiger,sparen,gespart,moins cher,menos,in meno,goedkoper,gratis dazu,オフ,割引,taniej,levnější,olcsóbb,halvempi,billigere,rabattert,オフ,引き,割,extra,offerts,
de moins,de remise immédiate,de réduction immédiate,lavere,mindre,reduktion,i rabatt,i rabat,i korting,rabatu,avdrag,hyvitys,velkomstrabatt,velkomstrabat,välkomstrabatt,halvempaan,de ahorro,
di risparmio,voordeel,nedsatt,sat ned,nedsat,nedsatta,prissänkt,afgeprijsd,rabattert med,rebajado,rebajados,rebajadas,scontati,scontate,przecenione,zlevněno,reduced,voucher off,
instant savings,introductory discount`,
	Save: `save,saves,you save,spare,spar,sparen sie,ersparnis,économisez,ahorra,ahorre,risparmia,bespaar,säästä,spara,sparer,sparst,du sparst,ihr spart,poupe,economize,ušetříte,ušetřete,oszczędzasz,oszczędź,zaoszczędź,megtakarítás,säästät,du sparar,du sparer,vous économisez,te ahorras,bespaart,jij bespaart,économie,ahorro,risparmi,risparmio,extra,an extra,another,additional,an additional,weitere,zusätzlich,encore,
sparen,sie sparen,
du sparer hele,spar hele,spara hela,je bespaart,u bespaart,ahorras,te ahorras,ahorrarás,risparmi fino a,poupas,poupa,poupar,oszczędzisz,ušetříš,säästä jopa,spart,économise,saving,savings,
savings of,a saving of`,
	Over: `over,above,orders over,orders of,order of,purchase of,purchases over,purchases of,spend,when you spend,minimum,min,mindestbestellwert,
ab einem einkauf von,ab einem bestellwert von,bestellwert von,einkaufswert von,über,d achat de,supérieur à,supérieure à,más de,superiores a,superiore a,oltre,boven,yli,över,minst,för minst,när du handlar för,handlar för,ved køb for,ved køb over,ved kjøp over,vanaf een besteding van,bij besteding vanaf,bij besteding van,bij aankoop vanaf,bij aankopen vanaf,przy zakupach za,przy zakupach od,przy zakupie za,powyżej,při nákupu nad,při nákupu od,nad,nákupu nad,a partir de compras de,em compras acima de,compras acima de,acima de,peste,la comenzi de peste,a vásárlás felett,felett,ab einem bestellwert,ab einkauf von,per ordini superiori a,per acquisti superiori a,su ordini superiori a,spesa minima,d achat minimum,yli,when you spend over,on orders over,orders above,
besteding vanaf,bestelling vanaf,bestellingen vanaf,bestellingen boven,bestellingen van,aankoop van,aankopen vanaf,boven,een aankoopbedrag van,minimale besteding,minimale besteding van,
minimaal,minimum bestelbedrag,minimumbesteding,ab einem mindestbestellwert von,mindestbestellwert von,ab einem warenwert von,warenwert von,mindesteinkaufswert,mbw,ab mbw,bestellungen ab,
bestellung ab,einkauf ab,einkäufe ab,bestellungen über,einkauf über,ab einem einkaufswert von,køb for over,køb for mindst,køb for minimum,køb for min,køb over,mindst,handler for over,
handler for mindst,når du køber for,køber for over,køber for mindst,køber for minimum,ordrer over,kjøp for over,kjøp for minst,kjøp for,kjøp over,handler for minst,handle for,
handle for minst,handle for over,minstebeløp,ordre over,ordrer over,köp över,köp för över,köp för minst,handlar för minst,handlar för över,köp på minst,minsta ordervärde,minsta köp,
ordervärde,order över,beställning över,beställningar över,köp från,vähintään,kun ostat vähintään,ostosten arvo yli,minimiostos,pour toute commande de,toute commande de,panier de,
achat minimum de,commande de,commandes de plus de,minimum de commande,pour tout achat de,tout achat supérieur à,dès que vous dépensez,compras superiores a,en compras de,compra mínima,
compra mínima de,pedido mínimo,pedido mínimo de,pedidos superiores a,pedidos de más de,pedidos de,compras de,gastando,importe mínimo,spesa minima di,ordine minimo,ordine minimo di,
ordini superiori a,acquisti di almeno,almeno,ordini da,una spesa di,ordine di,acquisto minimo,acquisto minimo di,compras a partir de,compras superiores a,encomendas superiores a,
pedidos acima de,valor mínimo,compras de,encomendas acima de,przy zakupach powyżej,zakupach powyżej,zamówieniach powyżej,zamówienia powyżej,zamówienia od,zakupach za min,
minimalna wartość zamówienia,co najmniej,zakupy za,wydaj,zakupy powyżej,minimální hodnota,objednávce nad,nákupu za,objednávky nad,min spend,minimum spend,minimum order,minimum purchase,
min order,baskets over,basket over,purchases above,when spending,spends over,first order over,orders above,orders from,spend over,purchase over`,
	Spend: `bestellwert,einkaufswert,mindestbestellwert,einkauf,warenkorb,d achat,d achats,achat,de compra,compra,di spesa,spesa,besteding,or more,and up,minimum,d achats minimum,einkaufswert,ostoksista,ostoksiin,ostoksesta,felett,feletti,以上,üzeri,üzeri alışverişlerde,ve üzeri,of meer,eller mer,ou plus,o más,oder mehr,tai enemmän,
bestelwaarde,ostoksiin,or over,and over,and above,ja yli,eller mere,y más,og opefter,og derover,och uppåt,och mer,en meer,en hoger,lub więcej,i więcej,a více,nebo více,e oltre,o più,
di acquisti,di acquisto,minimum order,min order,min spend,minimum spend,warenwert,mindesteinkauf,minimum purchase,aankoop,aankopen,bestelling,de compras,em compras,zakupów,d ordre,besteed,
spendieren,en compras,ou mais,ou plus d achat,de commande`,
	Never: `total,totals,subtotal,grand total,order total,amount,amount due,balance,tax,vat,fee,fees,paid,charged,payment,due,invoice,refund,refunded,deposit,
salary,shipping,delivery,postage,account,credited,gesamt,gesamtbetrag,gesamtsumme,summe,zwischensumme,betrag,rechnungsbetrag,endbetrag,mwst,ust,versand,versandkosten,
gebühr,bezahlt,rechnung,guthaben,erstattung,montant,sous total,tva,frais,livraison,facture,payé,solde,importe,iva,envío,pagado,factura,saldo,
totale,importo,spedizione,fattura,pagato,totaal,bedrag,btw,verzendkosten,factuur,betaald,yhteensä,summa,alv,toimitus,lasku,moms,frakt,faktura,spend over,worth,revenue,loss,fine,debt,
raise,raised,raising,goal,goal of,donate,donating,donation,donation of,contribute,contribution,chip in,short of,spende,spenden,awarding,earns,earned,úhradě,k úhradě,splátka,vyúčtování,kwotę,kwota,przelew,kwocie,do zapłaty,należność,fizetendő,összeg,számla,valor de,no valor de,fatura,faktura,beløp,att betala,å betale,at betale,belopp,bedraget,rachunek,tutarı,tutar,toplam,결제금액,合計,お支払い,請求額,kontostand,saldot,salda,sald,prélèvement,cargaremos,cobro,bonifico,addebito,anzahlung,kaution,acompte,caution,fianza,udbetaling,rata,rata da,raty,emi,emi from,payments of,instalments of,installments of,cuotas de,sin intereses de,intereses de,mensualités de,rate da,splátky,per month,pro monat,taksit,points,punkte,bonuspunkte,cashback,cash back,gift card,gutschein im wert von,im wert von,valued at,d une valeur de,valeur,por valor de,ter waarde van,värde,värt,arvo,arvoltaan,
then,danach,anschließend,puis,ensuite,luego,después,poi,daarna,därefter,sedan,derefter,deretter,sitten,
sen jälkeen,potem,poté,depois,apoi,sonra,
t w v,twv,ter waarde van,herefter,efterfølgende,thereafter,afterwards,nadien,après cela,dopo,en seguida,depois disso,dernæst,herefter kun,voorschot,termijnbedrag,maandbedrag,jaarpremie,
premie,præmie,værdi,til en værdi af,en værdi af,til en verdi av,verdi,verdi av,till ett värde av,wart,wartości,o wartości,v hodnotě,del valore di,valore,im gesamtwert von,
a value of,value,inschrijfgeld,inschrijfkosten,borg,waarborg,servicekosten,administratiekosten,startgebyr,gebyr,oppstartsgebyr,etableringsgebyr,startavgift,egenandel,selbstbeteiligung,
eigen risico,depositum,pant,pfand,selbstbehalt,current charges,amount payable,capital de,capital social,capitale sociale,stammkapital,verschuldigd,te betalen,openstaand bedrag,offener betrag,zu zahlen,da pagare,
por pagar,a pagar,total a pagar,à payer,reste à payer,att betala,å betale,kampanjegebyr,kostar frakten,versandkostenfrei ab,gratis verzending vanaf,win,winne,gewinne,gewinnen,gagnez,gana,
vinci,vind,vinn,voita,wygraj,vyhrajte,prize,preisgeld,jackpot,preispool,
värda,värd,vært,verdt,værd,zum wert von,
after that,tip,reserveringskosten,boekingskosten,buchungsgebühr,bookingavgift,booking fee,frais de dossier,gastos de gestión`,
	Other: `of,cotton,baumwolle,coton,algodón,cotone,katoen,puuvillaa,wool,wolle,polyester,leather,linen,silk,interest,apr,apy,zinsen,zins,taux,interés,interesse,rente,korko,
faster,more,less,better,longer,higher,lower,fewer,growth,increase,decrease,mehr,weniger,schneller,besser,der,des,plus,moins,battery,charged,alcohol,vol,abv,humidity,
chance,probability,complete,completed,full,recycled,natural,organic,satisfaction,effective,juice,arabica,cacao,cocoa,kakao,people,users,respondents,voters,stake,share,tax,vat,mwst,tva,commission,fee`,
	Code: `code,promo code,promocode,promotion code,coupon code,coupon,couponcode,discount code,voucher,voucher code,voucher codes,offer code,gutscheincode,gutschein,rabattcode,
aktionscode,vorteilscode,code promo,code avantage,código,código promocional,código de descuento,cupón,codice,codice sconto,codice promo,coupon sconto,kortingscode,actiecode,
vouchercode,koodi,alekoodi,alennuskoodi,koodilla,tarjouskoodi,kampanjkod,rabattkod,rabatkode,rabattkode,kod,kode,промокод,codes,kódem,kód,kódu,kódom,kodem,kodu,koden,koda,kóddal,kuponkód,kuponkóddal,kupon,kuponem,cod,codul,codul promoțional,código de desconto,cupom,クーポンコード,コード,クーポン,쿠폰,쿠폰코드,kodunu,kodu ile,kodla,alennuskoodilla,koodia,med koden,med kod,code réduction,code remise,mit code,mit dem code,with code,using code,using code,enter code,use code,utilise le code,con el cupón,cupon,cupón de descuento,
kodunuz,promokód,slevový kód,slevovým kódem,slevového kódu,kod rabatowy,kodem rabatowym,kodu rabatowego,rabattkoden,rabatkoden,kampanjkoden,tarjouskoodilla,kuponkikoodi,código promo,
código descuento,cod promoțional,codul de reducere,kupon kodu,indirim kodu,
kampanjekode,rabattkoden,tilbudskode,fordelskode,kupongkode,kupongkod,kuponkode,kupongkoden,kuponkoden,værdikode,etukoodi,etukoodilla,kuponkikoodi,voordeelcode,voordeelcode,kassakode,
promokod,promokode,promocode,promokodi,vip code,klubkode,gutscheincode lautet,gutschein code,rabatt code,aktions code,vorteils code,bonuscode,vorteilsnummer,mit gutschein,mit dem gutschein,
le code,votre code,tu código,el código,il codice,inserisci il codice,usa il codice,o código,usa o código,kod promocyjny,kodem promocyjnym,wpisz kod,použijte kód,s kódem,s kodem,z kodem,
bruk koden,använd koden,ange koden,angiv koden,oppgi koden,brug koden,gebruik code,gebruik de code,met code,met de code,voer code,op code`,
	Password: `verification,verify,security,confirmation,login,log in,sign in,access,passcode,zip,postal,post,area,country,dress,source,qr,bar,error,exit,activation,pin,one time,
otp,tracking,booking,reference,pickup,door,gate,reset,authentication,2fa,morse,building,penal,civil,open,swift,bic,iban,sort,dial,discount no,git,java,python,sample,machine`,
	Ends: `until,till,til,through,thru,bis,bis zum,jusqu au,jusqu à,jusqu en,hasta,hasta el,fino al,fino a,fino alle,entro,entro il,tot,tot en met,t m,til og med,till och med,t o m,før,do,do dne,até,até o,até ao,până,până pe,până la,până în,до,t/m,t m,vóór,by,
innen,innan,til og med den,until the end of,uiterlijk op,antes de el,tm,fram till,frem til og med,do końca dnia`,
	EndsSure: `ends,ending,end,expires,expire,expiring,expires on,valid until,valid through,valid thru,valid till,good until,good through,offer ends,sale ends,only until,last day,
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
gjelder ut,varer ut,gyldig ut,gælder ud,
slutter ved,slutter kl,slutt,avslutas,upphör,går ut,går ut på,utgår,gäller ut,gäller hela,gäller fram till,gäller endast till,gäller även,sluttar,utløper den,varer til,varer til og med,
varer frem til,varer kun til,gælder kun til,gælder t o m,slutter,stopt,stopt op,loopt tot,loopt tot en met,loopt t m,geldt tot,geldt t m,geldt tot en met,is geldig tot,is geldig t m,
inwisselbaar tot,in te wisselen tot,te gebruiken tot,bestel voor,bestel vóór,bestel uiterlijk,boek voor,boek vóór,boek uiterlijk,boek uiterlijk op,bestill innen,bestill senest,book inden,
book senest,boka senast,boka före,beställ senast,beställ före,bestil inden,bestil senest,köp senast,köp före,varaa viimeistään,tilaa viimeistään,osta viimeistään,endet um,gilt nur bis,
gilt bis einschließlich,gilt bis zum,gilt nur noch bis,einlösbar bis zum,stichtag,buchbar bis,buchbar bis zum,buchen bis,bis spätestens,bestellen bis,anmeldung bis,anmeldeschluss,
bestellschluss,buchungsschluss,jetzt bis,aktionszeitraum,aktion gilt bis,aktion gilt vom,aktion läuft bis,gilt vom,gültig ab,angebot gilt bis,angebot endet,angebote gültig,
angebote gültig bis,angebote gelten bis,réservez avant le,commandez avant le,réservez jusqu au,offre valable jusqu à,offre valable du,offres valables du,offres valables jusqu au,
valables jusqu au,valables du,jusqu à,clôture,se termine à,plus que jusqu au,reserva hasta,reserva hasta el,reserva antes del,compra hasta,compra antes del,válidas,válidos hasta,
oferta válida del,válido del,ofertas válidas hasta,oferta termina,promoción válida hasta,termina hoy,se acaba,prenota entro,prenota entro il,acquista entro,acquista entro il,attiva entro,
attiva entro il,offerta valida fino al,offerta valida fino a,offerte valide fino al,valido fino alle,valida dal,promozione valida fino al,solo fino a,solo fino al,utilizzabile entro,
termina alle,reserva até,reserve até,compre até,válido de,campanha válida até,promoção válida até,oferta termina a,termina a,termina hoje,só até,até ao dia,válida de,ważny od,ważna od,kup do,
zamów do,zarezerwuj do,rezerwuj do,promocja do,promocja ważna do,oferta ważna od,kończy się w,wykorzystaj do,ważny tylko do,obowiązuje od,platí pouze do,platí jen do,platí od,objednejte do,
rezervujte do,nakupte do,končí v,akce končí,tarjous voimassa,tarjous päättyy,voimassa vain,etu voimassa,päättyy klo,ends in,expires in,closes on,book before,order before,offer closes,
offer expires,offer ends on,must end,must end on,use before,redeem before,valid to,valid from,apply by,switch by,join by,join before,sign up by,register by,buy by,deal ends,deal ends in,
enrol by,enroll by,ends soon on,
försvinner,forsvinner,verschwindet,verdwijnt,disparaît,desaparece,sparisce,znika,zniká,
sista dagen,
kan brukes ut,brukes ut,kan brukes til,kan användas till,kan användas till och med,kan bruges til,kan bruges til og med,
exp,exp date,endet am,
läuft in,laufen ab,gjelder ut,gäller ut`,
	EndsPast: `asti,saakka,mennessä,ig,ig érvényes,kadar,まで,a kadar,e kadar,ya kadar,ye kadar,dek,
tarihine kadar,
gününe kadar,
mennessä,loppuun,asti voimassa`,
	Sale: `sale,deal,deals,offer,offers,special,clearance,black friday,cyber monday,angebot,angebote,aktion,schlussverkauf,soldes,promo,promotion,promotions,oferta,ofertas,rebajas,
offerta,offerte,saldi,aanbieding,aanbiedingen,uitverkoop,tarjous,tarjoukset,erbjudande,rea,tilbud,udsalg,salg,shop,prices,preise,prix,everything,alles,tout,akce,výprodej,wyprzedaż,promocja,promocje,akció,leárazás,saldos,liquidação,reduceri,indirim,セール,rebajas,soldes,koopjes,ale,alet,udsalget,utsalg,utförsäljning,
order now,order today,order yours,order online,shop now,shop today,buy now,add to cart,pre order,jetzt bestellen,jetzt kaufen,jetzt shoppen,zum shop,zum angebot,commander,commandez,j en profite,achetez,comprar,comprar ahora,
compra ahora,acquista,acquista ora,bestel nu,koop nu,shop nu,tilaa,tilaa nyt,osta nyt,verkkokauppaan,köp nu,beställ nu,handla nu,till butiken,køb nu,bestil nu,kjøp nå,bestill nå,kup teraz,zamów,zamów teraz,objednat,koupit,
rendeld meg,vásárolj,compre agora,comandă acum,satın al,hemen al,ご購入,今すぐ購入`,
	Ship: `shipping,delivery,postage,versand,versandkosten,versandkostenfrei,lieferung,livraison,frais de port,port offert,envío,envíos,gastos de envío,spedizione,spedizioni,consegna,
verzending,verzendkosten,bezorging,toimitus,toimituskulut,postikulut,frakt,fraktfritt,fragt,levering,leverans,doprava,dopravu,poštovné,dostawa,dostawy,dostawę,wysyłka,szállítás,kiszállítás,
frete,entrega,portes,livrare,transport,kargo,送料,送料無料,배송,배송비,
verzendkosten vanaf,fri frakt,gratis frakt,fri fragt,gratis fragt,gratis verzending,gratis bezorging,thuisbezorgd,gratis versand,livraison offerte,livraison gratuite,envío gratis,
spedizione gratuita,portes grátis,envio grátis,envio,darmowa dostawa,darmowa wysyłka,doprava zdarma,ilmainen toimitus,fraktfri,portofri,portofritt,porto und versand,bezorgkosten,
levering gratis,hjemlevering,hemleverans,gratis leverans,fri leverans,delivered free,free delivery,free shipping,lieferkosten,liefergebühr,livré,livrés`,
	Monthly: `month,a month,per month,mo,monat,im monat,pro monat,monatlich,mtl,mois,par mois,mes,al mes,mese,al mese,maand,per maand,kk,kuukausi,kuukaudessa,mån,månad,i månaden,per månad,md,måned,
pr måned,per måned,miesięcznie,mies,měsíčně,hó,havonta,mês,por mês,lună,pe lună,ay,kg,kilo,per kg,le kilo,je kg,pro kg,al kg,al kilo,el kilo,100 g,litre,liter,per hour,an hour,pro stunde,a week,x,payments,
mnd,pr mnd,i mnd,mdr,pr mdr,om måneden,p m,maandelijks,mensuels,mensuales,mensili,w miesiącu,za miesiąc,měsíc,za měsíc,monthly,kwh,je kwh,per kwh`,
	Lowest: `lowest price,lowest price in,niedrigster preis,niedrigster preis der letzten,tiefster preis,prix le plus bas,prix le plus bas des,precio más bajo,prezzo più basso,laagste prijs,
najniższa cena,najniższa cena z,nejnižší cena,nejnižší cena za,legalacsonyabb ár,lägsta pris,laveste pris,alin hinta,alin hinta 30 päivän,preço mais baixo,cel mai mic preț,
tidigare lägsta pris,lägsta pris senaste,laveste pris siste,laveste pris seneste,førlaveste pris,laveste førpris,laagste prijs van de afgelopen,laagste prijs afgelopen,
niedrigster gesamtpreis,niedrigster preis der letzten 30 tage,bester preis der letzten,30 tage bestpreis,bestpreis,alin hinta 30 pv,edellinen alin hinta,alin edeltävä hinta,
lowest recent price,lowest price in the last,menor preço,prezzo più basso degli ultimi,precio mínimo`,
	BeforeDay: `before,vor dem,avant le,antes del,antes de,prima del,vóór,före den,före,ennen,před,przed,inden,innen den,înainte de,
før den,före den,innan den,voor de,før,voor,ennen,before the,avant,prima di,antes de,vor,przed dniem`,
	Today: `today only,only today,just today,for today only,one day only,for one day only,24 hours only,nur heute,heute nur,nur noch heute,nur an diesem tag,aujourd hui seulement,seulement aujourd hui,uniquement aujourd hui,
aujourd hui uniquement,ce soir,ce soir seulement,solo hoy,sólo hoy,hoy solo,únicamente hoy,solo oggi,solo per oggi,oggi soltanto,solo stasera,alleen vandaag,enkel vandaag,vandaag alleen,vain tänään,tänään vain,vain tämän päivän,
kun i dag,kun i aften,bare i dag,bare i kveld,bare idag,bara idag,bara i dag,endast idag,endast i dag,jen dnes,pouze dnes,tylko dziś,tylko dzisiaj,dziś tylko,só hoje,somente hoje,apenas hoje,csak ma,numai azi,doar azi,
sadece bugün,bugüne özel,本日限り,本日のみ,今日だけ,오늘만,last day today,ends today,ends tonight,tonight only,letzter tag,heute endet,
endast i dag,kun idag,bare i dag og,alleen nog vandaag,laatste dag vandaag,vandaag is de laatste dag,i dag er sidste dag,siste dag i dag,sista dagen idag,idag är sista dagen,
i dag er siste dag,viimeinen päivä tänään,hoy es el último día,último día hoy,ultimo giorno oggi,oggi è l c est le dernier jour,dernières heures,ultime ore,últimas horas,laatste uren,
laatste kans vandaag,letzte stunden,letzte chance heute,heute ist der letzte tag,to ostatni dzień,dziś ostatni dzień,dnes končí,dnes last few hours,final hours,ends at midnight,
ends midnight tonight,slutter i dag,slutter i kveld,slutter i aften,slutar idag,slutar ikväll,slutter ved midnatt,slutter ved midnat,slutar vid midnatt,eindigt vandaag,eindigt vanavond,
stopt vandaag,stopt vanavond,endet heute,endet heute nacht,endet um mitternacht,se termine ce soir,se termine aujourd hui,termina hoy,acaba hoy,termina oggi,scade oggi,termina hoje,
acaba hoje,päättyy tänään,kończy się dziś,vain tämän illan,só hoje,
last day,final day,letzter tag,dernier jour,último día,ultimo giorno,laatste dag,sista dagen,sista dag,sidste dag,siste dag,viimeinen päivä,ostatni dzień,poslední den,último dia,ultima zi,
i dag är sista dagen,det er i dag,är det sista dagen`,
	Weekend: `this weekend only,weekend only,this weekend,all weekend,all weekend long,dieses wochenende,nur am wochenende,nur dieses wochenende,am wochenende,ce week end,ce weekend,seulement ce week end,este fin de semana,solo este fin de semana,
questo weekend,questo fine settimana,solo questo weekend,dit weekend,alleen dit weekend,tänä viikonloppuna,vain tänä viikonloppuna,i helgen,bara i helgen,denne weekend,kun denne weekend,i weekenden,w ten weekend,tylko w ten weekend,tento víkend,
o víkendu,ezen a hétvégén,neste fim de semana,no fim de semana,în acest weekend,bu hafta sonu,今週末,
denne helgen,kun denne helgen,hele helgen,endast i helgen,denna helg,bara denna helg,hela helgen,i denne weekend,dit hele weekend,het hele weekend,das ganze wochenende,tout le week end,
in het weekend,alleen in het weekend,nur dieses wochenende,kun i helga,i helga,denne helga,hela denna helg,endast denna helg,viikonlopun ajan,koko viikonlopun,tout ce week end,
uniquement ce week end,solo nel weekend,nel weekend,durante el fin de semana,no fin de semana,przez weekend,w weekend,só este fim de semana,este fim de semana,jen o víkendu,jen tento víkend,
solo el fin de semana,only this weekend,for the weekend`,
	Half: `half price,half the price,half off,at half price,halber preis,halben preis,zum halben preis,hälfte des preises,zur hälfte,à moitié prix,moitié prix,a mitad de precio,mitad de precio,a metà prezzo,metà prezzo,halve prijs,
voor de halve prijs,helft van de prijs,de helft van de prijs,puoleen hintaan,puoli hintaan,puolet hinnasta,halva priset,halva pris,halv pris,halve pris,halve prisen,za pół ceny,pół ceny,połowę ceny,za polovinu,za poloviční cenu,poloviční cena,
fél áron,félár,félárú,metade do preço,a metade do preço,la jumătate de preț,jumătate de preț,yarı fiyatına,yarı fiyat,半額,반값`,
	Second: `second,2nd,the second,zweite,zweiten,zweites,das zweite,2te,deuxième,le deuxième,second article,2ème,2e,segunda,segundo,segunda unidad,segunda unidade,2ª,secondo,seconda,il secondo,tweede,2de,toinen,toisen,toisesta,andra,andre,
anden,drugi,druga,drugą,druhý,druhá,druhou,második,másodikra,al doilea,ikinci,2点目,두번째`,
	Free: `free,for free,gratis,kostenlos,umsonst,offert,gratuit,gratuite,gratuits,de regalo,gratuito,in omaggio,omaggio,ilmaiseksi,ilmainen,kaupan päälle,på köpet,zdarma,za darmo,gratisowo,ingyen,grátis,gratuită,bedava,ücretsiz,無料,무료`,
	Receipt: `invoice,receipt,your order,order confirmation,order number,booking confirmation,booking,statement,account statement,payment received,direct debit,payslip,salary,quote,estimate,mortgage,refund,
rechnung,rechnungsnummer,auftragsbestätigung,bestellbestätigung,bestellung,ihre bestellung,buchung,buchungsbestätigung,kontoauszug,kontostand,lastschrift,überweisung,zahlungseingang,mahnung,kostenvoranschlag,zahlung,zahlung von,zahlung über,payment of,anmeldecode,sicherheitscode,bestätigungscode,freigabe,verification code,security code,verificatiecode,bekreftelseskode,bekræftelseskode,
facture,votre commande,commande,devis,relevé,relevé de compte,prélèvement,virement,échéance,quittance,factura,su pedido,tu pedido,pedido,recibo,extracto,cargo en cuenta,aviso de cobro,presupuesto,
fattura,il tuo ordine,ordine,ricevuta,estratto conto,mutuo,bonifico,preventivo,factuur,je bestelling,uw bestelling,bestelling,rekeningafschrift,afschrift,incasso,offerte aanvraag,
lasku,tilausvahvistus,tilauksesi,tilaus,kuitti,tiliote,maksu,faktura,kvitto,orderbekräftelse,din beställning,bokningsbekräftelse,bokning,kontoutdrag,autogiro,ordrebekræftelse,din ordre,ordre,kvittering,
kontoudtog,ordrebekreftelse,bestilling,kontoutskrift,faktury,przelew,przelewu,zamówienie,twoje zamówienie,potwierdzenie,paragon,wyciąg,vyúčtování,objednávka,vaše objednávka,účtenka,výpis,számla,rendelés,rendelésed,
fatura,encomenda,recibo,comprovante,boleto,comanda,factura,chitanță,faturanız,siparişiniz,sipariş,fiş,dekont,領収書,ご注文,注文,請求,주문,결제,청구,
has shipped,shipped,have shipped,dispatched,on its way,tracking,track your parcel,shares,shares of,traded,nasdaq,dow,unterwegs,
versandt,verschickt,sendungsverfolgung,aktie,aktien,überweisen,überweise,expédié,expédiée,colis,actions,enviado,acciones,spedito,
azioni,verzonden,onderweg,aandelen,skickats,på väg,aktier,sendt,afsendt,aksjer,lähetetty,matkalla,osakkeet,wysłane,
w drodze,akcje spółki,odesláno,na cestě,feladtuk,részvény,enviada,expediat,kargoya verildi,発送,出荷,배송,withdrawal,deposit received,
reminder,overdue,due date,eräpäivä,förfallodag,forfall,forfaldsdato,vervaldatum,fällig,fällig am,échéance le,vencimiento,scadenza,
termin płatności,splatnost,esedékes,vencimento,scadența,son ödeme,
medlemsavgift,medlemsavgiften,avgift,avgiften,nachzahlung,abschlag,beitrag,mitgliedsbeitrag,jahresbeitrag,contributie,boete,cotisation,cuota,cuota anual,
quota associativa,jäsenmaksu,kontingent,kontingentet,membership fee,membership fees,dues,rent,miete,loyer,alquiler,affitto,huur,hyra,
vuokra,czynsz,nájem,husleie,husleje,regning,regningen,betales,du betaler,estimert,a fine,fine of,parking,multa,amende,
strafzettel,spende,donation,erlös,insamling,innsamling,keräys,
jaarafrekening,eindafrekening,afrekening,energierekening,termijnbedrag,strømregning,strømregningen,fakturan,fakturaen,elräkning,räkning,räkningen,sähkölasku,laskusi,bolletta in scadenza,
avis d échéance,estado de cuenta,jahresabrechnung,nebenkostenabrechnung,abrechnung,polisblad,zahlungserinnerung,betalingsherinnering,betalningspåminnelse,betalingspåminnelse,maksumuistutus,
sollecito di pagamento,recordatorio de pago,rappel de paiement,wezwanie do zapłaty,upomínka,new charges,current charges,amount due,your bill,premium is due,opkræves,debiteres,wird abgebucht,
wordt afgeschreven,afgeschreven,prélevé,sera prélevé,se cargará,verrà addebitato,será cobrado,zostanie pobrana,veloitetaan,belastas,trekkes,kvitteringen,ordrebekræftelsen,din bestilling,
je reservering,reservering bevestigd,din bokning,
please pay,pay by,overmaken,over te maken,wpłata,wpłaty,anzahlung,aanbetaling,anticipo,acompte,loonstrook,uitbetaald,gehaltsabrechnung,lønnslipp,lønseddel,lönespecifikation,lönebesked,
palkkalaskelma,nómina,busta paga,bulletin de paie,payslip,school trip,schoolreis,schoolreisje,klassenfahrt,klassenkasse,wandertag,utflykt,skolutflykt,klassresa,lejrtur,lejrskole,leirskole,
leirskolen,gita scolastica,la gita,excursión del colegio,sortie scolaire,visita de estudo,wycieczka klasowa,luokkaretki,retken,foreldremøte,elternabend,kaltmiete,warmmiete,nettomiete,
huurprijs,kale huur,hyresavi,new balance,minimum payment,statement balance,current bid,your bid,outbid,highest bid,een bod,geboden,gebot,höchstgebot,nytt bud,budet,enchère,puja,
offerta attuale,licytacja,har vunnit,har vundet,har vunnet,hai vinto,has ganado,gewonnen,avez gagné,voitit,wygrałeś,kursen,børsen,börse,dax,aktie,aktier,utdelning,utdelningen,dividende,
dividend,dividendo,per share,a gallon,a barrel,barrel,netto utbetalt,participation de,fell,rose to,climbed,stieg auf,fiel auf,
utbetalt,utbetalas,utbetales,utbetalning,uitbetaling,udbetaling,auszahlung,auszahlungsbetrag,líquido a percibir,netto in busta,stipendio,cedolino,cedolino paga,wynagrodzenie,pasek płacowy,
net à payer,nettopalkka,palkka,recibo de vencimento,valor líquido,kwota netto,incasseren,incasso,prishöjning,prisstigning,prisøkning,prijsverhoging,preiserhöhung,beitragsanpassung,verhoging,
tariefwijziging,price increase,goes up,will increase,going up,steigt,stijgt,stiger,höjs,øker,augmente,augmentation,aumenta,subirá,wzrasta,wzrośnie,nousee,gaat uw,zdraží,
zoals besproken,som avtalt,enligt överenskommelse,wie besprochen,come d accordo,comme convenu,as discussed,as agreed,conforme acordado,según lo acordado,som aftalt,kuten sovimme,
zgodnie z ustaleniami,bieten wir ihnen,paid with,short of,
du har time,din time,terminerinnerung,ihr termin,dein termin,appointment reminder,your appointment,je afspraak,uw afspraak,din tid,votre rendez vous,tu cita,su cita,il tuo appuntamento,
avbestill`,
	Value: `gift card,gift cards,giftcard,voucher,vouchers,e gift card,credit,store credit,cash back,cashback,back,bonus,in points,points,reward,rewards,gift,gutschein,geschenkkarte,guthaben,bonuspunkte,bon d achat,
carte cadeau,chèque cadeau,cagnottés,tarjeta regalo,tarjeta de regalo,vale,buono,buono regalo,cadeaubon,cadeaukaart,tegoed,lahjakortti,lahjakortin,presentkort,presentkortet,gavekort,gavekortet,bon podarunkowy,
dárkový poukaz,poukaz,ajándékkártya,utalvány,vale presente,cartão presente,card cadou,hediye çeki,ギフトカード,ギフト券,ポイント,
cadeau,als cadeau,geschenk,geschenkt,cadeaus,in regalo,de regalo,regalo,w prezencie,dárek,lahjaksi,i gave,i present,oferecidos,terug,zurück,tillbaka,tilbake,takaisin,remboursés,reembolso,
rimborsati,zwrotu,de volta,startguthaben,prämie,wechselprämie,welkomstcadeau,waardebon,kortingsbon,tegoedbon,kinokarte,bonus points,startbonus,begrüßungsprämie,wechselbonus,de cashback,prize,
in prizes,
crédités,crédité,gutgeschrieben,bijgeschreven,godskrevet,in rekening,in rechnung,ricarica omaggio,gift voucher,accreditati,abonados,na start,per omaggio,
på kjøpet,på köpet,oveni,obendrauf,extra tegoed,startkredit,
short of`,
	Past: `has ended,have ended,has now ended,is over,is now over,has expired,have expired,has closed,was missed,ist vorbei,ist nun vorbei,ist beendet,ist abgelaufen,sind abgelaufen,ist zu ende,war gestern,is voorbij,is afgelopen,is verlopen,is geëindigd,
est terminée,est terminé,sont terminés,sont terminées,a pris fin,a expiré,ha terminado,ha finalizado,ha caducado,han terminado,è terminata,è terminato,è finita,è scaduta,è scaduto,sono terminati,sono finiti,si è conclusa,
terminou,já terminou,acabou,expirou,encerrou,har slutat,är slut,är över,har gått ut,er slut,er forbi,er over,er udløbet,er slutt,er utløpt,har utløpt,on päättynyt,päättyi,ovat päättyneet,zakończyła się,już się skończyła,skończyła się,wygasł,wygasła,
skončila,už skončila,vypršela,véget ért,lejárt,s a încheiat,sona erdi,終了しました,종료되었습니다`,
	Varan:    `varan,a varan,e varan,ye varan,ya varan,a kadar,e kadar,ye kadar,ya kadar`,
	Checkout: `checkout,at checkout,kasse,warenkorb,panier,carrito,carrello,winkelwagen,kassalla,kassan,w koszyku,v košíku,na kasse,i kassen,kassassa,nel carrello,en caja,la finalizare`,
})

// Longest is the number of words in the longest phrase.
const Longest = 6

// table turns the lists into one look-up. A phrase in several lists has all
// their roles.
func table(lists map[Role]string) map[string]Role {
	out := make(map[string]Role)
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
type filter [256]uint64

var heads = newFilter(cues)

func newFilter(phrases map[string]Role) *filter {
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

// hash gives 0 to 16,383 by a word's length and its first, middle and last byte.
func hash(word string) uint32 {
	n := len(word)
	h := uint32(word[0])*31 + uint32(word[n-1])
	h = h*31 + uint32(word[n/2])
	h = h*31 + uint32(n)
	return (h ^ h>>9) % 16384
}

// Begins reports cheaply whether a phrase may begin with a word in lower case; false
// is certain.
func Begins(word string) bool { return heads.may(word) }

// Of gives the role of a phrase of words in lower case, parted by single blanks; ok
// if a phrase begins like that.
func Of(phrase []byte) (r Role, ok bool) {
	r, ok = cues[string(phrase)]
	return r, ok
}
