package auth

import (
	"net/netip"
	"strings"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"

	"usher/classify/mail"
)

// OrgDomain is the domain that its owner registered: one label below the
// public suffix, by the Public Suffix List with its private section, in lower
// case A-labels. It is "" for a public suffix itself, a single label, an
// address literal, and what is no domain at all.
func OrgDomain(domain string) string {
	host := hostname(domain)
	if host == "" {
		return ""
	}
	if _, err := netip.ParseAddr(host); err == nil {
		return ""
	}
	org, err := publicsuffix.EffectiveTLDPlusOne(host)
	if err != nil {
		return ""
	}
	return org
}

// toASCII is lenient about hyphens and underscores, which real names have where
// IDNA allows none: "_domainkey", "r3---sn".
var toASCII = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(false), idna.CheckHyphens(false))

// hostname is the domain in lower case A-labels without the final dot, or ""
// if it is none.
func hostname(domain string) string {
	domain = strings.TrimSuffix(strings.TrimSpace(domain), ".")
	host, err := toASCII.ToASCII(domain)
	if err != nil {
		host = strings.ToLower(domain)
	}
	if host == "" || len(host) > 253 {
		return ""
	}
	for i := range len(host) {
		if c := host[i]; c <= ' ' || c >= 0x7f || strings.IndexByte(`"()<>@,;:\[]`, c) >= 0 {
			return ""
		}
	}
	if host[0] == '.' || strings.Contains(host, "..") {
		return ""
	}
	return host
}

// senderKey is the name under which a proven sender is known: its
// organisational domain, at a freemail domain the whole address, and nothing at
// a public suffix or a mail provider's host, from where many strangers send.
func senderKey(id *mail.Identity) string {
	switch {
	case id.OrgDomain == "" || isProvider(id.Domain):
		return ""
	case freemail[id.OrgDomain]:
		return strings.ToLower(id.Address)
	}
	return id.OrgDomain
}

// domainOf is what follows the last @ of an address, or all of it.
func domainOf(address string) string {
	return address[strings.LastIndexByte(address, '@')+1:]
}

// isProvider reports whether the domain belongs to a mail provider, who signs
// for whoever pays.
func isProvider(domain string) bool {
	for name := domain; name != ""; {
		if providers[name] {
			return true
		}
		_, name, _ = strings.Cut(name, ".")
	}
	return false
}

var providers = set(`
	mcsv.net mcdlv.net rsgsv.net list-manage.com mailchimpapp.net mailchi.mp mandrillapp.com
	sendgrid.net amazonses.com awstrack.me mailgun.org mailgun.net mailgun.info postgun.com
	mtasv.net pstmrk.it sparkpostmail.com sender-sib.com sendibt2.com sendibt3.com sendibm1.com
	mailjet.com mjt.lu exacttarget.com exct.net klaviyomail.com kmail-lists.com
	iterable.com itbl.co customeriomail.com hubspotemail.net hubspotlinks.com mktomail.com
	ccsend.com rs6.net activehosted.com emsd1.com cleverreach.com crsend.com
	inxmail.com inxserver.com rmh1.net emarsys.net neolane.net mkt.dynamics.com
	cmail19.com cmail20.com createsend.com`)

// freemail lists the large hosts whose users are strangers to each other.
var freemail = set(`
	gmail.com googlemail.com outlook.com hotmail.com live.com msn.com passport.com
	hotmail.co.uk hotmail.fr hotmail.de hotmail.it hotmail.es live.co.uk live.fr live.nl live.se
	outlook.de outlook.fr outlook.es outlook.it outlook.jp outlook.com.br
	yahoo.com yahoo.co.uk yahoo.co.jp yahoo.co.in yahoo.com.br yahoo.de yahoo.es yahoo.fr yahoo.it
	yahoo.ca yahoo.in ymail.com rocketmail.com aol.com aim.com
	icloud.com me.com mac.com proton.me protonmail.com pm.me tuta.com tuta.io tutanota.com tutanota.de
	fastmail.com fastmail.fm zoho.com zohomail.com hey.com mail.com email.com usa.com
	posteo.de posteo.net mailbox.org gmx.de gmx.net gmx.at gmx.ch gmx.com web.de t-online.de freenet.de
	arcor.de bluewin.ch aon.at orange.fr wanadoo.fr free.fr laposte.net sfr.fr neuf.fr
	libero.it virgilio.it alice.it tiscali.it tin.it telefonica.net ziggo.nl xs4all.nl planet.nl
	telenet.be skynet.be telia.com bredband.net spray.se online.no luukku.com elisanet.fi kolumbus.fi
	suomi24.fi saunalahti.fi pp.inet.fi mail.ee hot.ee inbox.lv o2.pl wp.pl onet.pl interia.pl
	seznam.cz email.cz centrum.cz azet.sk freemail.hu citromail.hu abv.bg mail.bg ukr.net i.ua
	mail.ru bk.ru inbox.ru list.ru yandex.ru yandex.com ya.ru rambler.ru mynet.com walla.co.il
	btinternet.com sky.com talktalk.net virginmedia.com ntlworld.com comcast.net verizon.net att.net
	sbcglobal.net bellsouth.net cox.net charter.net earthlink.net rogers.com shaw.ca
	bigpond.com optusnet.com.au xtra.co.nz uol.com.br bol.com.br terra.com.br ig.com.br
	qq.com foxmail.com 163.com 126.com yeah.net sina.com sohu.com aliyun.com
	naver.com daum.net hanmail.net kakao.com nate.com docomo.ne.jp ezweb.ne.jp softbank.ne.jp nifty.com
	rediffmail.com`)

func set(words string) map[string]bool {
	m := make(map[string]bool)
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}
