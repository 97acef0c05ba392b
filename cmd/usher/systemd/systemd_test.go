package systemd

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// listen stands for systemd: it gives the states that are told, in order.
func listen(t *testing.T) <-chan string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "notify")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("NOTIFY_SOCKET", path)
	told := make(chan string, 100)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for b := make([]byte, 4096); ; {
			n, err := conn.Read(b)
			if err != nil {
				return
			}
			told <- string(b[:n])
		}
	}()
	t.Cleanup(func() { conn.Close(); <-done })
	return told
}

func next(t *testing.T, told <-chan string) string {
	t.Helper()
	select {
	case s := <-told:
		return s
	case <-time.After(20 * time.Second):
		t.Fatal("systemd is told nothing")
		return ""
	}
}

func TestR54SystemdIsToldOfEachState(t *testing.T) {
	told := listen(t)
	n := Notifier{Log: slog.New(slog.DiscardHandler)}
	for _, c := range []struct {
		tell func()
		want string
	}{
		{n.Ready, "READY=1"},
		{func() { n.Status("the next hop is down\nand READY=0") }, "STATUS=the next hop is down; and READY=0"},
		{n.Stopping, "STOPPING=1\nSTATUS=stopping: finishing what is under way"},
	} {
		if c.tell(); next(t, told) != c.want {
			t.Errorf("systemd was not told %q", c.want)
		}
	}
}

func TestR54TheWatchdogIsFedOnlyWhileAllAnswers(t *testing.T) {
	told := listen(t)
	t.Setenv("WATCHDOG_USEC", "200000")
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	well, asked := make(chan bool, 1), make(chan struct{}, 100)
	well <- true
	fed := make(chan error, 1)
	go func() {
		fed <- Notifier{Log: slog.New(slog.DiscardHandler)}.Feed(ctx, func(context.Context) error {
			is := <-well
			well <- is
			asked <- struct{}{}
			if !is {
				return errors.New("stuck")
			}
			return nil
		})
	}()
	for range 3 {
		if got := next(t, told); got != "WATCHDOG=1" {
			t.Fatalf("told %q", got)
		}
	}
	<-well
	well <- false
	for len(asked) > 0 {
		<-asked
	}
	<-asked // one that may have begun before, and then its answer is told
	<-asked
	for len(told) > 0 {
		<-told
	}
	for range 3 {
		<-asked
	}
	if len(told) > 0 {
		t.Errorf("what does not answer was fed: %q", <-told)
	}
	cancel()
	if err := <-fed; err != nil {
		t.Error(err)
	}
}

func TestNothingIsToldWhereSystemdDidNotStartUs(t *testing.T) {
	t.Setenv("NOTIFY_SOCKET", "")
	t.Setenv("WATCHDOG_USEC", "")
	var b strings.Builder
	n := Notifier{Log: slog.New(slog.NewTextHandler(&b, nil))}
	n.Ready()
	if err := n.Feed(context.Background(), func(context.Context) error { t.Error("asked"); return nil }); err != nil {
		t.Error(err)
	}
	if held, err := Sockets(); held != nil || err != nil {
		t.Errorf("sockets from nowhere: %v, %v", held, err)
	}
	if b.Len() > 0 {
		t.Errorf("logged: %s", b.String())
	}
}

// unit reads the directives of a unit file.
func unit(t *testing.T, path string) map[string]string {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for l := range strings.Lines(string(raw)) {
		if name, value, ok := strings.Cut(strings.TrimSpace(l), "="); ok && !strings.HasPrefix(name, "#") {
			got[name] = value
		}
	}
	return got
}

func TestR54TheUnitIsHardened(t *testing.T) {
	got := unit(t, "usher.service")
	for name, want := range map[string]string{
		"Type": "notify", "WatchdogSec": "60", "Restart": "always", "TimeoutStopSec": "45", "User": "usher",
		"StateDirectory": "usher", "RuntimeDirectory": "usher", "UMask": "0077", "NoNewPrivileges": "yes",
		"ProtectSystem": "strict", "ProtectHome": "read-only", "PrivateTmp": "yes", "PrivateDevices": "yes",
		"ProtectClock": "yes", "ProtectControlGroups": "yes", "ProtectHostname": "yes", "ProtectKernelLogs": "yes",
		"ProtectKernelModules": "yes", "ProtectKernelTunables": "yes", "ProtectProc": "invisible",
		"RestrictAddressFamilies": "AF_UNIX AF_INET AF_INET6", "RestrictNamespaces": "yes", "RestrictRealtime": "yes", "RestrictSUIDSGID": "yes",
		"SystemCallFilter": "@system-service", "MemoryDenyWriteExecute": "yes", "CapabilityBoundingSet": "",
		"LimitNOFILE": "8192", "Before": "postfix.service",
	} {
		if is, there := got[name]; !there || is != want {
			t.Errorf("%s=%s, want %s", name, is, want)
		}
	}
}

func TestR54SystemdFindsNothingToSayOfTheUnits(t *testing.T) {
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("systemd-analyze is not here: it comes with the package systemd")
	}
	dir := t.TempDir()
	for _, name := range []string{"usher.service", "usher.socket"} {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		raw = []byte(strings.ReplaceAll(string(raw), "@PREFIX@/bin/usher", "/bin/true"))
		if err := os.WriteFile(filepath.Join(dir, name), raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	service := filepath.Join(dir, "usher.service")
	if out, err := exec.Command(analyze, "verify", "--man=no", service, filepath.Join(dir, "usher.socket")).CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("verify: %v\n%s", err, out)
	}
	out, err := exec.Command(analyze, "security", "--offline=yes", "--threshold=30", service).CombinedOutput()
	if err != nil {
		t.Errorf("exposure is 3 or more: %v\n%s", err, out)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	t.Log(lines[len(lines)-1])
}
