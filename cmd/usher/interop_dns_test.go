//go:build interop

package main

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"usher/rules"
	"usher/smtpd/auth"
)

// nsdConf is a private NSD that has the whole DNS in one zone, the root.
const nsdConf = `
server:
  ip-address: 127.0.0.1@{{.DNS}}
  username: ""
  chroot: ""
  database: ""
  zonesdir: "{{.Dir}}"
  pidfile: "{{.Dir}}/nsd.pid"
  xfrdfile: "{{.Dir}}/nsd.xfrd"
  xfrdir: "{{.Dir}}"
  zonelistfile: "{{.Dir}}/nsd.list"
  logfile: "{{.Dir}}/nsd.log"
  server-count: 1
remote-control:
  control-enable: no
zone:
  name: "."
  zonefile: "{{.Dir}}/root.zone"
# Without its file: questions about it fail.
zone:
  name: "_domainkey.dead.example"
  zonefile: "{{.Dir}}/none"
`

const rootZone = `
$TTL 300
. SOA ns.test. admin.test. 1 3600 600 86400 300
. NS ns.test.
ns.test. A 127.0.0.1
_dmarc.shop.example. TXT "v=DMARC1; p=reject"
_dmarc.strict.example. TXT "v=DMARC1; p=reject; adkim=s"
_dmarc.bank.example. TXT "v=DMARC1; p=none; psd=y"
em.shop.example. TXT "v=spf1 include:_spf.esp.example -all"
_spf.esp.example. TXT "v=spf1 a:out.esp.example mx:esp.example " "-all"
out.esp.example. A 192.0.2.7
esp.example. MX 10 mx.esp.example.
mx.esp.example. A 192.0.2.8
big.example. TXT {{.Big}}
{{.Keys}}
`

// resolved is a chain whose usher asks a real DNS server.
type resolved struct {
	*chain
	DNS  int
	Keys string
	Big  string
	nsd  *exec.Cmd

	change func(*chain) // before it starts; nil: nothing
}

const dnsPackage = "/usr/sbin/nsd"

// signedBy is a promotion from an address, signed by a domain with a key of its
// own; without a signature where that is "".
func (r *resolved) signedBy(domain, from string) []byte {
	r.t.Helper()
	raw := strings.ReplaceAll("From: Shop <"+from+">\nTo: "+mailbox+"\nSubject: 50% off all shoes\nDate: Wed, 25 Nov 2026 11:11:11 +0000\nMessage-ID: "+r.id(domain, from)+
		"\nList-Unsubscribe: <https://shop.example/u>\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\nPrecedence: bulk\nMIME-Version: 1.0\nContent-Type: text/plain\n\n"+
		"SALE! 50% off all shoes, only today. Use code SHOES50. Buy now and save 50 EUR. Unsubscribe: https://shop.example/u\n", "\n", "\r\n")
	if domain == "" {
		return []byte(raw)
	}
	return r.sign(domain, raw)
}

// sign signs a message for a domain: these fields, or every usual one.
func (r *resolved) sign(domain, raw string, fields ...string) []byte {
	r.t.Helper()
	key, record, err := auth.NewRSAKey(2048)
	if err != nil {
		r.t.Fatal(err)
	}
	selector := fmt.Sprintf("s%d", strings.Count(r.Keys, "\n"))
	r.Keys += fmt.Sprintf("%s._domainkey.%s. TXT %s\n", selector, domain, inStrings(record))
	var b strings.Builder
	if err := auth.Sign(&b, strings.NewReader(raw), auth.SignOptions{Domain: domain, Selector: selector, Signer: key, Headers: fields}); err != nil {
		r.t.Fatal(err)
	}
	return []byte(b.String())
}

func (*resolved) id(domain, from string) string {
	return "<" + strings.ReplaceAll(domain+"."+from, "@", ".at.") + ">"
}

// inStrings writes a TXT record as the strings of at most 255 bytes that DNS has.
func inStrings(record string) string {
	var b strings.Builder
	for ; len(record) > 200; record = record[200:] {
		fmt.Fprintf(&b, "%q ", record[:200])
	}
	fmt.Fprintf(&b, "%q", record)
	return b.String()
}

func newResolved(t *testing.T) *resolved {
	t.Helper()
	if _, err := os.Stat(dnsPackage); err != nil {
		if os.Getenv("USHER_INTEROP") == "required" {
			t.Fatal("a real DNS server wants: nsd")
		}
		t.Skip("a real DNS server is not asked, since it wants: nsd")
	}
	r := &resolved{DNS: freePort(t), Big: inStrings(strings.Repeat("x", 60_000))}
	r.chain = &chain{t: t}
	return r
}

// start starts the DNS server, and then the chain.
func (r *resolved) start() {
	settings := append([]string{"--resolver", fmt.Sprintf("127.0.0.1:%d", r.DNS)}, r.settings...)
	r.chain = newChain(r.t, func(c *chain) {
		r.chain = c
		for name, text := range map[string]string{"nsd.conf": nsdConf, "root.zone": rootZone} {
			r.fill(name, text, r)
		}
		r.nsd = exec.Command(dnsPackage, "-d", "-c", filepath.Join(c.Dir, "nsd.conf"))
		if err := r.nsd.Start(); err != nil {
			r.t.Fatal(err)
		}
		r.t.Cleanup(func() { stop(r.nsd) })
		r.waitForDNS()
		c.settings = settings
		if r.change != nil {
			r.change(c)
		}
	})
}

