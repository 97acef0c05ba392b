package match

import (
	"cmp"
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"usher/classify/vectors"
	"usher/classify/words"
)

// Features are the words of a message as they may be kept: hashed, in their
// order, without the commonest. From them nearly the same answers can be given
// as from the message (see FromFeatures).
type Features struct {
	Language string
	Size     int      // words of the body
	Tokens   []Token  // at most MaxTokens with Parts, by their first place
	Parts    []uint32 // Keys of what long words begin or end with, in a language that writes words together: "schuhe" of "Laufschuhe"
}

// MaxTokens bounds the hashed words of a message, and the parts of words with them.
const MaxTokens = 512

// Bounds of a kept word.
const (
	keptPlaces = 12 // places kept of one word
	leastPart  = 5  // letters of a part, as compound asks
	leastRest  = 3  // letters beside it
)

// Token is one word of a message. The words of the title are no
// tokens: FromFeatures reads them from the title.
type Token struct {
	Word    uint32 // Key of the folded word: a table of the keys of a vocabulary finds it
	Stem    uint32 // Key of its folded stem
	Extra   uint8  // bytes that the word is longer than its stem, at most 15
	Lost    uint8  // bytes at the stem's end that the word does not have, at most 15
	Capital bool   // the stem stands capitalised amid a sentence
	Count   int    // places of the stem in all
	Places  []Place
}

// Place is where a word stands.
type Place struct {
	At     int
	Zone   Zone
	Denied bool // "no gambling"
	Leads  bool // it only tells more of the next word: "laptop bag"
}

// Key is the hash of a folded word or stem as it is kept: FNV-1a of its UTF-8
// bytes, 32 bits.
func Key(folded string) uint32 { return words.Hash(folded) }

// Features gives the words of the body, links and headings: the rarest and
// those that stand out, if there are more than are kept.
func (x *Index) Features() Features {
	f := Features{Language: x.language, Size: x.size}
	found := make([]candidate, 0, len(x.byStem))
	room := make([]Place, 4*len(x.byStem)) // most words have few places
	for stem, s := range x.byStem {
		if !s.capital && (words.IsStop(stem, x.language) || words.IsStop(s.places[0].word, x.language)) {
			continue
		}
		begun := len(found)
		for _, p := range s.places {
			if p.zone == InTitle {
				continue
			}
			i := begun
			for i < len(found) && found[i].word != p.word {
				i++
			}
			if i == len(found) {
				n := min(4, len(room))
				found = append(found, candidate{p.word, Token{
					Word: Key(p.word), Stem: Key(stem), Capital: s.capital, Count: s.n, Places: room[:0:n],
					Extra: nibble(len(p.word) - len(stem)), Lost: nibble(len(stem) - sharedPrefix(p.word, stem)),
				}})
				room = room[n:]
			}
			if t := &found[i].Token; len(t.Places) < keptPlaces {
				t.Places = append(t.Places, Place{p.at, p.zone, p.denied, p.leads})
			}
		}
	}
	f.choose(found)
	return f
}

// candidate is a word that may be kept.
type candidate struct {
	word string
	Token
}

// standing tells how much a word stands out, and, of the others, how rare it is.
func (c *candidate) standing() float64 {
	s := vectors.Says(c.word)
	if c.Places[0].Zone != InBody {
		s += 2
	}
	if c.Count > 1 || c.Capital {
		s++
	}
	return s
}

