package senders

import (
	"context"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"
	"time"

	"usher/corpus"
)

func TestStopIsKeptWhileItIsLookedUp(t *testing.T) {
	s := open(t, asking())
	s.knows()
	lost := 0
	for range 300 {
		s.mu.Lock()
		k := s.known["shop.example"]
		k.Stopped = nil
		s.known["shop.example"] = k
		s.waiting["shop.example"] = true
		s.mu.Unlock()
		var w sync.WaitGroup
		w.Add(2)
		go func() { defer w.Done(); s.ask(context.Background()) }()
		go func() {
			defer w.Done()
			for range rand.N(200) {
				runtime.Gosched()
			}
			s.Stop(context.Background(), "shop.example")
		}()
		w.Wait()
		kept, err := corpus.Notes[Request](s.Store, s.Site, corpus.PrefixRequest)
		if err != nil || len(kept) != 1 {
			t.Fatal(kept, err)
		}
		if len(kept[0].Stopped) == 0 {
			lost++
		}
	}
	if lost > 0 {
		t.Errorf("%d of 300 times STOP was answered, and is forgotten at the next start", lost)
	}
}

func TestStopIsKeptWhereManyAreKnown(t *testing.T) {
	z := asking()
	s := open(t, z)
	s.knows()
	if err := s.Stop(context.Background(), "shop.example"); err != nil {
		t.Fatal(err)
	}
	record := z["_relevance.shop.example"]
	delete(z, "_relevance.shop.example")
	s.now = s.now.Add(25 * time.Hour)
	s.wants("shop.example")
	s.ask(context.Background())
	s.mu.Lock()
	for i := range maxKnown {
		s.known[string(rune('a'+i%26))+time.Duration(i).String()] = known{until: s.now.Add(day)}
	}
	s.mu.Unlock()
	s.wants("other.example")
	s.ask(context.Background())
	z["_relevance.shop.example"] = record
	s.now = s.now.Add(25 * time.Hour)
	s.wants("shop.example")
	s.ask(context.Background())
	if to, err := s.Destinations(context.Background(), "shop.example"); err != nil || len(to) > 0 {
		t.Errorf("reports go to %v again, %v", to, err)
	}
}