// waitForDNS waits until the server takes connections.
func (r *resolved) waitForDNS() {
	r.t.Helper()
	for limit := time.Now().Add(20 * time.Second); time.Now().Before(limit); pause() {
		conn, err := net.DialTimeout("tcp", fmt.Sprintf("127.0.0.1:%d", r.DNS), time.Second)
		if err == nil {
			conn.Close()
			return
		}
	}
	log, _ := os.ReadFile(filepath.Join(r.Dir, "nsd.log"))
	r.t.Fatalf("NSD does not answer:\n%s", log)
}

// send passes a message to Postfix from a client elsewhere, as XCLIENT lets swaks
// say, and gives the sender as usher has it on record.
func (r *resolved) send(raw []byte, id, from, client string) rules.Sender {
	r.t.Helper()
	file := filepath.Join(r.Dir, "letter.eml")
	if err := os.WriteFile(file, raw, 0o600); err != nil {
		r.t.Fatal(err)
	}
	before := len(r.letters(mailbox))
	r.must("swaks", "--server", "127.0.0.1", "--port", fmt.Sprint(r.SMTP), "--from", from, "--to", mailbox,
		"--xclient-addr", client, "--xclient-helo", "mta.esp.example", "--data", "@"+file)
	r.arrived(before+1, 30*time.Second, mailbox)
	out, err := exec.Command(r.binary, "why", "--socket", r.socket(), "--rcpt", mailbox, "--json", id).Output()
	var d rules.Decision
	if err != nil || json.Unmarshal(out, &d) != nil {
		r.t.Fatalf("usher why %s: %v\n%s\n%s", id, err, out, r.logs())
	}
	return d.Sender
}

// TestInteropDNS: who sent it, by a real DNS server, with clients that Postfix
// tells of by XFORWARD; and what becomes of mail when that server dies.
func TestInteropDNS(t *testing.T) {
	const outside, forbidden = "192.0.2.7", "203.0.113.7"
	tests := []struct {
		name, signer, from, path, client string
		how, brand                       string
	}{
		{"a signature of the organisation", "mta.shop.example", "news@news.shop.example", "b@esp.example", forbidden, "dkim", "shop.example"},
		{"no signature, and a client that may send for it", "", "plain@news.shop.example", "b@em.shop.example", outside, "spf", "shop.example"},
		{"by a host for its mail", "", "mx@news.shop.example", "b@em.shop.example", "192.0.2.8", "spf", "shop.example"},
		{"no signature, and a client that may not", "", "forged@news.shop.example", "b@em.shop.example", forbidden, "none", "shop.example"},
		{"strict, another name", "strict.example", "a@news.strict.example", "b@esp.example", forbidden, "none", "strict.example"},
		{"strict, the name itself", "news.strict.example", "b@news.strict.example", "b@esp.example", forbidden, "dkim", "strict.example"},
		{"a stranger below one public suffix", "mail.mega.bank.example", "a@giant.bank.example", "b@esp.example", forbidden, "none", "giant.bank.example"},
		{"a name below a public suffix", "giant.bank.example", "b@mail.giant.bank.example", "b@esp.example", forbidden, "dkim", "giant.bank.example"},
		{"no record at all", "mta.other.example", "a@news.other.example", "b@esp.example", forbidden, "dkim", "other.example"},
		{"an SPF record of 60 KB", "", "a@big.example", "b@big.example", outside, "none", "big.example"},
	}
	r := newResolved(t)
	raws := make([][]byte, len(tests))
	for i, test := range tests {
		raws[i] = r.signedBy(test.signer, test.from)
	}
	late := [][]byte{r.signedBy("late0.example", "a@late0.example"), r.signedBy("late1.example", "a@late1.example")}
	r.start()
	for i, test := range tests {
		got := r.send(raws[i], r.id(test.signer, test.from), test.path, test.client)
		if got.How != test.how || got.Brand != test.brand || got.Aligned != (test.how != "none") {
			t.Errorf("%s: %+v; want %s, %s", test.name, got, test.how, test.brand)
		}
	}
	if out, _ := exec.Command(r.binary, "check-config", "--hop", r.hop(), "--resolver", fmt.Sprintf("127.0.0.1:%d", r.DNS)).Output(); !strings.Contains(string(out), "ok   resolver 127.0.0.1") {
		t.Errorf("check-config says of the resolver:\n%s", out)
	}
	stop(r.nsd)
	took := []time.Duration{}
	for i, raw := range late {
		if i == 1 { // not dead, but silent
			mute, err := net.ListenPacket("udp", fmt.Sprintf("127.0.0.1:%d", r.DNS))
			if err != nil {
				t.Fatal(err)
			}
			defer mute.Close()
		}
		begun := time.Now()
		domain := fmt.Sprintf("late%d.example", i)
		if got := r.send(raw, r.id(domain, "a@"+domain), "b@esp.example", outside); got.How != "none" || got.Aligned {
			t.Errorf("without a DNS server, %d: %+v", i, got)
		}
		took = append(took, time.Since(begun).Round(10*time.Millisecond))
	}
	found(t, "swaks → Postfix → usher → NSD", "%d senders as their records say; NSD dead, then mute: mail flows, unproven, in %s and %s", len(tests), took[0], took[1])
}
