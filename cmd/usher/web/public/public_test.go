package public

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"usher/rules/intents"
	"usher/rules/terms"
)

var now = time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)

func stated(t *testing.T, text string) *intents.File {
	t.Helper()
	f, errs := intents.Parse("site", []byte(text), now)
	if errs != nil {
		t.Fatal(errs)
	}
	return f
}

func document(t *testing.T, site *intents.File) []byte {
	t.Helper()
	d, err := terms.Of(site, terms.Asked{Domain: "example.net", Until: intents.DateOf(time.Now()).Plus(180)}, intents.DateOf(time.Now()))
	if err != nil {
		t.Fatal(err)
	}
	return d.Bytes()
}

// ask asks for a path.
func ask(t *Terms, path string) *httptest.ResponseRecorder {
	mux := http.NewServeMux()
	for pattern, h := range t.Routes() {
		mux.HandleFunc(pattern, h)
	}
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
	return w
}

func TestTermsAreAnsweredWhileTheyAreTrue(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "mail-terms.json")
	site := stated(t, "promotions digest")
	first := document(t, site)
	if err := os.WriteFile(file, first, 0o644); err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	p, err := Open(Settings{File: file}, filepath.Join(dir, "terms"), func() *intents.File { return site }, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	current, earlier := "/.well-known/mail-terms.json", "/relevance/v1/terms/"+terms.Sum(first)+".json"
	for _, path := range []string{current, earlier} {
		if w := ask(p, path); w.Code != 200 || w.Body.String() != string(first) || w.Header().Get("Content-Type") != "application/json" {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	if p.Link() != "https://example.net/.well-known/mail-terms.json" {
		t.Errorf("the link is %q", p.Link())
	}

	site = stated(t, "promotions inbox") // the site's file changes, the published one does not
	for range 3 {
		if w := ask(p, current); w.Code != 404 || p.Link() != "" {
			t.Errorf("what is no longer so is answered: %d %s", w.Code, w.Body)
		}
	}
	if n := strings.Count(log.String(), "no terms are published"); n != 1 || !strings.Contains(log.String(), "accepts.promotion says digest") {
		t.Errorf("told %d times: %s", n, log.String())
	}

	second := document(t, site)
	if err := os.WriteFile(file, second, 0o644); err != nil {
		t.Fatal(err)
	}
	if w := ask(p, current); w.Code != 200 || w.Body.String() != string(second) {
		t.Errorf("the new version: %d %s", w.Code, w.Body)
	}
	if w := ask(p, earlier); w.Code != 200 || w.Body.String() != string(first) {
		t.Errorf("the earlier version: %d %s", w.Code, w.Body)
	}
	p.now = func() time.Time { return time.Now().Add(Kept + 24*time.Hour) }
	if w := ask(p, earlier); w.Code != 404 {
		t.Errorf("after three years the earlier version is answered: %d", w.Code)
	}
	p.end()
	if left, _ := filepath.Glob(filepath.Join(dir, "terms", "*")); len(left) != 0 {
		t.Errorf("left are %q", left)
	}
}

func TestNobodyReadsMoreThanTerms(t *testing.T) {
	dir := t.TempDir()
	site := stated(t, "promotions digest")
	file := filepath.Join(dir, "mail-terms.json")
	if err := os.WriteFile(file, document(t, site), 0o644); err != nil {
		t.Fatal(err)
	}
	p, err := Open(Settings{File: file}, filepath.Join(dir, "terms"), func() *intents.File { return site }, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	secret := strings.Repeat("a", 64) + ".json" // not what its name says
	if err := os.WriteFile(filepath.Join(dir, "terms", secret), []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{secret, "..%2fmail-terms.json", "%2e%2e", "x.json", strings.Repeat("b", 64) + ".json", ""} {
		if w := ask(p, "/relevance/v1/terms/"+path); w.Code == 200 {
			t.Errorf("%q is answered: %s", path, w.Body)
		}
	}
}

func TestAStartWithTermsThatAreNotTrueIsRefused(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "mail-terms.json")
	if err := os.WriteFile(file, document(t, stated(t, "promotions digest")), 0o644); err != nil {
		t.Fatal(err)
	}
	for name, site := range map[string]*intents.File{"other statements": stated(t, "promotions inbox"), "no statements": nil} {
		_, err := Open(Settings{File: file}, filepath.Join(dir, "terms"), func() *intents.File { return site }, slog.New(slog.DiscardHandler))
		if err == nil {
			t.Errorf("%s: it starts", name)
		}
	}
	for url, good := range map[string]bool{"https://example.net/terms": true, "http://example.net/": false, "https://a b/": false, "https://x/;y": false, "https://" + strings.Repeat("x", 200): false} {
		if err := (Settings{File: file, URL: url}).Check(); (err == nil) != good {
			t.Errorf("%q: %v", url, err)
		}
	}
}
