// Package taught holds in memory what corrections teach, since every decision asks.
// It never reads or writes a disk.
package taught

import (
	"sync"

	"usher/corpus/keys"
	"usher/rules/lessons"
)

// most is how many mailboxes' lessons are in memory at once.
const most = 10_000

// Shelf holds the lessons of the mailboxes that have corrections. The zero Shelf is
// empty. It is safe for concurrent use.
type Shelf struct {
	mu    sync.Mutex // never held while corrections are read
	boxes map[keys.Tag]*place
	read  int // places that were
}

// place is where the lessons of a mailbox stand. A change takes a new place.
type place struct {
	reading sync.Mutex    // by one at a time; the others of that mailbox wait
	book    *lessons.Book // nil: it must be read
}

// Changed has the corrections of a mailbox read anew by the next decision.
func (s *Shelf) Changed(box keys.Tag) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.put(box, new(place))
}

// Forget takes a mailbox out.
func (s *Shelf) Forget(box keys.Tag) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.put(box, nil)
}

// put is called with mu held.
func (s *Shelf) put(box keys.Tag, p *place) {
	if s.boxes == nil {
		s.boxes = map[keys.Tag]*place{}
	}
	if was := s.boxes[box]; was != nil && was.book != nil {
		s.read--
	}
	if s.boxes[box] = p; p == nil {
		delete(s.boxes, box)
	}
}

// Of gives the lessons of a mailbox, nil if it has none. read lists its corrections;
// it is asked only where they are not in memory, and no other mailbox waits for it.
// What it lists is taught even if it fails on the rest.
func (s *Shelf) Of(box keys.Tag, read func() ([]lessons.Label, error)) (*lessons.Book, error) {
	p, book := s.at(box)
	if p == nil || book != nil {
		return book, nil
	}
	p.reading.Lock()
	defer p.reading.Unlock()
	if book = s.bookOf(p); book != nil {
		return book, nil
	}
	labels, err := read()
	book = lessons.Read(labels)
	s.keep(box, p, book)
	return book, err
}

func (s *Shelf) at(box keys.Tag) (*place, *lessons.Book) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.boxes[box]
	if p == nil {
		return nil, nil
	}
	return p, p.book
}

func (s *Shelf) bookOf(p *place) *lessons.Book {
	s.mu.Lock()
	defer s.mu.Unlock()
	return p.book
}

// keep puts what was read in its place, unless the corrections changed meanwhile.
func (s *Shelf) keep(box keys.Tag, p *place, book *lessons.Book) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.boxes[box] != p {
		return
	}
	for other, o := range s.boxes { // any one: which mailbox gets mail next is not known
		if s.read < most {
			break
		}
		if o.book != nil {
			s.put(other, new(place))
		}
	}
	p.book = book
	s.read++
}
