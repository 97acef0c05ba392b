package senders

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"usher/corpus"
	"usher/corpus/proofs"
	"usher/corpus/report"
	"usher/corpus/senders"
)

// zone is what the DNS says.
type zone map[string][]string

func (z zone) TXT(_ context.Context, name string) ([]string, error) { return z[name], nil }

// site is everything but the wire.
type site struct {
	*Answers
	t     *testing.T
	zone  zone
	now   time.Time
	store *corpus.Store
	mux   *http.ServeMux
	from  string // network of who asks
}

const submitter = "relevance-reports@mail.example.org"

func open(t *testing.T) *site {
	s := &site{t: t, zone: zone{}, now: time.Now().UTC(), mux: http.NewServeMux(), from: "192.0.2.1"}
	dir := t.TempDir()
	var err error
	s.store, err = corpus.Open(corpus.Options{Dir: filepath.Join(dir, "store"), KeyDir: filepath.Join(dir, "keys"), MasterKey: filepath.Join(dir, "master.key"), Retention: 24 * time.Hour, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.store.Close() })
	clock := func() time.Time { return s.now }
	quiet := slog.New(slog.DiscardHandler)
	org := func(name string) string {
		labels := strings.Split(name, ".")
		return strings.Join(labels[max(0, len(labels)-2):], ".")
	}
	s.Answers = &Answers{Host: "mail.example.org", Now: clock, Log: quiet,
		Proofs:  &proofs.Desk{Store: s.store, Site: submitter, Key: []byte("key"), DNS: s.zone, OrgDomain: org, Now: clock, Log: quiet},
		Reports: &senders.Desk{Store: s.store, Site: submitter, DNS: s.zone, OrgDomain: org, Now: clock, Log: quiet}}
	if err := errors.Join(s.Proofs.Begin(), s.Reports.Begin()); err != nil {
		t.Fatal(err)
	}
	for pattern, answer := range s.Routes() {
		s.mux.HandleFunc(pattern, answer)
	}
	return s
}

// drawn keeps a report on a domain, as sealing does, and gives its word.
func (s *site) drawn(domain string, back int) string {
	s.t.Helper()
	r, err := report.Sample(report.Sampler{Source: endless{}}, s.now.AddDate(0, 0, -back))
	if err != nil {
		s.t.Fatal(err)
	}
	r.Policy.Domain, r.Metadata.ID = domain, fmt.Sprintf("2026-11-%02d.%s@mail.example.org", 22-back, domain[:4])
	kept := senders.Sealed{Domain: domain, Begin: r.Metadata.Range.Begin, End: r.Metadata.Range.End, Report: r, Letter: []byte("DKIM-Signature: x\r\n\r\n" + domain)}
	if err := s.store.Note(context.Background(), submitter, corpus.PrefixReport, kept.ID(), kept); err != nil {
		s.t.Fatal(err)
	}
	if err := s.Reports.Begin(); err != nil {
		s.t.Fatal(err)
	}
	return word(r.Metadata.ID)
}

// endless is a source of numbers that are all the same.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(7 * i)
	}
	return len(p), nil
}

// ask sends a request; what is "Name: value" among the words is a field, the rest a body.
func (s *site) ask(method, path string, words ...string) *http.Response {
	s.t.Helper()
	body := ""
	fields := http.Header{}
	for _, w := range words {
		if name, value, is := strings.Cut(w, ": "); is && !strings.ContainsAny(name, `{"=`) {
			fields.Set(name, value)
		} else {
			body = w
		}
	}
	r := httptest.NewRequest(method, "https://mail.example.org/relevance/v1/"+path, strings.NewReader(body))
	r.Header, r.RemoteAddr = fields, s.from+":1"
	w := httptest.NewRecorder()
	s.mux.ServeHTTP(w, r)
	return w.Result()
}

func text(r *http.Response) string {
	b, _ := io.ReadAll(r.Body)
	return string(b)
}

// proven proves a domain over HTTP.
func (s *site) proven(domain string) (bearer string) {
	s.t.Helper()
	var c proofs.Challenge
	if r := s.ask("POST", "enrol", fmt.Sprintf(`{"domain":%q}`, domain)); r.StatusCode != 200 || json.NewDecoder(r.Body).Decode(&c) != nil {
		s.t.Fatalf("enrol: %d %s", r.StatusCode, text(r))
	}
	body := fmt.Sprintf(`{"domain":%q,"token":%q}`, domain, c.Token)
	if r := s.ask("POST", "enrol/confirm", body); r.StatusCode != http.StatusConflict || !strings.Contains(text(r), "the record is not there") {
		s.t.Fatalf("without a record: %d", r.StatusCode)
	}
	s.zone[c.Name] = []string{c.Text}
	var got struct{ Domain, Bearer string }
	if r := s.ask("POST", "enrol/confirm", body); r.StatusCode != 200 || json.NewDecoder(r.Body).Decode(&got) != nil || got.Domain != domain {
		s.t.Fatalf("confirm: %d %s", r.StatusCode, text(r))
	}
	return "Authorization: Bearer " + got.Bearer
}

