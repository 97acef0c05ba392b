package times

import (
	"context"
	"encoding/binary"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"

	"usher/corpus/keys"
	"usher/rules"
)

var names = []rules.Count{{Of: "shop.example"}, {Of: "all promotions", Over: true}}

// at makes an id of a moment.
func at(moment time.Time, n uint64) (id ulid.ULID) {
	_ = id.SetTime(ulid.Timestamp(moment))
	binary.BigEndian.PutUint64(id[8:], n)
	return id
}

func nothing() ([]Mail, error) { return nil, nil }

func mustTurn(t *testing.T, b *Book, box keys.Tag, key *keys.Box, read func() ([]Mail, error)) *Turn {
	t.Helper()
	turn, err := b.Turn(context.Background(), box, key, read)
	if err != nil {
		t.Fatal(err)
	}
	return turn
}

func TestWhatIsStoredIsReadAgain(t *testing.T) {
	key := keys.NewBox(keys.New())
	m := Of(key, at(time.Now(), 1), names)
	place := Place(keys.Tag{1}, m.ID)
	got, err := Open(key, place, key.Seal(place, m.Bytes()))
	if err != nil || got != m {
		t.Errorf("got %v, %v", got, err)
	}
	for _, broken := range [][]byte{{1}, make([]byte, 16), make([]byte, 17*5)} {
		if m, err := read(m.ID, broken); err == nil {
			t.Errorf("%d bytes read as %v", len(broken), m)
		}
	}
}

func TestAMailIsCountedUnderEachOfItsNames(t *testing.T) {
	var b Book
	key := keys.NewBox(keys.New())
	now := time.Now()
	turn := mustTurn(t, &b, keys.Tag{1}, key, func() ([]Mail, error) {
		return []Mail{Of(key, at(now.Add(-time.Hour), 1), names), Of(key, at(now, 2), names[:1]), Of(key, at(now, 3), nil)}, nil
	})
	defer turn.End()
	for _, c := range []struct {
		of           []string
		since        time.Duration
		all, through int
	}{
		{[]string{"shop.example"}, time.Hour, 2, 2},
		{[]string{"shop.example"}, time.Minute, 1, 1},
		{[]string{"all promotions"}, time.Hour, 1, 0},
		{[]string{"other.example", "shop.example"}, time.Hour, 2, 2},
		{[]string{"other.example"}, time.Hour, 0, 0},
		{nil, time.Hour, 0, 0},
	} {
		if all, through := turn.Since(now.Add(-c.since), c.of); all != c.all || through != c.through {
			t.Errorf("%v: %d, %d, want %d, %d", c.of, all, through, c.all, c.through)
		}
	}
}

func TestWhatIsNeverRecordedLapses(t *testing.T) {
	var b Book
	key := keys.NewBox(keys.New())
	turn := mustTurn(t, &b, keys.Tag{1}, key, nothing)
	defer turn.End()
	for n := range uint64(2) {
		turn.note(&rules.Decision{ID: at(time.Now(), n).String(), Counts: names})
	}
	b.Recorded(keys.Tag{1}, key, &rules.Decision{ID: turn.box.list[0].ID.String(), Counts: names})
	turn.box.list[1].lapses = time.Now().Add(-time.Second)
	if all, _ := turn.Since(time.Now().Add(-time.Hour), []string{"shop.example"}); all != 1 {
		t.Errorf("%d are counted, want the one that is recorded", all)
	}
}

func TestABookIsBounded(t *testing.T) {
	var b Book
	key := keys.NewBox(keys.New())
	now := time.Now()
	one := Of(key, at(now, 0), names)
	for box := range byte(60) {
		list := make([]Mail, MaxMail/2)
		for i := range list {
			list[i] = one
			list[i].ID = at(now, uint64(i))
		}
		turn := mustTurn(t, &b, keys.Tag{box}, key, func() ([]Mail, error) { return list, nil })
		turn.End()
	}
	if b.held > maxHeld || b.held < maxHeld/2 || len(b.boxes) == 60 {
		t.Errorf("it holds %d of %d mailboxes", b.held, len(b.boxes))
	}
	held := 0
	for _, x := range b.boxes {
		held += 1 + len(x.list)
	}
	if held != b.held {
		t.Errorf("it says that it holds %d, and holds %d", b.held, held)
	}
}

func TestAMailboxIsBounded(t *testing.T) {
	var b Book
	key := keys.NewBox(keys.New())
	turn := mustTurn(t, &b, keys.Tag{1}, key, func() ([]Mail, error) {
		return []Mail{Of(key, at(time.Now().Add(-Kept-time.Hour), 1), names)}, nil
	})
	defer turn.End()
	if len(turn.box.list) != 0 {
		t.Error("what counts for nothing is held")
	}
	for n := range uint64(MaxMail + 1) {
		b.Keep(keys.Tag{1}, Of(key, at(time.Now(), n), names))
	}
	if n := len(turn.box.list); n > MaxMail || n < MaxMail/2 || turn.box.list[n-1].ID != at(time.UnixMilli(int64(turn.box.list[n-1].ID.Time())), MaxMail) {
		t.Errorf("%d mails are held, or not the newest", n)
	}
	b.Forget(keys.Tag{1})
	turn.note(&rules.Decision{ID: at(time.Now(), 9).String(), Counts: names})
	if b.held != 0 {
		t.Errorf("a mailbox that was forgotten holds %d", b.held)
	}
}
