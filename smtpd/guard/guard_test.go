package guard

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"net/textproto"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

func TestR29ReadPath(t *testing.T) {
	for _, c := range []struct {
		name, in, path, rest string
		bad                  bool
	}{
		{name: "the null sender", in: "<>"},
		{name: "a plain address", in: "<u@y.test>", path: "u@y.test"},
		{name: "parameters after it", in: "<u@y.test> SIZE=3", path: "u@y.test", rest: " SIZE=3"},
		{name: "postmaster without a domain", in: "<PostMaster>", path: "PostMaster"},
		{name: "a source route is dropped", in: "<@a.test,@b.test:u@y.test>", path: "u@y.test"},
		{name: "quotes stay as they came", in: `<"john \"x\" doe"@y.test>`, path: `"john \"x\" doe"@y.test`},
		{name: "brackets and blanks within quotes", in: `<"a@evil> X=<b"@y.test>`, path: `"a@evil> X=<b"@y.test`},
		{name: "dots where RFC 5321 wants none are other people's names", in: "<a..b.@y.test>", path: "a..b.@y.test"},
		{name: "an address literal", in: "<u@[IPv6:2001:db8::1]>", path: "u@[IPv6:2001:db8::1]"},
		{name: "8-bit is the session's to judge", in: "<ü@y.test>", path: "ü@y.test"},
		{name: "no brackets", in: "u@y.test", bad: true},
		{name: "no end", in: "<u@y.test", bad: true},
		{name: "no domain", in: "<u@>", bad: true},
		{name: "no local part", in: "<@y.test>", bad: true},
		{name: "an empty quoted local part", in: `<""@y.test>`, bad: true},
		{name: "a name without a domain", in: "<user>", bad: true},
		{name: "two at signs", in: "<a@b@y.test>", bad: true},
		{name: "a blank outside quotes", in: "<a b@y.test>", bad: true},
		{name: "a bracket outside quotes", in: "<a<b@y.test>", bad: true},
		{name: "a control character within quotes", in: "<\"a\x01b\"@y.test>", bad: true},
		{name: "a control character", in: "<a\x7f@y.test>", bad: true},
		{name: "something stuck to it", in: "<u@y.test>X", bad: true},
		{name: "quotes that never end", in: `<"a@y.test>`, bad: true},
		{name: "a route alone", in: "<@a.test:>", bad: true},
		{name: "a path that is too long", in: "<" + strings.Repeat("x", MaxPath) + "@y.test>", bad: true},
		{name: "a path of the greatest length", in: "<" + strings.Repeat("x", MaxPath-7) + "@y.test>", path: strings.Repeat("x", MaxPath-7) + "@y.test"},
	} {
		path, rest, err := readPath(c.in)
		if (err != nil) != c.bad || path != c.path || rest != c.rest {
			t.Errorf("%s: %q gives %q, %q, %v", c.name, c.in, path, rest, err)
		}
	}
}

func FuzzPath(f *testing.F) {
	for _, s := range []string{"<>", "<u@y.test> X=1", `<"a\"b"@y.test>`, "<@a:u@b>", "<postmaster>"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		path, rest, err := readPath(s)
		if err != nil {
			return
		}
		again, none, err := readPath("<" + path + ">" + rest)
		if err != nil || again != path || none != rest {
			t.Errorf("%q gives %q and %q, which gives %q, %q, %v", s, path, rest, again, none, err)
		}
		if strings.ContainsAny(path, "\r\n\x00") {
			t.Errorf("%q gives a path with a line end in it: %q", s, path)
		}
	})
}

func TestXtext(t *testing.T) {
	for in, want := range map[string]string{"a": "a", "a+2Bb": "a+b", "": "", "a+2": "!", "a+zz": "!", "+0A": "!", "\x01": "!", "+2b": "!"} {
		got, ok := xtext(in)
		if !ok {
			got = "!"
		}
		if got != want {
			t.Errorf("%q gives %q, want %q", in, got, want)
		}
	}
}

// pieces feeds src to l in pieces of n bytes.
func pieces(l *LineEnds, src []byte, n int) (out []byte, taken int, ended bool) {
	for taken < len(src) && !ended {
		var m int
		out, m, ended = l.Safe(out, src[taken:min(taken+n, len(src))])
		taken += m
	}
	return out, taken, ended
}

