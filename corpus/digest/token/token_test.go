package token

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"
)

var (
	key     = bytes.Repeat([]byte{7}, 32)
	until   = time.Date(2026, 11, 23, 7, 30, 0, 0, time.UTC)
	digest  = Of("maria@example.org", until.AddDate(0, 0, -1), until, []string{"D1", "D2"})
	mailbox = digest.Mailbox
)

func TestADigestIsKnownByItsNameAlone(t *testing.T) {
	name := digest.Name(key)
	for _, c := range []struct {
		name, mailbox, word string
		key                 []byte
		now                 time.Time
		want                error
	}{
		{"as it was made", mailbox, name, key, until, nil},
		{"in capitals, as some write it", mailbox, strings.ToUpper(name), key, until, nil},
		{"on its last day", mailbox, name, key, until.Add(Lasts), nil},
		{"after it", mailbox, name, key, until.Add(Lasts + time.Second), ErrExpired},
		{"for another mailbox", "pekka@example.org", name, key, until, ErrAltered},
		{"of another site", mailbox, name, bytes.Repeat([]byte{8}, 32), until, ErrAltered},
		{"cut short", mailbox, name[:len(name)-2], key, until, ErrAltered},
		{"empty", mailbox, "", key, until, ErrAltered},
	} {
		got, err := Read(c.key, c.mailbox, c.word, c.now)
		if !errors.Is(err, c.want) || err == nil && (!got.Until.Equal(digest.Until) || !got.From.Equal(digest.From)) {
			t.Errorf("%s: %+v, %v", c.name, got, err)
		}
	}
	for i := range name {
		if altered := name[:i] + string('a'+(name[i]-'0'+7)%16) + name[i+1:]; altered != name {
			if _, err := Read(key, mailbox, altered, until); !errors.Is(err, ErrAltered) {
				t.Errorf("with letter %d altered: %v", i, err)
			}
		}
	}
	read, _ := Read(key, mailbox, name, until)
	if !read.Shows([]string{"D1", "D2"}) || read.Shows([]string{"D2", "D1"}) || read.Shows([]string{"D1"}) {
		t.Error("it does not know what it numbered")
	}
	if strings.Contains(name, "maria") || len("digest."+name) > 64 {
		t.Errorf("the name tells too much, or is too long: %s", name)
	}
}

func TestALinkDoesWhatItWasMadeFor(t *testing.T) {
	act := Act{Mailbox: mailbox, Digest: digest.Name(key), Decision: "D1", To: "inbox", Until: until.Add(Lasts)}
	word, err := act.Seal(key)
	if again, _ := act.Seal(key); err != nil || again != word {
		t.Fatalf("made twice it is not the same: %v", err)
	}
	if got, err := Open(key, word, until); err != nil || got != act {
		t.Errorf("read back: %+v, %v", got, err)
	}
	if got, err := Open(key, word, act.Until); !errors.Is(err, ErrExpired) || got.Mailbox != mailbox {
		t.Errorf("too late: %+v, %v", got, err)
	}
	if _, err := Open(bytes.Repeat([]byte{8}, 32), word, until); !errors.Is(err, ErrAltered) {
		t.Errorf("of another site: %v", err)
	}
	for i := range word {
		altered := []byte(word)
		altered[i] = 'A' + (altered[i]+13)%26
		if string(altered) == word {
			continue
		}
		if _, err := Open(key, string(altered), until); !errors.Is(err, ErrAltered) {
			t.Fatalf("with letter %d altered: %v", i, err)
		}
	}
	other := act
	other.To = "refuse"
	if w, _ := other.Seal(key); w[:16] == word[:16] {
		t.Error("two acts begin alike")
	}
}

func FuzzNoWordIsBelieved(f *testing.F) {
	f.Add("")
	f.Add(digest.Name(key))
	f.Fuzz(func(t *testing.T, word string) {
		if _, err := Open(key, word, until); err == nil {
			t.Errorf("a link was made up: %q", word)
		}
		if _, err := Read(key, mailbox, word, until); err == nil && !strings.EqualFold(word, digest.Name(key)) {
			t.Errorf("a digest was made up: %q", word)
		}
	})
}
