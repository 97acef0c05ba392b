package auth

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"usher/classify/mail"
	"usher/smtpd/auth/dns"
)

// source is a dns.Source that does as a test says.
type source func(ctx context.Context, q dns.Question) (dns.Answer, error)

func (s source) Ask(ctx context.Context, q dns.Question) (dns.Answer, error) { return s(ctx, q) }

func fails(context.Context, dns.Question) (dns.Answer, error) {
	return dns.Answer{}, errors.New("server misbehaving")
}

// keysFail has every record but keys.
func keysFail(ctx context.Context, q dns.Question) (dns.Answer, error) {
	if strings.Contains(q.Name, "_domainkey") {
		return fails(ctx, q)
	}
	return dns.Answer{}, nil
}

// recorded answers from a zone and writes down what it was asked.
type recorded struct {
	zone dns.Zone
	down func(q dns.Question) bool // nil: never

	mu    sync.Mutex
	asked []string
}

func (r *recorded) Ask(ctx context.Context, q dns.Question) (dns.Answer, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked = append(r.asked, q.Name)
	if r.down != nil && r.down(q) {
		return dns.Answer{}, errors.New("down")
	}
	return r.zone.Ask(ctx, q)
}

func TestDNSFailures(t *testing.T) {
	s := signing{t, dns.Zone{}}
	raw := s.by("shop.example", s.by("other.test", letter))
	key := func(records ...string) source {
		return func(_ context.Context, q dns.Question) (dns.Answer, error) {
			if !strings.Contains(q.Name, "_domainkey") {
				records = nil
			}
			return dns.Answer{Records: records}, nil
		}
	}
	tests := []struct {
		name string
		ask  source
		note string
	}{
		{"a server that fails is not the sender's fault", fails, "could not look up"},
		{"a slow server is waited for no longer than the limit", func(ctx context.Context, _ dns.Question) (dns.Answer, error) {
			<-ctx.Done()
			return dns.Answer{}, ctx.Err()
		}, "could not look up"},
		{"a source that panics", func(context.Context, dns.Question) (dns.Answer, error) { panic("oh") }, "could not look up"},
		{"keys alone that cannot be looked up", keysFail, "could not look up the key of shop.example"},
		{"a name that is not there", dns.Zone{}.Ask, "no record at s"},
		{"two keys at one name", key("p=", "p="), "multiple TXT records"},
		{"a key withdrawn", key("v=DKIM1; p="), "key revoked"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			id := identify(&Verifier{Resolver: test.ask, Timeout: 50 * time.Millisecond}, raw)
			if id.Proven() || id.SenderKey != "" || !strings.Contains(id.Note, test.note) {
				t.Errorf("how %q, sender %q, note %q; want %q in it", id.How, id.SenderKey, id.Note, test.note)
			}
		})
	}
}

func TestTheNextMessageOfASenderAsksNothing(t *testing.T) {
	for name, down := range map[string]func(dns.Question) bool{
		"where the DNS answers": nil,
		"where the DNS is down": func(dns.Question) bool { return true },
	} {
		t.Run(name, func(t *testing.T) {
			s := signing{t, dns.Zone{"_dmarc.shop.example": {"v=DMARC1; p=none"}}}
			raw := s.by("shop.example", letter)
			r := &recorded{zone: s.zone, down: down}
			v := &Verifier{Resolver: r}
			first := identify(v, raw)
			asked := len(r.asked)
			again := identify(v, raw)
			if asked == 0 || len(r.asked) != asked || first.How != again.How || first.Proven() != (down == nil) {
				t.Errorf("%d questions, then %q; how %q, then %q", asked, r.asked[asked:], first.How, again.How)
			}
		})
	}
}

func TestFlagsOfAKey(t *testing.T) {
	tests := []struct {
		name, flags, domain, identity string
		how                           mail.How
		note                          string
	}{
		{"a key without flags signs", "", "shop.example", "", mail.ByDKIM, ""},
		{"a key for testing counts for nothing", "t=y; ", "shop.example", "", mail.ByNone, "for testing"},
		{"so does one that has other flags too", "t=s : y; ", "shop.example", "", mail.ByNone, "for testing"},
		{"a key for its very domain signs for that", "t=s; ", "shop.example", "", mail.ByDKIM, ""},
		{"a key for its very domain signs for an address of it", "t=s; ", "shop.example", "news@shop.example", mail.ByDKIM, ""},
		{"a key for its very domain signs for no subdomain", "t=s; ", "shop.example", "@news.shop.example", mail.ByNone, "not for subdomains"},
		{"another key signs for subdomains", "", "shop.example", "@news.shop.example", mail.ByDKIM, ""},
		{"a flag that nobody knows is passed over", "t=z; ", "shop.example", "", mail.ByDKIM, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := signing{t, dns.Zone{}}
			key, txt := NewKey()
			raw := s.with(SignOptions{Domain: test.domain, Signer: key, Identity: test.identity}, strings.Replace(txt, "v=DKIM1; ", "v=DKIM1; "+test.flags, 1), letter)
			id := identify(&Verifier{Resolver: s.zone}, raw)
			if id.How != test.how || !strings.Contains(id.Note, test.note) {
				t.Errorf("how %q, note %q; want %q, %q in it", id.How, id.Note, test.how, test.note)
			}
		})
	}
	t.Run("a trusted field does not make up for a key for testing", func(t *testing.T) {
		s := signing{t, dns.Zone{}}
		key, txt := NewKey()
		raw := s.with(SignOptions{Domain: "shop.example", Signer: key}, txt+"; t=y", letter)
		v := &Verifier{Resolver: s.zone, TrustedIDs: []string{"mx.example.org"}}
		if id := identify(v, "Authentication-Results: mx.example.org; dkim=pass header.d=shop.example\r\n"+border+raw); id.Proven() {
			t.Errorf("how %q", id.How)
		}
	})
}

