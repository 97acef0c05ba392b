package knows_test

import (
	"fmt"
	"strings"
	"testing"

	"usher/classify/knows"
	"usher/classify/mail"
)

// campaign is a mail of about 9 kB as a campaign tool makes it, with n links.
func campaign(n int) *mail.Object {
	var b strings.Builder
	b.WriteString(`<p>Hi Maria, our winter is here.</p><img width=1 height=1 src="https://cl.shop.example/open.aspx?ffcb10-fe8d10707263017e7d-fe4b1374756c0d7b7c1d">`)
	for i := range n {
		fmt.Fprintf(&b, `<table><tr><td style="padding:4px"><a href="https://click.mail.shop.example/?qs=%040xab12cd34&amp;utm_source=news&amp;utm_campaign=winter">`+
			`<img width=200 height=200 src="https://image.mail.shop.example/lib/fe3311717164047d741d78/m/6/%08d.jpg"></a>Trail shoes</td></tr></table>`, i, i)
	}
	return letter("X-SFMC-Stack: 7\nList-Unsubscribe: <https://click.mail.shop.example/u?qs=1>", b.String())
}

// TestHostileMailTakesLinearTime looks at mail that would take minutes, and so
// run into the test's time limit, were anything quadratic in it.
func TestHostileMailTakesLinearTime(t *testing.T) {
	long := strings.Repeat("a1b2c3d4e5/", 200)
	for name, unit := range map[string]string{
		"links":                 `<a href="https://x.example/a?b=1">x</a>`,
		"links with marks":      `<a href="https://x.example/` + long + `">x</a>`,
		"links of parameters":   `<a href="https://x.example/?` + strings.Repeat("a=1&", 1000) + `">x</a>`,
		"escapes":               `<a href="https://x.example/` + strings.Repeat("%41", 700) + `">x</a>`,
		"pixels":                `<img width=1 height=1 src="https://x.example/o?` + long + `">`,
		"spacers":               `<img width=1 height=1 src="https://x.example/spacer.gif">`,
		"providers' shapes":     `<img src="https://x.example/q/` + strings.Repeat("~~/", 600) + `">`,
		"hosts of many labels":  `<img src="https://` + strings.Repeat("a.", 500) + `example/a">`,
		"nearly the address":    `<a href="https://x.example/?` + strings.Repeat("maria.koski@", 100) + `">x</a>`,
		"the address":           `<a href="https://x.example/?` + strings.Repeat("maria.koski@example.net&", 80) + `">x</a>`,
		"the name":              `Maria `,
		"brackets":              `[c]`,
		"parameters of groups":  `<a href="https://x.example/?` + strings.Repeat("utm_a=vi-p&", 100) + `">x</a>`,
		"collectors' subdomain": `<img src="https://` + strings.Repeat("a.", 100) + `demdex.net/a">`,
	} {
		t.Run(name, func(t *testing.T) {
			o := letter("", strings.Repeat(unit, 2<<20/len(unit)))
			for _, s := range look(o, knows.Said{}) {
				if s.Count > s.Of && s.Of > 0 {
					t.Errorf("%s: %d of %d", s.Code, s.Count, s.Of)
				}
			}
		})
	}
	many := letter("", "<p>Hello</p>")
	many.Message.Links = make([]mail.Link, 100_000)
	for i := range many.Message.Links {
		many.Message.Links[i] = mail.Link{URL: fmt.Sprintf("https://x.example/?u=a1b2c3d4e5%d", i), Host: "x.example"}
	}
	if got := find(look(many, knows.Said{}), "recipient_id_in_url"); got != "" {
		t.Errorf("100,000 links with a mark each: %q", got)
	}
}

func BenchmarkLook(b *testing.B) {
	for _, n := range []int{22, 70, 2000} {
		o := campaign(n)
		b.Run(fmt.Sprintf("%d kB, %d links", o.Message.Size>>10, n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				look(o, knows.Said{})
			}
		})
	}
}

func FuzzLook(f *testing.F) {
	f.Add("Feedback-ID: a:b", `<img width=0 height=0 src="//x/%zz?utm_a=vip">[a.b]`)
	f.Add("X-MSFBL: %", `<a href="https://x.example/?mc_eid=1#a">Maria,</a>`)
	f.Fuzz(func(t *testing.T, header, markup string) {
		for _, s := range look(letter(header, markup), knows.Said{}) {
			if s.Text == "" || s.Level != knows.Seen && s.Level != knows.Suspected || strings.Contains(strings.ToLower(s.Text), "koski") {
				t.Errorf("%+v", s)
			}
		}
	})
}
