//go:build interop

package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"usher/classify/mail"
	"usher/corpus"
	reports "usher/corpus/report"
	"usher/corpus/senders"
	"usher/smtpd/auth"
	"usher/smtpd/auth/dns"
)

// keepReport keeps a report on shop.example in a store that nobody has open, as if it had
// been drawn.
func keepReport(t *testing.T, dir, master string) *reports.Report {
	t.Helper()
	store, err := corpus.Open(corpus.Options{Dir: filepath.Join(dir, "store"), KeyDir: filepath.Join(dir, "keys"), MasterKey: master, Delimiter: "+", Retention: 720 * time.Hour, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	r, err := reports.Sample(reports.Sampler{Source: rand.Reader}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	r.Metadata.Submitter = "example.org"
	s := senders.Sealed{Domain: "shop.example", Begin: r.Metadata.Range.Begin, End: r.Metadata.Range.End, Report: r, Sent: time.Now()}
	if err := store.Note(context.Background(), reportsHere, corpus.PrefixReport, s.ID(), s); err != nil {
		t.Fatal(err)
	}
	asked := senders.Request{Domain: "shop.example", By: "feedback-id", URIs: []string{"mailto:rel@shop.example"}, First: time.Now(), Looked: time.Now()}
	if err := store.Note(context.Background(), reportsHere, corpus.PrefixRequest, "01KB0000000000000000000000", asked); err != nil {
		t.Fatal(err)
	}
	return r
}

// TestInteropAsked: a letter whose real signature proves the domain is answered by its
// last report; the same letter again, or with another signature, by nothing.
func TestInteropAsked(t *testing.T) {
	needs(t, smtpSink)
	r := newResolved(t)
	letter := func(subject, id string) string {
		return "From: Ann <ann@news.shop.example>\r\nTo: " + reportsHere + "\r\nSubject: " + subject + "\r\nDate: " + time.Now().Format(time.RFC1123Z) + "\r\nMessage-ID: <" + id + "@shop.example>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\nplease\r\n"
	}
	covers := []string{"From", "To", "Subject", "Date", "Message-ID"}
	good := r.sign("shop.example", letter("REPORT shop.example", "good"), covers...)
	less := r.sign("shop.example", letter("REPORT shop.example", "less"), "From", "To", "Date", "Message-ID")
	others := r.sign("esp.example", strings.Replace(letter("REPORT shop.example", "others"), "ann@news.shop.example", "ann@esp.example", 1), covers...)
	plain := []byte(letter("REPORT shop.example", "plain"))
	stops := r.sign("shop.example", letter("STOP shop.example", "stops"), covers...)
	token := r.sign("shop.example", letter("TOKEN shop.example", "token"), covers...)
	pages := fmt.Sprintf("127.0.0.1:%d", freePort(t))
	keys := filepath.Join(t.TempDir(), "dkim")
	signer, err := auth.MakeSigner(keys, "example.org")
	if err != nil {
		t.Fatal(err)
	}
	for _, record := range signer.Records() {
		r.Keys += fmt.Sprintf("%s. TXT %s\n", record.Name, inStrings(record.Text))
	}
	port := freePort(t)
	spool, err := os.MkdirTemp("", "usher-sink-") // the sink writes as nobody
	if err == nil {
		t.Cleanup(func() { os.RemoveAll(spool) })
		err = os.Chmod(spool, 0o777)
	}
	if err != nil {
		t.Fatal(err)
	}
	sink := exec.Command(smtpSink, "-u", "nobody", "-d", filepath.Join(spool, "%M."), fmt.Sprintf("127.0.0.1:%d", port), "20")
	if err := sink.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(sink) })
	var drawn *reports.Report
	r.settings = []string{"--reports", "--reports-web", "--web-listen", pages, "--hostname", "example.org", "--relay", fmt.Sprintf("smtp:127.0.0.1:%d", port)}
	r.change = func(c *chain) {
		master := filepath.Join(c.Dir, "master.key")
		c.settings = append(c.settings, "--master-key", master)
		drawn = keepReport(t, filepath.Join(c.Dir, "state"), master)
		if err := os.CopyFS(filepath.Join(c.Dir, "state", "dkim"), os.DirFS(keys)); err != nil {
			t.Fatal(err)
		}
	}
	r.start()
	for i, raw := range [][]byte{plain, less, others, good, good, stops, token} {
		file := filepath.Join(r.Dir, "asks.eml")
		if err := os.WriteFile(file, raw, 0o600); err != nil {
			t.Fatal(err)
		}
		r.must("swaks", "--server", "127.0.0.1", "--port", fmt.Sprint(r.SMTP), "--from", "ann@news.shop.example", "--to", reportsHere, "--data", "@"+file)
		r.arrived(i+1, 30*time.Second, reportsHere)
	}
	logged := func(text string) int {
		log, _ := os.ReadFile(filepath.Join(r.Dir, "usher.log"))
		return strings.Count(string(log), text)
	}
	for limit := time.Now().Add(60 * time.Second); time.Now().Before(limit) && (logged("a sender ordered by mail") < 3 || logged("was passed on and not answered") < 4); pause() {
	}
	if n := logged("was passed on and not answered"); n != 4 {
		t.Errorf("%d letters are not answered, want 4:\n%s", n, r.logs())
	}
	for _, why := range []string{"not proven by DKIM", "not proven to be from the domain", "no signature covers", "it came before"} {
		if logged(why) == 0 {
			t.Errorf("the log does not say: %s", why)
		}
	}
	files, _ := filepath.Glob(filepath.Join(spool, "*"))
	answers := map[string]string{}
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		_, subject, _ := strings.Cut(string(raw), "\nSubject: ")
		subject, _, _ = strings.Cut(subject, " shop.example")
		answers[subject] = string(raw)
		if !strings.Contains(string(raw), "X-Rcpt-Args: <ann@news.shop.example>") || !strings.Contains(string(raw), "X-Mail-Args: <>") {
			t.Errorf("it went elsewhere:\n%s", raw)
		}
	}
	if len(files) != 3 || len(answers) != 3 || !strings.Contains(answers["Re: STOP"], "\nNo more reports on shop.example are sent.") {
		t.Fatalf("%d answers left: %q\n%s", len(files), answers, r.logs())
	}
	_, bearer, _ := strings.Cut(answers["Re: TOKEN"], "\n\n  ")
	bearer, where, _ := strings.Cut(bearer, "\n")
	if !strings.Contains(where, "\n  http://"+pages+"/relevance/v1/\n") {
		t.Errorf("the token is good at\n%s", where)
	}
	q, err := http.NewRequest(http.MethodGet, "http://"+pages+"/relevance/v1/reports", nil)
	if err != nil {
		t.Fatal(err)
	}
	q.Header.Set("Authorization", "Bearer "+bearer)
	got, err := http.DefaultClient.Do(q)
	if err != nil {
		t.Fatal(err)
	}
	list, err := io.ReadAll(got.Body)
	got.Body.Close()
	if err != nil || got.StatusCode != http.StatusOK || !strings.Contains(string(list), drawn.Metadata.ID) {
		t.Errorf("by the token of the letter one reads %d %s, %v", got.StatusCode, list, err)
	}
	raw := answers["Report Domain:"]
	// smtp-sink writes the envelope above, in fields of its own.
	_, answer, _ := strings.Cut(strings.ReplaceAll(raw, "\n", "\r\n"), "DKIM-Signature:")
	answer = "DKIM-Signature:" + answer
	read, err := reports.Read([]byte(answer))
	if err != nil || read.Metadata.ID != drawn.Metadata.ID {
		t.Errorf("the answer is no report: %v\n%s", err, raw)
	}
	server, err := dns.Server(fmt.Sprintf("127.0.0.1:%d", r.DNS))
	if err != nil {
		t.Fatal(err)
	}
	v := &auth.Verifier{Resolver: server}
	if id := v.Identify(context.Background(), strings.NewReader(answer), &mail.Envelope{}, mail.Parse([]byte(answer))); id.How != mail.ByDKIM || id.OrgDomain != "example.org" {
		t.Errorf("the answer is signed as %+v", id)
	}
	found(t, "swaks → Postfix → usher → NSD, smtp-sink", "of seven letters the three are answered whose signature covers what they order: REPORT by the sealed report, signed, STOP by an end of it, TOKEN by one that reads it; unsigned, half signed, signed by others and repeated ones are passed on")
}
