package daemon

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"usher/classify"
	"usher/corpus"
	"usher/rules"
	"usher/smtpd"
	"usher/smtpd/nexthop"
)

// town is a daemon that does not serve, and people with files.
func town(t testing.TB, dir, hop string) *Daemon {
	t.Helper()
	h, err := smtpd.ParseHop("lmtp:127.0.0.1:0=" + hop)
	if err != nil {
		t.Fatal(err)
	}
	d, err := New(Settings{
		StateDir: dir, IntentsDir: filepath.Join(dir, "intents"), MasterKey: filepath.Join(dir, "master.key"), Socket: filepath.Join(dir, "sock"),
		Wire: smtpd.Config{Hops: []smtpd.Hop{h}, Hostname: "usher.example", Delimiter: "+", StateDir: dir, LogAddresses: true},
	}, nil, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// stopped stops what New began.
func stopped(t testing.TB, d *Daemon) {
	t.Helper()
	d.socket.Close()
	d.wire.Close()
	d.files.Wait()
	if err := d.store.Close(); err != nil {
		t.Error(err)
	}
}

// states writes a person's file, an hour old at a moment.
func states(t testing.TB, dir, mailbox, text string, now time.Time) {
	t.Helper()
	local, domain, _ := strings.Cut(mailbox, "@")
	path := filepath.Join(dir, "intents", domain, local+".intents")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, now, now.Add(-2*time.Hour)); err != nil {
		t.Fatal(err)
	}
}

// daily has a digest half an hour before a moment, every day.
func daily(now time.Time) string {
	return "zone UTC\ndigest daily " + now.Add(-30*time.Minute).UTC().Format("15:04") + "\n"
}

// got records so many promotions of a mailbox, an hour old at a moment.
func got(t testing.TB, d *Daemon, mailbox string, n int, now time.Time) {
	t.Helper()
	var ds []*rules.Decision
	for i := range n {
		at := now.Add(-time.Hour - time.Duration(i)*time.Minute).UTC().Truncate(time.Minute)
		ds = append(ds, &rules.Decision{
			ID: rules.NewID(at), At: at, Recipient: mailbox, Category: classify.Promotion,
			Sender:  rules.Sender{Brand: fmt.Sprintf("shop%d.example", i%12), Name: fmt.Sprintf("Shop %d", i%12), Aligned: true, How: "dkim"},
			Subject: fmt.Sprintf("Autumn clearance, part %d: all winter shoes", i), Summary: "Shop: Autumn clearance — 89 EUR (was 149 EUR)",
			Disposition: rules.Promotions, Because: "default", Text: "a promotion on which no other line decides",
			Offers:  []rules.Offer{{Price: "89", Currency: "EUR"}},
			Outcome: &rules.Outcome{Applied: rules.Promotions, Code: 250},
		})
	}
	if err := d.store.Record(context.Background(), ds); err != nil {
		t.Fatal(err)
	}
}

// took is what a relay took for a mailbox.
func (r *relay) took(mailbox string) (letters []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, l := range r.got {
		if to, text, _ := strings.Cut(l, " "); to == mailbox {
			letters = append(letters, text)
		}
	}
	return letters
}

func TestDigestsComeWhenTheyWereStated(t *testing.T) {
	const broken = "wnat shoes\n"
	now := time.Now()
	for _, c := range []struct {
		name, file string
		mails      int
		rounds     []time.Duration // after now
		want       []string        // what is in each letter
	}{
		{"at its time, once", daily(now), 3, []time.Duration{0, time.Minute, 2 * time.Hour}, []string{"3 mails set aside"}},
		{"after a day nobody ran, late and once", daily(now), 3, []time.Duration{23 * time.Hour}, []string{"3 mails set aside"}},
		{"not where nothing is new", daily(now), 0, []time.Duration{0, 24 * time.Hour}, nil},
		{"not without a line", "zone UTC\n", 3, []time.Duration{0, 24 * time.Hour}, nil},
		{"a broken file is told with it, and not again", daily(now) + broken, 3, []time.Duration{0, 24 * time.Hour, 48 * time.Hour}, []string{"wnat"}},
		{"a broken file is told to whom none comes, once", broken, 3, []time.Duration{0, 6 * time.Minute, 24 * time.Hour}, []string{"wnat"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, dir := &relay{}, t.TempDir()
			d := town(t, dir, "lmtp:"+r.serve(t, true))
			defer stopped(t, d)
			if strings.Contains(c.file, broken) && c.file != broken { // the version before is in force
				states(t, dir, "maria@example.org", strings.TrimSuffix(c.file, broken), now.Add(-time.Hour))
				d.files.InForce("maria@example.org")
			}
			states(t, dir, "maria@example.org", c.file, now)
			got(t, d, "maria@example.org", c.mails, now)
			for _, after := range c.rounds {
				if round := d.digests.round(t.Context(), now.Add(after)); round.failed.Load()+round.waiting.Load() > 0 {
					t.Fatal("one failed")
				}
			}
			letters := r.took("maria@example.org")
			if len(letters) != len(c.want) {
				t.Fatalf("%d letters came, not %d: %s", len(letters), len(c.want), letters)
			}
			for i, want := range c.want {
				if text := strings.ReplaceAll(letters[i], "=\r\n", ""); !strings.Contains(text, want) || !strings.Contains(text, "Usher-Digest: digest ") {
					t.Errorf("letter %d has no %q:\n%s", i, want, text)
				}
			}
		})
	}
}

func TestADigestMadeAgainAfterACrashIsTheSame(t *testing.T) {
	now := time.Date(2026, 11, 24, 8, 10, 0, 0, time.UTC)
	dir := t.TempDir()
	d := town(t, dir, "lmtp:"+filepath.Join(dir, "hop"))
	defer stopped(t, d)
	got(t, d, "maria@example.org", 40, now)
	var letters []string
	for _, later := range []time.Duration{0, 25 * time.Minute} { // as if the first had never been noted
		m := making{mailbox: "maria@example.org", until: now.Add(-30 * time.Minute), now: now.Add(later)}
		m.last.Until = m.until.Add(-firstSpan)
		mark := corpus.Sent{Until: m.until}
		e, err := d.digests.compose(m, &mark)
		if err != nil || e == nil {
			t.Fatal(e, err)
		}
		letter, err := e.Message(d.digests.from, d.digests.how)
		if err != nil {
			t.Fatal(err)
		}
		letters = append(letters, string(letter))
	}
	if letters[0] != letters[1] {
		t.Errorf("they differ:\n%s", strings.Join(letters, "\n---\n"))
	}
}

// TestADigestAskedForHoldsTheMailOfAMinuteThatJustBegan: once, whatever comes next.
func TestADigestAskedForHoldsTheMailOfAMinuteThatJustBegan(t *testing.T) {
	dir := t.TempDir()
	d := town(t, dir, "lmtp:"+filepath.Join(dir, "hop"))
	defer stopped(t, d)
	minute := time.Date(2026, 11, 24, 8, 10, 0, 0, time.UTC)
	got(t, d, "maria@example.org", 1, minute.Add(time.Hour))
	last := corpus.Sent{Until: minute.Add(-firstSpan)}
	for i, want := range []bool{true, false} {
		now := minute.Add(time.Duration(i) * time.Second)
		next := corpus.Sent{Until: asked(now)}
		e, err := d.digests.compose(making{mailbox: "maria@example.org", last: last, until: next.Until, now: now}, &next)
		if err != nil || (e != nil && len(e.Numbered()) == 1) != want {
			t.Errorf("asked for at %v: %+v, %v", now, e, err)
		}
		last = next
	}
}

func TestAHopThatIsDownKeepsDigestsWaiting(t *testing.T) {
	const people = 40
	now := time.Now()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close() // nobody listens there
	dir := t.TempDir()
	d := town(t, dir, "lmtp:"+address)
	defer stopped(t, d)
	for n := range people {
		mailbox := fmt.Sprintf("p%d@example.org", n)
		states(t, dir, mailbox, daily(now), now)
		got(t, d, mailbox, 1, now)
	}
	first := d.digests.round(t.Context(), now)
	if first.sent.Load() != 0 || first.failed.Load() < maxLost || first.failed.Load() > maxLost+int64(digestWorkers()) || first.failed.Load()+first.waiting.Load() != people {
		t.Errorf("%d were sent, %d failed, %d wait", first.sent.Load(), first.failed.Load(), first.waiting.Load())
	}
	if due := d.digests.Schedule(now.Add(time.Hour)).Due; due != 0 && due != people {
		t.Errorf("%d are due", due)
	}
	if l, err = net.Listen("tcp", address); err != nil {
		t.Skip("the port was taken meanwhile")
	}
	r := &relay{}
	s := smtp.NewServer(r)
	s.Domain, s.LMTP = "relay.example", true
	go s.Serve(l)
	defer s.Close()
	if soon := d.digests.round(t.Context(), now.Add(time.Minute)); soon.sent.Load() != 0 {
		t.Errorf("%d were tried again at once", soon.sent.Load())
	}
	if later := d.digests.round(t.Context(), now.Add(digestRetry)); later.sent.Load() != people {
		t.Errorf("%d were sent when it was back", later.sent.Load())
	}
	if again := d.digests.round(t.Context(), now.Add(2*digestReview)); again.sent.Load() != 0 || len(r.took("p7@example.org")) != 1 {
		t.Errorf("%d were sent twice", again.sent.Load())
	}
}

func TestADigestLeavesByTheHopThatIsSet(t *testing.T) {
	now := time.Now()
	own, set, dir := &relay{}, &relay{}, t.TempDir()
	d := town(t, dir, "lmtp:"+own.serve(t, true))
	defer stopped(t, d)
	hop, err := nexthop.ParseEndpoint("smtp:" + set.serve(t, false))
	if err != nil {
		t.Fatal(err)
	}
	d.settings.DigestHop = hop
	for _, mailbox := range []string{"maria@example.org", "no-such@example.org"} {
		states(t, dir, mailbox, daily(now), now)
		got(t, d, mailbox, 2, now)
	}
	round := d.digests.round(t.Context(), now)
	if len(set.took("maria@example.org")) != 1 || len(own.got) != 0 {
		t.Error("it left by another")
	}
	if round.sent.Load() != 1 || round.failed.Load() != 1 {
		t.Errorf("%d were sent, %d refused", round.sent.Load(), round.failed.Load())
	}
	if id := regexp.MustCompile(`(?m)^Message-ID: <\S+@usher\.example>\r$`); !id.MatchString(set.took("maria@example.org")[0]) {
		t.Error("it has no Message-ID of ours")
	}
}
