// Package setup writes the lines by which Postfix and Dovecot are told of usher.
// It never changes their files.
package setup

import (
	"fmt"
	"io"
	"net"
	"strings"
	"usher/smtpd"
	"usher/smtpd/nexthop"
)

// Bypass is how an admin takes usher off the path of mail.
func Bypass(w smtpd.Config) string {
	to := "inet:[127.0.0.1]:24"
	if len(w.Hops) > 0 {
		to = postfixTarget(w.Hops[0].Out)
	}
	return "postconf -e 'virtual_transport=lmtp:" + to + "' && postfix reload"
}

// postfixTarget writes an endpoint as Postfix does.
func postfixTarget(e nexthop.Endpoint) string {
	if e.Network == "unix" {
		return "unix:" + e.Address
	}
	host, port, err := net.SplitHostPort(e.Address)
	if err != nil {
		return "inet:" + e.Address
	}
	return "inet:[" + host + "]:" + port
}

// Print prints what Postfix and Dovecot need for one hop.
func Print(w io.Writer, wire smtpd.Config, hop smtpd.Hop) {
	fallback := " -o lmtp_fallback_relay=" + strings.TrimPrefix(postfixTarget(hop.Out), "inet:")
	if hop.Out.Network == "unix" {
		fallback = ""
	}
	fmt.Fprintf(w, "\n# Postfix, master.cf\nusher     unix  -       -       n       -       20      lmtp\n"+
		"    -o syslog_name=postfix/usher -o lmtp_send_xforward_command=yes -o lmtp_line_length_limit=0\n"+
		"    -o disable_mime_output_conversion=yes%s\n", fallback)
	if fallback == "" {
		fmt.Fprint(w, "# Postfix can fall back to a TCP next hop only: while usher is down, mail waits in its queue.\n")
	}
	fmt.Fprintf(w, "\n# Postfix, main.cf (for system users set mailbox_transport instead)\nvirtual_transport = usher:%s\n", postfixTarget(hop.In))
	fmt.Fprintf(w, "\n# To take usher off the path at any time\n%s\n", Bypass(wire))
	fmt.Fprintf(w, "\n# Dovecot 2.3\n%s%s", dovecotListener(hop.Out), dovecotSieve)
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
