//go:build interop

package main

import (
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const (
	smtpSink   = "/usr/sbin/smtp-sink"
	smtpSource = "/usr/sbin/smtp-source"
)

// sinkProcess is Postfix's smtp-sink.
type sinkProcess struct {
	p   *exec.Cmd
	out string // the file of its counters
}

// sink starts smtp-sink as the next hop.
func (a *alone) sink(more ...string) *sinkProcess {
	a.t.Helper()
	s := &sinkProcess{out: filepath.Join(a.dir, "sink.out")}
	out, err := os.Create(s.out)
	if err != nil {
		a.t.Fatal(err)
	}
	defer out.Close()
	s.p = exec.Command(smtpSink, append(append([]string{"-u", "nobody", "-c"}, more...), fmt.Sprintf("127.0.0.1:%d", a.out), "200")...)
	s.p.Stdout = out
	if err := s.p.Start(); err != nil {
		a.t.Fatal(err)
	}
	a.t.Cleanup(func() { stop(s.p) })
	a.listens(a.out)
	return s
}

var counted = regexp.MustCompile(`mesg=(\d+)`)

// messages gives how many messages the sink has taken, and ends it: it counts
// on its standard output, which is complete only then.
func (s *sinkProcess) messages(t *testing.T) int {
	t.Helper()
	stop(s.p)
	text, err := os.ReadFile(s.out)
	if err != nil {
		t.Fatal(err)
	}
	last := 0
	for _, m := range counted.FindAllStringSubmatch(string(text), -1) {
		last, _ = strconv.Atoi(m[1])
	}
	return last
}

// TestInteropSourceToSink: the sink's count equals messages, or messages ×
// recipients where each recipient has a transaction of its own.
func TestInteropSourceToSink(t *testing.T) {
	needs(t, smtpSink, smtpSource)
	for _, c := range []struct {
		name, protocols string
		settings        []string
		judged          bool
		want            int
	}{
		{"lmtp, all untouched", "lmtp=lmtp", nil, false, 400},
		{"lmtp, a transaction each", "lmtp=lmtp", []string{"--stamp", "all"}, true, 1200},
		{"smtp", "smtp=smtp", []string{"--stamp", "all"}, true, 400},
		{"lmtp in, smtp out", "lmtp=smtp", nil, false, 400},
		{"lmtp in, smtp out, a transaction each", "lmtp=smtp", []string{"--stamp", "all"}, true, 1200},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := newAlone(t, c.protocols, c.settings...)
			if c.judged {
				a.judged()
			}
			in, out, _ := strings.Cut(c.protocols, "=")
			var flags []string
			if out == "lmtp" {
				flags = []string{"-L"}
			}
			s := a.sink(flags...)
			args := []string{"-s", "8", "-m", "400", "-r", "3", "-l", "20000", "-f", "a@x.test", "-t", "u@y.test", fmt.Sprintf("inet:127.0.0.1:%d", a.in)}
			if in == "lmtp" {
				args = append([]string{"-L"}, args...)
			}
			if said, err := exec.Command(smtpSource, args...).CombinedOutput(); err != nil {
				t.Fatalf("smtp-source: %v\n%s", err, said)
			}
			n := s.messages(t)
			found(t, "smtp-source -s 8 -m 400 -r 3 → usher → smtp-sink", "the sink counts %d of %d", n, c.want)
			if n != c.want {
				t.Errorf("the sink counts %d, want %d", n, c.want)
			}
		})
	}
}

