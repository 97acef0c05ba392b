package auth

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"io"
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"usher/classify/mail"
	"usher/smtpd/auth/dns"
)

// watched measures the heap while it is read.
type watched struct {
	r     io.Reader
	since int
	peak  uint64
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.r.Read(p)
	if w.since += n; w.since > 1<<20 {
		w.since = 0
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		w.peak = max(w.peak, m.HeapAlloc)
	}
	return n, err
}

// repeated is an endless reader of one line.
type repeated struct {
	line string
	at   int
}

func (r *repeated) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = r.line[r.at]
		r.at = (r.at + 1) % len(r.line)
	}
	return len(p), nil
}

func TestALargeBodyIsNeverHeldInMemory(t *testing.T) {
	s := signing{t, dns.Zone{}}
	head := s.by("shop.example", s.by("other.test", letter))
	msg := mail.Parse([]byte(head))
	const size = 60 << 20
	for _, line := range []string{"Twenty per cent off, only today.\r\n", "\r\n"} {
		runtime.GC()
		var before runtime.MemStats
		runtime.ReadMemStats(&before)
		in := &watched{r: io.MultiReader(strings.NewReader(head), io.LimitReader(&repeated{line: line}, size))}
		id := (&Verifier{Resolver: s.zone}).Identify(context.Background(), in, &mail.Envelope{}, msg)
		if id.Proven() {
			t.Errorf("%.10q: a changed body is proven", line)
		}
		if in.peak > before.HeapAlloc+16<<20 {
			t.Errorf("%.10q: the heap grew by %d MB", line, (in.peak-before.HeapAlloc)>>20)
		}
	}
}

func TestAHostileHeaderCostsNoMoreThanItsSize(t *testing.T) {
	_, txt, err := NewRSAKey(2048)
	if err != nil {
		t.Fatal(err)
	}
	v := &Verifier{Resolver: dns.Zone{"s._domainkey.shop.example": {txt}}}
	empty := sha256.Sum256([]byte("\r\n"))
	signature := func(names int) string {
		return "DKIM-Signature: v=1; a=rsa-sha256; d=shop.example; s=s; h=from" + strings.Repeat(":a", names) +
			"; bh=" + base64.StdEncoding.EncodeToString(empty[:]) + "; b=YQ==\r\n"
	}
	const from = "From: a@shop.example\r\n"
	for _, c := range []struct{ name, raw, note string }{
		{"a recipient a line, a thousand of them", from + "To: a@b.example" + strings.Repeat(",\r\n recipient@mailbox.example", 1000) + "\r\n\r\n", "no DKIM signature"},
		{"60,000 lines of one field", from + "To: a" + strings.Repeat("\r\n b", 60_000) + "\r\n\r\n", "too many lines"},
		{"60,000 lines under a signature", signature(0) + from + "To: a" + strings.Repeat("\r\n b", 60_000) + "\r\n\r\n", "too many lines"},
		{"a name listed 60 times by eight signatures", strings.Repeat(signature(60), 8) + from + strings.Repeat("X: b\r\n", 400) + "\r\n", "verification error"},
		{"a name listed 3,900 times over 1,900 fields", strings.Repeat(signature(3900), 8) + from + strings.Repeat("X: b\r\n", 1900) + "\r\n", "name too many fields"},
	} {
		t.Run(c.name, func(t *testing.T) {
			msg := mail.Parse([]byte(c.raw))
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			id := v.Identify(context.Background(), strings.NewReader(c.raw), &mail.Envelope{}, msg)
			runtime.ReadMemStats(&after)
			if id.Proven() || !strings.Contains(id.Note, c.note) {
				t.Errorf("how %q, note %q, want %q in it", id.How, id.Note, c.note)
			}
			if n := after.TotalAlloc - before.TotalAlloc; n > 128<<20 {
				t.Errorf("%d bytes of header allocate %d MB", len(c.raw), n>>20)
			}
		})
	}
}

// python runs a program with dkimpy, or skips the test. The zone is one key.
func python(t *testing.T, program, stdin string, args ...string) string {
	t.Helper()
	if err := exec.Command("/usr/bin/python3", "-c", "import dkim, nacl").Run(); err != nil {
		t.Skip("python3-dkim is not installed: signatures were not compared with another implementation")
	}
	cmd := exec.Command("/usr/bin/python3", append([]string{"-c", program}, args...)...)
	cmd.Stdin = strings.NewReader(stdin)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("python3: %v", err)
	}
	return string(out)
}

