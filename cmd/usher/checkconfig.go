package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/urfave/cli/v2"

	"usher/cmd/usher/daemon"
	"usher/cmd/usher/health"
	"usher/cmd/usher/settings"
	"usher/cmd/usher/setup"
	"usher/cmd/usher/show"
	"usher/cmd/usher/web/caller"
	"usher/cmd/usher/web/pages"
	"usher/rules/intents"
	"usher/smtpd"
	"usher/smtpd/auth"
	"usher/smtpd/auth/dns"
	"usher/smtpd/nexthop"
)

func checkConfigCommand(std streams) *cli.Command {
	flags := settings.Flags()
	return &cli.Command{
		Name:  "check-config",
		Usage: "try the settings, greet each next hop, print the lines for Postfix and Dovecot",
		Description: "Takes the settings of `usher serve` and changes nothing. Exit status 1 if a line is BAD;\n" +
			"the lines for Postfix and Dovecot are printed all the same.",
		Flags:  flags,
		Before: settings.FromFile(flags),
		Action: func(c *cli.Context) error {
			s, err := settings.Read(c)
			if err != nil {
				return err
			}
			tried := &checks{out: std.Out}
			tried.hops(c.Context, s)
			if s.Resolver != nil {
				tried.tell("resolver "+c.String("resolver"), resolverError(c.Context, s.Resolver))
			}
			tried.keys(c.Context, s)
			tried.ours(c.Context, s)
			tried.people(s)
			tried.places(s)
			if at := s.MetricsListen; at != "" {
				tried.tell("metrics and health at "+at, addressError(at, func() bool { return health.Answers(c.Context, at) }))
			}
			if s.Web.Listen != "" {
				tried.tell("pages for browsers at "+s.Web.Listen, addressError(s.Web.Listen, func() bool { return pages.Answers(c.Context, s.Web) }))
			}
			if s.Terms.File != "" {
				tried.tell("terms "+s.Terms.File, termsError(s))
			}
			if err := printLines(std.Out, s); err != nil {
				return err
			}
			if len(tried.bad) > 0 { // the lines above have pushed them off the screen
				return show.Hint(fmt.Errorf("this would keep usher from its work: %s", strings.Join(tried.bad, ", ")), "mend the lines marked BAD, at the top, and run this again")
			}
			return nil
		},
	}
}

// checks prints what was tried, line by line.
type checks struct {
	out io.Writer
	bad []string // what is
}

func (t *checks) tell(what string, err error) {
	mark := "ok"
	if err != nil {
		mark, t.bad = "BAD", append(t.bad, what)
		what += ": " + err.Error()
	}
	paragraph, rest, _ := strings.Cut(what, "\n") // a mistake goes on with its line and a caret
	show.List{Rows: [][]string{{mark + strings.Repeat(" ", 3-len(mark)), paragraph}}}.Print(t.out)
	if rest != "" {
		fmt.Fprintln(t.out, rest)
	}
}

// hops tries what mail passes through.
func (t *checks) hops(ctx context.Context, s settings.Settings) {
	t.tell("hostname "+s.Wire.Hostname, nil)
	for _, hop := range s.Wire.Hops {
		offer, err := greet(ctx, s.Wire, hop)
		what := fmt.Sprintf("next hop %s", hop.Out)
		if err == nil {
			what += " answers and offers " + strings.Join(offer, " ")
		}
		t.tell(what, err)
	}
	for name, hop := range map[string]nexthop.Endpoint{"digest hop": s.DigestHop, "relay": s.Relay} {
		if hop != (nexthop.Endpoint{}) {
			_, err := greet(ctx, s.Wire, smtpd.Hop{Out: hop})
			t.tell(fmt.Sprintf("%s %s", name, hop), err)
		}
	}
	if slices.ContainsFunc(s.Wire.Hops, func(h smtpd.Hop) bool { return h.In.TLS() }) {
		t.tell("certificate "+s.Wire.TLSCert+" with key "+s.Wire.TLSKey, s.Wire.CheckCertificate())
	}
	if group := s.Wire.SocketGroup; group != "" {
		_, err := user.LookupGroup(group)
		t.tell("socket group "+group, err)
	}
}

