package splice

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"testing"

	"usher/classify"
	"usher/rules"
)

// strip strips raw in pieces of n bytes.
func strip(t testing.TB, raw string, n int) (string, int) {
	var b bytes.Buffer
	s := NewStripper(&b)
	for rest := raw; rest != ""; {
		m := min(n, len(rest))
		if _, err := s.Write([]byte(rest[:m])); err != nil {
			t.Fatal(err)
		}
		rest = rest[m:]
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String(), s.Stripped
}

func TestR36OurFieldsAreTakenOut(t *testing.T) {
	for _, c := range []struct {
		name, in, want string
		n              int
	}{
		{"none is there", "From: a\r\n\r\nx\r\n", "From: a\r\n\r\nx\r\n", 0},
		{"a plain one", "Usher-Disposition: inbox\r\nFrom: a\r\n\r\nx\r\n", "From: a\r\n\r\nx\r\n", 1},
		{"odd case and a blank before the colon", "uSHER-x : 1\r\nFrom: a\r\n\r\n", "From: a\r\n\r\n", 1},
		{"with continuation lines, a blank one among them", "From: a\r\nUsher-X: 1\r\n 2\r\n\t3\r\n \r\n 4\r\nTo: b\r\n\r\n", "From: a\r\nTo: b\r\n\r\n", 1},
		{"folded before its colon", "Usher-Disposition\r\n : refuse\r\nTo: b\r\n\r\n", "To: b\r\n\r\n", 1},
		{"after a line without a colon, which ends no header", "nonsense\r\nUsher-X: 1\r\n\r\n", "nonsense\r\n\r\n", 1},
		{"after a From line, which ends no header", "From a@x.test Mon\r\nUsher-X: 1\r\n\r\n", "From a@x.test Mon\r\n\r\n", 1},
		{"after a line of blanks, which ends no header", "From: a\r\n \r\nUsher-X: 1\r\n\r\n", "From: a\r\n \r\n\r\n", 1},
		{"an encoded value", "Usher-Disposition: =?utf-8?q?refuse?=\r\n\r\n", "\r\n", 1},
		{"the body is not looked at", "From: a\r\n\r\nUsher-X: 1\r\n", "From: a\r\n\r\nUsher-X: 1\r\n", 0},
		{"a continuation of another field is not one", "Subject: a\r\n Usher-X: 1\r\n\r\n", "Subject: a\r\n Usher-X: 1\r\n\r\n", 0},
		{"a fold at the very start stays", " Usher-X: 1\r\nFrom: a\r\n\r\n", " Usher-X: 1\r\nFrom: a\r\n\r\n", 0},
		{"names that only begin alike stay", "Ushers: 1\r\nUshe\r\nUsher\r\n\r\n", "Ushers: 1\r\nUshe\r\nUsher\r\n\r\n", 0},
		{"a message that ends in mid-name", "From: a\r\nUsh", "From: a\r\nUsh", 0},
	} {
		for _, n := range []int{1, 3, 1000} {
			if got, stripped := strip(t, c.in, n); got != c.want || stripped != c.n {
				t.Errorf("%s, in pieces of %d: %q gives %q and %d, want %q and %d", c.name, n, c.in, got, stripped, c.want, c.n)
			}
		}
	}
}

func TestR41TheFieldToKeepStays(t *testing.T) {
	for _, c := range []struct {
		name, in, want string
	}{
		{"it stays, others go", "Usher-Digest: 1\r\nUsher-X: 2\r\n\r\n", "Usher-Digest: 1\r\n\r\n"},
		{"in any case, with its continuation", "uSHER-dIGEST:\r\n 1\r\nTo: a\r\n\r\n", "uSHER-dIGEST:\r\n 1\r\nTo: a\r\n\r\n"},
		{"a blank before the colon makes it another", "Usher-Digest : 1\r\n 2\r\n\r\n", "\r\n"},
		{"names that only begin alike go", "Usher-Digester: 1\r\nUsher-Dig: 2\r\nUsher-Digest\r\n\r\n", "\r\n"},
		{"names that begin otherwise stay", "Ushe\r\nUsers: 1\r\n\r\n", "Ushe\r\nUsers: 1\r\n\r\n"},
	} {
		for _, n := range []int{1, 3, 1000} {
			var b bytes.Buffer
			s := NewStripper(&b)
			s.Keep = "Usher-Digest"
			for rest := c.in; rest != ""; rest = rest[min(n, len(rest)):] {
				if _, err := s.Write([]byte(rest[:min(n, len(rest))])); err != nil {
					t.Fatal(err)
				}
			}
			if err := s.Close(); err != nil || b.String() != c.want {
				t.Errorf("%s, in pieces of %d: %q gives %q, %v, want %q", c.name, n, c.in, b.String(), err, c.want)
			}
		}
	}
}

func TestHeaderShowsEachFieldAndTheBody(t *testing.T) {
	for _, c := range []struct {
		name, in string
		fields   []string
		body     string
	}{
		{"fields and a body", "A: 1\r\n 2\r\nB : 3\r\n\r\nC: 4\r\n", []string{"A=A: 1\r\n 2\r\n", "B=B : 3\r\n"}, "C: 4\r\n"},
		{"no header", "\r\nC: 4\r\n", nil, "C: 4\r\n"},
		{"no body", "A: 1\r\n", []string{"A=A: 1\r\n"}, ""},
		{"a line that never ends is in no field", "A: 1\r\nB: 2", []string{"A=A: 1\r\n"}, ""},
		{"a line without a colon, and one of blanks, end no header", "A\r\n \r\nB: 1\r\n\r\n", []string{"A=A\r\n \r\n", "B=B: 1\r\n"}, ""},
		{"a fold at the very start", " x: 1\r\nA: 1\r\n\r\n", []string{" x= x: 1\r\n", "A=A: 1\r\n"}, ""},
	} {
		var fields []string
		body := Header([]byte(c.in), func(name, field []byte) { fields = append(fields, string(name)+"="+string(field)) })
		if !slices.Equal(fields, c.fields) || c.in[body:] != c.body {
			t.Errorf("%s: %q has %q and %q", c.name, c.in, fields, c.in[body:])
		}
	}
}

// FuzzHeader: the fields shown are all of the header, in order, and a Stripper
// that has heard them all is in the body.
func FuzzHeader(f *testing.F) {
	f.Add("A: 1\r\n 2\r\nB\r\n\r\nC: 3\r\n")
	f.Add(" a\r\n\n\r\r\n\r\n")
	f.Fuzz(func(t *testing.T, raw string) {
		raw = strings.NewReplacer("\r", "", "\n", "\r\n").Replace(raw)
		joined := ""
		body := Header([]byte(raw), func(name, field []byte) {
			if !strings.HasPrefix(string(field), string(name)) || !strings.HasSuffix(string(field), "\r\n") {
				t.Fatalf("%q: the field %q is named %q", raw, field, name)
			}
			joined += string(field)
		})
		s := NewStripper(io.Discard)
		if _, err := s.Write([]byte(raw[:body])); err != nil {
			t.Fatal(err)
		}
		if s.body {
			joined += "\r\n"
		} else if cut := strings.LastIndexByte(raw, '\n') + 1; body == len(raw) {
			joined += raw[cut:]
		}
		if joined != raw[:body] {
			t.Fatalf("%q has a header of %q, of which %q was shown", raw, raw[:body], joined)
		}
	})
}

func FuzzSplice(f *testing.F) {
	f.Add("Usher-X: 1\r\n a\r\nFrom: b\r\n\r\nbody", 3)
	f.Add(" x\r\nusher-\r\n\r\n", 1)
	f.Fuzz(func(t *testing.T, raw string, n int) {
		raw = strings.ReplaceAll(strings.NewReplacer("\r", "", "\n", "\r\n").Replace(raw), "\x00", "")
		n = max(n, 1)
		got, _ := strip(t, raw, n)
		if want := slow(raw); got != want {
			t.Fatalf("%q gives %q, want %q", raw, got, want)
		}
		above := string(Fields(&rules.Decision{Category: classify.Promotion, ID: "1", Because: "default", Text: raw}, rules.Promotions, true, false))
		if again, stripped := strip(t, above+got, n); stripped != 4 && !strings.HasPrefix(got, " ") && !strings.HasPrefix(got, "\t") || stripped == 4 && again != got && got != "" && got[0] != ' ' && got[0] != '\t' {
			t.Fatalf("ours are not %q: %q", got, again)
		}
	})
}

// slow strips by whole lines.
func slow(raw string) string {
	var b strings.Builder
	drop, body := false, false
	for l := range strings.Lines(raw) {
		switch {
		case body:
		case l == "\r\n":
			body = true
		case l[0] == ' ' || l[0] == '\t':
			if drop {
				continue
			}
		default:
			if drop = len(l) >= 6 && strings.EqualFold(l[:6], "Usher-"); drop {
				continue
			}
		}
		b.WriteString(l)
	}
	return b.String()
}

func TestR35R38WhatIsPutAbove(t *testing.T) {
	long := strings.Repeat("привет ", 100)
	for _, c := range []struct {
		name          string
		d             rules.Decision
		folded, cause bool
		want          string
	}{
		{"all four, in order", rules.Decision{ID: "01X", Category: classify.Promotion, Because: "intents:31", Text: "the 4th since 15 Nov"}, false, true,
			"Usher-Disposition: promotions\r\nUsher-Category: promotion\r\nUsher-Decision: 01X\r\nUsher-Because: intents:31; the 4th since 15 Nov\r\n"},
		{"without a reason", rules.Decision{ID: "01X", Category: classify.Promotion, Because: "default"}, false, true,
			"Usher-Disposition: promotions\r\nUsher-Category: promotion\r\nUsher-Decision: 01X\r\nUsher-Because: default\r\n"},
		{"without because", rules.Decision{ID: "01X", Category: classify.Promotion, Because: "default"}, false, false,
			"Usher-Disposition: promotions\r\nUsher-Category: promotion\r\nUsher-Decision: 01X\r\n"},
		{"without an id, above a fold", rules.Decision{Because: "x"}, true, false,
			"Usher-Disposition: promotions\r\nUsher-Decision: none\r\nUsher-Quirk: begins with a fold\r\n"},
		{"line ends in a reason are blanks", rules.Decision{ID: "1", Because: "intents:1", Text: "a\r\nBcc: b\x00\x1b[1m"}, false, true,
			"Usher-Disposition: promotions\r\nUsher-Decision: 1\r\nUsher-Because: intents:1; a  Bcc: b  [1m\r\n"},
		{"what is not ASCII is an encoded word", rules.Decision{ID: "1", Because: "site:3", Text: "20 % für Schuhe"}, false, true,
			"Usher-Disposition: promotions\r\nUsher-Decision: 1\r\nUsher-Because: site:3; =?utf-8?b?MjAgJSBmw7xyIFNjaHVoZQ==?=\r\n"},
	} {
		if got := string(Fields(&c.d, rules.Promotions, c.cause, c.folded)); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	for l := range strings.Lines(string(Fields(&rules.Decision{Because: "intents:1", Text: long}, rules.Refuse, true, false))) {
		if len(l) > MaxField || !strings.HasSuffix(l, "\r\n") {
			t.Errorf("a line has %d bytes: %q", len(l), l)
		}
	}
}
