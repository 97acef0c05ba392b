package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && roles[os.Args[1]] != nil {
		main() // a part of the run below
		return
	}
	os.Exit(m.Run())
}

func TestEveryWayDeliversWhatIsSent(t *testing.T) {
	var out bytes.Buffer
	err := run([]string{"-time", "20ms", "-rounds", "1", "-connections", "8", "-sizes=false", "-mail", "none"}, &out)
	if err != nil {
		t.Fatalf("%v\n%s", err, &out)
	}
	for _, want := range []string{"a straight", "b go-smtp", "c usher", "d wire", "Aims at 8 connections"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing from\n%s", want, &out)
		}
	}
}

func TestTheSmallSetHasTheMeanItIsNamedFor(t *testing.T) {
	all, _, err := readLetters("none")
	if err != nil {
		t.Fatal(err)
	}
	_, told := sets(all)
	if small := told[0]; small.Name != setSmall || small.Mean > meanSmall || small.Mean < meanSmall*9/10 {
		t.Errorf("the set of 9 KB is %+v", small)
	}
	if whole := told[1]; whole.Mean < 25_000 || whole.Mean > 27_000 {
		t.Errorf("the mean of all messages is %d bytes, 26 KB in real mail", whole.Mean)
	}
}

func TestDotsAreDoubled(t *testing.T) {
	for _, c := range []struct{ name, raw, wire string }{
		{"a dot at the start of the first line", ".a\r\n", "..a\r\n.\r\n"},
		{"dots at the start of later lines", "a\r\n.\r\n..b\r\n", "a\r\n..\r\n...b\r\n.\r\n"},
		{"a last line without an end", "a.b", "a.b\r\n.\r\n"},
	} {
		if got := string(stuffed([]byte(c.raw))); got != c.wire {
			t.Errorf("%s: %q, want %q", c.name, got, c.wire)
		}
	}
}
