package classify

import (
	"strings"

	"usher/classify/trace"
)

// maxChecked bounds the recipients whose address is looked for.
const maxChecked = 8

// addressInURL reports whether the address of a recipient stands in a link, a
// picture or a provider's header field, in any of the usual encodings.
func (r *reading) addressInURL() bool {
	recipients := r.o.Envelope.To
	if len(recipients) == 0 && len(r.m.To) <= 3 {
		for _, a := range r.m.To {
			recipients = append(recipients, a.String())
		}
	}
	for _, to := range recipients[:min(len(recipients), maxChecked)] {
		to = strings.ToLower(strings.TrimSpace(to))
		local, _, ok := strings.Cut(to, "@")
		if !ok || local == "" {
			continue
		}
		n := trace.FormsOf(to)
		for _, l := range r.m.Links {
			if l.Host != "" && (n.In(l.URL) || localIsValue(l.URL, local)) {
				return true
			}
		}
		for _, i := range r.m.Images {
			if i.Host != "" && (n.In(i.URL) || localIsValue(i.URL, local)) {
				return true
			}
		}
		for _, name := range []string{"X-PM-RCPT", "X-Mailgun-Sid", "X-Mailer-RecptId", "X-Mailin-EID", "X-MSFBL"} {
			if v := r.m.Get(name); v != "" && n.In(v) {
				return true
			}
		}
	}
	return false
}

// localIsValue reports whether a local part of five bytes or more is the whole
// value of a parameter; shorter ones, and desks, stand there by chance.
func localIsValue(url, local string) bool {
	if len(local) < 5 || roles[local] || promoLocals[local] || serviceLocals[local] {
		return false
	}
	_, query, ok := strings.Cut(strings.ToLower(url), "?")
	for ok {
		var param string
		param, query, ok = strings.Cut(query, "&")
		if _, value, _ := strings.Cut(param, "="); value == local {
			return true
		}
	}
	return false
}