func TestAnotherImplementationAgrees(t *testing.T) {
	const verify = "import sys, dkim\n" +
		"print(dkim.verify(sys.stdin.buffer.read(), dnsfunc=lambda name, timeout=5: sys.argv[1].encode()))"
	key, txt := NewKey()
	rsaKey, rsaTxt, err := NewRSAKey(2048)
	if err != nil {
		t.Fatal(err)
	}
	s := signing{t, dns.Zone{}}
	dots := letter + "\r\n.\r\n..  two  \r\n\r\n\r\n"
	for name, raw := range map[string][2]string{
		"an Ed25519 signature of ours": {txt, s.with(SignOptions{Domain: "shop.example", Signer: key}, txt, dots)},
		"an RSA signature of ours":     {rsaTxt, s.with(SignOptions{Domain: "shop.example", Signer: rsaKey}, rsaTxt, dots)},
	} {
		t.Run(name, func(t *testing.T) {
			if got := strings.TrimSpace(python(t, verify, raw[1], raw[0])); got != "True" {
				t.Errorf("dkimpy says %s of\n%s", got, raw[1])
			}
		})
	}

	const sign = "import sys, dkim\n" +
		"sys.stdout.buffer.write(dkim.sign(sys.stdin.buffer.read(), b'py', b'shop.example', sys.argv[1].encode(), canonicalize=(sys.argv[2].encode(), sys.argv[3].encode())))"
	private := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(rsaKey.(*rsa.PrivateKey))})
	for _, c := range [][2]string{{"simple", "simple"}, {"relaxed", "relaxed"}, {"relaxed", "simple"}} {
		t.Run("a signature of dkimpy, "+c[0]+" and "+c[1], func(t *testing.T) {
			raw := python(t, sign, dots, string(private), c[0], c[1]) + dots
			id := identify(&Verifier{Resolver: dns.Zone{"py._domainkey.shop.example": {rsaTxt}}}, raw)
			if id.How != mail.ByDKIM || !id.Covered("subject") {
				t.Errorf("how %q, note %q of\n%s", id.How, id.Note, raw)
			}
		})
	}
}

func FuzzIdentify(f *testing.F) {
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))
	txt := "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(key.Public().(ed25519.PublicKey))
	zone := dns.Zone{"m._domainkey.shop.example": {txt}}
	signed := letter
	for range 2 {
		var b strings.Builder
		if err := Sign(&b, strings.NewReader(signed), SignOptions{Domain: "shop.example", Selector: "m", Signer: key}); err != nil {
			f.Fatal(err)
		}
		signed = b.String()
		f.Add([]byte(signed))
	}
	f.Add([]byte(letter))
	f.Add([]byte("Authentication-Results: mx; dkim=pass (a\\) header.d=shop.example\r\n" + letter))
	f.Add([]byte("DKIM-Signature: v=1; a=rsa-sha256; d=; s=; h=from; bh=; b=\r\nFrom: x@y\r\n\r\n"))
	f.Add([]byte(" fold\nDKIM-Signature\n:\n\n"))
	v := &Verifier{Resolver: zone}
	f.Fuzz(func(t *testing.T, raw []byte) {
		id := v.Identify(context.Background(), bytes.NewReader(raw), &mail.Envelope{}, mail.Parse(raw))
		if id.Proven() != (id.SenderKey != "") || id.Proven() != (id.Note == "") {
			t.Errorf("half a proof: %+v", id)
		}
		if id.Proven() && (id.SenderKey != "shop.example" || OrgDomain(id.Domain) != "shop.example" || !id.Covered("from")) {
			t.Errorf("proven without a key: %+v", id)
		}
		if len(id.Signatures) > MaxSignatures {
			t.Errorf("%d signatures", len(id.Signatures))
		}
	})
}

func TestWhiteSpaceInARowIsCountedAcrossPieces(t *testing.T) {
	blank := strings.Repeat(" \t\r\n", maxBlank/4)
	for _, test := range []struct {
		name, text string
		cut        bool
	}{
		{"as much as is allowed", "x" + blank + "x", false},
		{"one more", "x" + blank + " x", true},
		{"one more, at the end", "x" + blank + "\n", true},
		{"nothing else", blank + " ", true},
		{"twice as much as is allowed, with a letter between", blank + "x" + blank, false},
		{"the second run is too long", blank + "x" + blank + " ", true},
	} {
		for _, piece := range []int{1, 7, 4096, 1 << 20} {
			b := &body{ctx: context.Background(), r: strings.NewReader(test.text)}
			n, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{b}, make([]byte, piece))
			if err != nil || (b.why != "") != test.cut || !test.cut && int(n) != len(test.text) {
				t.Errorf("%s, in pieces of %d: %d bytes of %d, %q, %v", test.name, piece, n, len(test.text), b.why, err)
			}
		}
	}
}
