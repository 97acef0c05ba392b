//go:build interop

package main

import "fmt"

// The lines that usher's documentation gives for Postfix and Dovecot stand in
// these settings as they are given; the rest makes the instances private.
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
  args = uid=nobody gid=nogroup home={{.Dir}}/home/%u allow_all_users=yes
}
passdb {
  driver = static
  args = nopassword=y
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
}
`
	sieveScript = `require ["fileinto", "mailbox", "imap4flags"];
if header :is "Usher-Disposition" ["promotions", "digest"] { addflag "$Promotions"; fileinto :create "Promotions"; stop; }
if header :is "Usher-Disposition" "refuse" { fileinto :create "Refused"; stop; }
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
alias_maps =
alias_database =
local_recipient_maps =
virtual_mailbox_domains = example.org
virtual_mailbox_maps = static:all
virtual_transport = usher:inet:[127.0.0.1]:{{.Usher}}
default_transport = error:this chain delivers at home only
minimal_backoff_time = 1s
maximal_backoff_time = 2s
queue_run_delay = 1s
usher_destination_recipient_limit = 50
in_flow_delay = 0
# Debian's Dovecot offers no SMTPUTF8, which sendmail(1) would ask for wherever a header is 8-bit.
smtputf8_enable = no
`
	masterCF = `
127.0.0.1:{{.SMTP}} inet n - n - - smtpd
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
usher     unix  -       -       n       -       20      lmtp
    -o syslog_name=postfix/usher -o lmtp_send_xforward_command=yes -o lmtp_line_length_limit=0
    -o disable_mime_output_conversion=yes{{.Fallback}}
`
)

// Fallback is the line that lets Postfix deliver past an usher that is down.
// Without it the mail waits in Postfix, which is the harder case for what a
// kill may lose or double.
func (c *chain) Fallback() string {
	if !c.fallback {
		return ""
	}
	return fmt.Sprintf(" -o lmtp_fallback_relay=[127.0.0.1]:%d", c.Dovecot)
}