// FuzzData: whatever arrives, what comes out has CR and LF only as CRLF, does
// not depend on how it was cut, ends exactly where the first CRLF . CRLF ends,
// and text that was safe is not changed. With the dots undone it is what a
// reader of dots makes of it, and sent on, a reader of dots has it again.
func FuzzData(f *testing.F) {
	for _, s := range []string{"a\r\n.\r\nNOOP\r\n", ".\r\n", "a\n.\r\nb\r\n.\r\n", "\r\r\n.\r\r\n.\r\n", "..a\r\n\n.b\r\n.\r\n"} {
		f.Add([]byte(s), 1)
	}
	f.Fuzz(func(t *testing.T, src []byte, n int) {
		if n < 1 {
			n = 1
		}
		whole := LineEnds{dots: true}
		out, taken, ended := pieces(&whole, src, len(src)+1)
		cut := LineEnds{dots: true}
		out2, taken2, ended2 := pieces(&cut, src, n)
		if !bytes.Equal(out, out2) || taken != taken2 || ended != ended2 {
			t.Fatalf("%q in one piece gives %q, in pieces of %d %q", src, out, n, out2)
		}
		if !ended {
			out = whole.Last(out)
		}
		if rest := bytes.ReplaceAll(out, []byte("\r\n"), nil); bytes.ContainsAny(rest, "\r\n") {
			t.Fatalf("%q gives %q, which has a bare CR or LF", src, out)
		}
		end := bytes.Index(append([]byte("\r\n"), src...), []byte("\r\n.\r\n"))
		if ended != (end >= 0) || ended && taken != end+3 {
			t.Fatalf("%q ends at %d, ended is %v after %d", src, end, ended, taken)
		}
		if ended {
			text := textproto.NewReader(bufio.NewReader(bytes.NewReader(out)))
			read, err := text.ReadDotBytes()
			if err != nil || text.R.Buffered() != 0 {
				t.Fatalf("%q gives %q, which a reader of dots ends elsewhere", src, out)
			}
			undone := LineEnds{dots: true, plain: true}
			message, taken3, _ := pieces(&undone, src, n)
			if lf := bytes.ReplaceAll(message, []byte("\r\n"), []byte("\n")); !bytes.Equal(lf, read) || taken3 != taken {
				t.Fatalf("%q without its dots is %q, and %q to a reader of dots", src, message, read)
			}
			sameAgain(t, message, undone.Bare)
			if again := sentOn(t, message, n); !bytes.Equal(again, read) {
				t.Fatalf("%q arrives as %q", message, again)
			}
		}
		if whole.Changed == 0 && !bytes.Equal(out, src[:taken]) {
			t.Fatalf("%q was safe and became %q", src, out)
		}
	})
}

// sentOn sends a message in pieces of n bytes, as a Hop and go-smtp's client do,
// and gives what a reader of dots reads of it.
func sentOn(t *testing.T, message []byte, n int) []byte {
	t.Helper()
	wire := new(broken)
	hop := NewHop(wire, "", 0)
	w := hop.BeginData()
	for rest := message; len(rest) > 0; rest = rest[min(n, len(rest)):] {
		if _, err := w.Write(rest[:min(n, len(rest))]); err != nil {
			t.Fatal(err)
		}
	}
	if err := hop.EndData(1); err != nil {
		t.Fatal(err)
	}
	if _, err := hop.Write([]byte("\r\n.\r\n")); err != nil { // all that the client's own writer of dots has to say
		t.Fatal(err)
	}
	text := textproto.NewReader(bufio.NewReader(bytes.NewReader(wire.said.Bytes())))
	read, err := text.ReadDotBytes()
	if err != nil || text.R.Buffered() != 0 {
		t.Fatalf("%q is sent as %q, which a reader of dots ends elsewhere", message, wire.said.Bytes())
	}
	return read
}

func TestR20ALongMessageIsSentOnByteForByte(t *testing.T) {
	for name, message := range map[string]string{
		"nothing at all":                "",
		"an empty line":                 "\r\n",
		"lines that begin with dots":    strings.Repeat(".\r\n..x\r\n", 3*maxHeld/7),
		"one line longer than a packet": strings.Repeat(".x", 2*maxHeld) + "\r\n",
		"line ends across packets":      strings.Repeat("a\r\n", maxHeld),
	} {
		for _, n := range []int{1, 5, maxHeld - 1, maxHeld + 1, len(message) + 1} {
			want := strings.ReplaceAll(message, "\r\n", "\n")
			if got := string(sentOn(t, []byte(message), n)); got != want {
				t.Errorf("%s, in pieces of %d: %d bytes arrive, want %d", name, n, len(got), len(want))
			}
		}
	}
}

