// Package times holds in memory what mailboxes were sent, by tags and minutes, and
// lets one at a time count for each. It never reads or writes a disk.
package times

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/oklog/ulid/v2"

	"usher/corpus/keys"
	"usher/rules"
)

// Bounds of a Book, which then holds about 12 MB.
const (
	Kept    = 32 * 24 * time.Hour // what is older counts for nothing
	MaxMail = 4000                // mails of one mailbox; the oldest are left out
	maxHeld = 100_000             // mails of all mailboxes, and mailboxes
	lapse   = 2 * time.Minute     // for which a mail counts that is not recorded
	most    = 4                   // names under which one mail counts
)

// Count is a name under which a mail counts, as a tag, and whether the mail was
// over a number there.
type Count struct {
	Of   keys.Tag
	Over bool
}

// Mail is one mail that counts. The time of its ID is the minute of its arrival.
type Mail struct {
	ID     ulid.ULID
	n      uint8
	counts [most]Count
	lapses time.Time // zero: it is recorded
}

// Of is a mail that counts under some names, at most four.
func Of(key *keys.Box, id ulid.ULID, counts []rules.Count) Mail {
	m := Mail{ID: id}
	for _, c := range counts[:min(len(counts), most)] {
		m.counts[m.n] = Count{key.Sender(c.Of), c.Over}
		m.n++
	}
	return m
}

// Counts are the names under which the mail counts; none for one that was refused.
func (m *Mail) Counts() []Count { return m.counts[:m.n] }

// under reports whether the mail counts under one of the names, and whether it
// came through.
func (m *Mail) under(of []keys.Tag) (is, through bool) {
	through = true
	for _, c := range m.Counts() {
		if slices.Contains(of, c.Of) {
			is = true
			through = through && !c.Over
		}
	}
	return is, is && through
}

// IsFrom reports whether a mail counts for a brand, proven or claimed.
func (m *Mail) IsFrom(key *keys.Box, brand string) bool {
	claimed := rules.Sender{Brand: strings.ToLower(brand)}.Key()
	is, _ := m.under([]keys.Tag{key.Sender(claimed), key.Sender(strings.TrimPrefix(claimed, "claimed "))})
	return is
}

// Bytes is what is stored of a mail beside its ID: a byte and a tag for each name.
func (m *Mail) Bytes() (b []byte) {
	for _, c := range m.Counts() {
		over := byte(0)
		if c.Over {
			over = 1
		}
		b = append(append(b, over), c.Of[:]...)
	}
	return b
}

var errBytes = errors.New("not the names of a mail: seventeen bytes for each are expected")

// Prefix begins the key of every mail that counts.
const Prefix = "c/"

// Place is the key of a mail that counts.
func Place(box keys.Tag, id ulid.ULID) []byte { return append(Begin(box), id[:]...) }

// Begin begins the keys of all mail of a mailbox that counts.
func Begin(box keys.Tag) []byte { return append([]byte(Prefix), box[:]...) }

// Open reads what was sealed at a place: what Bytes gave.
func Open(key *keys.Box, place, value []byte) (Mail, error) {
	b, err := key.Open(place, value)
	if err != nil {
		return Mail{}, err
	}
	return read(ulid.ULID(place[len(place)-len(ulid.ULID{}):]), b)
}

func read(id ulid.ULID, b []byte) (Mail, error) {
	const size = 1 + len(keys.Tag{})
	if len(b)%size != 0 || len(b) > most*size {
		return Mail{}, errBytes
	}
	m := Mail{ID: id}
	for ; len(b) > 0; b = b[size:] {
		c := &m.counts[m.n]
		c.Over = b[0] != 0
		copy(c.Of[:], b[1:size])
		m.n++
	}
	return m, nil
}

// Book holds the mail of the mailboxes that were asked for of late. The zero Book
// is empty. It is safe for concurrent use.
type Book struct {
	mu    sync.Mutex
	boxes map[keys.Tag]*box
	held  int
}

// box is the mail of one mailbox. Its fields but turn are guarded by the book.
type box struct {
	turn  chan struct{} // held by the one who counts
	users int           // who have the turn or wait for it
	read  bool          // its mail was read since it came into the book
	gone  bool          // it was taken out while somebody counted
	list  []Mail
}

// Turn is the right to count for one mailbox.
type Turn struct {
	book *Book
	box  *box
	key  *keys.Box
}