func TestADifferenceToATrustedFieldIsLogged(t *testing.T) {
	for name, test := range map[string]struct {
		body   string
		logged bool
	}{
		"where the body was changed": {"Ninety", true},
		"not where both agree":       {"Twenty", false},
	} {
		s := signing{t, dns.Zone{}}
		raw := strings.Replace(s.by("shop.example", letter), "Twenty", test.body, 1)
		var log strings.Builder
		v := &Verifier{Resolver: s.zone, TrustedIDs: []string{"mx.example.org"}, Log: slog.New(slog.NewTextHandler(&log, nil))}
		identify(v, "Authentication-Results: mx.example.org; dkim=pass header.d=shop.example\r\n"+border+raw)
		if logged := strings.Contains(log.String(), "ours stands"); logged != test.logged {
			t.Errorf("%s: the log says %q", name, log.String())
		}
	}
}

func TestOfTwoSendersNoneIsAligned(t *testing.T) {
	s := signing{t, dns.Zone{}}
	key, txt := NewKey()
	raw := s.with(SignOptions{Domain: "shop.example", Signer: key, Headers: []string{"From", "List-Unsubscribe"}}, txt, letter)
	if id := identify(&Verifier{Resolver: s.zone}, raw); !id.Covered("list-unsubscribe") {
		t.Fatalf("one sender: %+v", id)
	}
	id := identify(&Verifier{Resolver: s.zone}, "From: Bank <help@bank.example>\r\n"+raw)
	if id.How != mail.ByNone || id.Signatures[0].Aligned || id.Covered("list-unsubscribe") {
		t.Errorf("%+v", id)
	}
}

func TestStreamKey(t *testing.T) {
	listed := strings.Replace(letter, "Subject:", "List-Id: Nordic Run <News.Shop.example>\r\nFeedback-ID: c77:u9:News:esp\r\nSubject:", 1)
	long := strings.Replace(letter, "Subject:", "List-Id: <"+strings.Repeat("a", maxStream+1)+">\r\nSubject:", 1)
	const feedback = "Feedback-ID: c77:u9:News:esp\r\n"
	tests := []struct {
		name, raw string
		headers   []string
		want      string
	}{
		{"a signed List-Id names the stream", listed, []string{"From", "List-Id"}, "shop.example news.shop.example"},
		{"it comes before a Feedback-ID", listed, nil, "shop.example news.shop.example"},
		{"a Feedback-ID does, without what changes with each mailing", feedback + letter, nil, "shop.example news:esp"},
		{"a short one does as a whole", strings.Replace(feedback, "c77:u9:News:", "", 1) + letter, nil, "shop.example esp"},
		{"neither", letter, nil, "shop.example"},
		{"a List-Id that is not signed names nothing", listed, []string{"From"}, "shop.example"},
		{"an endless one names nothing", long, nil, "shop.example"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := signing{t, dns.Zone{}}
			key, txt := NewKey()
			raw := s.with(SignOptions{Domain: "shop.example", Signer: key, Headers: test.headers}, txt, test.raw)
			if id := identify(&Verifier{Resolver: s.zone}, raw); id.StreamKey != test.want {
				t.Errorf("stream %q; want %q (%s)", id.StreamKey, test.want, id.Note)
			}
		})
	}
	t.Run("a second List-Id above the signature names nothing", func(t *testing.T) {
		s := signing{t, dns.Zone{}}
		key, txt := NewKey()
		raw := "List-Id: <evil>\r\n" + s.with(SignOptions{Domain: "shop.example", Signer: key, Headers: []string{"From", "List-Id"}}, txt, listed)
		if id := identify(&Verifier{Resolver: s.zone}, raw); id.StreamKey != "shop.example" {
			t.Errorf("stream %q", id.StreamKey)
		}
	})
	t.Run("who is unproven has none", func(t *testing.T) {
		if id := identify(&Verifier{Resolver: dns.Zone{}}, listed); id.StreamKey != "" {
			t.Errorf("stream %q", id.StreamKey)
		}
	})
}
