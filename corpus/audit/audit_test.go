package audit

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

var at = time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)

// chain gives the values of n entries, from number 1 on, and the last link.
func chain(t *testing.T, n int) (values [][]byte, last Link) {
	t.Helper()
	for i := range n {
		value, next, err := last.Append(Entry{At: at.Add(time.Duration(i) * time.Hour), Actor: Actor{Admin, 0}, Event: Refused, Object: "ca806d230ee51148d322de6f6124d171", Result: "why"})
		if err != nil {
			t.Fatal(err)
		}
		values, last = append(values, value), next
	}
	return values, last
}

// verify walks values that stand under the numbers 1, 2, 3 …; nil is a gap.
func verify(values [][]byte, head Link) *Break {
	var w Walk
	for i, v := range values {
		if v == nil {
			continue
		}
		if b := w.Next(uint64(i+1), v); b != nil {
			return b
		}
	}
	return w.End(head)
}

func TestTheFirstBadEntryIsNamed(t *testing.T) {
	forged := func(seq uint64, prev Link) []byte {
		value, _, err := prev.Append(Entry{At: at, Actor: Actor{Admin, 0}, Event: Start})
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
	link := func(value []byte) Link {
		_, l, err := Read(value)
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	for _, c := range []struct {
		name  string
		spoil func(v [][]byte) [][]byte
		bad   uint64 // 0: none
		why   string
	}{
		{"as it was written", func(v [][]byte) [][]byte { return v }, 0, ""},
		{"a byte of the text changed", func(v [][]byte) [][]byte { v[3][60] ^= 1; return v }, 4, "changed"},
		{"a byte of the hash changed", func(v [][]byte) [][]byte { v[3][5] ^= 1; return v }, 4, "changed"},
		{"another version", func(v [][]byte) [][]byte { v[0][0] = 9; return v }, 1, "changed"},
		{"cut short", func(v [][]byte) [][]byte { v[6] = v[6][:20]; return v }, 7, "changed"},
		{"one taken out", func(v [][]byte) [][]byte { v[4] = nil; return v }, 5, "missing"},
		{"the first taken out", func(v [][]byte) [][]byte { v[0] = nil; return v }, 1, "missing"},
		{"the last taken out", func(v [][]byte) [][]byte { v[9] = nil; return v }, 10, "missing"},
		{"all taken out", func(v [][]byte) [][]byte { return nil }, 1, "missing"},
		{"two exchanged", func(v [][]byte) [][]byte { v[2], v[3] = v[3], v[2]; return v }, 3, "moved"},
		{"one taken out, and those after it moved up", func(v [][]byte) [][]byte { return append(v[:4], v[5:]...) }, 5, "moved"},
		{"one rewritten with a hash that fits", func(v [][]byte) [][]byte { v[4] = forged(5, link(v[3])); return v }, 5, "rewritten"},
		{"the last rewritten with a hash that fits", func(v [][]byte) [][]byte { v[9] = forged(10, link(v[8])); return v }, 10, "rewritten"},
		{"the first rewritten as if others had been before it", func(v [][]byte) [][]byte {
			v[0] = forged(1, Link{0, link(v[5]).Sum})
			return v
		}, 1, "does not follow"},
	} {
		t.Run(c.name, func(t *testing.T) {
			values, head := chain(t, 10)
			for i := range values {
				values[i] = bytes.Clone(values[i])
			}
			b := verify(c.spoil(values), head)
			switch {
			case c.bad == 0 && b != nil:
				t.Errorf("%v", b)
			case c.bad != 0 && (b == nil || b.Seq != c.bad || !strings.Contains(b.Why, c.why)):
				t.Errorf("got %v, want entry %d, which is or was %s", b, c.bad, c.why)
			}
		})
	}
}

func TestNoByteOfAnEntryCanChangeUnseen(t *testing.T) {
	values, head := chain(t, 3)
	for i := range values[1] {
		values[1][i] ^= 0x20
		if b := verify(values, head); b == nil || b.Seq != 2 {
			t.Errorf("byte %d of entry 2: %v", i, b)
		}
		values[1][i] ^= 0x20
	}
	if b := verify(values, head); b != nil {
		t.Error(b)
	}
}

func TestAnEntryTellsOfNoPerson(t *testing.T) {
	good := Entry{Actor: Actor{Owner, 1000}, Event: Erase, Object: "ca806d230ee51148d322de6f6124d171", Result: "ok"}
	for _, c := range []struct {
		name   string
		change func(*Entry)
		may    bool
	}{
		{"a tag", func(*Entry) {}, true},
		{"a domain", func(e *Entry) { e.Object = "shop.example" }, true},
		{"nothing", func(e *Entry) { e.Object = "" }, true},
		{"an address", func(e *Entry) { e.Object = "maria@example.org" }, false},
		{"an address as result", func(e *Entry) { e.Result = "sent to maria@example.org" }, false},
		{"a subject", func(e *Entry) { e.Object = "Your order has shipped" }, false},
		{"a statement", func(e *Entry) { e.Result = `want "winter shoes"` }, false},
		{"two lines", func(e *Entry) { e.Result = "ok\nok" }, false},
		{"an event that nobody knows", func(e *Entry) { e.Event = "read" }, false},
		{"nobody's act", func(e *Entry) { e.Actor = Actor{} }, false},
	} {
		e := good
		c.change(&e)
		if _, _, err := (Link{}).Append(e); (err == nil) != c.may {
			t.Errorf("%s: %v", c.name, err)
		} else if err != nil && strings.Contains(err.Error(), "maria") {
			t.Errorf("%s: the error repeats it: %v", c.name, err)
		}
	}
}

func TestEntriesLeaveByWholeMonths(t *testing.T) {
	for _, c := range []struct {
		at, now string
		want    bool
	}{
		{"2026-11-01T00:00:00Z", "2026-11-30T00:00:00Z", false},
		{"2026-11-01T00:00:00Z", "2028-01-04T23:59:59Z", false},
		{"2026-11-30T23:59:59Z", "2028-01-05T00:00:00Z", true},
		{"2026-11-01T00:00:00Z", "2028-01-05T00:00:00Z", true},
		{"2026-12-01T00:00:00Z", "2028-01-05T00:00:00Z", false},
		{"2026-12-01T00:30:00+02:00", "2028-01-05T00:00:00Z", true}, // still November in UTC
	} {
		then, err := time.Parse(time.RFC3339, c.at)
		if err != nil {
			t.Fatal(err)
		}
		now, err := time.Parse(time.RFC3339, c.now)
		if err != nil {
			t.Fatal(err)
		}
		if got := Ended(then, now); got != c.want {
			t.Errorf("an entry of %s on %s: %v", c.at, c.now, got)
		}
	}
}

func FuzzRead(f *testing.F) {
	value, l, err := (Link{}).Append(Entry{At: at, Actor: Actor{Usher, 0}, Event: Start})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(value)
	f.Add(l.Pack())
	f.Fuzz(func(t *testing.T, value []byte) {
		if e, l, err := Read(value); err == nil && (e.Seq != l.Seq || value[0] != version) {
			t.Errorf("%+v, %+v", e, l)
		}
		if l, err := Unpack(value); err == nil && !bytes.Equal(l.Pack(), value) {
			t.Errorf("%x becomes %x", value, l.Pack())
		}
	})
}
