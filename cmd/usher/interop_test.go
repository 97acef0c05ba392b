//go:build interop

package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"text/template"
	"time"
)

// chain is Postfix, usher and Dovecot on loopback, each of them private to one
// test: all their folders lie in one scratch folder, all their ports are above
// 1024, and each is stopped by what started it.
type chain struct {
	t       *testing.T
	Dir     string
	SMTP    int    // Postfix, from the world
	Usher   int    // usher, from Postfix
	Dovecot int    // Dovecot, from usher, or from Postfix after usher
	After   int    // Postfix, from usher
	Shape   string // lmtp (the default), before or after Postfix's queue
	binary  string
	usher   *exec.Cmd

	fallback bool         // Postfix may deliver past usher
	Further  string       // lines of main.cf beside the printed ones
	settings []string     // more of them, for usher
	dovecot  string       // more of its settings
	instead  func(*chain) // what stands where usher should
}

const mailbox, second, reportsHere = "maria@example.org", "juho@example.org", "relevance-reports@example.org"

// needed are what Debian's packages bring.
var needed = map[string]string{
	"postfix":        "/usr/lib/postfix/sbin/lmtp",
	"dovecot-lmtpd":  "/usr/lib/dovecot/lmtp",
	"dovecot-sieve":  "/usr/lib/dovecot/modules/lib90_sieve_plugin.so",
	"swaks":          "/usr/bin/swaks",
	"python3-dkim":   "/usr/lib/python3/dist-packages/dkim/__init__.py",
	"python3 (3.11)": "/usr/bin/python3",
}

