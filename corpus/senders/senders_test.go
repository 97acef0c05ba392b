package senders

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"testing"
	"time"

	"usher/classify"
	"usher/classify/mail"
	"usher/corpus"
	"usher/corpus/report"
	"usher/rules"
)

// zone is the DNS: what TXT records a name has.
type zone map[string][]string

func (z zone) TXT(_ context.Context, name string) ([]string, error) {
	if strings.Contains(name, "dead.example") {
		return nil, errors.New("no answer")
	}
	return z[name], nil
}

// asking is a zone in which shop.example asks for reports.
func asking() zone {
	return zone{"_relevance.shop.example": {"v=spf1 -all", "v=RELRPT1; rua=mailto:rel@shop.example"}, "_dmarc.shop.example": {"v=DMARC1; p=none"}}
}

// site is a real store with a desk, whose clock is set by hand.
type site struct {
	*Desk
	t   testing.TB
	now time.Time
	no  map[string]bool // mailboxes that take no part
}

func open(t testing.TB, z zone) *site {
	dir := t.TempDir()
	store, err := corpus.Open(corpus.Options{Dir: filepath.Join(dir, "store"), KeyDir: filepath.Join(dir, "keys"), MasterKey: filepath.Join(dir, "master.key"),
		Delimiter: "+", Retention: 30 * day, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	s := &site{t: t, now: time.Now().UTC().Truncate(day).Add(12 * time.Hour), no: map[string]bool{}}
	s.Desk = &Desk{Store: store, DNS: z, Site: "relevance-reports@mail.example.net", Delimiter: "+", Log: slog.New(slog.DiscardHandler),
		From: report.Metadata{OrgName: "Example Net", Submitter: "mail.example.net", Generator: "usher"},
		OrgDomain: func(name string) string {
			labels := strings.Split(name, ".")
			return strings.Join(labels[max(0, len(labels)-2):], ".")
		},
		TakesPart: func(_ context.Context, box string) bool { return !s.no[box] },
		Now:       func() time.Time { return s.now }}
	if err := s.Begin(); err != nil {
		t.Fatal(err)
	}
	return s
}

func box(i int) string { return fmt.Sprintf("p%d@example.net", i) }

// lived has mailboxes seen for the first time so long ago.
func (s *site) lived(boxes int, ago time.Duration) {
	s.t.Helper()
	at := time.Now().UTC().Add(-ago).Truncate(time.Minute)
	var ds []*rules.Decision
	for i := range boxes {
		ds = append(ds, &rules.Decision{ID: rules.NewID(at), At: at, Recipient: box(i), Category: classify.Promotion, Disposition: rules.Inbox, Because: "default"})
	}
	if err := s.Store.Record(context.Background(), ds); err != nil {
		s.t.Fatal(err)
	}
}

// got has one promotion come to a mailbox at a moment.
func (s *site) got(to string, at time.Time, change ...func(*mail.Object, *rules.Decision)) *rules.Decision {
	s.t.Helper()
	o := &mail.Object{
		Message:  mail.Parse([]byte("From: news@shop.example\r\nFeedback-ID: spring:promo:shop\r\nSubject: Winter shoes for you\r\n\r\nhello " + to + "\r\n")),
		Identity: mail.Identity{Address: "news@shop.example", Domain: "shop.example", OrgDomain: "shop.example", SenderKey: "shop.example", How: mail.ByDKIM, Signatures: []mail.Signature{{Domain: "shop.example", Valid: true, Aligned: true, Covers: []string{"feedback-id"}}}}}
	d := &rules.Decision{ID: rules.NewID(at), At: at.Truncate(time.Minute), Recipient: to, Sender: rules.Sender{Brand: "shop.example", Aligned: true}, Subject: "Winter shoes for you", Category: classify.Promotion,
		Disposition: rules.Digest, Because: "intents:3", Statement: "promotions digest"}
	for _, c := range change {
		c(o, d)
	}
	if err := s.Note(o, []*rules.Decision{d, nil}); err != nil {
		s.t.Fatal(err)
	}
	if err := s.Store.Record(context.Background(), []*rules.Decision{d}); err != nil {
		s.t.Fatal(err)
	}
	return d
}

func (s *site) sealed() []Sealed {
	s.t.Helper()
	if err := s.Seal(context.Background()); err != nil {
		s.t.Fatal(err)
	}
	all, err := s.Sealed("shop.example")
	if err != nil {
		s.t.Fatal(err)
	}
	return all
}

// nextDay is the morning after, when the day's window is sealed.
func (s *site) nextDay() { s.now = s.now.Truncate(day).Add(day + lateActs + time.Hour) }

func (s *site) knows() {
	s.wants("shop.example")
	s.ask(context.Background())
}

func TestWhatIsCountedHasTheTopicOfItsDecision(t *testing.T) {
	for decided, want := range map[string]string{"food-drink": "food-drink", "": "other"} {
		d := &rules.Decision{Recipient: box(1), Category: classify.Promotion, Disposition: rules.Digest, Topic: decided}
		o := &mail.Object{Message: &mail.Message{}, Identity: mail.Identity{OrgDomain: "shop.example", SenderKey: "shop.example", How: mail.ByDKIM}}
		if k := DeliveryOf(o, d); k == nil || k.Was.Topic != want {
			t.Errorf("%+v, want the topic %s", k, want)
		}
	}
}

func TestARecordAsksOrDoesNot(t *testing.T) {
	for _, c := range []struct {
		name    string
		records []string
		by      string
		uris    string
		err     error
	}{
		{"one", []string{"v=RELRPT1; rua=mailto:rel@shop.example,https://in.esp.example/rel; by=list-id"}, "list-id", "mailto:rel@shop.example https://in.esp.example/rel", nil},
		{"without a destination", []string{"v=RELRPT1"}, "feedback-id", "", nil},
		{"beside others", []string{"hello", "v=RELRPT1;", "v=spf1 -all"}, "feedback-id", "", nil},
		{"with a tag that nobody knows", []string{"v=RELRPT1; x=1; by=domain"}, "domain", "", nil},
		{"none", nil, "", "", errNone},
		{"of another case", []string{"v=relrpt1"}, "", "", errNone},
		{"v not first", []string{"by=domain; v=RELRPT1"}, "", "", errNone},
		{"of another version", []string{"v=RELRPT10"}, "", "", errNone},
		{"twice", []string{"v=RELRPT1", "v=RELRPT1; by=domain"}, "", "", errTwo},
		{"a tag twice", []string{"v=RELRPT1; by=domain; by=domain"}, "", "", errRead},
		{"too long", []string{"v=RELRPT1; x=" + strings.Repeat("x", 1024)}, "", "", errRead},
		{"another way to part", []string{"v=RELRPT1; by=person"}, "", "", errRead},
		{"destinations that are none", []string{"v=RELRPT1; rua=http://a.example/x,https://me@a.example/"}, "feedback-id", "", nil},
		{"a port, and a third", []string{"v=RELRPT1; rua=https://a.example:8443/,mailto:a@b.example,mailto:c@d.example"}, "feedback-id", "mailto:a@b.example", nil},
		{"mail to two", []string{"v=RELRPT1; rua=mailto:a@b.example%2Cc@d.example"}, "feedback-id", "", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := ParseRequest("shop.example", c.records)
			if !errors.Is(err, c.err) || err == nil && (r.By != c.by || strings.Join(r.URIs, " ") != c.uris) {
				t.Errorf("%+v, %v; want %s %q %v", r, err, c.by, c.uris, c.err)
			}
		})
	}
}

func TestNothingIsCollectedForWhoDoesNotAsk(t *testing.T) {
	for name, z := range map[string]zone{
		"no record":           {"_dmarc.shop.example": {"v=DMARC1; p=none"}},
		"no DMARC record":     {"_relevance.shop.example": {"v=RELRPT1"}},
		"asked by a sub name": {"_relevance.mail.shop.example": {"v=RELRPT1"}, "_dmarc.shop.example": {"v=DMARC1; p=none"}},
	} {
		s := open(t, z)
		s.got(box(1), s.now)
		s.ask(context.Background())
		if d := s.got(box(1), s.now); d.Beside != nil {
			t.Errorf("%s: %s", name, d.Beside)
		}
	}
	s := open(t, asking())
	if d := s.got(box(1), s.now); d.Beside != nil {
		t.Error("before anybody was asked, something was kept")
	}
	s.ask(context.Background())
	for _, c := range []struct {
		name   string
		change func(*mail.Object, *rules.Decision)
		is     bool
	}{
		{"a promotion", func(*mail.Object, *rules.Decision) {}, true},
		{"a newsletter", func(_ *mail.Object, d *rules.Decision) { d.Category = classify.Newsletter }, true},
		{"a receipt", func(_ *mail.Object, d *rules.Decision) { d.Category = classify.Transactional }, false},
		{"a letter", func(_ *mail.Object, d *rules.Decision) { d.Category = classify.Personal }, false},
		{"proven by SPF alone", func(o *mail.Object, _ *rules.Decision) { o.Identity.How = mail.BySPF }, false},
		{"proven by another server", func(o *mail.Object, _ *rules.Decision) { o.Identity.How = mail.ByAR }, false},
		{"at a freemail domain", func(o *mail.Object, _ *rules.Decision) { o.Identity.SenderKey = "news@shop.example" }, false},
		{"a report about us", func(o *mail.Object, _ *rules.Decision) {
			o.Message = mail.Parse([]byte("From: a@shop.example\r\nContent-Type: multipart/report; report-type=feedback-report; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n"))
		}, false},
		{"of a program", func(o *mail.Object, _ *rules.Decision) {
			o.Message = mail.Parse([]byte("From: a@shop.example\r\nAuto-Submitted: auto-generated\r\n\r\nx\r\n"))
		}, false},
	} {
		if d := s.got(box(1), s.now, c.change); (d.Beside != nil) != c.is {
			t.Errorf("%s: kept %v", c.name, d.Beside != nil)
		}
	}
}

func TestAReportIsDrawnOnce(t *testing.T) {
	s := open(t, asking())
	s.knows()
	s.lived(80, 60*day)
	for i := range 80 {
		s.got(box(i), s.now)
	}
	if len(s.sealed()) != 0 {
		t.Fatal("it was drawn before its window was over")
	}
	s.nextDay()
	s.Sign = func(letter []byte) ([]byte, error) { return append([]byte("DKIM-Signature: x\r\n"), letter...), nil }
	first := s.sealed()
	if read, err := report.Read(first[0].Letter); err != nil || !strings.HasPrefix(string(first[0].Letter), "DKIM-Signature: x\r\n") || read.Text() != first[0].Report.Text() {
		t.Errorf("what may be fetched is %q, %v", first[0].Letter, err)
	}
	if len(first) != 1 || first[0].Report == nil || first[0].Report.Records[0].Messages.Accepted != 80 || len(first[0].Report.Records) != 2 || first[0].Report.Records[1].Stream.Value != "spring:promo:shop" {
		t.Fatalf("%+v", first)
	}
	if n := first[0].Report.Records[0].Recipients; n < 60 || n > 100 {
		t.Errorf("of 80 mailboxes it says %d", n)
	}
	bytes, _ := json.Marshal(first[0])
	for range 3 {
		if again, _ := json.Marshal(s.sealed()[0]); string(again) != string(bytes) {
			t.Fatal("it was drawn a second time")
		}
	}
	text := first[0].Report.Text() + string(bytes)
	for _, secret := range []string{"p7@", "example.net/", "Winter", "shoes", "promotions digest", s.Store.TagOf(box(7))} {
		if strings.Contains(strings.ReplaceAll(text, "mail.example.net", ""), secret) {
			t.Errorf("it tells %q", secret)
		}
	}
	// The same people a day later: one contribution in seven days.
	for i := range 80 {
		s.got(box(i), s.now)
	}
	s.nextDay()
	if all := s.sealed(); len(all) != 2 || all[1].Report != nil {
		t.Errorf("a day later: %+v", all[1:])
	}
}

func TestWhoCounts(t *testing.T) {
	for _, c := range []struct {
		name string
		set  func(s *site)
		is   bool
	}{
		{"80 mailboxes", func(*site) {}, true},
		{"that are new", func(*site) {}, false},
		{"of whom 40 say no", func(s *site) {
			for i := range 40 {
				s.no[box(i)] = true
			}
		}, false},
	} {
		s := open(t, asking())
		s.knows()
		if c.name != "that are new" {
			s.lived(80, 60*day)
			c.set(s)
		}
		for i := range 80 {
			s.got(box(i), s.now)
		}
		s.nextDay()
		if all := s.sealed(); len(all) != 1 || (all[0].Report != nil) != c.is {
			t.Errorf("%s: %+v", c.name, all)
		}
	}
}

func TestLengthsOfWindows(t *testing.T) {
	monday := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name string
		days map[int]int // deliveries by days ago
		old  bool        // the request
		want time.Duration
	}{
		{"50 on one day", map[int]int{0: 50}, true, day},
		{"one day of less", map[int]int{0: 50, 3: 49}, true, 28 * day},
		{"nine busy days", map[int]int{0: 50, 1: 50, 2: 50, 3: 50, 4: 50, 5: 50, 6: 50, 7: 50, 8: 50}, true, 7 * day},
		{"200 in all", map[int]int{0: 40, 7: 40, 14: 40, 20: 40, 21: 40}, true, 7 * day},
		{"few, and asked lately", map[int]int{0: 4}, false, 7 * day},
		{"few", map[int]int{0: 4}, true, 28 * day},
	} {
		var days [lookBack]int
		for ago, n := range c.days {
			days[ago] = n
		}
		first := monday.Add(-7 * day)
		if c.old {
			first = monday.Add(-40 * day)
		}
		if got := length(&days, first, monday); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
	if !ends(monday.Add(-7*day), monday) || ends(monday.Add(-6*day), monday.Add(day)) || !ends(monday, monday.Add(day)) {
		t.Error("weeks end before a Monday, days every day")
	}
	months := 0
	for i := range 28 {
		if at := monday.Add(time.Duration(i) * day); ends(at.Add(-28*day), at) {
			months++
		}
	}
	if months != 1 {
		t.Errorf("in 28 days %d months end", months)
	}
}

func TestWhatBecameOfItCounts(t *testing.T) {
	s := open(t, asking())
	s.knows()
	for _, c := range []struct {
		name string
		out  rules.Outcome
		kept bool
		want Delivery
	}{
		{"as decided", rules.Outcome{Applied: rules.Digest, Code: 250}, false, Delivery{}},
		{"filed elsewhere", rules.Outcome{Applied: rules.Inbox, Code: 250}, true, Delivery{Was: was{report.Delivery{Placement: "inbox", Accepted: true}}}},
		{"rejected", rules.Outcome{Applied: rules.Reject, Code: 550}, true, Delivery{Was: was{report.Delivery{Placement: "reject"}}}},
		{"refused by the next hop", rules.Outcome{Applied: rules.Digest, Code: 550}, true, Delivery{Was: was{report.Delivery{Placement: "digest"}}, Void: true}},
	} {
		d := s.got(box(1), s.now)
		d.Outcome = &c.out
		Became(d)
		var k Delivery
		if raw := d.Beside[corpus.PrefixDelivery]; (raw != nil) != c.kept || raw != nil && json.Unmarshal(raw, &k) != nil {
			t.Errorf("%s: %s", c.name, raw)
		}
		if c.kept && (k.Was.Placement != c.want.Was.Placement || k.Was.Accepted != c.want.Was.Accepted || k.Void != c.want.Void) {
			t.Errorf("%s: %+v", c.name, k)
		}
	}
}

func TestWhereReportsMayGo(t *testing.T) {
	const consent = "shop.example._report._relevance.in.esp.example"
	for _, c := range []struct {
		name, rua string
		zone      zone
		want      string
	}{
		{"within the organisation", "mailto:rel@mail.shop.example", nil, "mailto:rel@mail.shop.example"},
		{"elsewhere, without consent", "mailto:rel@in.esp.example", nil, ""},
		{"elsewhere, with it", "mailto:rel@in.esp.example", zone{consent: {"v=RELRPT1"}}, "mailto:rel@in.esp.example"},
		{"which names another address of the host", "mailto:rel@in.esp.example", zone{consent: {"v=RELRPT1; rua=mailto:all@in.esp.example"}}, "mailto:all@in.esp.example"},
		{"which names another host", "mailto:rel@in.esp.example", zone{consent: {"v=RELRPT1; rua=mailto:all@evil.example"}}, ""},
		{"which names one of its own and another", "mailto:rel@in.esp.example", zone{consent: {"v=RELRPT1; rua=mailto:all@in.esp.example,mailto:all@evil.example"}}, ""},
		{"which is no consent", "mailto:rel@in.esp.example", zone{consent: {"v=DMARC1"}}, ""},
		{"one of each", "mailto:rel@in.esp.example,mailto:rel@shop.example", nil, "mailto:rel@shop.example"},
		{"by POST", "https://in.shop.example/rel", nil, "https://in.shop.example/rel"},
	} {
		t.Run(c.name, func(t *testing.T) {
			z := asking()
			z["_relevance.shop.example"] = []string{"v=RELRPT1; rua=" + c.rua}
			for name, records := range c.zone {
				z[name] = records
			}
			s := open(t, z)
			to, err := s.Destinations(context.Background(), "shop.example")
			if err != nil || strings.Join(to, " ") != c.want {
				t.Errorf("%q, %v; want %q", to, err, c.want)
			}
		})
	}
	stopping := open(t, asking())
	if err := stopping.Stop(context.Background(), "shop.example"); !errors.Is(err, corpus.ErrNotFound) {
		t.Errorf("who does not ask has stopped: %v", err)
	}
	stopping.knows()
	if err := stopping.Stop(context.Background(), "shop.example"); err != nil {
		t.Fatal(err)
	}
	if err := stopping.Begin(); err != nil { // the next start
		t.Fatal(err)
	}
	if to, err := stopping.Destinations(context.Background(), "shop.example"); err != nil || len(to) != 0 || len(stopping.Stopped("shop.example")) != 1 {
		t.Errorf("after they were stopped reports go to %q, %v", to, err)
	}
	stopping.DNS.(zone)["_relevance.shop.example"] = []string{"v=RELRPT1; rua=mailto:other@shop.example"}
	if to, err := stopping.Destinations(context.Background(), "shop.example"); err != nil || len(to) != 1 {
		t.Errorf("to another address they go to %q, %v", to, err)
	}
	s := open(t, zone{"_relevance.shop.example": {"v=RELRPT1; rua=mailto:a@dead.example"}})
	if to, err := s.Destinations(context.Background(), "shop.example"); err == nil {
		t.Errorf("without an answer it goes to %q", to)
	}
}

func TestAReportIsMailedOnceAndTriedAgain(t *testing.T) {
	z := asking()
	s := open(t, z)
	s.knows()
	s.lived(80, 60*day)
	for i := range 80 {
		s.got(box(i), s.now)
	}
	if _, err := s.Send(context.Background(), "shop.example"); !errors.Is(err, corpus.ErrNotFound) {
		t.Errorf("before there is one: %v", err)
	}
	s.nextDay()
	drawn := s.sealed()[0]
	if drawn.Due.Before(drawn.End.Add(lateActs)) || drawn.Due.After(drawn.End.Add(lateActs+spread)) {
		t.Errorf("it is due %v after its end", drawn.Due.Sub(drawn.End))
	}
	if _, err := s.Send(context.Background(), "shop.example"); !errors.Is(err, ErrNoSigner) {
		t.Errorf("without a signer: %v", err)
	}
	s.Sign = func(letter []byte) ([]byte, error) { return letter, nil }
	var letters []string
	away := errors.New("the relay is away")
	var fails error = away
	s.Mail = func(_ context.Context, to string, letter []byte) error {
		if fails == nil {
			letters = append(letters, to+"\n"+string(letter))
		}
		return fails
	}
	if s.now = drawn.Due.Add(-time.Minute); true {
		s.send(context.Background())
	}
	if all, _ := s.Sealed("shop.example"); all[0].Tries != 0 {
		t.Error("it left before it was due")
	}
	s.now = drawn.Due
	s.send(context.Background())
	s.send(context.Background())
	if all, _ := s.Sealed("shop.example"); all[0].Tries != 1 || !strings.Contains(all[0].Fault, "away") || !all[0].Sent.IsZero() {
		t.Errorf("%+v", all[0])
	}
	fails = nil
	s.now = s.now.Add(between)
	s.send(context.Background())
	s.send(context.Background())
	all, _ := s.Sealed("shop.example")
	if len(letters) != 1 || !strings.HasPrefix(letters[0], "rel@shop.example\n") || all[0].Sent.IsZero() || all[0].Fault != "" {
		t.Fatalf("%d letters, %+v", len(letters), all[0])
	}
	read, err := report.Read([]byte(letters[0][strings.Index(letters[0], "\n")+1:]))
	if err != nil || read.Text() != drawn.Report.Text() {
		t.Errorf("the letter says otherwise: %v", err)
	}
	delete(z, "_relevance.shop.example") // it asks no more
	if last, err := s.Send(context.Background(), "shop.example"); err != nil || len(letters) != 1 || last.Fault == "" {
		t.Errorf("to who asks no more: %+v, %v", last, err)
	}
}

// BenchmarkFold notes deliveries, as is done beside each decision.
func BenchmarkFold(b *testing.B) {
	s := open(b, asking())
	s.knows()
	o := &mail.Object{Message: mail.Parse([]byte("From: news@shop.example\r\nFeedback-ID: spring:promo:shop\r\n\r\nhello\r\n")),
		Identity: mail.Identity{OrgDomain: "shop.example", SenderKey: "shop.example", How: mail.ByDKIM}}
	d := &rules.Decision{ID: rules.NewID(s.now), Recipient: box(1), Category: classify.Promotion, Disposition: rules.Digest, Statement: "promotions digest"}
	for b.Loop() {
		if err := s.Note(o, []*rules.Decision{d}); err != nil || d.Beside == nil {
			b.Fatal(err)
		}
		d.Beside = nil
	}
}

// BenchmarkSeal seals a window of a million deliveries to 20,000 mailboxes, within
// the memory that usher gives itself by default.
func BenchmarkSeal(b *testing.B) {
	boxes, each := 20_000, 50
	s := open(b, asking())
	s.knows()
	s.lived(boxes, 60*day)
	for at := 0; at < boxes; at += 20 {
		var ds []*rules.Decision
		for i := at; i < at+20; i++ {
			for range each {
				k := Delivery{Brand: "shop.example", Decision: rules.NewID(s.now), To: box(i), Was: was{report.Delivery{FeedbackID: fmt.Sprintf("c%d:shop", rand.IntN(9)), Accepted: true, Placement: "digest", Reason: "no_intent", Topic: "apparel"}}}
				raw, _ := json.Marshal(k)
				ds = append(ds, &rules.Decision{ID: k.Decision, At: s.now, Recipient: k.To, Category: classify.Promotion, Disposition: rules.Digest, Because: "default", Beside: map[string][]byte{corpus.PrefixDelivery: raw}})
			}
		}
		if err := s.Store.Record(context.Background(), ds); err != nil {
			b.Fatal(err)
		}
	}
	s.nextDay()
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(224 << 20))
	runtime.GC()
	stop, peak := make(chan bool), make(chan uint64)
	go func() { peak <- highest(stop) }()
	b.ResetTimer()
	for range b.N { // what is drawn is not drawn again: once is all that can be measured
		if all := s.sealed(); len(all) != 1 || all[0].Report == nil {
			b.Fatalf("%+v", all)
		}
	}
	close(stop)
	b.ReportMetric(float64(<-peak)/1e6, "peak-MB")
}

// heap is what live and not yet swept things take, in bytes.
func heap() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// highest watches the heap until stop.
func highest(stop <-chan bool) (most uint64) {
	for tick := time.NewTicker(5 * time.Millisecond); ; {
		most = max(most, heap())
		select {
		case <-tick.C:
		case <-stop:
			tick.Stop()
			return most
		}
	}
}