// sameAgain holds what was received, as far as it can be told from text that was
// made safe, against that text.
func sameAgain(t *testing.T, safe []byte, bare []int64) {
	t.Helper()
	got, err := io.ReadAll(iotest.OneByteReader(Received(bytes.NewReader(safe), bare)))
	if err != nil {
		t.Fatal(err)
	}
	var l LineEnds
	again, _, _ := l.Safe(nil, got)
	if again = l.Last(again); !bytes.Equal(again, safe) || !slices.Equal(l.Bare, bare) {
		t.Fatalf("%q with changes at %v was received as %q, which gives %q with changes at %v", safe, bare, got, again, l.Bare)
	}
}

func TestR40WhatWasReceivedCanBeReadAgain(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"nothing to change", "a\r\n..b\r\n", "a\r\n.b\r\n"},
		{"a bare LF, a bare CR", "a\nb\rc\r\n", "a\nb\rc\r\n"},
		{"a blank and a line end that were no change", "a b\r\nc\rd e\r\n", "a b\r\nc\rd e\r\n"},
		{"runs of them", "\r\r\r\n\n\n\r", "\r\r\r\n\n\n\r"},
		{"a dot that was put in", "\n..a\r\n..b\r\nc\n", "\n..a\r\n.b\r\nc\n"},
		{"a line of one dot, ended by LF", "a\r\n.\nb\r\n", "a\r\n.\nb\r\n"},
		{"a dot, then a bare CR", "a\r\n.\rb\n", "a\r\n\rb\n"},
	} {
		for _, n := range []int{1, 2, 100} {
			ends := LineEnds{dots: true, plain: true}
			var out []byte
			for rest := []byte(c.in); len(rest) > 0; rest = rest[min(n, len(rest)):] {
				part, _, _ := ends.Safe(nil, rest[:min(n, len(rest))])
				out = append(out, part...)
			}
			out = append(out, ends.Last(nil)...)
			got, err := io.ReadAll(Received(bytes.NewReader(out), ends.Bare))
			if err != nil || string(got) != c.want {
				t.Errorf("%s, in pieces of %d: %q is read again as %q, want %q, %v", c.name, n, c.in, got, c.want, err)
			}
		}
	}
}

func TestR40OnlySoManyChangesAreRemembered(t *testing.T) {
	var ends LineEnds
	in := bytes.Repeat([]byte("\n"), MaxBare+3)
	out, _, _ := ends.Safe(nil, in)
	if len(ends.Bare) != MaxBare || ends.Changed != MaxBare+3 {
		t.Errorf("%d of %d are remembered", len(ends.Bare), ends.Changed)
	}
	got, err := io.ReadAll(Received(bytes.NewReader(out), ends.Bare))
	if want := append(in[:MaxBare:MaxBare], "\r\n\r\n\r\n"...); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%d bytes are read again, %v, want %d", len(got), err, len(want))
	}
}

// broken is a connection whose Read panics.
type broken struct {
	net.Conn
	said bytes.Buffer
}

func (b *broken) Read([]byte) (int, error)           { panic("broken") }
func (b *broken) Write(p []byte) (int, error)        { return b.said.Write(p) }
func (b *broken) Close() error                       { return nil }
func (b *broken) SetReadDeadline(t time.Time) error  { return nil }
func (b *broken) SetWriteDeadline(t time.Time) error { return nil }

func TestR15APanicHereIsConfinedToItsConnection(t *testing.T) {
	conn, stack := new(broken), ""
	g := New(conn, &Settings{MaxLine: 100, Replies: Replies{Panic: "421 4.3.0 sorry\r\n"}, OnPanic: func(s string) { stack = s }}, func() {})
	if _, err := g.Read(make([]byte, 10)); !errors.Is(err, net.ErrClosed) {
		t.Errorf("error is %v", err)
	}
	if conn.said.String() != "421 4.3.0 sorry\r\n" || !strings.Contains(stack, "broken") {
		t.Errorf("it said %q, and told of %q", conn.said.String(), stack)
	}
	if _, err := g.Write([]byte("250 ok\r\n")); !errors.Is(err, net.ErrClosed) {
		t.Errorf("a write after it gives %v", err)
	}
}

// gone is an upstream that has left: nothing can be written to it.
type gone struct{ net.Conn }

func (gone) Write([]byte) (int, error)        { return 0, net.ErrClosed }
func (gone) SetWriteDeadline(time.Time) error { return nil }
func (gone) Close() error                     { return nil }

func TestR7NoMessageComesFromAnUpstreamThatLeftBefore354(t *testing.T) {
	g := New(gone{}, &Settings{WriteTime: time.Second}, func() {})
	if _, err := g.Write([]byte("354 Go ahead\r\n")); err == nil {
		t.Fatal("the 354 went out")
	}
	if err := g.Message(func([]byte) {}); err == nil {
		t.Error("an empty message was read")
	}
}
