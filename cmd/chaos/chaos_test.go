package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	_ "usher/cmd/usher/daemon" // a result of TestEverySecondCounts is not kept when usher changes
)

const clockRole = "USHER_TEST_CLOCK"

// TestMain turns the test program into the next hop of a run, or into a process
// that says what time it is.
func TestMain(m *testing.M) {
	switch {
	case os.Getenv(clockRole) != "":
		for in := bufio.NewScanner(os.Stdin); in.Scan(); {
			fmt.Println(time.Now().Round(0).Format(time.RFC3339Nano))
		}
	case len(os.Args) > 1 && os.Args[1] == "nexthop":
		main()
	default:
		os.Exit(m.Run())
	}
}

// sent is a ledger with one message for two people.
func sent() (*ledger, *mailing, []byte) {
	raw := []byte("Message-ID: <1@chaos.example>\r\nSubject: x\r\n\r\nbody\r\n")
	l := newLedger()
	m := &mailing{id: "<1@chaos.example>", sum: sha256.Sum256(raw), rcpts: []*destination{{address: "a"}, {address: "b"}}}
	l.enter(m)
	return l, m, raw
}

func TestTheLedgerTellsWhatIsWrong(t *testing.T) {
	const decided = "Usher-Disposition: promotions\r\nUsher-Because: a reason\r\n that is folded\r\n"
	for _, c := range []struct {
		name string
		do   func(l *ledger, m *mailing, raw []byte)
		want string // "" is well
	}{
		{"each got one copy", func(l *ledger, m *mailing, raw []byte) {
			l.arrived("a", raw)
			l.arrived("b", append([]byte(decided), raw...))
		}, ""},
		{"one is in no mailbox", func(l *ledger, m *mailing, raw []byte) { l.arrived("a", raw) }, "1 lost"},
		{"one came twice and nobody was killed", func(l *ledger, m *mailing, raw []byte) {
			l.arrived("a", raw)
			l.arrived("a", raw)
			l.arrived("b", raw)
		}, "1 delivered once more though no kill"},
		{"a byte of a body differs", func(l *ledger, m *mailing, raw []byte) {
			l.arrived("a", raw)
			l.arrived("b", bytes.Replace(raw, []byte("body"), []byte("Body"), 1))
		}, "1 changed"},
		{"a field above is not ours", func(l *ledger, m *mailing, raw []byte) {
			l.arrived("a", raw)
			l.arrived("b", append([]byte("Received: by x\r\n"), raw...))
		}, "1 never sent"},
		{"it came to somebody else", func(l *ledger, m *mailing, raw []byte) {
			l.arrived("a", raw)
			l.arrived("b", raw)
			l.arrived("c", raw)
		}, "1 never sent"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l, m, raw := sent()
			l.begin(m, m.rcpts)
			for _, d := range m.rcpts {
				l.answered(m, d, "250 2.0.0 OK")
			}
			c.do(l, m, raw)
			err := l.tally().err()
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("says %v, want %q", err, c.want)
			}
		})
	}
}

func TestAKillExplainsOneMoreCopyOfWhatWasUnderWay(t *testing.T) {
	for _, c := range []struct {
		name   string
		during bool
		want   string
	}{
		{"a kill while it was under way", true, ""},
		{"a kill before", false, "2 delivered once more though no kill"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l, m, raw := sent()
			if !c.during {
				l.kill(func() {})
			}
			l.begin(m, m.rcpts)
			if c.during {
				l.kill(func() {})
			}
			l.answered(m, m.rcpts[0], "451 4.4.2 lost")
			l.brokenOff(m)
			l.begin(m, l.open(m))
			for _, d := range m.rcpts {
				l.answered(m, d, "250 2.0.0 OK")
				l.arrived(d.address, raw)
				l.arrived(d.address, raw)
			}
			got := l.tally()
			if err := got.err(); c.want == "" && (err != nil || got.AtKills != 2) || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("says %v, want %q; %+v", err, c.want, got)
			}
		})
	}
}

