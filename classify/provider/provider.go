// Package provider names the mail provider that carried a message. It never says
// what kind of mail it is, since people write through providers too.
package provider

import (
	"strings"

	"usher/classify/mail"
)

// maxValue is how much of one header field, and of one URL, is looked at, in
// bytes.
const maxValue = 500

// Of names the mail provider that carried a message, "" if none was seen. Its
// header, reverse-path and signatures say so; its links and pictures do only if
// passedOn is false, since those of a forwarded mail are another's. A tool for
// campaigns is named before the carrier on which it rides.
func Of(o *mail.Object, passedOn bool) string {
	var s Sight
	if m := o.Message; m != nil && !passedOn {
		for _, i := range m.Images {
			s.Image(i)
		}
		for _, l := range m.Links {
			s.Link(l)
		}
	}
	return s.Of(o, passedOn)
}

// OfHost names the provider to whom a host belongs, "" for none. Such a host is
// never a brand.
func OfHost(host string) string {
	t := table()
	return t.name(t.ofHost(host))
}

// LendsAddresses reports whether just that host of a provider, in lower case,
// gives each of its users an address that nobody else writes from. A sender
// there is known by the whole address.
func LendsAddresses(host string) bool { return table().lenders[host] }

// Use is what a URL on a provider's host, or of its shape, is made for.
type Use uint8

// The uses.
const (
	Other Use = iota
	Open      // a picture that tells of an opening
	Click     // a link that tells of a click, and leads on
)

// Sight is what the links and pictures of one message say of its provider. The
// zero Sight has seen none.
type Sight struct {
	links, images tally
	opens         rank // the provider to whom a picture tells of an opening, plus one

	host string // the last one looked up, since most of a mail's links lead to one
	own  rank
}

// tally counts URLs by their provider.
type tally struct {
	all    int
	counts []count // of the few that were seen
}

type count struct {
	at rank
	n  int
}

func (t *tally) add(at rank) {
	t.all++
	if at == none {
		return
	}
	for i := range t.counts {
		if t.counts[i].at == at {
			t.counts[i].n++
			return
		}
	}
	t.counts = append(t.counts, count{at, 1})
}

// most is the rank that half of all have, none if there is none such.
func (t *tally) most() rank {
	best := none
	for _, c := range t.counts {
		if c.n*2 >= t.all {
			best = best.over(c.at)
		}
	}
	return best
}

// Link names the provider through which a link passes, "" if none is known.
func (s *Sight) Link(l mail.Link) (name string, use Use) {
	if l.Host == "" {
		return "", Other
	}
	at, use := s.look(l.URL, l.Host, false)
	s.links.add(at)
	return table().name(at), use
}

// Image names the provider that hears of a picture being loaded, "" if none is
// known.
func (s *Sight) Image(i mail.Image) (name string, use Use) {
	if i.Host == "" {
		return "", Other
	}
	at, use := s.look(i.URL, i.Host, Tiny(i))
	s.images.add(at)
	if use == Click {
		use = Open // a picture is loaded through it without a click
	}
	if use == Open && (s.opens == 0 || at+1 < s.opens) {
		s.opens = at + 1
	}
	return table().name(at), use
}

func (s *Sight) look(url, host string, tiny bool) (rank, Use) {
	t := table()
	if host != s.host {
		s.host, s.own = host, t.ofHost(host)
	}
	return t.ofURL(url, host, s.own, tiny)
}

// Of names the provider as the function Of does, from what was seen.
func (s *Sight) Of(o *mail.Object, passedOn bool) string {
	if o.Message == nil {
		return ""
	}
	t := table()
	said := t.inHeader(o)
	if said.tool() || passedOn || len(o.Message.InReplyTo) > 0 {
		return t.name(said)
	}
	linked := s.links.most().over(s.images.most())
	if s.opens > 0 {
		linked = linked.over(s.opens - 1)
	}
	if linked.tool() || said == none {
		said = linked
	}
	return t.name(said)
}

// Tiny reports a picture of 2×2 dots or less.
func Tiny(i mail.Image) bool { return 0 <= i.Width && i.Width <= 2 && 0 <= i.Height && i.Height <= 2 }

// inHeader looks through the header, the reverse-path and the domains that sign.
func (t *providers) inHeader(o *mail.Object) rank {
	best := t.hasMark("return-path", o.Envelope.From)
	best = best.over(t.ofHost(hostAfter(o.Envelope.From)))
	var buffer [40]byte
	for _, f := range o.Message.Fields {
		if len(f.Name) > len(buffer) {
			continue
		}
		name := lowered(buffer[:0], f.Name)
		value := f.Value[:min(len(f.Value), maxValue)]
		switch string(name) {
		case "feedback-id", "x-feedback-id":
			best = best.over(t.ofFeedback(value))
			continue
		case "message-id":
			best = best.over(t.ofHost(hostAfter(value)))
			continue
		case "return-path":
			best = best.over(t.ofHost(hostAfter(value)))
		case "dkim-signature":
			best = best.over(t.ofHost(signer(value)))
			continue
		}
		if marks := t.fields[string(name)]; marks != nil {
			best = best.over(marks.in(value))
			continue
		}
		for _, p := range t.prefixes {
			if strings.HasPrefix(string(name), p.text) {
				best = best.over(p.rank)
			}
		}
	}
	return best
}

// ofFeedback reads the last part of a Feedback-ID, which names who sent the mail.
func (t *providers) ofFeedback(value string) rank {
	value = strings.TrimSpace(value)
	if at, ok := t.feedback[strings.ToLower(value[strings.LastIndexByte(value, ':')+1:])]; ok && strings.Contains(value, ":") {
		return at
	}
	return none
}

func (t *providers) hasMark(field, value string) rank {
	if marks := t.fields[field]; marks != nil && value != "" {
		return marks.in(value[:min(len(value), maxValue)])
	}
	return none
}

func hostAfter(address string) string {
	_, host, _ := strings.Cut(strings.Trim(address, "<> "), "@")
	return strings.ToLower(host)
}

// signer is the domain of a DKIM-Signature, as it is claimed: providers sign
// beside their customers, so it is seen whether or not it was verified.
func signer(value string) string {
	for tag := range strings.SplitSeq(value, ";") {
		if name, domain, ok := strings.Cut(tag, "="); ok && strings.TrimSpace(name) == "d" {
			return strings.ToLower(strings.TrimSpace(domain))
		}
	}
	return ""
}

func lowered(to []byte, s string) []byte {
	for i := range len(s) {
		c := s[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		to = append(to, c)
	}
	return to
}
