package main

import (
	"bytes"
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"usher/smtpd/maildir"
	"usher/smtpd/nexthop"
)

// service is usher as systemd runs it.
type service struct {
	t      *testing.T
	cmd    *exec.Cmd
	told   chan string // what it tells systemd
	stderr *bytes.Buffer
	ended  chan error
}

// startService starts usher with a hop to a next hop of its own, and with a
// socket handed over under a name.
func startService(t *testing.T, in, name string, socket *os.File) *service {
	t.Helper()
	usher, err := exec.LookPath("usher") // this test's own program: testscript puts it there
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	next, err := net.Listen("unix", filepath.Join(dir, "hop"))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	kept := make(chan struct{})
	go func() {
		defer close(kept)
		_ = (&maildir.Maildir{Root: filepath.Join(dir, "mail")}).Serve(ctx, next)
	}()
	notify, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: filepath.Join(dir, "notify"), Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	s := &service{t: t, told: make(chan string, 1000), stderr: new(bytes.Buffer), ended: make(chan error, 1)}
	go func() {
		for b := make([]byte, 4096); ; {
			n, err := notify.Read(b)
			if err != nil {
				return
			}
			s.told <- string(b[:n])
		}
	}()
	s.cmd = exec.Command("sh", "-c", `export LISTEN_PID=$$; exec "$0" "$@"`, usher, "serve", "--hop", "lmtp:"+in+"=lmtp:"+filepath.Join(dir, "hop"),
		"--state-dir", filepath.Join(dir, "state"), "--site-file", filepath.Join(dir, "none"), "--socket", filepath.Join(dir, "sock"), "--hostname", "usher.test.example")
	s.cmd.Env = append(os.Environ(), "NOTIFY_SOCKET="+filepath.Join(dir, "notify"), "WATCHDOG_USEC=400000", "LISTEN_FDS=1", "LISTEN_FDNAMES="+name)
	s.cmd.ExtraFiles = []*os.File{socket}
	s.cmd.Stderr = s.stderr
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { s.ended <- s.cmd.Wait() }()
	t.Cleanup(func() {
		s.cmd.Process.Kill() // no more than a precaution: it has ended
		notify.Close()
		cancel()
		<-kept
	})
	return s
}

// tells waits until systemd is told something that begins so. It gives what it
// was told before, but for the watchdog.
func (s *service) tells(want string) (before []string) {
	s.t.Helper()
	for limit := time.After(30 * time.Second); ; {
		select {
		case got := <-s.told:
			if strings.HasPrefix(got, want) {
				return before
			}
			if got != "WATCHDOG=1" {
				before = append(before, got)
			}
		case <-limit:
			s.t.Fatalf("systemd is not told %q", want)
		}
	}
}

func (s *service) end() error {
	s.t.Helper()
	select {
	case err := <-s.ended:
		return err
	case <-time.After(60 * time.Second):
		s.t.Fatal("usher does not end")
		return nil
	}
}

// handed is a socket as systemd would hand it over, and its address.
func handed(t *testing.T) (*os.File, string) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f, err := ln.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close(); ln.Close() })
	return f, ln.Addr().String()
}

func TestR51SystemdsSocketIsUsedAsItIs(t *testing.T) {
	for _, c := range []struct{ name, in, handed string }{
		{"the hop has its address", "", "usher.socket"},
		{"it is named for the hop", "127.0.0.1:1", "hop1"}, // where usher opens nothing then
	} {
		t.Run(c.name, func(t *testing.T) {
			socket, address := handed(t)
			in := c.in
			if in == "" {
				in = address
			}
			s := startService(t, in, c.handed, socket)
			if before := s.tells("READY=1"); len(before) > 0 {
				t.Errorf("before it was ready, it told %q", before)
			}
			s.tells("STATUS=serving")
			s.tells("WATCHDOG=1")
			ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
			defer cancel()
			answers, err := nexthop.Send(ctx, nexthop.Endpoint{Protocol: "lmtp", Network: "tcp", Address: address}, "a@x.test", []string{"u@y.test"}, strings.NewReader("Subject: x\r\n\r\nx\r\n"))
			if err != nil || answers[0].Code != 250 {
				t.Errorf("mail at the handed socket: %+v, %v\n%s", answers, err, s.stderr)
			}
			s.cmd.Process.Signal(syscall.SIGTERM)
			s.tells("STOPPING=1")
			if err := s.end(); err != nil {
				t.Errorf("ended with %v:\n%s", err, s.stderr)
			}
			conn, err := net.Dial("tcp", address) // whoever holds the socket, it waits
			if err != nil {
				t.Fatalf("the socket has gone with usher: %v", err)
			}
			conn.Close()
		})
	}
}

func TestR51ASocketThatBelongsNowhereIsTold(t *testing.T) {
	socket, address := handed(t)
	s := startService(t, "127.0.0.1:0", "usher.socket", socket)
	err := s.end()
	if err == nil || s.cmd.ProcessState.ExitCode() != 1 {
		t.Errorf("ended with %v", err)
	}
	for _, want := range []string{address, "belongs to no hop", "FileDescriptorName=hop1"} {
		if !strings.Contains(s.stderr.String(), want) {
			t.Errorf("the error does not say %q:\n%s", want, s.stderr)
		}
	}
}

func TestR52ASecondSignalClosesAtOnce(t *testing.T) {
	socket, address := handed(t)
	s := startService(t, address, "hop1", socket)
	s.tells("READY=1")
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(20 * time.Second))
	heard := make([]byte, 0, 4096)
	for _, step := range []struct{ say, hear string }{
		{"", "220 "}, {"LHLO c.test\r\n", "250 SIZE"}, {"MAIL FROM:<a@x.test>\r\n", "250 2"}, {"RCPT TO:<u@y.test>\r\n", "250 2"}, {"DATA\r\n", "354 "},
	} {
		conn.Write([]byte(step.say))
		for heard = heard[:0]; !strings.Contains(string(heard), step.hear) || !bytes.HasSuffix(heard, []byte("\n")); {
			b := make([]byte, 1024)
			n, err := conn.Read(b)
			if err != nil {
				t.Fatalf("after %q: %v, heard %q", step.say, err, heard)
			}
			heard = append(heard, b[:n]...)
		}
	}
	conn.Write([]byte("Subject: half a message\r\n")) // for which the first signal waits
	s.cmd.Process.Signal(syscall.SIGTERM)
	s.tells("STOPPING=1")
	for again := time.NewTicker(20 * time.Millisecond); ; {
		select {
		case <-s.ended:
			status, _ := s.cmd.ProcessState.Sys().(syscall.WaitStatus)
			if !status.Signaled() {
				t.Errorf("it waited for the message to end: %v\n%s", s.cmd.ProcessState, s.stderr)
			}
			return
		case <-again.C:
			s.cmd.Process.Signal(syscall.SIGTERM)
		}
	}
}