func TestLettersAreCleanedForTheWay(t *testing.T) {
	raw := "message-ID : <old@x>\nDKIM-Signature: a\n b\nSubject: x\n\nMessage-ID: stays\rhere\r\r\n.dot"
	want := "X-Was-message-ID : <old@x>\r\nX-Was-DKIM-Signature: a\r\n b\r\nSubject: x\r\n\r\nMessage-ID: stays\r\nhere\r\n.dot\r\n"
	if got := string(cleaned([][]byte{[]byte(raw)})[0]); got != want {
		t.Errorf("got %q", got)
	}
}

func TestOneProcessSeesAnotherTime(t *testing.T) {
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		t.Skip("the clock of one process is stepped on Linux and amd64 only")
	}
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), clockRole+"=1")
	in, err1 := child.StdinPipe()
	out, err2 := child.StdoutPipe()
	if err := errors.Join(err1, err2, child.Start()); err != nil {
		t.Fatal(err)
	}
	defer child.Wait()
	defer in.Close()
	lines := bufio.NewReader(out)
	for _, step := range []time.Duration{0, -36 * time.Hour, time.Hour, 0} {
		if err := stepClock(child.Process.Pid, step); errors.Is(err, os.ErrPermission) {
			t.Skip("this machine does not let it be done: ", err)
		} else if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(in)
		line, err := lines.ReadString('\n')
		said, err2 := time.Parse(time.RFC3339Nano, strings.TrimSpace(line))
		if err := errors.Join(err, err2); err != nil {
			t.Fatal(err)
		}
		if off := time.Until(said) - step; off.Abs() > time.Minute {
			t.Errorf("a step of %v: %v off", step, off)
		}
	}
}

func TestGrowthIsTold(t *testing.T) {
	life := func(grow int64, files int) (w watch) {
		var l []sample
		for n := range 100 {
			l = append(l, sample{time.Duration(n) * time.Second, 100<<20 + int64(n)*grow, 10 + n*files})
		}
		w.lives = [][]sample{l, {{time.Second, 1 << 40, 1 << 20}}}
		return w
	}
	for _, c := range []struct {
		name string
		w    watch
		want string
	}{
		{"flat", life(0, 0), "<nil>"},
		{"memory grows", life(8<<20, 0), "memory grows"},
		{"descriptors grow", life(0, 2), "descriptors grow"},
	} {
		if got := fmt.Sprint(c.w.flat(io.Discard)); got != c.want {
			t.Errorf("%s: says %q", c.name, got)
		}
	}
}

func TestMetricsAreHeldAgainstTheLog(t *testing.T) {
	for _, c := range []struct{ name, metric, want string }{
		{"the same", "# HELP x\nusher_fail_open_total{reason=\"record\"} 2\nusher_fail_open_total{reason=\"judge\"} 0\n", ""},
		{"one less", "usher_fail_open_total{reason=\"record\"} 1\n", "map[record:1], the log map[record:2]"},
		{"none", "", "map[], the log"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d, err := newDiary(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			defer d.file.Close()
			failed := []byte(`{"level":"WARN","msg":"failed open","reason":"record"}` + "\n")
			for _, line := range [][]byte{failed, []byte(`{"level":"INFO","msg":"starting"}`), failed, failed} {
				d.heed(line)
			}
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, c.metric) }))
			defer server.Close()
			err = d.metered(strings.TrimPrefix(server.URL, "http://"))
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("says %v, want %q", err, c.want)
			}
			if open, _ := d.seen(); open["record"] != 3 {
				t.Errorf("in all %v", open)
			}
		})
	}
}

// TestEverySecondCounts runs all of it once, with usher as it is.
func TestEverySecondCounts(t *testing.T) {
	usher := filepath.Join(t.TempDir(), "usher")
	if out, err := exec.Command("go", "build", "-o", usher, "../usher").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, more := range []string{"-soak=false", "-soak=true"} {
		var out bytes.Buffer
		if err := run([]string{"-usher", usher, "-time", "2s", "-seed", "1", "-mail", "none", more}, &out); err != nil {
			t.Errorf("%s: %v\n%s", more, err, &out)
		}
		for _, want := range []string{"seed 1, 2s, 16 connections", "delivered once", "lost "} {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%s: %q is missing from\n%s", more, want, &out)
			}
		}
	}
}
