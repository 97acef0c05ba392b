package proofs

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"usher/corpus"
)

// site is a desk on a real store, a zone, and a clock that is set by hand.
type site struct {
	*Desk
	t    *testing.T
	now  time.Time
	zone map[string][]string
	down bool
}

func (s *site) TXT(_ context.Context, name string) ([]string, error) {
	if s.down {
		return nil, errors.New("time out")
	}
	return s.zone[name], nil
}

func open(t *testing.T) *site {
	s := &site{t: t, now: time.Now().UTC().Truncate(time.Second), zone: map[string][]string{}}
	dir := t.TempDir()
	store, err := corpus.Open(corpus.Options{Dir: filepath.Join(dir, "store"), KeyDir: filepath.Join(dir, "keys"), MasterKey: filepath.Join(dir, "master.key"), Retention: 30 * day, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	s.Desk = &Desk{Store: store, Site: "relevance-reports@mail.example.org", Key: []byte("key"), DNS: s, Now: func() time.Time { return s.now }, Log: slog.New(slog.DiscardHandler),
		OrgDomain: func(name string) string {
			labels := strings.Split(name, ".")
			if len(labels) < 2 {
				return ""
			}
			return strings.Join(labels[len(labels)-2:], ".")
		}}
	if err := s.Begin(); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *site) proves(domain string) (bearer string) {
	s.t.Helper()
	c, err := s.Enrol(domain)
	if err != nil {
		s.t.Fatal(err)
	}
	s.zone[c.Name] = append(s.zone[c.Name], c.Text)
	if bearer, err = s.Confirm(context.Background(), domain, c.Token); err != nil {
		s.t.Fatal(err)
	}
	return bearer
}

func (s *site) who(bearer, domain string, want error) {
	s.t.Helper()
	got, err := s.Who(context.Background(), bearer)
	if got != domain || !errors.Is(err, want) {
		s.t.Errorf("the token is for %q, %v; want %q, %v", got, err, domain, want)
	}
}

func TestADomainIsProvenByItsDNS(t *testing.T) {
	s := open(t)
	bearer := s.proves("Shop.example")
	s.who(bearer, "shop.example", nil)
	s.who("guess", "", ErrToken)
	list, err := corpus.Notes[Proof](s.Store, s.Site, corpus.PrefixProof)
	raw, _ := json.Marshal(list)
	if err != nil || len(list) != 1 || strings.Contains(string(raw), bearer) {
		t.Errorf("kept are %s, %v", raw, err)
	}
	if err := s.Begin(); err != nil { // the next start
		t.Fatal(err)
	}
	s.who(bearer, "shop.example", nil)
	if err := s.End(context.Background(), bearer); err != nil {
		t.Fatal(err)
	}
	s.who(bearer, "", ErrToken)
	if list, err = corpus.Notes[Proof](s.Store, s.Site, corpus.PrefixProof); err != nil || len(list) != 0 {
		t.Errorf("left are %+v, %v", list, err)
	}
}

func TestWhatProvesNothing(t *testing.T) {
	for _, c := range []struct {
		name string
		try  func(s *site, c Challenge) (domain, token string)
		want error
	}{
		{"a record that is not there", func(s *site, c Challenge) (string, string) { delete(s.zone, c.Name); return c.Domain, c.Token }, ErrUnproven},
		{"another's record", func(s *site, c Challenge) (string, string) {
			s.zone[c.Name] = []string{"usher-challenge=x"}
			return c.Domain, c.Token
		}, ErrUnproven},
		{"what anybody reads in the DNS", func(_ *site, c Challenge) (string, string) {
			return c.Domain, strings.TrimPrefix(c.Text, "usher-challenge=")
		}, ErrToken},
		{"the token of another domain", func(_ *site, c Challenge) (string, string) { return "other.example", c.Token }, ErrToken},
		{"a token that was altered", func(_ *site, c Challenge) (string, string) { return c.Domain, "A" + c.Token[1:] + "A" }, ErrToken},
		{"no token", func(_ *site, c Challenge) (string, string) { return c.Domain, "" }, ErrToken},
		{"a day later", func(s *site, c Challenge) (string, string) {
			s.now = s.now.Add(25 * time.Hour)
			return c.Domain, c.Token
		}, ErrExpired},
		{"DNS that is down", func(s *site, c Challenge) (string, string) { s.down = true; return c.Domain, c.Token }, ErrDNS},
		{"a host below the domain", func(_ *site, c Challenge) (string, string) { return "www." + c.Domain, c.Token }, ErrDomain},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := open(t)
			made, err := s.Enrol("shop.example")
			if err != nil {
				t.Fatal(err)
			}
			s.zone[made.Name] = []string{made.Text}
			domain, token := c.try(s, made)
			if bearer, err := s.Confirm(context.Background(), domain, token); bearer != "" || !errors.Is(err, c.want) {
				t.Errorf("got %q, %v, want %v", bearer, err, c.want)
			}
			if list, err := corpus.Notes[Proof](s.Store, s.Site, corpus.PrefixProof); err != nil || len(list) != 0 {
				t.Errorf("kept %+v, %v", list, err)
			}
		})
	}
	for _, domain := range []string{"", "example", "news.shop.example", "shop.example/x", "127.0.0.1:80"} {
		if c, err := open(t).Enrol(domain); err == nil {
			t.Errorf("%q is a domain: %+v", domain, c)
		}
	}
}

