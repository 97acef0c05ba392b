package mail_test

import (
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"time"

	"usher/classify"
	"usher/classify/mail"
)

// hostile are mails that a careless reader takes a square of their length for, or
// all memory. Each is made n large.
var hostile = []struct {
	name string
	n    int
	make func(n int) string
}{
	{"header fields", 100_000, func(n int) string { return strings.Repeat("X-A: b\n", n) + "\nbody\n" }},
	{"header fields of different names", 100_000, func(n int) string { return numbered("X-", ": b\n", n) + "\nbody\n" }},
	{"continuation lines", 100_000, func(n int) string { return "Subject: a\n" + strings.Repeat(" b\n", n) + "\nbody\n" }},
	{"lines that are no field", 100_000, func(n int) string { return "Subject: a\n" + strings.Repeat("b\n", n) + "\nbody\n" }},
	{"bytes of one field", 10 << 20, func(n int) string { return "Subject: " + strings.Repeat("a", n) }},
	{"carriage returns in a field", 60_000, func(n int) string { return "Subject: a" + strings.Repeat("\r", n) + "b\n\n" }},
	{"addresses in To", 50_000, func(n int) string { return "To: " + numbered("a", "@b.example, ", n) + "\n\nx" }},
	{"addresses in To on lines of their own", 50_000, func(n int) string { return "To: " + numbered("a", "@b.example,\n ", n) + "c\n\nx" }},
	{"To fields", 20_000, func(n int) string { return strings.Repeat("To: a@b.example\n", n) + "\nx" }},
	{"brackets that close in From", 16_000, func(n int) string { return "From: a@b" + strings.Repeat(")", n) + "\n\nx" }},
	{"comments that never close in From", 50_000, func(n int) string { return "From: " + strings.Repeat("(", n) + "\n\nx" }},
	{"comments in comments in From", 30_000, func(n int) string {
		return "From: " + strings.Repeat("(", n) + strings.Repeat(")", n) + " a@b\n\nx"
	}},
	{"angle brackets that open in To", 16_000, func(n int) string { return "To: " + strings.Repeat("<,", n) + "\n\nx" }},
	{"pairs with commas in To, the last left open", 6_000, func(n int) string { return "To: " + strings.Repeat("<a, b>", n) + "<\n\nx" }},
	{"quotes in From", 20_000, func(n int) string { return "From: " + strings.Repeat(`"a,`, n) + "\n\nx" }},
	{"backslashes in From", 60_000, func(n int) string { return "From: \"" + strings.Repeat(`\`, n) + "\n\nx" }},
	{"groups in To", 16_000, func(n int) string { return "To: " + strings.Repeat("a:b@c;", n) + "\n\nx" }},
	{"Message-IDs in References", 10_000, func(n int) string { return "References: " + numbered("<", "@b> ", n) + "\n\nx" }},
	{"open Message-IDs in References", 60_000, func(n int) string { return "References: " + strings.Repeat("<", n) + "\n\nx" }},
	{"encoded words", 10_000, func(n int) string { return "Subject: " + strings.Repeat("=?utf-8?q?a?= ", n) + "\n\nx" }},
	{"encoded words of a rare charset", 4_000, func(n int) string { return "Subject: " + strings.Repeat("=?gb2312?q?a?= ", n) + "\n\nx" }},
	{"encoded words that never end", 20_000, func(n int) string { return "Subject: " + strings.Repeat("=?utf-8?q?", n) + "\n\nx" }},
	{"comments in Date", 16_000, func(n int) string {
		return "Date: Fri, 20 Nov 2026 09:30:00 +0100 " + strings.Repeat("(", n) + "\n\nx"
	}},
	{"brackets in Content-Type", 16_000, func(n int) string { return "Content-Type: " + strings.Repeat(")", n) + "\n\nx" }},
	{"quotes in Content-Type", 16_000, func(n int) string {
		return "Content-Type: multipart/mixed; boundary=" + strings.Repeat(`"`, n) + "\n\nx"
	}},
	{"parameters of Content-Type", 13_000, func(n int) string {
		return "Content-Type: multipart/mixed" + numbered("; a", "=b", n) + "\n\nx"
	}},
	{"pieces of one parameter", 13_000, func(n int) string {
		return "Content-Type: multipart/mixed" + numbered("; a*", "=b", n) + "\n\nx"
	}},
	{"multiparts in each other", 8_000, nested},
	{"forwarded messages in each other", 10_000, func(n int) string { return strings.Repeat("Content-Type: message/rfc822\n\n", n) }},
	{"parts in a row", 10_000, func(n int) string { return mixed + strings.Repeat("--b\n\nhello\n", n) }},
	{"parts with large headers", 300, func(n int) string {
		return mixed + strings.Repeat("--b\n"+numbered("X-", ": y\n", 1000)+"\nhello\n", n)
	}},
	{"alternatives in a row", 10_000, func(n int) string {
		return "Content-Type: multipart/alternative; boundary=b\n\n" + strings.Repeat("--b\n\nhello\n", n)
	}},
	{"boundary lines with nothing between", 1 << 20, func(n int) string { return mixed + strings.Repeat("--b\n", n) }},
	{"lines that look like a boundary", 1 << 20, func(n int) string { return mixed + strings.Repeat("--bb\n", n) }},
	{"dashes, of which the boundary is one", 20 << 20, func(n int) string {
		return "Content-Type: multipart/mixed; boundary=\"-\"\n\n" + strings.Repeat("-", n)
	}},
	{"blanks after a boundary", 8 << 20, func(n int) string { return mixed + "--b" + strings.Repeat(" ", n) + "\n\nx" }},
	{"lines of base64 that hold nothing", 1 << 20, func(n int) string { return base64 + strings.Repeat(" \n", n) }},
	{"padding of base64 alone", 1 << 20, func(n int) string { return base64 + strings.Repeat("=", n) }},
	{"bytes of base64, one a line", 1 << 20, func(n int) string { return base64 + strings.Repeat("A\n", n) }},
	{"quoted-printable without a line end", 4 << 20, func(n int) string { return quoted + strings.Repeat("=41", n) }},
	{"equals signs in quoted-printable", 4 << 20, func(n int) string { return quoted + strings.Repeat("=", n) }},
	{"soft line ends in quoted-printable", 4 << 20, func(n int) string { return quoted + strings.Repeat("=\n", n) }},
	{"escapes of ISO-2022-JP", 1 << 20, func(n int) string {
		return "Content-Type: text/plain; charset=iso-2022-jp\n\n" + strings.Repeat("\x1b$B", n)
	}},
	{"bytes on one line", 20 << 20, func(n int) string { return "Subject: long\n\n" + strings.Repeat("a", n) }},
	{"lines of text", 1 << 20, func(n int) string {
		return "Subject: big\n\n" + strings.Repeat("a word or two for $5 and 20 % off\n", n)
	}},
	{"empty lines", 8 << 20, func(n int) string { return "Subject: x\n\n" + strings.Repeat("\n", n) }},
	{"merge fields that never close", 300_000, func(n int) string { return "\n" + strings.Repeat("{{", n) }},
	{"colons", 1 << 20, func(n int) string { return "Subject: x\n\n" + strings.Repeat(":", n) }},
	{"targets", 50_000, func(n int) string { return "Subject: x\n\n" + numbered("http://a", ".example/ ", n) }},
	{"digits", 1 << 20, func(n int) string { return "Subject: x\n\n$" + strings.Repeat("1", n) }},
	{"grouped digits", 1 << 18, func(n int) string { return "Subject: x\n\n$1" + strings.Repeat(" 111", n) }},
	{"percent signs", 1 << 19, func(n int) string { return "Subject: x\n\n" + strings.Repeat("5%", n) }},
	{"untils", 1 << 17, func(n int) string { return "Subject: x\n\n" + strings.Repeat("until ", n) }},
	{"old prices", 1 << 17, func(n int) string { return "Subject: x\n\n" + strings.Repeat("was $5 ", n) }},
	{"codes", 1 << 16, func(n int) string { return "Subject: x\n\n" + strings.Repeat("use code SAVE20 ", n) }},
	{"combining marks", 1 << 19, func(n int) string { return "Subject: x\n\na" + strings.Repeat("\u0301", n) }},
	{"quoted lines", 1 << 18, func(n int) string { return "Subject: x\n\n" + strings.Repeat("> a\n", n) }},
	{"words to unsubscribe by", 1 << 16, func(n int) string { return "Subject: x\n\n" + strings.Repeat("unsubscribe ", n) }},
	{"order numbers", 1 << 16, func(n int) string { return "Subject: x\n\n" + strings.Repeat("order number 12345 ", n) }},
	{"one-time codes", 1 << 16, func(n int) string { return "Subject: x\n\n" + strings.Repeat("your code is 1234 ", n) }},
}

// marked are the same for markup.
var marked = []struct {
	name string
	n    int
	make func(n int) string
}{
	{"tags that are never closed", 1_000_000, func(n int) string { return strings.Repeat("<b>", n) }},
	{"open blocks", 200_000, func(n int) string { return strings.Repeat("<div>", n) }},
	{"open links", 100_000, func(n int) string { return strings.Repeat("<a href=x>", n) }},
	{"tables in each other", 50_000, func(n int) string { return strings.Repeat("<table><tr><td>", n) + "x" }},
	{"cells that end the one before", 200_000, func(n int) string { return "<table><tr>" + strings.Repeat("<td>x", n) }},
	{"stray end tags", 200_000, func(n int) string { return strings.Repeat("<b>", 60) + strings.Repeat("</p>", n) }},
	{"elements without a name of HTML", 200_000, func(n int) string { return numbered("<x", ">", n) }},
	{"attributes of one tag", 200_000, func(n int) string { return "<div " + numbered("a", "=b ", n) + ">x</div>" }},
	{"attributes that hold references", 100_000, func(n int) string { return strings.Repeat("<a href='x?a=1&b=2&amp;c=3'>x</a>", n) }},
	{"a tag that never ends", 1 << 20, func(n int) string { return "<div " + strings.Repeat("a", n) }},
	{"opening brackets", 1 << 20, func(n int) string { return strings.Repeat("<", n) }},
	{"comments that never close", 1 << 18, func(n int) string { return strings.Repeat("<!--", n) }},
	{"conditions of Outlook", 1 << 16, func(n int) string { return strings.Repeat("<!--[if mso]>a<![endif]-->", n) }},
	{"references", 1 << 18, func(n int) string { return strings.Repeat("&amp;", n) }},
	{"references that never end", 1 << 20, func(n int) string { return "&" + strings.Repeat("a", n) }},
	{"ampersands", 1 << 20, func(n int) string { return strings.Repeat("&", n) }},
	{"bytes of a style", 1 << 20, func(n int) string { return "<p style='" + strings.Repeat("a:b;", n/4) + "'>x" }},
	{"url( in a style", 200_000, func(n int) string { return "<p style='" + strings.Repeat("url(", n) + "'>" }},
	{"@import in a style sheet", 100_000, func(n int) string { return "<style>" + strings.Repeat("@import '", n) + "</style>" }},
	{"style sheets", 50_000, func(n int) string { return strings.Repeat("<style>a{b:c}</style>", n) }},
	{"candidates of a srcset", 200_000, func(n int) string { return "<img srcset='" + strings.Repeat(", ", n) + "'>" }},
	{"classes", 200_000, func(n int) string { return "<a href=x class='" + strings.Repeat("a ", n) + "'>x" }},
	{"images", 100_000, func(n int) string { return numbered("<img src=https://a.example/", ">", n) }},
	{"bytes of a target", 1 << 20, func(n int) string { return "<a href='https://a.example/?" + strings.Repeat("a=%41&", n/6) + "'>x</a>" }},
	{"dots of a host", 1 << 20, func(n int) string { return "<a href='https://" + strings.Repeat("ä.", n/3) + "'>x</a>" }},
	{"links with an id", 20_000, func(n int) string {
		return numbered("<a href='https://a.example/k3r9qxw1b", "?u=4tNED2BM8iDZJQyQ53jATUaVSQ4w'>x</a>", n)
	}},
	{"text in one link", 1 << 20, func(n int) string { return "<a href=x>" + strings.Repeat("a ", n/2) }},
	{"hidden text", 1 << 20, func(n int) string { return "<div hidden>" + strings.Repeat("a ", n/2) }},
	{"unseen characters", 1 << 18, func(n int) string { return strings.Repeat("&zwnj;", n) }},
	{"brackets of JSON-LD", 100_000, func(n int) string { return ld + strings.Repeat("[", n) + "</script>" }},
	{"objects in each other in JSON-LD", 20_000, func(n int) string {
		return ld + strings.Repeat(`{"a":`, n) + "1" + strings.Repeat("}", n) + "</script>"
	}},
	{"nodes of JSON-LD", 5_000, func(n int) string { return ld + "[" + strings.Repeat(`{"@type":"Offer"},`, n) + "1]</script>" }},
	{"graphs in each other", 10_000, func(n int) string {
		return ld + strings.Repeat(`{"@graph":[`, n) + strings.Repeat("]}", n) + "</script>"
	}},
	{"properties of JSON-LD", 10_000, func(n int) string { return ld + `{"@type":"Offer"` + numbered(`,"a`, `":1`, n) + "}</script>" }},
	{"scripts of JSON-LD", 20_000, func(n int) string { return strings.Repeat(ld+`{"@type":"Offer"}</script>`, n) }},
	{"items in items", 20_000, func(n int) string { return strings.Repeat("<div itemscope itemprop=a itemtype=x>", n) }},
	{"properties of an item", 50_000, func(n int) string { return "<div itemscope>" + numbered("<span itemprop=a", ">x</span>", n) }},
}

// What reading and judging may allocate in all: a little always, and so much for
// each byte of what is read of a message.
const (
	allocatedAlways = 4 << 20
	allocatedByte   = 40
	read            = 2 << 20 // bytes: the rest of a message may cost no more
	hangs           = time.Minute
)

// TestHostileMail holds what each of them costs against its size, and against what
// half of it costs.
func TestHostileMail(t *testing.T) {
	model := classify.New()
	judge := func(raw string) (m *mail.Message, allocated int) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		m = mail.Parse([]byte(raw))
		model.Classify(&mail.Object{
			Envelope: mail.Envelope{From: "a@b.example", To: []string{"maria@example.net"}, Arrived: time.Unix(1.8e9, 0)},
			Identity: mail.Identity{How: mail.ByDKIM, SenderKey: "b.example"},
			Message:  m,
		})
		runtime.ReadMemStats(&after)
		return m, int(after.TotalAlloc-before.TotalAlloc) - len(raw)
	}
	judge("Subject: what is loaded once\n\nx")
	try := func(name string, n int, raw func(n int) string) {
		t.Run(name, func(t *testing.T) {
			// A reader that never ends would say nothing.
			defer time.AfterFunc(hangs, func() { panic(name + ": still not read") }).Stop()
			small, half := judge(raw(n / 2))
			m, whole := judge(raw(n))
			mail.Check(t, small)
			mail.Check(t, m)
			if most := allocatedAlways + allocatedByte*min(m.Size, read); whole > most {
				t.Errorf("%d bytes of mail allocate %d, more than %d", m.Size, whole, most)
			}
			if whole > 5*half/2+allocatedAlways {
				t.Errorf("%d bytes allocate %d, and twice as many %d", small.Size, half, whole)
			}
		})
	}
	for _, c := range hostile {
		try(c.name, c.n, c.make)
	}
	for _, c := range marked {
		try(c.name, c.n, func(n int) string { return "Content-Type: text/html\n\n" + c.make(n) })
	}
	random := make([]byte, 1<<20)
	rand.NewChaCha8([32]byte{7}).Read(random)
	try("random bytes", len(random), func(n int) string { return string(random[:n]) })
	try("random bytes as HTML", len(random), func(n int) string { return "Content-Type: text/html\n\n" + string(random[:n]) })
}

const (
	mixed  = "Content-Type: multipart/mixed; boundary=b\n\n"
	base64 = "Content-Transfer-Encoding: base64\n\n"
	quoted = "Content-Transfer-Encoding: quoted-printable\n\n"
	ld     = "<script type='application/ld+json'>"
)

// numbered repeats before and after with a number between.
func numbered(before, after string, n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(before)
		for ; i > 0; i /= 10 {
			b.WriteByte(byte('0' + i%10))
		}
		b.WriteString(after)
	}
	return b.String()
}

func nested(n int) string {
	var b strings.Builder
	b.WriteString("Subject: nested\n")
	for i := range n {
		boundary := "b" + strings.Repeat("x", i%5)
		b.WriteString("Content-Type: multipart/mixed; boundary=" + boundary + "\n\n--" + boundary + "\n")
	}
	b.WriteString("Content-Type: text/plain\n\ndeep\n")
	return b.String()
}