// keys tries what signs mail of our own, where there are keys or they are needed.
func (t *checks) keys(ctx context.Context, s settings.Settings) {
	signer, err := auth.OpenSigner(filepath.Join(s.StateDir, "dkim"), s.Wire.Hostname)
	if errors.Is(err, auth.ErrNoKeys) && !s.Reports && !s.Complaints {
		return
	}
	what := "keys that sign mail of our own"
	if err != nil {
		t.tell(what, fmt.Errorf("%w; `usher dkim` makes them", err))
		return
	}
	missing, err := signer.Missing(ctx, s.Resolver)
	for _, r := range missing {
		err = errors.Join(err, fmt.Errorf("DNS does not have what `usher dkim` prints for %s", r.Name))
	}
	t.tell(what, err)
}

// ours tries the mailboxes that senders write to, where a next hop knows its mailboxes.
func (t *checks) ours(ctx context.Context, s settings.Settings) {
	set, err := s.Wire.Reach()
	keepers := slices.DeleteFunc(slices.Clone(s.Wire.Hops), func(h smtpd.Hop) bool { return !strings.HasPrefix(h.Out.Protocol, "lmtp") })
	if err != nil || len(keepers) == 0 { // the error is told with the next hops
		return
	}
	var boxes []string
	if s.Wire.Delimiter != "" && (s.Reports || s.Complaints) {
		boxes = append(boxes, "bounce"+s.Wire.Delimiter+"test@"+s.Wire.Hostname)
	}
	if s.Reports {
		boxes = append(boxes, "relevance-reports@"+s.Wire.Hostname)
	}
	if s.Complaints {
		boxes = append(boxes, "complaints@"+s.Wire.Hostname)
	}
	for _, box := range boxes {
		var said []string
		is := false
		for _, hop := range keepers {
			r, err := set.Has(ctx, hop.Out, box)
			if is = err == nil && r.Code/100 == 2; is {
				break
			}
			if err == nil { // the error is told with the next hops, too
				said = append(said, fmt.Sprintf("%s answers %d %s", hop.Out, r.Code, r.Text))
			}
		}
		if is {
			t.tell("mailbox "+box, nil)
		} else if len(said) > 0 {
			t.tell("mailbox "+box, errors.New(strings.Join(said, "; ")+"; make it, such as an alias of the postmaster: what we send to senders comes from there, and they answer"))
		}
	}
}

// people tries who may ask what.
func (t *checks) people(s settings.Settings) {
	t.tell(fmt.Sprintf("owners, %d given", len(s.Owners)), ownersError(s))
	if s.AdminGroup != "" {
		_, err := caller.Group(s.AdminGroup)
		t.tell("admin group "+s.AdminGroup, err)
	}
	if s.Delegate != "" {
		t.tell("delegate "+s.Delegate, delegateError(s))
	}
}

// places tries files and folders.
func (t *checks) places(s settings.Settings) {
	t.tell(there("site file", s.SiteFile, "none: only mailboxes with an intents file of their own are judged"), siteFileError(s.SiteFile))
	t.tell(there("intents folder", s.IntentsDir, "not there yet: no person has a file"), folderError(s.IntentsDir))
	t.tell(there("state folder", s.StateDir, "not there yet: the first start makes it"), folderError(s.StateDir))
	t.tell(there("master key", s.MasterKey, "not there yet: the first start makes it"), keyError(s.MasterKey))
	t.tell("command socket "+s.Socket, daemon.SocketError(s.Socket))
}

