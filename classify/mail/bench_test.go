package mail

import (
	"strings"
	"testing"
)

// letter is a marketing mail of about 20 kB, in the shape that campaign tools write.
func letter() []byte {
	var b strings.Builder
	b.WriteString("From: Northwind <news@northwind.example>\r\nTo: maria@example.net\r\nSubject: =?utf-8?q?20_=25_off_all_trail_shoes?=\r\n" +
		"Date: Fri, 20 Nov 2026 09:30:00 +0100\r\nMessage-ID: <1@northwind.example>\r\nList-Unsubscribe: <https://northwind.example/u>\r\n" +
		"MIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" +
		"<html><body><table><tr><td><div style=3D\"display:none\">A quick look inside</div>\r\n")
	for b.Len() < 20<<10 {
		b.WriteString("<tr><td style=3D\"padding:10px;font-family:Arial,sans-serif;font-size:14px;color:#333\" align=3D\"left\"><a href=3D\"https://click.northwind.example/?=\r\n" +
			"id=3D1234567890\" style=3D\"background:#000;color:#fff\">Shop now</a><img src=3D\"https://img.northwind.example/shoe.png\" width=3D\"300\" alt=3D\"A shoe\">\r\n" +
			"<p>Our trail shoes are back in every size, and today they cost $89 instead of $129.</p></td></tr>\r\n")
	}
	b.WriteString("</table></body></html>\r\n")
	return []byte(b.String())
}

func BenchmarkParse(b *testing.B) {
	raw := letter()
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		Parse(raw)
	}
}