func sharedPrefix(a, b string) (n int) {
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

func nibble(n int) uint8 { return uint8(max(0, min(15, n))) }

// choose keeps the words that stand out, then the rarest, and fills what is left
// with parts of long ones.
func (f *Features) choose(found []candidate) {
	if len(found) > MaxTokens || compounding[f.Language] {
		rank := make(map[string]float64, len(found))
		for i := range found {
			rank[found[i].word] = found[i].standing()
		}
		slices.SortFunc(found, func(a, b candidate) int {
			return cmp.Or(cmp.Compare(rank[b.word], rank[a.word]), cmp.Compare(a.word, b.word))
		})
		found = found[:min(len(found), MaxTokens)]
	}
	if compounding[f.Language] {
		f.Parts = partKeys(found, MaxTokens-len(found))
	}
	slices.SortFunc(found, func(a, b candidate) int {
		return cmp.Or(a.Places[0].At-b.Places[0].At, cmp.Compare(a.Word, b.Word))
	})
	for _, c := range found {
		f.Tokens = append(f.Tokens, c.Token)
	}
}

// partKeys gives the keys of what words begin or end with, at most so many.
func partKeys(found []candidate, most int) (keys []uint32) {
	met := map[uint32]bool{}
	for _, c := range found {
		for _, p := range partsOf(c.word) {
			if len(met) < most {
				met[Key(p)] = true
			}
		}
	}
	for key := range met {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// compounding are the languages that write words together as a rule. Elsewhere
// parts would be a third of what is kept, and find next to nothing.
var compounding = set("da de et fi hu is nb nl nn no sv")

// partsOf are what a word begins or ends with, where both halves may be words.
func partsOf(word string) (parts []string) {
	if utf8.RuneCountInString(word) < leastPart+leastRest {
		return nil
	}
	var starts []int
	for i := range word {
		starts = append(starts, i)
	}
	for n := leastPart; n <= len(starts)-leastRest; n++ {
		parts = append(parts, word[:starts[n]], word[starts[len(starts)-n]:])
	}
	return parts
}

// FromFeatures makes an index again, with the words of a title, whose texts are
// as they were given to an Indexer. It answers as the index of the message did, but
// for words that were not kept, and for hashes that two words share.
func FromFeatures(f Features, titles ...string) *Index {
	b := NewIndexer(f.Language)
	for _, t := range titles {
		b.Add(t, InTitle)
	}
	x := b.Finish()
	x.size, x.kept = f.Size, true
	x.taken = map[int]bool{}
	x.hashed, x.parts = make(map[uint32]*spots, len(f.Tokens)), make(map[uint32]bool, len(f.Parts)+len(f.Tokens))
	for stem, s := range x.byStem {
		x.hashed[Key(stem)] = s
	}
	for _, t := range f.Tokens {
		s := x.hashed[t.Stem]
		if s == nil {
			s = new(spots)
			x.hashed[t.Stem] = s
		}
		s.capital = s.capital || t.Capital
		s.n = max(s.n, t.Count)
		for _, p := range t.Places {
			x.taken[p.At] = true
			s.places = append(s.places, spot{at: p.At, zone: p.Zone, denied: p.Denied, leads: p.Leads, hash: t.Word, extra: t.Extra, lost: t.Lost})
		}
		x.parts[t.Word] = true
	}
	for _, s := range x.hashed {
		slices.SortStableFunc(s.places, func(a, b spot) int { return a.at - b.at })
		s.weigh()
	}
	for _, p := range f.Parts {
		x.parts[p] = true
	}
	return x
}

// written reports whether a place of an index from features has a word, at most
// with an ending; stem is the word's own.
func (s spot) written(word, stem string, ending int) bool {
	if s.hash == Key(word) {
		return true
	}
	shared := len(stem) - int(s.lost)
	return len(word) <= shared && strings.HasPrefix(stem, word) && len(stem)+int(s.extra) <= len(word)+ending
}

var errFeatures = errors.New("hashed words that cannot be read")

// Append writes features behind b: language, size, tokens, parts. A token is its
// key in four bytes, a byte of flags, its stem's key where that is another, and
// its places as differences; no length of it can be more than a reader takes.
func (f Features) Append(b []byte) []byte {
	b = append(b, byte(len(f.Language)))
	b = append(b, f.Language...)
	b = binary.AppendUvarint(b, uint64(f.Size))
	b = binary.AppendUvarint(b, uint64(len(f.Tokens)))
	at := 0
	for _, t := range f.Tokens {
		flags := byte(len(t.Places) - 1) // four bits
		if t.Capital {
			flags |= 0x10
		}
		if t.Stem != t.Word {
			flags |= 0x20
		}
		if t.Count != len(t.Places) {
			flags |= 0x40
		}
		b = append(binary.BigEndian.AppendUint32(b, t.Word), flags)
		if flags&0x20 != 0 {
			b = append(binary.BigEndian.AppendUint32(b, t.Stem), t.Extra<<4|t.Lost)
		}
		if flags&0x40 != 0 {
			b = binary.AppendUvarint(b, uint64(t.Count))
		}
		from := at
		for i, p := range t.Places {
			v := uint64(p.At-from)<<4 | uint64(p.Zone)<<2
			if p.Denied {
				v |= 1
			}
			if p.Leads {
				v |= 2
			}
			b = binary.AppendUvarint(b, v)
			if from = p.At; i == 0 {
				at = p.At
			}
		}
	}
	b = binary.AppendUvarint(b, uint64(len(f.Parts)))
	for _, p := range f.Parts {
		b = binary.BigEndian.AppendUint32(b, p)
	}
	return b
}
