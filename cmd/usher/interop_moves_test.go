//go:build interop

package main

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"usher/cmd/usher/web"
	"usher/corpus/audit"
)

// imapConf lets people in by IMAP, on a port of ours.
const imapConf = `
protocols = lmtp imap
passdb {
  driver = static
  args = password=secret
}
service imap-login {
  inet_listener imap {
    address = 127.0.0.1
    port = %d
  }
  inet_listener imaps {
    port = 0
  }
}
%s
`

// TestInteropDovecotReportsWhatPeopleMove takes the lines that check-config prints
// for Dovecot, and moves a message as a mail program does.
func TestInteropDovecotReportsWhatPeopleMove(t *testing.T) {
	needs(t, "/usr/lib/dovecot/imap")
	port := freePort(t)
	c := newChain(t, func(c *chain) { c.learning(port) })
	c.submit("bonus@casino.example", mailbox, []byte("From: Lucky Star <bonus@casino.example>\nTo: "+mailbox+"\nSubject: Casino bonus: 100 free spins tonight\n"+
		"Message-ID: <bets-1@casino.example>\nList-Unsubscribe: <https://casino.example/u/1>\nMIME-Version: 1.0\nContent-Type: text/plain\n\n"+
		"Your casino bonus: 100 free spins on every slot, 50% off your first bet. Play now at https://casino.example/play\n"))
	c.arrived(1, 30*time.Second, mailbox)
	if got := c.letters(mailbox); len(got) != 1 || got[0].folder != "Refused" {
		t.Fatalf("the message is not among the refused: %+v\n%s", got, c.logs())
	}
	c.submit("juho@people.example", mailbox, []byte("From: Juho <juho@people.example>\nTo: "+mailbox+"\nSubject: Re: Sunday\nMessage-ID: <l1@people.example>\n\nAt three?\n"))
	c.arrived(2, 30*time.Second, mailbox)
	c.imap(port, "LOGIN "+mailbox+" secret", "SELECT INBOX", "MOVE 1 Refused", "SELECT Refused", "MOVE 1 INBOX", "MOVE 1 INBOX", "SELECT INBOX", "MOVE 1:* Refused", "LOGOUT")
	if log := c.logs(); strings.Contains(log, "failed to execute") || strings.Contains(log, "non-zero exit") {
		t.Errorf("a move of a letter, which usher knows nothing of, is an error:\n%s", log)
	}
	admin := web.Dial(c.socket())
	for limit := time.Now().Add(20 * time.Second); time.Now().Before(limit); pause() {
		entries, err := admin.Audit(context.Background(), time.Time{}, mailbox)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if e.Event == audit.Moved && e.Actor.Role == audit.Delegate {
				return
			}
		}
	}
	t.Errorf("no move was reported:\n%s", c.logs())
}

// learning has Dovecot report moves, by the lines that check-config prints, and
// people read their mail on a port.
func (c *chain) learning(port int) {
	c.settings = append(c.settings, "--delegate", "nobody")
	lines := c.printed("Dovecot 2.3, so that usher learns")
	c.dovecot = fmt.Sprintf(imapConf, port, strings.ReplaceAll(strings.Replace(lines, "inbox = yes", "inbox = yes\n  separator = /", 1), "/etc/dovecot", c.Dir))
	script := c.printed("/etc/dovecot/sieve/from-promotions.sieve")
	for file, from := range map[string]string{"promotions": "Promotions", "refused": "Refused", "inbox": "INBOX"} {
		c.write("sieve/from-"+file+".sieve", strings.Replace(script, `"Promotions"`, `"`+from+`"`, 1))
	}
	c.write("sieve/said.sieve", c.printed("/etc/dovecot/sieve/said.sieve"))
	program := strings.Replace(c.printed("/etc/dovecot/usher/moved"), "exec usher moved", "exec "+c.binary+" moved --socket "+c.socket(), 1)
	if err := os.Chmod(c.write("usher/moved", "#!/bin/sh\n"+program+"\n"), 0o755); err != nil {
		c.t.Fatal(err)
	}
	for _, open := range []string{filepath.Dir(c.binary), filepath.Join(c.Dir, "sieve")} {
		if err := os.Chmod(open, 0o777); err != nil { // Dovecot compiles the scripts as nobody
			c.t.Fatal(err)
		}
	}
}

// imap holds a conversation, and fails where the server refuses.
func (c *chain) imap(port int, commands ...string) {
	c.t.Helper()
	conn, err := net.DialTimeout("tcp", fmt.Sprintf("127.0.0.1:%d", port), 5*time.Second)
	if err != nil {
		c.t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(30 * time.Second))
	answers := bufio.NewReader(conn)
	for i, command := range commands {
		fmt.Fprintf(conn, "%d %s\r\n", i, command)
		for {
			line, err := answers.ReadString('\n')
			if err != nil {
				c.t.Fatalf("%s: %v\n%s", command, err, c.logs())
			}
			if rest, is := strings.CutPrefix(line, fmt.Sprintf("%d ", i)); is {
				if !strings.HasPrefix(rest, "OK") {
					c.t.Fatalf("%s: %s%s", command, line, c.logs())
				}
				break
			}
		}
	}
}
