package knows

import (
	"slices"
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
	var values []string
	for _, a := range to {
		local, _, _ := strings.Cut(strings.ToLower(a), "@")
		if len(local) >= 5 && !desks[local] {
			values = append(values, local)
		}
	}
	var text trace.Text
	lines, size := 0, 0
	v.eachURL(func(s string) { lines++; size += len(s) })
	text.Grow(lines, size)
	v.eachURL(text.Add)
	text.Look(to, values)
	return text.Found()
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
	for _, i := range v.m.Images {
		if i.Host != "" {
			f(afterHost(i.URL))
		}
	}
	for _, l := range slices.Backward(v.m.Links) {
		if l.Host != "" {
			f(afterHost(l.URL))
		}
	}
}

// afterHost is what follows the host of a URL, where a sender can write.
func afterHost(url string) string {
	start := strings.Index(url, "//") + 2
	if i := strings.IndexAny(url[start:min(len(url), start+300)], "/?"); i >= 0 {
		return url[start+i:]
	}
	return url
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
