// Package setup writes the lines by which Postfix and Dovecot are told of usher.
// It never changes their files.
package setup

import (
	"embed"
	"fmt"
	"io"
	"net"
	"net/url"
	"regexp"
	"strings"
	"text/template"

	"usher/classify/mail"
	"usher/rules/terms"
	"usher/smtpd"
	"usher/smtpd/nexthop"
)

//go:embed *.txt
var texts embed.FS

var lines = template.Must(template.New("").Funcs(template.FuncMap{
	"join":  func(ids []string) string { return strings.Join(ids, ", ") },
	"quote": func(id string) string { return strings.ReplaceAll(regexp.QuoteMeta(id), "/", `\/`) },
}).ParseFS(texts, "*.txt"))

// The shapes in which usher stands on the path of mail, named after the text
// that sets each up.
const (
	lmtp        = "lmtp.txt"         // LMTP in and out: between Postfix and the mailboxes
	beforeQueue = "before-queue.txt" // SMTP in and out: before Postfix's queue
	afterQueue  = "after-queue.txt"  // LMTP in, SMTP out: behind Postfix's queue
)

// side is one end of a hop, as the texts write it.
type side struct {
	Postfix    string // inet:[HOST]:PORT or unix:PATH
	Plain      string // HOST:PORT, or unix:PATH
	Host, Port string
	Path       string // of a unix socket
	TLS        bool
}

// hop is what the texts speak of.
type hop struct {
	In, Out side
	Options
	Bypass string
}

// Options are what else a hop's lines depend on.
type Options struct {
	Subaddress bool // mail is filed by user+Folder, not by a field
	Single     bool // one recipient a transaction
}

// Fallback reports whether Postfix can deliver straight to the next hop: over
// TCP, and with the TLS that it would use to us.
func (h hop) Fallback() bool { return h.Out.Path == "" && h.In.TLS == h.Out.TLS }

// Print writes what Postfix, and where it is the next hop Dovecot, need for one
// hop.
func Print(w io.Writer, h smtpd.Hop, o Options) error {
	name := lmtp
	switch in, out := h.In.LMTP(), h.Out.LMTP(); {
	case in && !out:
		name = afterQueue
	case !in:
		name = beforeQueue
	}
	of := hop{In: sideOf(h.In), Out: sideOf(h.Out), Options: o, Bypass: bypass(h)}
	if err := lines.ExecuteTemplate(w, name, of); err != nil {
		return fmt.Errorf("print the lines for %s: %w", h, err)
	}
	return nil
}

// PrintResults writes what Postfix needs so that nobody else writes
// Authentication-Results under an id of ours; nothing where there is none.
func PrintResults(w io.Writer, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	if err := lines.ExecuteTemplate(w, "results.txt", ids); err != nil {
		return fmt.Errorf("print the lines for Authentication-Results: %w", err)
	}
	return nil
}

// PrintWeb writes what a web server needs that stands before the pages for browsers;
// nothing where none does.
func PrintWeb(w io.Writer, listen, where string) error {
	u, err := url.Parse(where)
	if err != nil || u.Scheme != "https" || listen == "" {
		return nil
	}
	if err := lines.ExecuteTemplate(w, "web.txt", map[string]string{"Host": u.Hostname(), "Listen": listen}); err != nil {
		return fmt.Errorf("print the lines for a web server: %w", err)
	}
	return nil
}

// Published says where terms are found.
type Published struct {
	URL    string
	Listen string // the address of the pages, which answers for them too; "": nothing does
}

// PrintTerms writes how senders find the terms of a site: the record for its DNS, and
// what its web server must pass on.
func PrintTerms(w io.Writer, d terms.Document, text []byte, at Published) error {
	u, err := url.Parse(at.URL)
	if err == nil {
		name, txt := d.Pointer(text, at.URL)
		err = lines.ExecuteTemplate(w, "terms.txt", map[string]string{
			"Domain": d.Domain, "Record": terms.Zone(name, txt), "Host": u.Hostname(), "Path": u.Path, "Listen": at.Listen, "Here": mail.PathTerms, "Earlier": mail.PathTermsOf,
		})
	}
	if err != nil {
		return fmt.Errorf("print the lines for terms: %w", err)
	}
	return nil
}

// PrintMoves writes what Dovecot needs to report what people move, as the user that
// it delivers as; nothing where that is nobody.
func PrintMoves(w io.Writer, delegate string) error {
	if delegate == "" {
		return nil
	}
	if err := lines.ExecuteTemplate(w, "moves.txt", delegate); err != nil {
		return fmt.Errorf("print the lines for reports of moves: %w", err)
	}
	return nil
}

// Bypass is how an admin takes usher off the path of mail.
func Bypass(c smtpd.Config) string {
	if len(c.Hops) == 0 {
		return "postconf -e 'virtual_transport=lmtp:inet:[127.0.0.1]:24' && postfix reload"
	}
	return bypass(c.Hops[0])
}

func bypass(h smtpd.Hop) string {
	switch in, out := h.In.LMTP(), h.Out.LMTP(); {
	case in && out:
		return "postconf -e 'virtual_transport=lmtp:" + sideOf(h.Out).Postfix + "' && postfix reload"
	case in:
		return "postconf -e 'content_filter=' && postfix reload"
	}
	return "postconf -P 'smtp/inet/smtpd_proxy_filter=' && postfix reload"
}

func sideOf(e nexthop.Endpoint) side {
	s := side{TLS: e.TLS()}
	if e.Network == "unix" {
		s.Path, s.Postfix, s.Plain = e.Address, "unix:"+e.Address, "unix:"+e.Address
		return s
	}
	host, port, err := net.SplitHostPort(e.Address)
	if err != nil {
		host = e.Address
	}
	s.Host, s.Port, s.Plain = host, port, e.Address
	s.Postfix = "inet:[" + host + "]:" + port
	return s
}