// printLines writes the lines for the servers around us.
func printLines(w io.Writer, s settings.Settings) error {
	for _, hop := range s.Wire.Hops {
		if err := setup.Print(w, hop, setup.Options{Subaddress: s.Wire.File == smtpd.FileSubaddress, Single: s.Wire.SingleRecipient}); err != nil {
			return err
		}
	}
	if err := setup.PrintResults(w, s.Authserv); err != nil {
		return err
	}
	if err := setup.PrintMoves(w, s.Delegate); err != nil {
		return err
	}
	if err := setup.PrintWeb(w, s.Web.Listen, s.Web.URL); err != nil {
		return err
	}
	site, _, _ := intents.Load(s.SiteFile)
	if v, err := s.Terms.Read(site, time.Now()); err == nil && s.Terms.File != "" {
		return setup.PrintTerms(w, v.Document, v.Text, setup.Published{URL: v.At, Listen: s.Web.Listen})
	}
	return nil
}

// termsError is what keeps the terms from being published.
func termsError(s settings.Settings) error {
	site, _, _ := intents.Load(s.SiteFile) // what is wrong with it is told by itself
	_, err := s.Terms.Read(site, time.Now())
	if errors.Is(err, os.ErrNotExist) {
		return errors.New("not there: `usher terms write` makes it")
	}
	return err
}

// greet asks a next hop what it offers.
func greet(ctx context.Context, wire smtpd.Config, hop smtpd.Hop) ([]string, error) {
	set, err := wire.Reach()
	if err != nil {
		return nil, err
	}
	return nexthop.Greet(ctx, hop.Out, set)
}

// resolverError is what keeps a DNS server from answering; that the root has no
// such record is an answer.
func resolverError(ctx context.Context, resolver dns.Source) error {
	_, err := resolver.Ask(ctx, dns.Question{Kind: dns.TXT, Name: "."})
	return err
}

// there names a file or folder, and says what it means that it is not there.
func there(what, path, absent string) string {
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return what + " " + path + " (" + absent + ")"
	}
	return what + " " + path
}

// ownersError is what is wrong with the map of owners.
func ownersError(s settings.Settings) error {
	owners, err := caller.ParseOwners(s.Owners, s.Wire.Delimiter)
	for name := range owners {
		if _, unknown := user.Lookup(name); unknown != nil && strings.Trim(name, "0123456789") != "" {
			err = errors.Join(err, fmt.Errorf("this machine knows no user %q", name))
		}
	}
	return err
}

// delegateError is what keeps the delegate from being one.
func delegateError(s settings.Settings) error {
	name := s.Delegate
	u, err := user.Lookup(name)
	if err != nil {
		u, err = user.LookupId(name)
	}
	if err != nil && strings.Trim(name, "0123456789") != "" {
		return fmt.Errorf("this machine knows no user %q", name)
	}
	if name == "0" || err == nil && u.Uid == "0" {
		return errors.New("root reads every mailbox, and a delegate may report moves alone: name the user that the mail server delivers as, such as vmail")
	}
	if owners, _ := caller.ParseOwners(s.Owners, s.Wire.Delimiter); owners[name] != nil {
		return errors.New("it is the owner of mailboxes, too, and could ask nothing of them: give them to another user")
	}
	return nil
}

// addressError is what would keep usher from answering at an address: anybody
// else there than usher itself.
func addressError(address string, isUs func() bool) error {
	l, err := net.Listen("tcp", address)
	if err == nil {
		return l.Close()
	}
	if errors.Is(err, syscall.EADDRINUSE) && isUs() {
		return nil
	}
	return err
}

// keyError is what is wrong with the file of the master key.
func keyError(path string) error {
	s, err := os.Stat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil
	case err != nil:
		return err
	case s.Mode().Perm()&0o077 != 0:
		return fmt.Errorf("others can read it: chmod 600 %s", path)
	case s.Size() != 32:
		return fmt.Errorf("it holds %d bytes, a key is 32: restore it from your backup", s.Size())
	}
	return nil
}

// siteFileError is what is wrong with the site's statements; having none is well.
func siteFileError(path string) error {
	_, errs, err := intents.Load(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return cmp.Or(err, errs.Err())
}

func folderError(path string) error {
	s, err := os.Stat(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err == nil && !s.IsDir() {
		return errors.New("it is not a folder")
	}
	return err
}
