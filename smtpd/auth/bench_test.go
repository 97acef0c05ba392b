package auth

import (
	"context"
	"strings"
	"testing"

	"usher/classify/mail"
)

// BenchmarkIdentify is a message of 9 KB with its answers at hand: read and
// hashed, its signatures checked, its sender's records walked.
func BenchmarkIdentify(b *testing.B) {
	body := strings.Repeat("Twenty per cent off all running shoes, today only, in every shop.\r\n", 9<<10/67-8)
	plain := letter + body
	records := "shop.example: v=DMARC1; p=reject; rua=mailto:a@shop.example"
	kinds := []struct {
		name string
		make func(s signing) string
		from string // reverse-path
	}{
		{"unsigned", func(signing) string { return plain }, ""},
		{"RSA-2048", func(s signing) string { return s.rsa("shop.example", 2048, plain) }, ""},
		{"Ed25519", func(s signing) string { return s.by("shop.example", plain) }, ""},
		{"RSA-2048 twice", func(s signing) string { return s.rsa("shop.example", 2048, s.rsa("esp.example", 2048, plain)) }, ""},
		{"RSA-2048 and SPF", func(s signing) string { return s.rsa("shop.example", 2048, plain) }, "b@esp.example"},
	}
	for _, k := range kinds {
		b.Run(k.name, func(b *testing.B) {
			s := signing{b, published(records)}
			s.zone["esp.example"] = []string{"v=spf1 include:a.esp.example include:b.esp.example -all"}
			s.zone["a.esp.example"], s.zone["b.esp.example"] = []string{"v=spf1 ip4:198.51.100.0/24 -all"}, []string{"v=spf1 ip4:192.0.2.0/24 -all"}
			raw := k.make(s)
			msg, v, env := mail.Parse([]byte(raw)), &Verifier{Resolver: s.zone}, came("192.0.2.1", "h.test", k.from)
			b.SetBytes(int64(len(raw)))
			b.ReportAllocs()
			for b.Loop() {
				id := v.Identify(context.Background(), strings.NewReader(raw), env, msg)
				if id.Proven() != (k.name != "unsigned") {
					b.Fatal(id.Note)
				}
			}
		})
	}
}
