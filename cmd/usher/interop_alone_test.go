//go:build interop

package main

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

var (
	buildOnce sync.Once
	built     string
	buildErr  error
)

// binary builds usher once for all tests of the package.
func builtProgram(t *testing.T) string {
	t.Helper()
	buildOnce.Do(func() {
		var dir string
		if dir, buildErr = os.MkdirTemp("", "usher-binary-"); buildErr != nil {
			return
		}
		built = filepath.Join(dir, "usher")
		if out, err := exec.Command("go", "build", "-o", built, ".").CombinedOutput(); err != nil {
			buildErr = fmt.Errorf("go build: %v\n%s", err, out)
		}
	})
	if buildErr != nil {
		t.Fatal(buildErr)
	}
	return built
}

// needs skips a test where a file of Debian's packages is missing, or fails it
// where the real thing is required.
func needs(t *testing.T, files ...string) {
	t.Helper()
	for _, f := range files {
		if _, err := os.Stat(f); err == nil {
			continue
		}
		if os.Getenv("USHER_INTEROP") == "required" {
			t.Fatalf("%s is missing", f)
		}
		t.Skipf("not run, since %s is missing", f)
	}
}

// alone is usher between a test and one next hop.
type alone struct {
	t        *testing.T
	dir      string
	in, out  int // ports
	protocol string
	usher    *exec.Cmd
}

// newAlone starts usher for a hop of two protocols, as in "lmtp=smtp". Its next
// hop listens on a.out, or will.
func newAlone(t *testing.T, protocols string, more ...string) *alone {
	t.Helper()
	in, out, _ := strings.Cut(protocols, "=")
	a := &alone{t: t, dir: t.TempDir(), in: freePort(t), out: freePort(t), protocol: in}
	if err := os.Chmod(a.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	log, err := os.Create(filepath.Join(a.dir, "usher.log"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	a.usher = exec.Command(builtProgram(t), append([]string{"serve",
		"--hop", fmt.Sprintf("%s:127.0.0.1:%d=%s:127.0.0.1:%d", in, a.in, out, a.out),
		"--hostname", "usher.test", "--state-dir", filepath.Join(a.dir, "state"),
		"--site-file", filepath.Join(a.dir, "site.intents"), "--socket", filepath.Join(a.dir, "s")}, more...)...)
	a.usher.Stdout, a.usher.Stderr = log, log
	if err := a.usher.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(a.usher) })
	a.listens(a.in)
	return a
}

// judged writes a site file, so that every mailbox is judged.
func (a *alone) judged() {
	a.t.Helper()
	if err := os.WriteFile(filepath.Join(a.dir, "site.intents"), []byte("promotions  promotions\nnewsletters  digest\nunknown  digest\n"), 0o644); err != nil {
		a.t.Fatal(err)
	}
}

// listens waits until somebody greets on a port.
func (a *alone) listens(port int) {
	a.t.Helper()
	for limit := time.Now().Add(20 * time.Second); time.Now().Before(limit); pause() {
		if c := a.connect(port); c != nil {
			c.conn.Close()
			return
		}
	}
	log, _ := os.ReadFile(filepath.Join(a.dir, "usher.log"))
	a.t.Fatalf("nobody listens on port %d:\n%s", port, log)
}

// talk is one conversation.
type talk struct {
	conn net.Conn
	r    *bufio.Reader
}

// connect connects to a port and hears its greeting; nil if there is none.
func (a *alone) connect(port int) *talk {
	conn, err := net.DialTimeout("tcp", fmt.Sprintf("127.0.0.1:%d", port), 2*time.Second)
	if err != nil {
		return nil
	}
	conn.SetDeadline(time.Now().Add(60 * time.Second))
	c := &talk{conn, bufio.NewReader(conn)}
	if !strings.HasPrefix(c.reply(), "220") {
		conn.Close()
		return nil
	}
	return c
}

// reply reads one reply, all its lines; "" at the end of the connection.
func (c *talk) reply() string {
	var b strings.Builder
	for {
		l, err := c.r.ReadString('\n')
		b.WriteString(l)
		if err != nil || len(l) < 4 || l[3] != '-' {
			return b.String()
		}
	}
}

func (c *talk) say(format string, args ...any) string {
	fmt.Fprintf(c.conn, format+"\r\n", args...)
	return c.reply()
}

// hello greets as the protocol wants it.
func (a *alone) hello(c *talk) string {
	if a.protocol == "lmtp" {
		return c.say("LHLO client.test")
	}
	return c.say("EHLO client.test")
}

// post sends one message to several recipients and gives the reply to each of
// them, in LMTP, or to all. A reply to RCPT that is no 2xx stands for its
// recipient.
func (a *alone) post(body string, to ...string) []string {
	a.t.Helper()
	c := a.connect(a.in)
	if c == nil {
		return []string{"no connection"}
	}
	defer c.conn.Close()
	if r := a.hello(c); !strings.HasPrefix(r, "250") {
		return []string{r}
	}
	if r := c.say("MAIL FROM:<a@x.test>"); !strings.HasPrefix(r, "250") {
		return []string{r}
	}
	var replies []string
	accepted := 0
	for _, rcpt := range to {
		if r := c.say("RCPT TO:<%s>", rcpt); strings.HasPrefix(r, "250") {
			accepted++
		} else {
			replies = append(replies, r)
		}
	}
	if accepted == 0 {
		return replies
	}
	if r := c.say("DATA"); !strings.HasPrefix(r, "354") {
		return append(replies, r)
	}
	fmt.Fprintf(c.conn, "%s.\r\n", body)
	if a.protocol != "lmtp" {
		accepted = 1
	}
	for range accepted {
		replies = append(replies, c.reply())
	}
	return replies
}
