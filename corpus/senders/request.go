// Package senders collects, for those who ask for it in the DNS, how relevant their
// mail is here, and seals it into reports. It never tells anything about one mailbox,
// and collects nothing for who does not ask.
package senders

import (
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"usher/classify/mail"
)

// Bounds of a record.
const (
	maxRecord = 1024 // bytes
	maxURIs   = 2
	version   = "v=RELRPT1"
	label     = mail.LabelRelevance + "."
)

// Request is what a sender asks for.
type Request struct {
	Domain string    `json:"domain"` // organisational
	By     string    `json:"by"`     // "feedback-id", "list-id" or "domain"
	URIs   []string  `json:"rua"`    // mailto: or https:; none means that reports are only kept
	First  time.Time `json:"first"`  // when it was first seen
	Looked time.Time `json:"looked"` // when it was last seen
	// Stopped are those of the URIs to which no reports go, since somebody there said so;
	// one that the record no longer has is forgotten.
	Stopped []string `json:"stopped,omitempty"`
}

// Ends is when a request is forgotten that is not seen again; one that was stopped stays
// so for as long as reports are kept.
func (r Request) Ends() time.Time {
	if len(r.Stopped) > 0 {
		return r.Looked.Add(400 * day)
	}
	return r.Looked.Add(30 * day)
}

// Errors of a record.
var (
	errNone = errors.New("it asks for no reports")
	errTwo  = errors.New("it asks twice")
	errRead = errors.New("its record cannot be read")
)

// ParseRequest reads what a domain's TXT records at _relevance ask. What is wrong asks
// for nothing.
func ParseRequest(domain string, records []string) (Request, error) {
	r := Request{Domain: domain, By: "feedback-id"}
	records = slices.DeleteFunc(slices.Clone(records), func(s string) bool { return !asks(s) })
	switch {
	case len(records) == 0:
		return r, errNone
	case len(records) > 1:
		return r, errTwo
	case len(records[0]) > maxRecord:
		return r, errRead
	}
	seen := map[string]bool{}
	for _, tag := range strings.Split(records[0], ";") {
		name, value, is := strings.Cut(tag, "=")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		if name == "" && !is {
			continue
		}
		if !is || seen[name] {
			return r, errRead
		}
		seen[name] = true
		switch name {
		case "by":
			if !slices.Contains([]string{"feedback-id", "list-id", "domain"}, value) {
				return r, errRead
			}
			r.By = value
		case "rua":
			r.URIs = destinations(value)
		}
	}
	return r, nil
}

// asks reports whether a record begins as one of ours does.
func asks(record string) bool {
	first, _, _ := strings.Cut(record, ";")
	return strings.TrimRight(first, " ") == version
}

// destinations are the first URIs that reports may go to; what else stands there is
// left out.
func destinations(list string) (uris []string) {
	for i, s := range strings.Split(list, ",") {
		if i >= maxURIs {
			break
		}
		if s = strings.TrimSpace(s); hostOf(s) != "" {
			uris = append(uris, s)
		}
	}
	return uris
}

// hostOf is the host of a destination: mailto: with one address, or https: on its usual
// port, without a user; "" if it is neither.
func hostOf(uri string) string {
	u, err := url.Parse(uri)
	if err != nil || u.Fragment != "" || strings.ContainsFunc(uri, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return ""
	}
	switch u.Scheme {
	case "mailto":
		local, host, is := strings.Cut(u.Opaque, "@")
		if !is || local == "" || strings.ContainsAny(u.Opaque, "%,<>\"") || strings.Contains(host, "@") || u.RawQuery != "" || !strings.Contains(host, ".") {
			return ""
		}
		return strings.ToLower(host)
	case "https":
		if u.User != nil || u.Port() != "" || !strings.Contains(u.Hostname(), ".") {
			return ""
		}
		return strings.ToLower(u.Hostname())
	}
	return ""
}
