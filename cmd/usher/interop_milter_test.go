//go:build interop

package main

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const milterPackage = "/usr/sbin/opendkim"

// startOpenDKIM puts OpenDKIM before Postfix. It knows the keys without a DNS, and
// leaves what a sender forged, as filters do that are not told otherwise.
func (r *resolved) startOpenDKIM() {
	r.t.Helper()
	port := freePort(r.t)
	r.write("keys", strings.NewReplacer(". TXT", "", `" "`, "", `"`, "").Replace(r.Keys))
	r.write("opendkim.conf", fmt.Sprintf("Mode v\nSyslog no\nBackground no\nKeepAuthResults yes\nAuthservID mx.example.org\n"+
		"TestPublicKeys %s/keys\nSocket inet:%d@127.0.0.1\nPidFile %s/opendkim.pid\n", r.Dir, port, r.Dir))
	filter := exec.Command(milterPackage, "-f", "-x", filepath.Join(r.Dir, "opendkim.conf"))
	if err := filter.Start(); err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { stop(filter) })
	for limit := time.Now().Add(20 * time.Second); ; pause() {
		conn, err := net.DialTimeout("tcp", fmt.Sprintf("127.0.0.1:%d", port), time.Second)
		if err == nil {
			conn.Close()
			break
		}
		if time.Now().After(limit) {
			r.t.Fatalf("OpenDKIM does not answer: %v", err)
		}
	}
	r.postconf(fmt.Sprintf("smtpd_milters=inet:127.0.0.1:%d", port))
}

func (r *resolved) postconf(setting string) {
	r.t.Helper()
	etc := filepath.Join(r.Dir, "postfix/etc")
	r.must("postconf", "-c", etc, "-e", setting)
	r.must("postfix", "-c", etc, "reload")
}

// TestInteropOpenDKIM: what a filter of the site's found is believed where our own
// check reaches no answer; what a sender wrote in its name is not, and with the
// printed lines does not even pass the border.
func TestInteropOpenDKIM(t *testing.T) {
	if _, err := os.Stat(milterPackage); err != nil {
		if os.Getenv("USHER_INTEROP") == "required" {
			t.Fatal("a filter of the site's wants: opendkim")
		}
		t.Skip("a filter of the site's is not tried, since it wants: opendkim")
	}
	const forged = "Authentication-Results: mx.example.org; dkim=pass header.d=dead.example\r\n"
	r := newResolved(t)
	signed := r.signedBy("dead.example", "signed@dead.example")
	r.settings = []string{"--trusted-authserv-ids", "mx.example.org"}
	r.start()
	r.startOpenDKIM()
	send := func(raw []byte, signer, from string) string {
		return r.send(raw, r.id(signer, from), "b@esp.example", "203.0.113.7").How
	}
	if how := send(signed, "dead.example", "signed@dead.example"); how != "ar" {
		t.Errorf("our DNS has no key, the filter has: how %q", how)
	}
	if how := send(append([]byte(forged), r.signedBy("", "forged@dead.example")...), "", "forged@dead.example"); how != "none" {
		t.Errorf("a forged field below the border: how %q", how)
	}
	if n := r.count("Authentication-Results: mx.example.org; dkim=pass header.d=dead.example"); n != 1 {
		t.Errorf("%d forged fields came through to be ignored; want 1", n)
	}
	out, _ := exec.Command(r.binary, "check-config", "--hop", r.hop(), "--trusted-authserv-ids", "mx.example.org").Output()
	_, rule, _ := strings.Cut(string(out), "# Postfix, /etc/postfix/results\n")
	rule, _, _ = strings.Cut(rule, "\n\n")
	r.write("results", rule+"\n")
	r.postconf("header_checks=regexp:" + filepath.Join(r.Dir, "results"))
	if how := send(append([]byte(forged), r.signedBy("", "again@dead.example")...), "", "again@dead.example"); how != "none" {
		t.Errorf("a forged field that the border removes: how %q", how)
	}
	if n := r.count("Authentication-Results: mx.example.org; dkim=pass header.d=dead.example"); n != 1 {
		t.Errorf("%d forged fields came through; want the one from before", n)
	}
	if n := r.count("Authentication-Results: mx.example.org;\n\t"); n != 1 {
		t.Errorf("%d fields of the filter's own; want 1", n)
	}
	found(t, "swaks → Postfix, OpenDKIM → usher", "what the filter found is believed above the border's Received, what a sender wrote below it is not")
}

// count tells how often a text stands in what the mailbox has.
func (r *resolved) count(text string) (n int) {
	for _, k := range r.letters(mailbox) {
		n += strings.Count(string(k.raw), text)
	}
	return n
}
