package vectors

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
)

// The table is one file, little-endian, of columns that are read where they lie:
//
//	magic    8 bytes
//	size     uint32, the number of words
//	letters  uint32, the bytes of all words
//	keys     size × uint32, the hashes of the words, rising
//	places   size × uint16, the word of each hash
//	begins   (size+1) × uint32, where each word begins among the letters
//	ranks    size × uint32; the highest bit is set for things
//	lengths  size × float32, of the learned vectors
//	norms    size × float32, of the rows
//	rows     size × Dimensions int8
//	letters
const (
	magic   = "usherw1\n"
	maxSize = 1 << 16
	maxWord = 64 // bytes
	thing   = 1 << 31
	perWord = 4 + 2 + 4 + 4 + 4 + 4 + Dimensions
)

// table is a file as its columns.
type table struct {
	size                                                       int
	keys, places, begins, ranks, lengths, norms, rows, letters []byte

	signs []uint64 // of the numbers of each row
}

// read parts a file into its columns; its error says what is wrong with the file.
func read(b []byte) (*table, error) {
	t := new(table)
	if len(b) < len(magic)+8 || string(b[:len(magic)]) != magic {
		return nil, errors.New("this is no table of vectors")
	}
	size, letters := binary.LittleEndian.Uint32(b[8:]), binary.LittleEndian.Uint32(b[12:])
	b = b[16:]
	if size > maxSize || letters > maxSize*maxWord || len(b) != int(size)*perWord+4+int(letters) {
		return nil, fmt.Errorf("the table of vectors has %d bytes, which are not those of %d words", len(b), size)
	}
	t.size = int(size)
	for _, c := range []struct {
		column *[]byte
		bytes  int
	}{
		{&t.keys, 4 * t.size}, {&t.places, 2 * t.size}, {&t.begins, 4*t.size + 4}, {&t.ranks, 4 * t.size}, {&t.lengths, 4 * t.size},
		{&t.norms, 4 * t.size}, {&t.rows, Dimensions * t.size}, {&t.letters, int(letters)},
	} {
		*c.column, b = b[:c.bytes:c.bytes], b[c.bytes:]
	}
	for i := range t.size {
		if number(t.begins, i) > number(t.begins, i+1) || int(uint16(t.places[2*i])|uint16(t.places[2*i+1])<<8) >= t.size {
			return nil, fmt.Errorf("the table of vectors is broken at word %d", i)
		}
	}
	if number(t.begins, t.size) != letters {
		return nil, errors.New("the table of vectors is broken at its last word")
	}
	t.signs = make([]uint64, t.size)
	for i := range t.signs {
		for d, n := range t.row(Word(i)) {
			t.signs[i] |= uint64(n>>7) << d
		}
	}
	return t, nil
}

func number(column []byte, i int) uint32 { return binary.LittleEndian.Uint32(column[4*i:]) }

func fraction(column []byte, i int) float32 { return math.Float32frombits(number(column, i)) }

func (t *table) word(w Word) string {
	return string(t.letters[number(t.begins, int(w)):number(t.begins, int(w)+1)])
}

func (t *table) row(w Word) *[Dimensions]byte {
	return (*[Dimensions]byte)(t.rows[int(w)*Dimensions:])
}

func (t *table) norm(w Word) float64 { return float64(fraction(t.norms, int(w))) }

func dot(a, b *[Dimensions]byte) (sum int32) {
	for i := range a {
		sum += int32(int8(a[i])) * int32(int8(b[i]))
	}
	return sum
}

// key is the hash of a folded word: FNV-1a, 32 bits.
func key(word string) uint32 {
	h := uint32(2166136261)
	for i := range len(word) {
		h = (h ^ uint32(word[i])) * 16777619
	}
	return h
}

// Entry is one word as a table is made of it.
type Entry struct {
	Word   string
	Rank   int
	Thing  bool // something that can be held or eaten
	Vector [Dimensions]float32
}

// Write writes a table of words, each with the numbers of its vector rounded to
// one byte. Where two words have one hash, the first is kept. It fails on a word
// that is empty, longer than 64 bytes or given twice, on a vector that is
// nothing, and on more than 65,536 words.
func Write(w io.Writer, entries []Entry) error {
	var t table
	seen := map[string]bool{}
	taken := map[uint32]bool{}
	type place struct {
		key  uint32
		word int
	}
	var places []place
	put := binary.LittleEndian.AppendUint32
	float := func(column []byte, f float64) []byte { return put(column, math.Float32bits(float32(f))) }
	for _, e := range entries {
		length := norm(e.Vector[:])
		switch {
		case e.Word == "" || len(e.Word) > maxWord || seen[e.Word]:
			return fmt.Errorf("word %q is empty, too long or there twice", e.Word)
		case length == 0 || math.IsNaN(length) || math.IsInf(length, 0):
			return fmt.Errorf("the vector of %q has no direction", e.Word)
		}
		seen[e.Word] = true
		if taken[key(e.Word)] {
			continue
		}
		taken[key(e.Word)] = true
		places = append(places, place{key(e.Word), t.size})
		row, numbers := rounded(e.Vector)
		t.begins = put(t.begins, uint32(len(t.letters)))
		t.letters = append(t.letters, e.Word...)
		rank := uint32(e.Rank)
		if e.Thing {
			rank |= thing
		}
		t.ranks = put(t.ranks, rank)
		t.lengths = float(t.lengths, length)
		t.norms = float(t.norms, norm(numbers[:]))
		t.rows = append(t.rows, row[:]...)
		t.size++
	}
	if t.size > maxSize {
		return fmt.Errorf("a table holds at most %d words, not %d", maxSize, t.size)
	}
	t.begins = put(t.begins, uint32(len(t.letters)))
	slices.SortFunc(places, func(a, b place) int { return cmp.Compare(a.key, b.key) })
	for _, p := range places {
		t.keys = put(t.keys, p.key)
		t.places = binary.LittleEndian.AppendUint16(t.places, uint16(p.word))
	}
	start := put(put([]byte(magic), uint32(t.size)), uint32(len(t.letters)))
	for _, column := range [][]byte{start, t.keys, t.places, t.begins, t.ranks, t.lengths, t.norms, t.rows, t.letters} {
		if _, err := w.Write(column); err != nil {
			return fmt.Errorf("write the table of vectors: %w", err)
		}
	}
	return nil
}

// rounded gives a vector in whole numbers from -127 to 127.
func rounded(v [Dimensions]float32) (row [Dimensions]byte, numbers [Dimensions]float32) {
	most := 0.0
	for _, x := range v {
		most = max(most, math.Abs(float64(x)))
	}
	for i, x := range v {
		n := int8(math.Round(float64(x) / most * 127))
		row[i], numbers[i] = byte(n), float32(n)
	}
	return row, numbers
}

func norm(v []float32) float64 {
	sum := 0.0
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	return math.Sqrt(sum)
}
