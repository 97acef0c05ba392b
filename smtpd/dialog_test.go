package smtpd

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// A dialogue is a conversation with a server and its next hop:
//
//	# what must hold
//	C: a line that the client sends, with CRLF
//	C" bytes that the client sends, as a Go string
//	S: how the next reply begins; "S: closed": the server hangs up
//	S~ a part of the reply last read
//	N: a line that the next hop heard; N! a part that it never heard
//	C* so many times a line that the client sends: C* 80 abc
//	X: how many commands of a verb the next hop has heard: X: MAIL 1
//	D: the number of deliveries so far
//
// A file smtp-… is spoken over SMTP in and out, mixed-… over LMTP in and SMTP
// out, all others over LMTP. Words after the title in brackets change the
// settings or the next hop: [single] [bare] [xforward] [helo].
//
// Blank lines and what follows "//" at the start of a line are skipped.
func TestDialogs(t *testing.T) {
	files, err := filepath.Glob("testdata/*.dialog")
	if err != nil || len(files) == 0 {
		t.Fatalf("no dialogues: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for part := range strings.SplitSeq("\n"+string(text), "\n# ") {
			title, script, _ := strings.Cut(part, "\n")
			if strings.TrimSpace(title) == "" {
				continue
			}
			t.Run(filepath.Base(file)+"/"+title, func(t *testing.T) { speak(t, filepath.Base(file), title, script) })
		}
	}
}

// dialogRig is the server that a dialogue is held with.
func dialogRig(t *testing.T, file, title string) *rig {
	lmtpIn := !strings.HasPrefix(file, "smtp-")
	k := newSink(t, func(k *sink) {
		k.smtp = !lmtpIn || strings.HasPrefix(file, "mixed-")
		if strings.Contains(title, "[xforward]") {
			k.offer = append(k.offer, "XFORWARD NAME ADDR PROTO HELO IDENT")
		}
		if strings.Contains(title, "[helo]") {
			k.lhlo = "no EHLO"
		}
	})
	return newRig(t, k, func(c *Config) {
		c.MaxRcpt, c.MaxSize, c.MaxLine = 3, 5000, 2048
		c.SingleRecipient = strings.Contains(title, "[single]")
		if strings.Contains(title, "[bare]") {
			c.Bare = BareRefuse
		}
		if !lmtpIn {
			overSMTP(c)
		}
	})
}

func speak(t *testing.T, file, title, script string) {
	r := dialogRig(t, file, title)
	c := r.dial()
	c.expect("220 usher.test " + map[bool]string{true: "ESMTP", false: "LMTP"}[c.smtp])
	last := ""
	for n, l := range strings.Split(script, "\n") {
		if strings.TrimSpace(l) == "" || strings.HasPrefix(l, "//") {
			continue
		}
		if len(l) < 2 {
			t.Fatalf("line %d: %q", n+1, l)
		}
		kind, text := l[:2], strings.TrimPrefix(l[2:], " ")
		switch kind {
		case "C:":
			c.send(text + "\r\n")
		case `C"`:
			s, err := strconv.Unquote(text)
			if err != nil {
				t.Fatalf("line %d: %v", n+1, err)
			}
			c.send(s)
		case "C*":
			times, line, _ := strings.Cut(text, " ")
			n, _ := strconv.Atoi(times)
			c.send(strings.Repeat(line+"\r\n", n))
		case "X:":
			verb, times, _ := strings.Cut(text, " ")
			if got := r.sink.asked(verb); strconv.Itoa(got) != times {
				t.Fatalf("line %d: the next hop heard %s %d times", n+1, verb, got)
			}
		case "S:":
			if text == "closed" {
				if !c.closed() {
					t.Fatalf("line %d: the connection is still open", n+1)
				}
				continue
			}
			if last = c.reply(); !strings.HasPrefix(last, text) {
				t.Fatalf("line %d: reply is %q, want %q", n+1, last, text)
			}
		case "S~":
			if !strings.Contains(last, text) {
				t.Fatalf("line %d: reply %q has no %q", n+1, last, text)
			}
		case "S!":
			if strings.Contains(last, text) {
				t.Fatalf("line %d: reply %q has %q", n+1, last, text)
			}
		case "N:":
			if !strings.Contains("\n"+r.sink.transcript(), "\n"+text+"\r\n") {
				t.Fatalf("line %d: the next hop never heard %q but\n%s", n+1, text, r.sink.transcript())
			}
		case "N!":
			if strings.Contains(r.sink.transcript(), text) {
				t.Fatalf("line %d: the next hop heard %q", n+1, text)
			}
		case "D:":
			if want, _ := strconv.Atoi(text); r.sink.count() != want {
				t.Fatalf("line %d: %d deliveries, want %d", n+1, r.sink.count(), want)
			}
		default:
			t.Fatalf("line %d: %q", n+1, l)
		}
	}
}
