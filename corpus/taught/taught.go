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
	mu    sync.Mutex
	boxes map[keys.Tag]*lessons.Book // nil where they must be read
	read  int                        // those that are not nil
}

// Changed has the corrections of a mailbox read anew by the next decision.
func (s *Shelf) Changed(box keys.Tag) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.put(box, nil)
}

// Forget takes a mailbox out.
func (s *Shelf) Forget(box keys.Tag) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.put(box, nil)
	delete(s.boxes, box)
}

// put is called with mu held.
func (s *Shelf) put(box keys.Tag, b *lessons.Book) {
	if s.boxes == nil {
		s.boxes = map[keys.Tag]*lessons.Book{}
	}
	if s.boxes[box] != nil {
		s.read--
	}
	if s.boxes[box] = b; b != nil {
		s.read++
	}
}

// Of gives the lessons of a mailbox, nil if it has none. read lists its corrections;
// it is asked only where they are not in memory. What it lists is taught even if it
// fails on the rest.
func (s *Shelf) Of(box keys.Tag, read func() ([]lessons.Label, error)) (*lessons.Book, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, has := s.boxes[box]
	if !has || b != nil {
		return b, nil
	}
	labels, err := read()
	b = lessons.Read(labels)
	for other, o := range s.boxes { // any one: which mailbox gets mail next is not known
		if s.read < most {
			break
		}
		if o != nil {
			s.put(other, nil)
		}
	}
	s.put(box, b)
	return b, err
}
