//go:build interop

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"usher/smtpd/auth"
)

// TestInteropBounces: Postfix takes a report, cannot deliver it, and writes back; whoever
// it was for is left alone then.
func TestInteropBounces(t *testing.T) {
	r := newResolved(t)
	r.Keys += relevanceZone
	r.settings = []string{"--reports", "--hostname", "example.org"}
	r.change = func(c *chain) {
		master := filepath.Join(c.Dir, "master.key")
		c.settings = append(c.settings, "--master-key", master, "--relay", fmt.Sprintf("smtp:127.0.0.1:%d", c.SMTP))
		keepReport(t, filepath.Join(c.Dir, "state"), master)
		c.Further = "smtpd_reject_unlisted_recipient = no" // what it cannot deliver it takes, and sends back
		if _, err := auth.MakeSigner(filepath.Join(c.Dir, "state", "dkim"), "example.org"); err != nil {
			t.Fatal(err)
		}
	}
	r.start()
	send := func() (string, error) {
		out, err := exec.Command(r.binary, "report", "--send", "--socket", r.socket(), "shop.example").CombinedOutput()
		return string(out), err
	}
	if out, err := send(); err != nil {
		t.Fatalf("usher report --send: %v\n%s\n%s", err, out, r.logs())
	}
	came := func() int {
		log, _ := os.ReadFile(filepath.Join(r.Dir, "usher.log"))
		return strings.Count(string(log), "a letter of ours came back")
	}
	for limit := time.Now().Add(60 * time.Second); time.Now().Before(limit) && came() < 2; pause() {
	}
	if n := came(); n != 2 {
		t.Fatalf("%d letters came back, want 2:\n%s", n, r.logs())
	}
	if notices, _ := filepath.Glob(filepath.Join(r.Dir, "mail", "bounce*@example.org", "new", "*")); len(notices) != 2 {
		t.Errorf("%d notices are in the mailbox, want 2", len(notices))
	}
	for _, to := range []string{"rel@shop.example", "rel@in.esp.example"} {
		if out, err := send(); err == nil || !strings.Contains(out, "an earlier letter to "+to+" came back: it is left alone until ") {
			t.Errorf("usher report --send again: %v\n%s", err, out)
		}
	}
	found(t, "usher → Postfix → usher → Dovecot", "two reports that Postfix could not deliver came back; neither address is written to again")
}
