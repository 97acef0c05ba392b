package caller

import (
	"context"
	"sync"
)

// Places lets so many do a thing at once, and of one caller fewer, so that nobody
// keeps others from doing it by being slow.
type Places struct {
	all   chan struct{}
	ofOne int
	mu    sync.Mutex
	of    map[string]*own
}

// own are the places of one caller, while somebody has or waits for one.
type own struct {
	taken chan struct{}
	users int
}

// NewPlaces makes places for so many at once, and so many of one caller.
func NewPlaces(all, ofOne int) *Places {
	return &Places{all: make(chan struct{}, all), ofOne: ofOne, of: map[string]*own{}}
}

// Take waits for a place until ctx ends. It gives what gives the place back; nil if
// there was none.
func (p *Places) Take(ctx context.Context, who string) func() {
	mine := p.enter(who)
	select {
	case mine.taken <- struct{}{}:
	case <-ctx.Done():
		p.exit(who, mine)
		return nil
	}
	leave := func() {
		<-mine.taken
		p.exit(who, mine)
	}
	select {
	case p.all <- struct{}{}:
	case <-ctx.Done():
		leave()
		return nil
	}
	return func() {
		<-p.all
		leave()
	}
}

func (p *Places) enter(who string) *own {
	p.mu.Lock()
	defer p.mu.Unlock()
	mine := p.of[who]
	if mine == nil {
		mine = &own{taken: make(chan struct{}, p.ofOne)}
		p.of[who] = mine
	}
	mine.users++
	return mine
}

func (p *Places) exit(who string, mine *own) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if mine.users--; mine.users == 0 {
		delete(p.of, who)
	}
}
