package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"usher/cmd/usher/web"
	"usher/rules/intents"
	"usher/smtpd"
	"usher/smtpd/nexthop"
)

func checkConfigCommand(std streams) *cli.Command {
	flags := serveFlags()
	return &cli.Command{
		Name:  "check-config",
		Usage: "try the settings, greet each next hop, print the lines for Postfix and Dovecot",
		Description: "Takes the settings of `usher serve` and changes nothing. Exit status 1 if a line is BAD;\n" +
			"the lines for Postfix and Dovecot are printed all the same.",
		Flags:  flags,
		Before: fromFile(flags),
		Action: func(c *cli.Context) error {
			s, err := readSettings(c)
			if err != nil {
				return err
			}
			bad := 0
			check := func(what string, err error) {
				mark := "ok  "
				if err != nil {
					mark, bad = "BAD ", bad+1
					what += ": " + err.Error()
				}
				fmt.Fprintf(std.out, "%s %s\n", mark, what)
			}
			check("hostname "+s.wire.Hostname, nil)
			for _, hop := range s.wire.Hops {
				offer, err := nexthop.Greet(c.Context, hop.Out, s.wire.Hostname)
				what := fmt.Sprintf("next hop %s", hop.Out)
				if err == nil {
					what += " answers and offers " + strings.Join(offer, " ")
				}
				check(what, err)
			}
			check(fmt.Sprintf("owners, %d given", len(s.owners)), ownersError(s))
			check(there("site file", s.siteFile, "none: only mailboxes with an intents file of their own are judged"), siteFileError(s.siteFile))
			check(there("intents folder", s.intentsDir, "not there yet: no person has a file"), folderError(s.intentsDir))
			check(there("state folder", s.stateDir, "not there yet: the first start makes it"), folderError(s.stateDir))
			check(there("master key", s.masterKey, "not there yet: the first start makes it"), keyError(s.masterKey))
			check("command socket "+s.socket, socketError(s.socket))
			for _, hop := range s.wire.Hops {
				std.printLines(s, hop)
			}
			if bad > 0 {
				return hint(fmt.Errorf("%d of these would keep usher from its work", bad), "mend the lines marked BAD and run this again")
			}
			return nil
		},
	}
}

// there names a file or folder, and says what it means that it is not there.
func there(what, path, absent string) string {
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return what + " " + path + " (" + absent + ")"
	}
	return what + " " + path
}

// ownersError is what is wrong with the map of owners.
func ownersError(s settings) error {
	owners, err := web.ParseOwners(s.owners, s.wire.Delimiter)
	for name := range owners {
		if _, unknown := user.Lookup(name); unknown != nil && strings.Trim(name, "0123456789") != "" {
			err = errors.Join(err, fmt.Errorf("this machine knows no user %q", name))
		}
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

// socketError is what would keep the command socket from being opened.
func socketError(path string) error {
	if _, err := os.Stat(filepath.Dir(path)); err != nil {
		return fmt.Errorf("its folder is not there: systemd's RuntimeDirectory makes it; by hand, install -d -o usher %s, or set --socket", filepath.Dir(path))
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

// printLines prints what Postfix and Dovecot need for one hop.
func (std streams) printLines(s settings, hop smtpd.Hop) {
	fallback := " -o lmtp_fallback_relay=" + strings.TrimPrefix(postfixTarget(hop.Out), "inet:")
	if hop.Out.Network == "unix" {
		fallback = ""
	}
	fmt.Fprintf(std.out, "\n# Postfix, master.cf\nusher     unix  -       -       n       -       20      lmtp\n"+
		"    -o syslog_name=postfix/usher -o lmtp_send_xforward_command=yes -o lmtp_line_length_limit=0\n"+
		"    -o disable_mime_output_conversion=yes%s\n", fallback)
	if fallback == "" {
		fmt.Fprint(std.out, "# Postfix can fall back to a TCP next hop only: while usher is down, mail waits in its queue.\n")
	}
	fmt.Fprintf(std.out, "\n# Postfix, main.cf (for system users set mailbox_transport instead)\nvirtual_transport = usher:%s\n", postfixTarget(hop.In))
	fmt.Fprintf(std.out, "\n# To take usher off the path at any time\n%s\n", bypass(s.wire))
	fmt.Fprintf(std.out, "\n# Dovecot 2.3\n%s%s", dovecotListener(hop.Out), dovecotSieve)
}

func dovecotListener(out nexthop.Endpoint) string {
	if out.Network == "unix" {
		return fmt.Sprintf("service lmtp {\n  unix_listener %s {\n    mode = 0600\n    user = usher\n  }\n}\n", out.Address)
	}
	host, port, _ := strings.Cut(strings.TrimPrefix(postfixTarget(out), "inet:["), "]:")
	return fmt.Sprintf("service lmtp {\n  inet_listener lmtp {\n    address = %s\n    port = %s\n  }\n}\n", host, port)
}

const dovecotSieve = `protocol lmtp {
  mail_plugins = $mail_plugins sieve
}
plugin {
  sieve_before = /etc/dovecot/sieve/usher.sieve
}

# /etc/dovecot/sieve/usher.sieve (as sieve_after, a personal script that files the mail wins)
require ["fileinto", "mailbox", "imap4flags"];
if header :is "Usher-Disposition" ["promotions", "digest"] { addflag "$Promotions"; fileinto :create "Promotions"; stop; }
if header :is "Usher-Disposition" "refuse" { fileinto :create "Refused"; stop; }
`
