//go:build interop

package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Exim cannot be installed beside Postfix, so it is unpacked beside it:
// USHER_EXIM names the program.
func exim(t *testing.T) string {
	t.Helper()
	path := os.Getenv("USHER_EXIM")
	if path == "" {
		path = "/usr/sbin/exim4"
	}
	needs(t, path)
	return path
}

const eximConf = `
exim_path = %[1]s
primary_hostname = exim.test
spool_directory = %[2]s/spool
log_file_path = %[2]s/%%slog
pid_file_path = %[2]s/pid
local_interfaces = 127.0.0.1
daemon_smtp_ports = %[3]d
tls_advertise_hosts =
smtputf8_advertise_hosts =
keep_environment =
log_selector = +received_recipients
trusted_users = root
never_users =
deliver_drop_privilege = true
acl_smtp_rcpt = everybody
acl_smtp_data = everybody
begin acl
everybody:
  accept
begin routers
all:
%[4]s
begin transports
usher:
  driver = smtp
  protocol = %[5]s
  hosts = 127.0.0.1
  port = %[6]d
  allow_localhost
  hosts_try_chunking = *
keep:
  driver = appendfile
  file = %[2]s/kept
  create_directory = false
  message_prefix =
  message_suffix =
  use_crlf = false
begin retry
* * F,1h,1s
`

// eximIn configures an Exim of a test's own and gives the configuration and
// its folder.
func eximIn(t *testing.T, router, protocol string, listen, next int) (conf, dir string) {
	t.Helper()
	dir = t.TempDir()
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Dir(dir), 0o755); err != nil {
		t.Fatal(err)
	}
	conf = filepath.Join(dir, "exim.conf")
	text := fmt.Sprintf(eximConf, exim(t), dir, listen, router, protocol, next)
	if err := os.WriteFile(conf, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return conf, dir
}

const (
	routeOn   = "  driver = manualroute\n  route_list = * 127.0.0.1\n  self = send\n  transport = usher"
	routeKeep = "  driver = accept\n  transport = keep"
)

// TestInteropEximUpstream: Exim hands over by LMTP, in chunks where we offer it,
// and takes our answers as a sender should.
func TestInteropEximUpstream(t *testing.T) {
	needs(t, smtpSink)
	path := exim(t)
	a := newAlone(t, "lmtp=lmtp")
	s := a.sink("-L")
	conf, dir := eximIn(t, routeOn, "lmtp", freePort(t), a.in)
	for n := range 20 {
		send := exec.Command(path, "-C", conf, "-odf", "-i", "-f", "a@x.test", "u@y.test", "v@y.test")
		send.Stdin = strings.NewReader(fmt.Sprintf("From: a@x.test\nSubject: %d\n\n.begins with a dot\n%s\n", n, strings.Repeat("text ", 10*n)))
		if out, err := send.CombinedOutput(); err != nil {
			log, _ := os.ReadFile(filepath.Join(dir, "mainlog"))
			t.Fatalf("exim: %v\n%s%s", err, out, log)
		}
	}
	found(t, "Exim → usher → smtp-sink", "20 messages, each completed and counted once")
	if n := s.messages(t); n != 20 {
		log, _ := os.ReadFile(filepath.Join(dir, "mainlog"))
		t.Errorf("the next hop counts %d, want 20:\n%s", n, log)
	}
	log, err := os.ReadFile(filepath.Join(dir, "mainlog"))
	if done := bytes.Count(log, []byte("Completed")); err != nil || done != 20 {
		t.Errorf("Exim calls %d messages completed, want 20 (%v):\n%s", done, err, log)
	}
}

// eximNext starts an Exim as the next hop, which keeps what it gets in one file.
func (a *alone) eximNext() (kept string) {
	a.t.Helper()
	conf, dir := eximIn(a.t, routeKeep, "smtp", a.out, 1)
	server := exec.Command(exim(a.t), "-C", conf, "-bdf", "-q1h")
	if err := server.Start(); err != nil {
		a.t.Fatal(err)
	}
	a.t.Cleanup(func() { stop(server) })
	a.listens(a.out)
	return filepath.Join(dir, "kept")
}

// holds waits until a file holds a text, and gives the file.
func (a *alone) holds(file, text string) string {
	a.t.Helper()
	var got []byte
	for limit := time.Now().Add(20 * time.Second); time.Now().Before(limit); pause() {
		if got, _ = os.ReadFile(file); bytes.Contains(got, []byte(text)) {
			return string(got)
		}
	}
	a.t.Errorf("%q never came:\n%s", text, got)
	return string(got)
}

// TestInteropEximNextHop: Exim behind usher, over SMTP.
func TestInteropEximNextHop(t *testing.T) {
	for _, protocols := range []string{"smtp=smtp", "lmtp=smtp"} {
		t.Run(protocols, func(t *testing.T) {
			a := newAlone(t, protocols)
			kept := a.eximNext()
			found(t, "client → usher → Exim", "3 messages, Exim's own replies, bytes as sent")
			for n := range 3 {
				body := fmt.Sprintf("From: a@x.test\r\nSubject: number %d\r\n\r\n.dot\r\n8-bit \xc3\xa9\r\nend %d\r\n", n, n)
				for _, r := range a.post(strings.Replace(body, "\r\n.dot", "\r\n..dot", 1), "u@y.test", "v@y.test") {
					if !strings.HasPrefix(r, "250 ") || !strings.Contains(r, "OK id=") {
						t.Errorf("a reply is %q, not Exim's own", r)
					}
				}
				got := a.holds(kept, fmt.Sprintf("end %d\n", n))
				if !strings.Contains(got, fmt.Sprintf("Subject: number %d\n\n.dot\n8-bit \xc3\xa9\nend %d\n", n, n)) {
					t.Errorf("Exim kept\n%s", got)
				}
			}
		})
	}
}