// TestInteropSinkFaults: whatever the next hop does wrong, no 2xx is given for
// what did not arrive, and what comes again arrives once.
func TestInteropSinkFaults(t *testing.T) {
	needs(t, smtpSink)
	letter := "From: a@x.test\r\nMessage-ID: <fault@x.test>\r\nSubject: hello\r\n\r\n" + strings.Repeat("text text text text text text\r\n", 1000)
	for _, c := range []struct {
		name  string
		flags []string
		want  string // how the reply begins
	}{
		{"450 to the dot", []string{"-r", "."}, "450 "},
		{"500 to the dot", []string{"-f", "."}, "500 "},
		{"500 to RCPT", []string{"-f", "RCPT"}, "500 "},
		{"hangs up at the dot", []string{"-q", "."}, "451 4.4.2 "},
		{"421 to DATA", []string{"-Q", "DATA"}, "451 "},
		{"aborts within the message", []string{"-A", "0"}, ""},
		{"answers the dot late", []string{"-W", ".:3"}, "250 "},
		{"reads slowly", []string{"-H", "3", "-T", "1000"}, "250 "},
	} {
		for _, protocol := range []string{"lmtp", "smtp"} {
			t.Run(protocol+", "+c.name, func(t *testing.T) {
				t.Parallel()
				a := newAlone(t, protocol+"="+protocol)
				kind := []string{}
				if protocol == "lmtp" {
					kind = []string{"-L"}
				}
				s := a.sink(append(slices.Clone(kind), c.flags...)...)
				replies := a.post(letter, "u@y.test", "v@y.test")
				arrived := s.messages(t)
				after := "counted once after the retry"
				if strings.HasPrefix(c.want, "2") {
					after = "counted once"
				} else if strings.HasPrefix(c.want, "5") {
					after = "final"
				}
				found(t, "client → usher → smtp-sink "+strings.Join(c.flags, " "), "%.3s upstream, %s", replies[0], after)
				for _, r := range replies {
					if !strings.HasPrefix(r, c.want) || c.want == "" && strings.HasPrefix(r, "2") {
						t.Errorf("a reply is %q, want %q", r, c.want)
					}
				}
				// smtp-sink counts what it hears to the dot, even if it says no then.
				if good := strings.HasPrefix(c.want, "2"); arrived > 1 || good && arrived != 1 {
					t.Errorf("the sink counts %d, the replies are %q", arrived, replies)
				}
				if c.want[:min(1, len(c.want))] == "2" || c.want[:min(1, len(c.want))] == "5" {
					return
				}
				again := a.sink(kind...)
				for _, r := range a.post(letter, "u@y.test", "v@y.test") {
					if !strings.HasPrefix(r, "250 ") {
						t.Errorf("the second time a reply is %q", r)
					}
				}
				if n := again.messages(t); n != 1 {
					t.Errorf("the sink counts %d after the retry, want 1", n)
				}
			})
		}
	}
}

// TestInteropSinkOffers: what the next hop does not offer is not offered.
func TestInteropSinkOffers(t *testing.T) {
	needs(t, smtpSink)
	for _, c := range []struct {
		protocol, flag string
		gone           []string
	}{
		{"lmtp", "", nil},
		{"lmtp", "-8", []string{"8BITMIME"}},
		{"lmtp", "-N", []string{"DSN"}},
		{"lmtp", "-p", nil}, // PIPELINING is between upstream and us
		{"lmtp", "-E", nil}, // so are enhanced codes of ours
		{"lmtp", "-F", nil}, // XFORWARD is taken from upstream all the same
		{"smtp", "", nil},
		{"smtp", "-8", []string{"8BITMIME"}},
		{"smtp", "-e", []string{"8BITMIME", "DSN"}},
	} {
		t.Run(c.protocol+" "+c.flag, func(t *testing.T) {
			t.Parallel()
			a := newAlone(t, c.protocol+"="+c.protocol)
			var flags []string
			if c.protocol == "lmtp" {
				flags = append(flags, "-L")
			}
			if c.flag != "" {
				flags = append(flags, c.flag)
			}
			s := a.sink(flags...)
			conn := a.connect(a.in)
			if conn == nil {
				t.Fatal("no connection")
			}
			offer := a.hello(conn)
			conn.conn.Close()
			stop(s.p)
			found(t, "client → usher → smtp-sink "+strings.Join(flags, " "), "not offered: %s", cmp.Or(strings.Join(c.gone, " "), "nothing"))
			for _, word := range []string{"PIPELINING", "8BITMIME", "DSN", "SIZE", "XFORWARD", "ENHANCEDSTATUSCODES"} {
				has := regexp.MustCompile(`(?m)^250[- ]` + word + `\b`).MatchString(offer)
				if want := !slices.Contains(c.gone, word); has != want {
					t.Errorf("%s is offered: %v, want %v:\n%s", word, has, want, offer)
				}
			}
			for _, never := range []string{"AUTH", "STARTTLS", "BINARYMIME", "VERP"} {
				if strings.Contains(offer, never) {
					t.Errorf("%s is offered:\n%s", never, offer)
				}
			}
		})
	}
}
