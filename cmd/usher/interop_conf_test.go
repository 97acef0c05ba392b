//go:build interop

package main

import (
	"fmt"
	"os/exec"
	"strings"
)

// The lines that check-config prints for Postfix and Dovecot stand in these
// settings as they are printed; the rest makes the instances private.
const (
	dovecotConf = `
base_dir = {{.Dir}}/dovecot
state_dir = {{.Dir}}/dovecot-state
log_path = {{.Dir}}/dovecot.log
protocols = lmtp
ssl = no
mail_location = maildir:{{.Dir}}/mail/%u
first_valid_uid = 1
last_valid_uid = 0
hostname = mail.example.org
userdb {
  driver = static
  args = uid=nobody gid=nogroup home={{.Dir}}/home/%u
}
passdb {
  driver = passwd-file
  args = {{.Dir}}/users
}
service lmtp {
  inet_listener lmtp {
    address = 127.0.0.1
    port = {{.Dovecot}}
  }
}
protocol lmtp {
  mail_plugins = $mail_plugins sieve
}
plugin {
  sieve_before = {{.Dir}}/sieve/usher.sieve
  {{.Remembers}}
}
`
	mainCF = `
compatibility_level = 3.6
queue_directory = {{.Dir}}/postfix/queue
data_directory = {{.Dir}}/postfix/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = {{.Dir}}/postfix.log
maillog_file_prefixes = {{.Dir}}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mx.example.org
mydestination =
mynetworks = 127.0.0.0/8
smtpd_authorized_xclient_hosts = 127.0.0.0/8
alias_maps =
alias_database =
local_recipient_maps =
virtual_mailbox_domains = example.org
virtual_mailbox_maps = static:all
{{.Main}}
{{.Further}}
default_transport = error:this chain delivers at home only
minimal_backoff_time = 1s
maximal_backoff_time = 2s
queue_run_delay = 1s
usher_destination_recipient_limit = 50
in_flow_delay = 0
# Debian's Dovecot offers no SMTPUTF8, which sendmail(1) would ask for wherever a header is 8-bit.
smtputf8_enable = no
after_restrictions = check_recipient_access inline:{ {nouser@example.org=550 5.1.1 no such user}, {later@example.org=451 4.2.0 later} }, permit_mynetworks, reject
`
	masterCF = `
{{if ne .Shape "before"}}127.0.0.1:{{.SMTP}} inet n - n - - smtpd{{end}}
pickup    unix  n       -       n       1       1       pickup
cleanup   unix  n       -       n       -       0       cleanup
qmgr      unix  n       -       n       1       1       qmgr
rewrite   unix  -       -       n       -       -       trivial-rewrite
bounce    unix  -       -       n       -       0       bounce
defer     unix  -       -       n       -       0       bounce
trace     unix  -       -       n       -       0       bounce
verify    unix  -       -       n       -       1       verify
flush     unix  n       -       n       1000?   0       flush
proxymap  unix  -       -       n       -       -       proxymap
showq     unix  n       -       n       -       -       showq
error     unix  -       -       n       -       -       error
retry     unix  -       -       n       -       -       error
discard   unix  -       -       n       -       -       discard
lmtp      unix  -       -       n       -       -       lmtp
anvil     unix  -       -       n       -       1       anvil
scache    unix  -       -       n       -       1       scache
postlog   unix-dgram n  -       n       -       1       postlogd
{{.Master}}
`
)

// shapes gives, by name, the hop of each shape in which usher stands.
func (c *chain) hop() string {
	switch c.Shape {
	case "before":
		return fmt.Sprintf("smtp:127.0.0.1:%d=smtp:127.0.0.1:%d", c.Usher, c.After)
	case "after":
		return fmt.Sprintf("lmtp:127.0.0.1:%d=smtp:127.0.0.1:%d", c.Usher, c.After)
	}
	return fmt.Sprintf("lmtp:127.0.0.1:%d=lmtp:127.0.0.1:%d", c.Usher, c.Dovecot)
}

// printed gives the lines that check-config prints under a heading, to the next
// empty line, without its remarks.
func (c *chain) printed(heading string) string {
	c.t.Helper()
	out, _ := exec.Command(c.binary, "check-config", "--hop", c.hop(), "--state-dir", c.Dir, "--socket", c.socket(), "--hostname", "usher.mail.example.org", "--delegate", "nobody").Output()
	_, rest, found := strings.Cut(string(out), "# "+heading)
	if !found {
		c.t.Fatalf("check-config prints nothing for %q:\n%s", heading, out)
	}
	_, rest, _ = strings.Cut(rest, "\n")
	rest, _, _ = strings.Cut(rest+"\n", "\n\n")
	var lines []string
	for l := range strings.Lines(rest) {
		if !strings.HasPrefix(l, "#") {
			lines = append(lines, strings.TrimRight(l, "\n"))
		}
	}
	return strings.Join(lines, "\n")
}

// Remembers gives the printed line by which Dovecot knows a digest again.
func (c *chain) Remembers() string {
	for l := range strings.Lines(c.printed("Dovecot 2.3")) {
		if strings.Contains(l, "duplicate") {
			return strings.TrimSpace(l)
		}
	}
	return ""
}

// Master gives the printed lines of master.cf. Without the fallback the mail
// waits in Postfix while usher is down, which is the harder case for what a
// kill may lose or double.
func (c *chain) Master() string {
	lines := c.printed("Postfix, master.cf")
	if !c.fallback {
		lines = strings.Replace(lines, fmt.Sprintf(" -o lmtp_fallback_relay=[127.0.0.1]:%d", c.Dovecot), "", 1)
	}
	lines = strings.Replace(lines, "smtp      inet", fmt.Sprintf("127.0.0.1:%d inet", c.SMTP), 1)
	return strings.Replace(lines, "smtpd_recipient_restrictions=permit_mynetworks,reject", "smtpd_recipient_restrictions=$after_restrictions", 1)
}

// Main gives the printed lines of main.cf, and how Postfix delivers where usher
// does not stand before the mailboxes.
func (c *chain) Main() string {
	deliver := fmt.Sprintf("virtual_transport = lmtp:inet:[127.0.0.1]:%d\n", c.Dovecot)
	switch c.Shape {
	case "before":
		return deliver
	case "after":
		return deliver + c.printed("Postfix, main.cf")
	}
	return c.printed("Postfix, main.cf")
}
