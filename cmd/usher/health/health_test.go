package health

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"usher/smtpd/events"
)

type hop struct{}

func (hop) String() string { return "lmtp:127.0.0.1:10024=lmtp:127.0.0.1:24" }

func counts() *events.Log {
	none := func() int64 { return 0 }
	l := events.New(slog.New(slog.DiscardHandler), nil)
	l.Started("v1", events.Measures{Memory: none, Spool: none, Abandoned: none})
	l.At(hop{}).Up()
	return l
}

// serve starts s on a port of its own, and gives how to ask it.
func serve(t *testing.T, s *Server) func(path string) (int, string) {
	t.Helper()
	ln, err := Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx, ln) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return func(path string) (int, string) {
		t.Helper()
		resp, err := http.Get("http://" + ln.Addr().String() + path)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, string(body)
	}
}

func TestHealthSaysInWordsWhatIsNotWell(t *testing.T) {
	var dead error
	var why []string
	ask := serve(t, &Server{
		Metrics: counts().Metrics(),
		Live:    func(context.Context) error { return dead },
		Ready:   func() []string { return why },
	})
	check := func(path string, code int, body string) {
		t.Helper()
		if gotCode, got := ask(path); gotCode != code || got != body {
			t.Errorf("%s: %d %q, want %d %q", path, gotCode, got, code, body)
		}
	}
	check("/healthz/live", 200, "alive\n")
	check("/healthz/ready", 200, "ready\n")
	dead = errors.Join(errors.New("the store does not answer"), errors.New("nobody accepts"))
	why = []string{"the next hop lmtp:127.0.0.1:24 was last seen down: upstream keeps the mail"}
	check("/healthz/live", 503, "not alive\nthe store does not answer\nnobody accepts\n")
	check("/healthz/ready", 503, "not ready\nthe next hop lmtp:127.0.0.1:24 was last seen down: upstream keeps the mail\n")
	check("/", 404, "404 page not found\n")
	if code, body := ask("/metrics"); code != 200 || !strings.Contains(body, `usher_nexthop_up{hop="lmtp:127.0.0.1:10024=lmtp:127.0.0.1:24"} 1`) {
		t.Errorf("/metrics: %d\n%s", code, body)
	}
}

func TestMetricsAreForThisMachineAlone(t *testing.T) {
	for address, want := range map[string]string{
		"127.0.0.1:9925":        "",
		"[::1]:9925":            "",
		"localhost:9925":        "",
		"0.0.0.0:9925":          "from beyond this machine: write 127.0.0.1:9925",
		":9925":                 "from beyond this machine",
		"[::]:9925":             "from beyond this machine",
		"192.0.2.1:9925":        "from beyond this machine",
		"metrics.example.org:1": "from beyond this machine",
		"127.0.0.1":             "is no address",
		"127.0.0.1:":            "is no address",
	} {
		err := CheckAddress(address)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", address, err, want)
		}
		if _, err := Listen(address); want != "" && err == nil {
			t.Errorf("%s was opened", address)
		}
	}
}

// The alerts are shipped, so they must speak of metrics that there are.
func TestR56AlertsSpeakOfMetricsThatThereAre(t *testing.T) {
	raw, err := os.ReadFile("../prometheus/usher.rules.yml")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Groups []struct {
			Name  string `yaml:"name"`
			Rules []struct {
				Alert       string            `yaml:"alert"`
				Expr        string            `yaml:"expr"`
				For         string            `yaml:"for"`
				Labels      map[string]string `yaml:"labels"`
				Annotations map[string]string `yaml:"annotations"`
			} `yaml:"rules"`
		} `yaml:"groups"`
	}
	dec := yaml.NewDecoder(strings.NewReader(string(raw)))
	dec.KnownFields(true)
	if err := dec.Decode(&file); err != nil {
		t.Fatal(err)
	}
	families, err := counts().Metrics().Gather()
	if err != nil {
		t.Fatal(err)
	}
	there := map[string]bool{}
	for _, f := range families {
		there[f.GetName()] = true
	}
	wanted := map[string]bool{"rate(usher_fail_open_total[5m]) > 0": true, "usher_nexthop_up == 0": true}
	for _, g := range file.Groups {
		for _, r := range g.Rules {
			if r.Alert == "" || r.Annotations["summary"] == "" {
				t.Errorf("a rule has no name or says nothing: %+v", r)
			}
			delete(wanted, r.Expr)
			for _, name := range regexp.MustCompile(`usher_\w+`).FindAllString(r.Expr, -1) {
				if !there[name] {
					t.Errorf("%s: there is no metric %s", r.Alert, name)
				}
			}
		}
	}
	if len(wanted) > 0 {
		t.Errorf("no alert for %v", wanted)
	}
}

func TestAUsherIsToldFromOthersAtItsAddress(t *testing.T) {
	var ill error
	ln, err := Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	us := &Server{Metrics: counts().Metrics(), Live: func(context.Context) error { return ill }, Ready: func() []string { return nil }}
	go us.Serve(ctx, ln)
	other := httptest.NewServer(http.NotFoundHandler())
	defer other.Close()

	at := ln.Addr().String()
	if !Answers(ctx, at) {
		t.Error("a usher that is well is not known")
	}
	if ill = errors.New("the store does not answer"); !Answers(ctx, at) {
		t.Error("a usher that is not well is not known")
	}
	if Answers(ctx, other.Listener.Addr().String()) {
		t.Error("another server is taken for usher")
	}
	other.Close()
	if Answers(ctx, other.Listener.Addr().String()) {
		t.Error("nobody is taken for usher")
	}
}
