package keys

import (
	"bytes"
	"encoding/hex"
	"testing"
)

// counting is the key 00 01 … 1f.
func counting() []byte {
	key := make([]byte, Size)
	for i := range key {
		key[i] = byte(i)
	}
	return key
}

func TestPseudonymsAreTheOnesDescribed(t *testing.T) {
	for _, c := range []struct {
		name string
		got  Tag
		want string
	}{
		{"mailbox tag", mailboxTag(counting(), "maria@example.net"), "ca806d230ee51148d322de6f6124d171"},
		{"window pseudonym", windowTag(counting(), "maria@example.net"), "f2281bb916200cd9870e90efc12e310b"},
		{"sender tag", NewBox(counting()).Sender("shop.example"), "5b68551fbfd193ff6b0a6739e3ab3429"},
		{"message tag", NewBox(counting()).Message("<a1@shop.example>"), "e9f7cca64593d87364243dba67a2eca1"},
	} {
		if got := hex.EncodeToString(c.got[:]); got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
}

func TestSealedValueOpensOnlyWhereItWasWritten(t *testing.T) {
	aead, place := newAEAD(counting()), []byte("d/here")
	value := seal(aead, place, []byte("a decision"))
	changed := func(at int) []byte {
		v := bytes.Clone(value)
		v[at] ^= 1
		return v
	}
	for _, c := range []struct {
		name         string
		place, value []byte
		opens        bool
	}{
		{"as it was written", place, value, true},
		{"moved to another key", []byte("d/there"), value, false},
		{"another version", place, changed(0), false},
		{"a nonce changed", place, changed(1), false},
		{"a byte of ciphertext changed", place, changed(14), false},
		{"the last byte changed", place, changed(len(value) - 1), false},
		{"cut short", place, value[:20], false},
		{"nothing", place, nil, false},
	} {
		plain, err := open(aead, c.place, c.value)
		if (err == nil) != c.opens || c.opens && string(plain) != "a decision" {
			t.Errorf("%s: got %q, %v", c.name, plain, err)
		}
	}
	if bytes.Equal(value, seal(aead, place, []byte("a decision"))) {
		t.Error("two seals of one value are equal: the nonce is not random")
	}
}