func newChain(t *testing.T, change ...func(*chain)) *chain {
	t.Helper()
	missing := ""
	for pkg, file := range needed {
		if _, err := os.Stat(file); err != nil {
			missing += " " + pkg
		}
	}
	if os.Geteuid() != 0 {
		missing += " root (Postfix starts as no other)"
	}
	if missing != "" {
		if os.Getenv("USHER_INTEROP") == "required" {
			t.Fatalf("the real chain wants:%s", missing)
		}
		t.Skipf("the real chain is not run, since it wants:%s", missing)
	}
	dir, err := os.MkdirTemp("", "usher-interop-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	c := &chain{t: t, Dir: dir, SMTP: freePort(t), Usher: freePort(t), Dovecot: freePort(t), After: freePort(t), binary: builtProgram(t)}
	for _, f := range change {
		f(c)
	}
	c.startDovecot()
	if c.instead != nil {
		c.instead(c)
	} else {
		c.startUsher()
	}
	c.startPostfix()
	return c
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// must runs a command to its end and gives what it printed.
func (c *chain) must(name string, args ...string) string {
	c.t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		c.t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// write fills in a file of the scratch folder.
func (c *chain) write(name, text string) string { return c.fill(name, text, c) }

func (c *chain) fill(name, text string, with any) string {
	c.t.Helper()
	path := filepath.Join(c.Dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		c.t.Fatal(err)
	}
	var b bytes.Buffer
	if err := template.Must(template.New(name).Parse(text)).Execute(&b, with); err != nil {
		c.t.Fatal(err)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		c.t.Fatal(err)
	}
	return path
}

// answers waits until somebody answers on a port.
func (c *chain) answers(port int, who string) {
	c.t.Helper()
	for limit := time.Now().Add(20 * time.Second); time.Now().Before(limit); {
		conn, err := net.DialTimeout("tcp", fmt.Sprintf("127.0.0.1:%d", port), time.Second)
		if err == nil {
			conn.SetDeadline(time.Now().Add(5 * time.Second))
			greeting := make([]byte, 4)
			_, err = conn.Read(greeting)
			conn.Close()
			if err == nil && string(greeting) == "220 " {
				return
			}
		}
		pause()
	}
	c.t.Fatalf("%s does not answer on port %d:\n%s", who, port, c.logs())
}

// pause lets a server get on with it; the waits that use it are all bounded.
func pause() { <-time.After(50 * time.Millisecond) }

// logs gives the ends of what the servers logged.
func (c *chain) logs() string {
	var b strings.Builder
	for _, name := range []string{"postfix.log", "dovecot.log", "usher.log"} {
		text, _ := os.ReadFile(filepath.Join(c.Dir, name))
		fmt.Fprintf(&b, "--- %s\n%s\n", name, text[max(0, len(text)-20000):])
	}
	return b.String()
}

func (c *chain) startDovecot() {
	conf := c.write("dovecot.conf", dovecotConf+c.dovecot)
	c.write("users", mailbox+"::::::\n"+second+"::::::\nbroken@example.org::::::\n"+reportsHere+"::::::\nbounce@example.org::::::\n")
	c.write("sieve/usher.sieve", c.printed("/etc/dovecot/sieve/usher.sieve"))
	c.must("sievec", "-c", conf, filepath.Join(c.Dir, "sieve/usher.sieve"))
	for _, sub := range []string{"mail", "home"} {
		path := filepath.Join(c.Dir, sub)
		if err := os.MkdirAll(path, 0o755); err != nil {
			c.t.Fatal(err)
		}
		if err := os.Chown(path, 65534, 65534); err != nil { // nobody, nogroup
			c.t.Fatal(err)
		}
	}
	server := exec.Command("dovecot", "-F", "-c", conf)
	if err := server.Start(); err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { stop(server) })
	c.answers(c.Dovecot, "Dovecot")
}

// stop ends a process that a test started, and waits for it.
func stop(p *exec.Cmd) {
	p.Process.Signal(syscall.SIGTERM)
	late := time.AfterFunc(20*time.Second, func() { p.Process.Kill() })
	defer late.Stop()
	p.Wait()
}

func (c *chain) startPostfix() {
	for _, sub := range []string{"postfix/queue", "postfix/data"} {
		if err := os.MkdirAll(filepath.Join(c.Dir, sub), 0o755); err != nil {
			c.t.Fatal(err)
		}
	}
	c.must("chown", "postfix", filepath.Join(c.Dir, "postfix/data"))
	c.write("postfix/etc/main.cf", mainCF)
	c.write("postfix/etc/master.cf", masterCF)
	etc := filepath.Join(c.Dir, "postfix/etc")
	c.must("postfix", "-c", etc, "start")
	c.t.Cleanup(func() { exec.Command("postfix", "-c", etc, "stop").Run() })
	c.answers(c.SMTP, "Postfix")
}

// startUsher starts usher, as at boot and after each kill.
func (c *chain) startUsher() {
	c.t.Helper()
	log, err := os.OpenFile(filepath.Join(c.Dir, "usher.log"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		c.t.Fatal(err)
	}
	defer log.Close()
	if _, err := os.Stat(filepath.Join(c.Dir, "site.intents")); err != nil {
		c.write("site.intents", "unknown     digest\npromotions  promotions\nnewsletters digest\n")
		c.write("intents/example.org/maria.intents", "refuse  gambling, casino, betting, crypto\n")
	}
	server := exec.Command(c.binary, "serve",
		"--hop", c.hop(),
		"--hostname", "usher.mail.example.org",
		"--state-dir", filepath.Join(c.Dir, "state"),
		"--intents-dir", filepath.Join(c.Dir, "intents"),
		"--site-file", filepath.Join(c.Dir, "site.intents"),
		"--socket", c.socket(),
		"--owner", "root="+mailbox+","+second,
		"--log-format", "json")
	server.Args = append(server.Args, c.settings...)
	server.Stdout, server.Stderr = log, log
	if err := os.MkdirAll(filepath.Join(c.Dir, "state"), 0o700); err != nil {
		c.t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		c.t.Fatal(err)
	}
	if c.usher == nil {
		c.t.Cleanup(func() { stop(c.usher) })
	}
	c.usher = server
	c.answers(c.Usher, "usher")
}

func (c *chain) socket() string { return filepath.Join(c.Dir, "usher.sock") }

// killUsher ends usher as a power cut would, and starts it again.
func (c *chain) killUsher() {
	c.t.Helper()
	c.usher.Process.Kill()
	c.usher.Wait()
	c.startUsher()
}

// submit hands a message to Postfix's own sendmail.
func (c *chain) submit(from, to string, raw []byte) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	send := exec.CommandContext(ctx, "sendmail", "-C", filepath.Join(c.Dir, "postfix/etc"), "-i", "-f", from, to)
	send.Stdin = bytes.NewReader(raw)
	if out, err := send.CombinedOutput(); err != nil {
		c.t.Fatalf("sendmail: %v\n%s%s", err, out, c.logs())
	}
}

// queued reports how many messages wait in Postfix.
func (c *chain) queued() int {
	out, _ := exec.Command("postqueue", "-c", filepath.Join(c.Dir, "postfix/etc"), "-j").Output()
	return bytes.Count(out, []byte("\n"))
}

// kept is one message as Dovecot keeps it.
type kept struct {
	folder string // INBOX, Promotions or Refused
	raw    []byte // with LF
}

// letters reads every message of a mailbox.
func (c *chain) letters(user string) []kept {
	c.t.Helper()
	var found []kept
	for folder, sub := range map[string]string{"INBOX": "", "Promotions": ".Promotions", "Refused": ".Refused"} {
		for _, box := range []string{"new", "cur"} {
			files, _ := filepath.Glob(filepath.Join(c.Dir, "mail", user, sub, box, "*"))
			for _, f := range files {
				raw, err := os.ReadFile(f)
				if err != nil {
					c.t.Fatal(err)
				}
				found = append(found, kept{folder, raw})
			}
		}
	}
	return found
}

// arrived waits until mailboxes hold n messages and Postfix none.
func (c *chain) arrived(n int, patience time.Duration, users ...string) {
	c.t.Helper()
	count := 0
	for limit := time.Now().Add(patience); time.Now().Before(limit); pause() {
		count = 0
		for _, u := range users {
			count += len(c.letters(u))
		}
		if count >= n && c.queued() == 0 {
			return
		}
	}
	c.t.Errorf("%d of %d messages arrived, %d wait in Postfix:\n%s", count, n, c.queued(), c.logs())
}
