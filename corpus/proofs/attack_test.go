package proofs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"time"
)

// slow is a DNS during whose answer something else happens.
type slow struct {
	DNS
	during func()
}

func (s slow) TXT(ctx context.Context, name string) ([]string, error) {
	s.during()
	return s.DNS.TXT(ctx, name)
}

func TestATokenThatIsEndedWhileItsRecordIsLookedUpIsEnded(t *testing.T) {
	s := open(t)
	bearer := s.proves("shop.example")
	for hash, p := range s.proven {
		p.Checked = p.Checked.Add(-again - time.Hour)
		s.proven[hash] = p
	}
	s.DNS = slow{s, func() {
		if err := s.End(context.Background(), bearer); err != nil {
			t.Fatal(err)
		}
	}}
	s.Who(context.Background(), bearer)
	s.DNS = s
	if domain, err := s.Who(context.Background(), bearer); !errors.Is(err, ErrToken) {
		t.Errorf("a token that was ended reads %q, %v", domain, err)
	}
	if err := s.Begin(); err != nil {
		t.Fatal(err)
	}
	if domain, err := s.Who(context.Background(), bearer); !errors.Is(err, ErrToken) {
		t.Errorf("after a start, a token that was ended reads %q, %v", domain, err)
	}
}

func TestTokensThatAreOverTakeNobodysPlace(t *testing.T) {
	s := open(t)
	s.Log = slog.New(slog.DiscardHandler)
	for i := range mostOfAll {
		p := Proof{Domain: fmt.Sprintf("d%d.example", i), Hash: hashOf(fmt.Sprint(i)), At: s.now, Checked: s.now}
		s.proven[p.Hash] = p
	}
	s.now = s.now.Add(3 * again)
	if _, _, err := s.ByLetter(context.Background(), "shop.example"); err != nil {
		t.Errorf("ten thousand tokens that are over for two months: %v", err)
	}
}

func TestAnEndedTokenIsEndedAfterAStart(t *testing.T) {
	s := open(t)
	bearer := s.proves("shop.example")
	s.End(context.Background(), bearer)
	s.Begin()
	if d, err := s.Who(context.Background(), bearer); err == nil {
		t.Error(d)
	}
}
