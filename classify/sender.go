package classify

import (
	"slices"
	"strings"

	"usher/classify/mail"
	"usher/classify/provider"
	"usher/classify/words"
)

// set makes a look-up of the words of a text.
func set(list string) map[string]bool {
	s := map[string]bool{}
	for _, w := range strings.Fields(list) {
		s[w] = true
	}
	return s
}

// What the local part of a sender's address says. A detail after "+" and
// digits at the end do not count.
var (
	promoLocals = set(`news newsletter newsletters offers offer deals deal promo promos promotions sale sales marketing
		specials campaign campaigns mailing mailings emailing nieuwsbrief uutiskirje nyhetsbrev nyhedsbrev newsletter-de boletin
		infolettre bulletin digest editor editors editorial mailer enews e-news updates update hello shop store style rewards club
		announce announcements daily weekly headlines member members loyalty crm email e-mail mail-news tarjoukset angebote`)
	serviceLocals = set(`order orders billing invoice invoices receipt receipts security shipping account accounts shipment tracking
		delivery payments payment service-payments confirm confirmation confirmations booking bookings reservation reservations
		tickets rechnung facturation factura tilaukset lasku laskutus kundenservice auto-confirm ship-confirm order-update
		shipment-tracking verify verification appointments buchung bestellung commande pedidos ordini fattura zamowienia travel`)
	robotLocals = set(`notifications notification notify alert alerts mailer-daemon postmaster root cron daemon jenkins builds build
		ci bot robot monitor monitoring nagios zabbix system automailer automated backup status bugzilla jira gitlab github
		messages-noreply reports dmarc-noreply noreply-dmarc-support mail-daemon`)
	noReplies = set(`noreply no-reply donotreply do-not-reply no_reply do_not_reply dontreply nepasrepondre ne-pas-repondre keine-antwort
		nicht-antworten noresponder no-responder non-rispondere nao-responda svar-ej ala-vastaa alavastaa ei-vastausta noreplies no.reply`)
	roles = set(`info contact team support help customerservice customer.service service kundenservice hello office press media
		admin webmaster feedback subscriptions subscribe list lists membership community events event action campaign donate
		asiakaspalvelu kontakt contacto contatto yhteys post mail hi welcome connect care`)
	// bulkLabels begin the name of a domain that is made for mailings.
	bulkLabels = set(`news newsletter newsletters email e em em1 em2 emails mailing mailings campaign campaigns marketing promo
		promotions offers deals edm enews e-news emarketing communications comms nl mailer bulk lists shopping reply mktg click links
		info-mail update updates mailout m.email letter letters crm`)
)

// sender finds what the sender's name and address say. They are claims, and
// are used only to tell one kind of mail from another.
func (r *reading) sender() {
	r.provider = r.seen.Provider
	if len(r.m.From) == 0 {
		return
	}
	from := r.m.From[0]
	local := localWord(from.Local)
	parts := strings.FieldsFunc(local, func(c rune) bool { return c == '.' || c == '-' || c == '_' })
	in := func(s map[string]bool) bool {
		return s[local] || slices.ContainsFunc(parts, func(p string) bool { return s[p] })
	}
	switch {
	case noReplies[local] || strings.HasPrefix(local, "noreply") || strings.HasPrefix(local, "no-reply") || strings.Contains(local, "donotreply"):
		r.find("noreply", clip(from.Local, 40)+"@")
	case in(serviceLocals):
		r.find("from_service", clip(from.Local, 40))
	case in(robotLocals):
		r.find("from_robot", clip(from.Local, 40))
	case in(promoLocals):
		r.find("from_promo", clip(from.Local, 40))
	case roles[local]:
		r.find("role", clip(from.Local, 40))
	case isPerson(from):
		r.find("person", "")
	}
	r.findIf(provider.IsFreemail(from.Domain), "freemail", "")
	r.findIf(r.isRecipientDomain(from.Domain), "same_domain", "")
	if label, rest, ok := strings.Cut(from.Domain, "."); ok && strings.Contains(rest, ".") && bulkLabels[label] {
		r.find("bulk_domain", from.Domain)
	}
	name := phrases().count(words.Fold(clip(from.Name, 200)))
	r.findIf(name.has(newsletter), "name_news", clip(from.Name, 60))
	r.returnPath(from)
	r.recipients()
}

// localWord is a local part as the tables list it: lower case, without a
// detail and without digits at its end.
func localWord(local string) string {
	local, _, _ = strings.Cut(strings.ToLower(clip(local, 64)), "+")
	return strings.TrimRight(local, "0123456789-_.")
}

// isPerson reports whether display name and local part are those of one
// person: two or three words, one of which (or its initial with another) is in
// the local part.
func isPerson(a mail.Address) bool {
	names := strings.FieldsFunc(words.Fold(clip(a.Name, 100)), func(c rune) bool { return !words.InWord(c) && c != '\'' })
	local := strings.ToLower(a.Local)
	if len(names) < 2 || len(names) > 4 {
		return false
	}
	for _, w := range names {
		if len(w) > 3 && strings.Contains(local, w) && !strings.Contains(a.Domain, w) {
			return true
		}
	}
	return false
}

// returnPath looks at where returns go: per message, or to another domain.
func (r *reading) returnPath(from mail.Address) {
	back := r.o.Envelope.From
	if back == "" {
		back = strings.Trim(r.m.Get("Return-Path"), "<> ")
	}
	local, domain, ok := mail.SplitAddress(back)
	if !ok {
		return
	}
	r.findIf(isVERP(local), "verp", "")
	domain = strings.ToLower(domain)
	related := strings.HasSuffix(domain, lastLabels(from.Domain)) || strings.HasSuffix(from.Domain, lastLabels(domain))
	r.findIf(!related, "return_elsewhere", "")
}

// isVERP reports whether the local part is of one message alone: "+" or "-"
// before "=", or nine digits.
func isVERP(local string) bool {
	if eq := strings.LastIndexByte(local, '='); eq > 0 && strings.ContainsAny(local[:eq], "+-") {
		return true
	}
	run := 0
	for _, c := range []byte(local) {
		if c < '0' || c > '9' {
			run = 0
			continue
		}
		if run++; run >= 9 {
			return true
		}
	}
	return false
}

// lastLabels gives the last two labels of a domain. It is no organisational
// domain, and serves only as a hint.
func lastLabels(domain string) string {
	labels := strings.Split(domain, ".")
	return strings.Join(labels[max(0, len(labels)-2):], ".")
}

func (r *reading) recipients() {
	named := 0
	for _, a := range r.m.To {
		if a.Domain != "" {
			named++
		}
	}
	r.findIf(named >= 2 && named <= 30, "several_to", "")
	r.findIf(named == 0, "undisclosed", "")
}
