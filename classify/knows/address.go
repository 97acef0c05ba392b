package knows

import (
	"strings"

	"usher/classify/mail"
	"usher/classify/trace"
)

// maxRecipients bounds the recipients whose address is looked for.
const maxRecipients = 4

// addressFields are header fields in which providers write the recipient's
// address for themselves, and those that hold a link.
var addressFields = map[string]bool{
	"x-pm-rcpt": true, "x-mailgun-sid": true, "x-mailgun-variables": true, "x-mailer-recptid": true, "x-mailin-eid": true,
	"x-msfbl": true, "list-unsubscribe": true, "x-report-abuse": true,
}

// addresses counts the links, pictures and header fields in which the address of
// a recipient stands, in any of the usual encodings.
func (v *View) addresses() (n int) {
	to := v.recipients()
	if len(to) == 0 {
		return 0
	}
	// All are searched as one text; only where that finds something, each alone.
	var text trace.Text
	v.eachURL(text.Add)
	if !hasAny(&text, to) {
		return 0
	}
	v.eachURL(func(s string) {
		var one trace.Text
		one.Add(s)
		if hasAny(&one, to) {
			n++
		}
	})
	return max(n, 1)
}

// eachURL gives every link and picture, from the last link on, since the one to
// unsubscribe by stands there, and the values of the fields.
func (v *View) eachURL(f func(string)) {
	var buffer [24]byte
	for _, h := range v.m.Fields {
		if len(h.Name) > len(buffer) || h.Value == "" {
			continue
		}
		name := buffer[:len(h.Name)]
		for i := range len(h.Name) {
			if name[i] = h.Name[i]; 'A' <= name[i] && name[i] <= 'Z' {
				name[i] += 'a' - 'A'
			}
		}
		if addressFields[string(name)] {
			f(h.Value)
		}
	}
	for i := min(len(v.m.Images), maxURLs) - 1; i >= 0; i-- {
		if v.m.Images[i].Host != "" {
			f(v.m.Images[i].URL)
		}
	}
	links := v.m.Links
	for i := len(links) - 1; i >= max(0, len(links)-maxURLs); i-- {
		if links[i].Host != "" {
			f(links[i].URL)
		}
	}
}

func hasAny(text *trace.Text, addresses []string) bool {
	for _, a := range addresses {
		if text.HasAddress(a) {
			return true
		}
		local, _, _ := strings.Cut(strings.ToLower(a), "@")
		if len(local) >= 5 && !desks[local] && text.HasValue(local) {
			return true
		}
	}
	return false
}

// desks are local parts that stand in links by chance.
var desks = map[string]bool{
	"admin": true, "billing": true, "contact": true, "customer": true, "email": true, "hello": true, "marketing": true, "newsletter": true,
	"office": true, "orders": true, "press": true, "sales": true, "service": true, "support": true, "webmaster": true, "postmaster": true,
	"account": true, "accounts": true, "team": true, "default": true, "website": true, "index": true, "mobile": true, "online": true,
}

// recipients are those of the envelope, or, without one, those of the header.
func (v *View) recipients() (list []string) {
	for _, to := range v.o.Envelope.To[:min(len(v.o.Envelope.To), maxRecipients)] {
		if _, _, ok := mail.SplitAddress(to); ok {
			list = append(list, strings.TrimSpace(to))
		}
	}
	if len(v.o.Envelope.To) > 0 || len(v.m.To) > maxRecipients {
		return list
	}
	for _, a := range v.m.To {
		if a.Local != "" && a.Domain != "" {
			list = append(list, a.String())
		}
	}
	return list
}
