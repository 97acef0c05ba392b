package daemon

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"usher/rules/people"
	"usher/smtpd"
	"usher/smtpd/events"
)

func TestStatusTellsWhatTheStoreSaysOfItself(t *testing.T) {
	dir := t.TempDir()
	hop, err := smtpd.ParseHop("lmtp:127.0.0.1:0=lmtp:" + filepath.Join(dir, "hop"))
	if err != nil {
		t.Fatal(err)
	}
	d, err := New(Settings{
		StateDir: dir, IntentsDir: filepath.Join(dir, "intents"), MasterKey: filepath.Join(dir, "master.key"), Socket: filepath.Join(dir, "sock"),
		Wire: smtpd.Config{Hops: []smtpd.Hop{hop}, Hostname: "usher.example", Delimiter: "+", StateDir: dir},
	}, nil, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer d.socket.Close()
	if st := d.api.Status(); st.Store != "ok" {
		t.Errorf("at first: %q", st.Store)
	}
	if err := os.RemoveAll(filepath.Join(dir, "keys")); err != nil {
		t.Fatal(err)
	}
	if st := d.api.Status(); !strings.Contains(st.Store, "the keys are gone") {
		t.Errorf("without keys: %q", st.Store)
	}
	if err := d.store.Close(); err != nil {
		t.Fatal(err)
	}
	if st := d.api.Status(); !strings.Contains(st.Store, "closed") {
		t.Errorf("in the end: %q", st.Store)
	}
}

func TestCommandsReadAsMuchOfAMessageAsTheWire(t *testing.T) {
	head := "Subject: x\r\n\r\n"
	raw := []byte(head + strings.Repeat("word ", smtpd.DefaultJudgeBytes/5) + "beyond")
	if m := Read(raw); m.Size != smtpd.DefaultJudgeBytes || strings.Contains(m.Text, "beyond") {
		t.Errorf("%d bytes were read", m.Size)
	}
	if m := Read([]byte(head)); m.Size != len(head) || m.Get("Subject") != "x" {
		t.Errorf("a short message: %d bytes, %q", m.Size, m.Get("Subject"))
	}
}

func TestR57BothLogsNameAMailboxAlike(t *testing.T) {
	key := []byte("a key of the site")
	wire := events.Pseudonym(key, "Maria+shops@Example.ORG", "+")
	if file := pseudonym(key, "+")(people.Path("maria@example.org")); file != wire || strings.Contains(file, "maria") {
		t.Errorf("the log of intents says %q, the log of mail %q", file, wire)
	}
	if other := events.Pseudonym([]byte("another key"), "maria@example.org", "+"); other == wire {
		t.Error("without the key the same stands for it")
	}
}

func TestR54AStoreThatDoesNotAnswerIsNotAlive(t *testing.T) {
	dir := t.TempDir()
	hop, err := smtpd.ParseHop("lmtp:127.0.0.1:0=lmtp:" + filepath.Join(dir, "hop"))
	if err != nil {
		t.Fatal(err)
	}
	d, err := New(Settings{
		StateDir: dir, IntentsDir: filepath.Join(dir, "intents"), MasterKey: filepath.Join(dir, "master.key"), Socket: filepath.Join(dir, "sock"),
		Wire: smtpd.Config{Hops: []smtpd.Hop{hop}, Hostname: "usher.example", Delimiter: "+", StateDir: dir},
	}, nil, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ran := make(chan error, 1)
	go func() { ran <- d.Run(ctx) }()
	if err := d.alive(ctx); err != nil {
		t.Errorf("at first: %v", err)
	}
	if err := os.RemoveAll(filepath.Join(dir, "keys")); err != nil {
		t.Fatal(err)
	}
	if err := d.alive(ctx); err != nil || len(d.unready()) == 0 {
		t.Errorf("a store that cannot record is alive, but not ready: %v, %q", err, d.unready())
	}
	d.asking <- struct{}{} // an earlier question stands still
	short, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	if err := d.alive(short); err == nil || !strings.Contains(err.Error(), "the store does not answer") {
		t.Errorf("stuck: %v", err)
	}
	<-d.asking
	if err := d.alive(ctx); err != nil {
		t.Errorf("and on again: %v", err)
	}
	stop()
	if err := <-ran; err != nil {
		t.Error(err)
	}
}
