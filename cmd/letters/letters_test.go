package letters

import "testing"

func TestDotsAreDoubled(t *testing.T) {
	for _, c := range []struct{ name, raw, wire string }{
		{"a dot at the start of the first line", ".a\r\n", "..a\r\n.\r\n"},
		{"dots at the start of later lines", "a\r\n.\r\n..b\r\n", "a\r\n..\r\n...b\r\n.\r\n"},
		{"a last line without an end", "a.b", "a.b\r\n.\r\n"},
	} {
		if got := string(Stuffed([]byte(c.raw))); got != c.wire {
			t.Errorf("%s: %q, want %q", c.name, got, c.wire)
		}
	}
}

func TestWithoutAnArchiveLettersAreGenerated(t *testing.T) {
	raws, real, err := Read("none")
	if err != nil || real || len(raws) != 10*len(sizes) {
		t.Fatalf("%d messages, real %v, %v", len(raws), real, err)
	}
	for i, raw := range raws {
		if want := sizes[i%len(sizes)]; len(raw) < want || len(raw) > want+1024 {
			t.Errorf("message %d has %d bytes, want some %d", i, len(raw), want)
		}
	}
}
