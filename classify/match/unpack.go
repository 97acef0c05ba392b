package match

import "encoding/binary"

// ReadFeatures reads what Append wrote, all of it, and bounds what it takes.
func ReadFeatures(b []byte) (f Features, err error) {
	r := reader{rest: b}
	f.Language = string(r.take(int(r.byte())))
	f.Size = r.number(maxWords)
	n := r.number(MaxTokens)
	at := 0
	for range n {
		t := Token{Word: r.key()}
		flags := r.byte()
		t.Stem, t.Capital = t.Word, flags&0x10 != 0
		if flags&0x20 != 0 {
			t.Stem = r.key()
			if ends := r.byte(); t.Stem != t.Word {
				t.Extra, t.Lost = ends>>4, ends&15
			}
		}
		t.Count = int(flags&15) + 1
		if flags&0x40 != 0 {
			t.Count = r.number(maxWords)
		}
		from := at
		for i := range int(flags&15) + 1 {
			v := r.number(maxWords << 6)
			p := Place{At: from + v>>4, Zone: Zone(v >> 2 & 3), Denied: v&1 != 0, Leads: v&2 != 0}
			if from = p.At; i == 0 {
				at = p.At
			}
			t.Places = append(t.Places, p)
		}
		f.Tokens = append(f.Tokens, t)
	}
	for range r.number(MaxTokens) {
		f.Parts = append(f.Parts, r.key())
	}
	if r.bad || len(r.rest) > 0 {
		return Features{}, errFeatures
	}
	return f, nil
}

// reader takes bytes from the front; past the end it gives zeros, and is bad.
type reader struct {
	rest []byte
	bad  bool
}

func (r *reader) take(n int) []byte {
	if n > len(r.rest) {
		r.bad, r.rest = true, nil
		return nil
	}
	taken := r.rest[:n]
	r.rest = r.rest[n:]
	return taken
}

func (r *reader) byte() byte {
	if b := r.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (r *reader) key() uint32 {
	if b := r.take(4); b != nil {
		return binary.BigEndian.Uint32(b)
	}
	return 0
}

// number takes one of at most most.
func (r *reader) number(most int) int {
	v, n := binary.Uvarint(r.rest)
	if n <= 0 || v > uint64(most) {
		r.bad, r.rest = true, nil
		return 0
	}
	r.rest = r.rest[n:]
	return int(v)
}