// Turn waits until nobody else counts for the mailbox, whose key makes tags of
// names. read gives what is stored of it, and is asked only where the book does not
// hold it.
func (b *Book) Turn(ctx context.Context, tag keys.Tag, key *keys.Box, read func() ([]Mail, error)) (*Turn, error) {
	b.mu.Lock()
	x := b.boxes[tag]
	if x == nil {
		if b.boxes == nil {
			b.boxes = map[keys.Tag]*box{}
		}
		x = &box{turn: make(chan struct{}, 1)}
		b.boxes[tag] = x
		b.held++
	}
	x.users++
	b.mu.Unlock()
	t := &Turn{b, x, key}
	select {
	case x.turn <- struct{}{}:
	case <-ctx.Done():
		t.leave()
		return nil, ctx.Err()
	}
	if x.read { // only who has the turn sets it
		return t, nil
	}
	list, err := read()
	if err != nil {
		t.End()
		return nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, m := range list {
		b.add(x, m, false)
	}
	x.read = true
	return t, nil
}

// End lets the next one count.
func (t *Turn) End() {
	<-t.box.turn
	t.leave()
}

func (t *Turn) leave() {
	t.book.mu.Lock()
	defer t.book.mu.Unlock()
	t.box.users--
	t.book.shrink()
}

// Since counts the mails from a moment on under any of the names: all, and those
// that came through.
func (t *Turn) Since(from time.Time, names []string) (all, through int) {
	of := make([]keys.Tag, len(names))
	for i, n := range names {
		of[i] = t.key.Sender(n)
	}
	t.book.mu.Lock()
	defer t.book.mu.Unlock()
	low, now := ulid.Timestamp(from), time.Now()
	first, _ := slices.BinarySearchFunc(t.box.list, low, func(m Mail, low uint64) int { return cmp.Compare(m.ID.Time(), low) })
	for i := range t.box.list[first:] {
		m := &t.box.list[first+i]
		is, came := m.under(of)
		if is = is && !m.lapsed(now); is {
			all++
		}
		if is && came {
			through++
		}
	}
	return all, through
}

func (m *Mail) lapsed(now time.Time) bool { return !m.lapses.IsZero() && m.lapses.Before(now) }

// note has a decision's mail count from now on. Unless it is kept, it lapses after
// a while.
func (t *Turn) note(d *rules.Decision) {
	id, err := ulid.ParseStrict(d.ID)
	if err != nil || len(d.Counts) == 0 {
		return
	}
	m := Of(t.key, id, d.Counts)
	t.book.mu.Lock()
	defer t.book.mu.Unlock()
	m.lapses = time.Now().Add(lapse)
	t.book.add(t.box, m, true)
}

// Keep says that a mail is recorded.
func (b *Book) Keep(tag keys.Tag, m Mail) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if x := b.boxes[tag]; x != nil {
		b.add(x, m, true)
		b.shrink()
	}
}

// Release says that a mail does not count after all.
func (b *Book) Release(tag keys.Tag, id ulid.ULID) { b.Keep(tag, Mail{ID: id}) }

// Forget takes a mailbox out of the book.
func (b *Book) Forget(tag keys.Tag) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if x := b.boxes[tag]; x != nil {
		b.held -= 1 + len(x.list)
		delete(b.boxes, tag)
		x.list, x.gone = nil, true
	}
}

// Recorded says that the mail of a decision is on record.
func (b *Book) Recorded(tag keys.Tag, key *keys.Box, d *rules.Decision) {
	id, err := ulid.ParseStrict(d.ID)
	if err != nil || len(d.Counts) == 0 || b.noted(tag, id) {
		return
	}
	b.Keep(tag, Of(key, id, d.Counts))
}

// noted reports whether nothing is left to keep of a mail: nobody asked for its
// mailbox, or its turn noted it, which now holds.
func (b *Book) noted(tag keys.Tag, id ulid.ULID) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	x := b.boxes[tag]
	if x == nil {
		return true
	}
	at, found := slices.BinarySearchFunc(x.list, id, func(m Mail, id ulid.ULID) int { return m.ID.Compare(id) })
	if found {
		x.list[at].lapses = time.Time{}
	}
	return found
}

// add puts a mail in a list in the order of IDs. One with the same ID stays,
// unless the new one is newer.
func (b *Book) add(x *box, m Mail, isNewer bool) {
	if x.gone {
		return
	}
	before := len(x.list)
	at, found := slices.BinarySearchFunc(x.list, m, func(a, b Mail) int { return a.ID.Compare(b.ID) })
	switch {
	case found && isNewer:
		x.list[at] = m
	case !found:
		x.list = slices.Insert(x.list, at, m)
	}
	old, now := ulid.Timestamp(time.Now().Add(-Kept)), time.Now()
	gone := 0
	if len(x.list) > MaxMail {
		gone = MaxMail / 4 // many at once: to move the others costs as much for one
	}
	for gone < len(x.list) && (x.list[gone].ID.Time() < old || x.list[gone].lapsed(now)) {
		gone++
	}
	x.list = slices.Delete(x.list, 0, gone)
	b.held += len(x.list) - before
}

// shrink takes mailboxes out of a book that holds too much, any that nobody
// counts for: they will be read again.
func (b *Book) shrink() {
	if b.held <= maxHeld {
		return
	}
	now := time.Now()
	for tag, x := range b.boxes {
		open := slices.ContainsFunc(x.list, func(m Mail) bool { return !m.lapses.IsZero() && !m.lapsed(now) })
		if x.users > 0 || open {
			continue
		}
		delete(b.boxes, tag)
		if b.held -= 1 + len(x.list); b.held <= maxHeld*3/4 {
			return
		}
	}
}