func TestARecordIsLookedUpAgain(t *testing.T) {
	s := open(t)
	bearer := s.proves("shop.example")
	s.now, s.down = s.now.Add(29*day), true
	s.who(bearer, "shop.example", nil)
	s.now = s.now.Add(2 * day)
	s.who(bearer, "shop.example", nil) // the DNS does not answer, and that is nobody's fault
	s.now = s.now.Add(30 * day)
	s.who(bearer, "", ErrDNS)
	s.down = false
	s.who(bearer, "shop.example", nil)
	s.now, s.zone = s.now.Add(31*day), map[string][]string{}
	s.who(bearer, "", ErrUnproven)
	s.who(bearer, "", ErrToken)
}

func TestOfManyTokensOfADomainTheOldestEnds(t *testing.T) {
	s := open(t)
	first := s.proves("shop.example")
	other := s.proves("other.example")
	for range mostOfOne {
		s.now = s.now.Add(time.Second)
		s.proves("shop.example")
	}
	s.who(first, "", ErrToken)
	s.who(other, "other.example", nil)
}

func TestALetterProvesADomainForThirtyDays(t *testing.T) {
	s := open(t)
	byDNS := s.proves("shop.example")
	bearer, until, err := s.ByLetter(context.Background(), "shop.example")
	if err != nil || !until.Equal(s.now.Add(30*day)) {
		t.Fatal(until, err)
	}
	s.who(bearer, "shop.example", nil)
	list, err := corpus.Notes[Proof](s.Store, s.Site, corpus.PrefixProof)
	if raw, _ := json.Marshal(list); err != nil || len(list) != 2 || strings.Contains(string(raw), bearer) {
		t.Errorf("kept are %s, %v", raw, err)
	}
	if _, _, err := s.ByLetter(context.Background(), "news.shop.example"); !errors.Is(err, ErrDomain) {
		t.Errorf("a host below a domain has a token: %v", err)
	}
	for range 2 * mostOfOne {
		s.now = s.now.Add(time.Second)
		if _, _, err := s.ByLetter(context.Background(), "shop.example"); err != nil {
			t.Fatal(err)
		}
	}
	s.who(bearer, "", ErrToken)
	s.who(byDNS, "shop.example", nil) // no letter takes it
	if bearer, until, err = s.ByLetter(context.Background(), "shop.example"); err != nil {
		t.Fatal(err)
	}
	s.now = until.Add(-time.Minute)
	s.who(bearer, "shop.example", nil)
	s.now = until
	s.who(bearer, "", ErrToken)
}