const page = "Accept: text/html,*/*;q=0.8"

func TestASenderReadsItsOwnReports(t *testing.T) {
	s := open(t)
	old, last, others := s.drawn("shop.example", 2), s.drawn("shop.example", 1), s.drawn("other.example", 1)
	as := s.proven("shop.example")
	for _, c := range []struct {
		name, path string
		fields     []string
		status     int
		want, not  string
	}{
		{"the list", "reports", []string{as}, 200, last, others},
		{"the list by its domain", "reports?domain=Shop.example", []string{as}, 200, old, others},
		{"another's list", "reports?domain=other.example", []string{as}, 404, "there is no such report", others},
		{"a report as JSON", "reports/" + last + ".json", []string{as}, 200, `"domain":"shop.example"`, "other.example"},
		{"as text", "reports/" + last + ".txt", []string{as}, 200, "Relevance report for shop.example", "other.example"},
		{"as signed mail", "reports/" + old + ".eml", []string{as}, 200, "DKIM-Signature", "other.example"},
		{"as a page", "reports/" + last, []string{as, page}, 200, "asked for", "other.example"},
		{"the list as a page", "reports", []string{as, page}, 200, "Mail me no more reports", "other.example"},
		{"another's report", "reports/" + others + ".json", []string{as}, 404, "there is no such report", "apparel"},
		{"no page", "nothing/here", []string{as}, 404, `"hint":"GET /relevance/v1/ leads on"`, ""},
		{"no report", "reports/2026-01-01.none.json", []string{as}, 404, "there is no such report", ""},
		{"a path out of there", "reports/..%2f..%2fetc%2fpasswd", []string{as}, 404, "", "root:"},
		{"without a token", "reports", nil, 401, "which domain is yours is not proven", last},
		{"with a wrong token", "reports", []string{"Authorization: Bearer guess"}, 401, "that token is none of ours", last},
		{"with a very long one", "reports", []string{"Authorization: Bearer " + strings.Repeat("x", 5000)}, 401, "is not proven", last},
		{"without a token, in a browser", "reports", []string{page}, 401, "<h1>That did not work</h1>", last},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := s.ask("GET", c.path, c.fields...)
			body := text(r)
			if r.StatusCode != c.status || !strings.Contains(body, c.want) || c.not != "" && strings.Contains(body, c.not) {
				t.Errorf("%d %s", r.StatusCode, body)
			}
			if again := text(s.ask("GET", c.path, c.fields...)); again != body {
				t.Errorf("another time it says\n%s", again)
			}
		})
	}
}

func TestNothingChangesByGETAndEveryAnswerIsStrict(t *testing.T) {
	s := open(t)
	word := s.drawn("shop.example", 1)
	as := s.proven("shop.example")
	before, _ := corpus.Notes[proofs.Proof](s.store, submitter, corpus.PrefixProof)
	for pattern := range s.Routes() {
		method, path, is := strings.Cut(pattern, " ")
		if !is { // all else
			method, path = "PUT", pattern
		}
		path = strings.TrimPrefix(strings.NewReplacer("{$}", "", "{name}", word+".json").Replace(path), "/relevance/v1/")
		r := s.ask("GET", path, as)
		if method == "POST" && r.StatusCode != http.StatusMethodNotAllowed {
			t.Errorf("GET %s: %d", path, r.StatusCode)
		}
		if r := s.ask("POST", path, as, "Sec-Fetch-Site: cross-site", page); method == "POST" && r.StatusCode != http.StatusForbidden {
			t.Errorf("another site may POST to %s: %d", path, r.StatusCode)
		}
		r = s.ask(method, path, page)
		for name, want := range map[string]string{"Content-Security-Policy": "default-src 'none'", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY"} {
			if got := r.Header.Get(name); !strings.HasPrefix(got, want) {
				t.Errorf("%s %s: %s is %q", method, path, name, got)
			}
		}
		if body := text(r); !strings.HasPrefix(r.Header.Get("Content-Type"), "text/html") {
			continue
		} else if strings.Contains(body, "<script") || strings.Contains(body, "http://") || strings.Contains(body, "https://") || strings.Contains(body, "style=") {
			t.Errorf("%s %s has a browser load something:\n%s", method, path, body)
		}
	}
	after, err := corpus.Notes[proofs.Proof](s.store, submitter, corpus.PrefixProof)
	if err != nil || !slices.Equal(before, after) || len(after) != 1 {
		t.Errorf("proofs were %+v and are %+v, %v", before, after, err)
	}
}

