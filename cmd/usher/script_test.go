package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"usher/smtpd/maildir"
	"usher/smtpd/nexthop"

	"github.com/rogpeppe/go-internal/testscript"
)

// Commands are tested as scripts: testdata/script/*.txtar, each a session at a
// terminal. Beside what testscript knows they may say:
//
//	status N usher ARGS...   run, and want exit status N
//	nexthop SOCKET FOLDER    a next hop on a unix socket that keeps Maildirs
//	await SOCKET             until somebody answers on a unix socket
//	send SOCKET FROM TO FILE deliver a message over LMTP
//	port NAME                put a free port of this machine into the environment
//	fetch CODE URL [REGEXP]  get a page, until it has that status and matches; stdout is its text
//	gone FILE                until a file is no longer there
//	tamper STATE-DIR ENTRY   change one byte of an entry of the audit ledger
//
// $ME is the name of the user who runs the test, $GROUP the id of their group.
func TestMain(m *testing.M) {
	testscript.Main(reporting{m}, map[string]func(){"usher": main})
}

// reporting runs the tests and then tells what they found, where some have
// something to tell.
type reporting struct{ *testing.M }

var report = func() {}

func (r reporting) Run() int {
	defer report()
	return r.M.Run()
}

var update = flag.Bool("update", false, "rewrite what the scripts compare with; review the difference")

func TestCommands(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		UpdateScripts:       *update,
		Setup: func(e *testscript.Env) error {
			e.Setenv("USHER_JUDGE_BUDGET", "30s") // what a message is judged to be does not hang on how busy this machine is
			e.Setenv("USHER_RECORD_BUDGET", "30s")
			me, err := user.Current()
			if err == nil {
				e.Setenv("ME", me.Username)
				e.Setenv("GROUP", me.Gid)
			}
			return err
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"status": status, "nexthop": serveMaildirs, "await": await, "send": send,
			"port": port, "fetch": fetch, "tamper": tamper, "gone": gone, "post": post, "mailed": mailed,
		},
	})
}

func status(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status N COMMAND ARGS...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%s: %v", args[1], err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}

func serveMaildirs(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: nexthop SOCKET FOLDER")
	}
	l, err := net.Listen("unix", ts.MkAbs(args[0]))
	ts.Check(err)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = (&maildir.Maildir{Root: ts.MkAbs(args[1])}).Serve(ctx, l)
	}()
	ts.Defer(func() { cancel(); <-done })
}

// await waits for another process, a few seconds at most.
func await(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: await SOCKET")
	}
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if c, err := net.Dial("unix", ts.MkAbs(args[0])); err == nil {
			ts.Check(c.Close())
			return
		}
	}
	ts.Fatalf("nobody answers on %s", args[0])
}

// gone waits for another process, a few seconds at most.
func gone(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: gone FILE")
	}
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if _, err := os.Stat(ts.MkAbs(args[0])); os.IsNotExist(err) {
			return
		}
	}
	ts.Fatalf("%s is still there", args[0])
}

// send sends a message; with ! it is to be refused, and the answers are printed.
func send(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 4 {
		ts.Fatalf("usage: [!] send SOCKET FROM TO FILE")
	}
	raw, err := os.ReadFile(ts.MkAbs(args[3]))
	ts.Check(err)
	raw = bytes.ReplaceAll(raw, []byte("\n"), []byte("\r\n"))
	to, err := nexthop.ParseEndpoint("lmtp:" + ts.MkAbs(args[0]))
	ts.Check(err)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	answers, err := nexthop.Send(ctx, to, args[1], strings.Split(args[2], ","), bytes.NewReader(raw))
	ts.Check(err)
	for _, a := range answers {
		if neg {
			fmt.Fprintf(ts.Stdout(), "%d %s\n", a.Code, a.Text)
		}
		if neg == (a.Code/100 == 2) {
			ts.Fatalf("%s: %d %s", a.Recipient, a.Code, a.Text)
		}
	}
}

func port(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: port NAME")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	_, number, err := net.SplitHostPort(l.Addr().String())
	ts.Check(err)
	ts.Check(l.Close())
	ts.Setenv(args[0], number)
}

// fetch asks again for a few seconds, since the daemon may not be there yet.
func fetch(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 || len(args) > 3 {
		ts.Fatalf("usage: fetch CODE URL [REGEXP]")
	}
	wanted, err := regexp.Compile("(?m)" + strings.Join(args[2:], ""))
	ts.Check(err)
	last := "nobody answers"
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		resp, err := http.Get(args[1])
		if err != nil {
			continue
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		ts.Check(err)
		if last = resp.Status + "\n" + string(body); strconv.Itoa(resp.StatusCode) == args[0] && wanted.Match(body) {
			_, err := ts.Stdout().Write(body)
			ts.Check(err)
			return
		}
	}
	ts.Fatalf("%s: %s", args[1], last)
}

// post sends a form, as a page of ours would.
func post(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: post CODE URL FORM")
	}
	resp, err := http.Post(args[1], "application/x-www-form-urlencoded", strings.NewReader(args[2]))
	ts.Check(err)
	defer resp.Body.Close()
	_, err = io.Copy(ts.Stdout(), resp.Body)
	ts.Check(err)
	if strconv.Itoa(resp.StatusCode) != args[0] {
		ts.Fatalf("%s: %s", args[1], resp.Status)
	}
}

// mailed prints the letter in a folder that has what is looked for, when it has come.
func mailed(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: mailed FOLDER REGEXP")
	}
	wanted := regexp.MustCompile("(?m)" + args[1])
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		entries, _ := os.ReadDir(ts.MkAbs(args[0])) // not there before the first letter
		for _, e := range entries {
			raw, err := os.ReadFile(filepath.Join(ts.MkAbs(args[0]), e.Name()))
			ts.Check(err)
			if wanted.Match(raw) {
				_, err := ts.Stdout().Write(bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n")))
				ts.Check(err)
				return
			}
		}
	}
	ts.Fatalf("no letter came to %s", args[0])
}