func TestGuessingAndAskingAreSlowed(t *testing.T) {
	s := open(t)
	as := s.proven("shop.example")
	for i := range mostWrong + 1 {
		want := http.StatusUnauthorized
		if i == mostWrong {
			want = http.StatusTooManyRequests
		}
		if r := s.ask("GET", "reports", fmt.Sprintf("Authorization: Bearer guess%d", i)); r.StatusCode != want {
			t.Fatalf("guess %d: %d", i, r.StatusCode)
		}
	}
	if r := s.ask("GET", "reports", as); r.StatusCode != http.StatusTooManyRequests {
		t.Errorf("after many guesses a good one is told: %d", r.StatusCode)
	}
	s.from = "198.51.100.1"
	if r := s.ask("GET", "reports", as); r.StatusCode != 200 {
		t.Errorf("from another network: %d", r.StatusCode)
	}
	for i := range mostEnrols + 1 {
		want := 200
		if i == mostEnrols {
			want = http.StatusTooManyRequests
		}
		if r := s.ask("POST", "enrol", `{"domain":"shop.example"}`); r.StatusCode != want {
			t.Fatalf("enrolment %d: %d", i, r.StatusCode)
		}
	}
	s.now = s.now.Add(time.Hour)
	if r := s.ask("POST", "enrol", `{"domain":"shop.example"}`); r.StatusCode != 200 {
		t.Errorf("an hour later: %d", r.StatusCode)
	}
	for range mostReads {
		s.ask("GET", "")
	}
	if r := s.ask("GET", ""); r.StatusCode != http.StatusTooManyRequests {
		t.Errorf("after %d questions: %d", mostReads, r.StatusCode)
	}
}

func TestWhatIsNotTaken(t *testing.T) {
	for _, c := range []struct {
		name, body string
		form       bool
		status     int
		want       string
	}{
		{"no body", "", false, 400, "that cannot be read"},
		{"another field", `{"domain":"shop.example","x":1}`, false, 400, "that cannot be read"},
		{"two values", `{"domain":"shop.example"}{}`, false, 400, "that cannot be read"},
		{"a host", `{"domain":"www.shop.example"}`, false, 400, "that is no organisational domain"},
		{"a script", `{"domain":"<script>alert(1)</script>.example"}`, false, 400, "that is no organisational domain"},
		{"over 1 KiB", `{"domain":"` + strings.Repeat("a", 2000) + `"}`, false, 413, "that was too long"},
		{"a form over 1 KiB", "domain=" + strings.Repeat("a", 2000), true, 413, "that was too long"},
		{"a form", "domain=shop.example", true, 200, "usher-challenge="},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := open(t)
			kind := "Content-Type: application/json"
			if c.form {
				kind = "Content-Type: application/x-www-form-urlencoded"
			}
			r := s.ask("POST", "enrol", kind, c.body)
			if body := text(r); r.StatusCode != c.status || !strings.Contains(body, c.want) || c.status != 200 && !strings.Contains(body, `"hint":`) {
				t.Errorf("%d %s", r.StatusCode, body)
			}
		})
	}
}

func TestABrowserProvesReadsAndLeaves(t *testing.T) {
	s := open(t)
	s.drawn("shop.example", 1)
	const form = "Content-Type: application/x-www-form-urlencoded"
	c, err := s.Proofs.Enrol("shop.example")
	if err != nil {
		t.Fatal(err)
	}
	s.zone[c.Name] = []string{c.Text}
	r := s.ask("POST", "enrol/confirm", form, page, "domain=shop.example&token="+c.Token)
	cookies := r.Cookies()
	if body := text(r); r.StatusCode != 200 || len(cookies) != 1 || !cookies[0].HttpOnly || cookies[0].SameSite != http.SameSiteStrictMode || cookies[0].Path != "/relevance/v1/" || !strings.Contains(body, cookies[0].Value) {
		t.Fatalf("%d %+v", r.StatusCode, cookies)
	}
	in := "Cookie: " + cookies[0].Name + "=" + cookies[0].Value
	if body := text(s.ask("GET", "reports", page, in)); !strings.Contains(body, "Reports on mail of shop.example") {
		t.Error(body)
	}
	if r := s.ask("POST", "in", form, page, "token="+cookies[0].Value); r.StatusCode != http.StatusSeeOther || len(r.Cookies()) != 1 {
		t.Errorf("with the token again: %d", r.StatusCode)
	}
	if r := s.ask("POST", "stop", page, in); r.StatusCode != http.StatusConflict || !strings.Contains(text(r), "no reports are asked for") {
		t.Errorf("stop, where nothing is asked for: %d", r.StatusCode)
	}
	if r := s.ask("POST", "out", page, in); r.StatusCode != 200 || r.Cookies()[0].MaxAge != -1 {
		t.Errorf("out: %d", r.StatusCode)
	}
	if r := s.ask("GET", "reports", page, in); r.StatusCode != http.StatusUnauthorized {
		t.Errorf("after that: %d", r.StatusCode)
	}
}

func TestThePageOffersAWayByMailWhereThereIsOne(t *testing.T) {
	s := open(t)
	for _, c := range []struct {
		letters string
		is      bool
	}{{"", false}, {submitter, true}} {
		s.Letters = c.letters
		page := text(s.ask("GET", "", "Accept: text/html"))
		if !strings.Contains(page, "Prove your domain") || strings.Contains(page, `href="mailto:`+submitter+`?subject=TOKEN%20shop.example"`) != c.is || strings.Contains(page, "No way to your DNS?") != c.is {
			t.Errorf("with letters to %q:\n%s", c.letters, page)
		}
	}
}
