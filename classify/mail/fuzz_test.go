package mail

import (
	"bytes"
	"io"
	"mime/quotedprintable"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/net/html"
)

func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/*.eml")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		m := Parse(raw)
		check(t, m)
		if m.Size != len(raw) {
			t.Errorf("Size is %d of %d", m.Size, len(raw))
		}
	})
}

func FuzzHTML(f *testing.F) {
	for _, seed := range []string{
		"<table><tr><td hidden>a<table><tr><td>b</table>c<td>d", "<a href='x?a=1&amp;b=2' class=btn>Shop <img alt=now></a>",
		"<div itemscope itemtype=Offer><span itemprop=price>5</span>", "<style>a{b:url(c)}</style><!--[if mso]>a<![endif]-->",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		m := new(Message)
		var r htmlReader
		text := r.read(m, []byte(strings.ToValidUTF8(s, "")))
		m.Text = shorten(text, MaxText)
		check(t, m)
		if strings.Contains(text, "  ") || strings.Contains(text, "\n\n\n") {
			t.Errorf("white space is left in %q", text)
		}
		if len(r.open) != 0 || r.tables != 0 {
			t.Errorf("%d elements and %d tables stay open", len(r.open), r.tables)
		}
	})
}

// FuzzAttributes holds what is read of a start tag in place against what the
// tokenizer reads of it.
func FuzzAttributes(f *testing.F) {
	for _, seed := range []string{
		"<a href=x HREF=y class='a b'>", "<img src=\"a\"alt=b / width= 5 =x=y hidden>", "<p style=a:b/ / =>", "<a href=x&amp;y title='>'>", "<a \x00href=x>",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		ours, theirs := html.NewTokenizer(strings.NewReader(s)), html.NewTokenizer(strings.NewReader(s))
		for {
			kind := ours.Next()
			if theirs.Next(); kind == html.ErrorToken {
				return
			}
			if kind != html.StartTagToken && kind != html.SelfClosingTagToken {
				continue
			}
			var want attributes
			name, more := theirs.TagName()
			if got := tagName(ours.Raw()[1:]); string(got) != string(name) && utf8.Valid(name) && isASCII(string(got)) && !bytes.ContainsRune(got, 0) {
				t.Errorf("the tag in %q is %q, want %q", s, got, name)
			}
			for more {
				var k, v []byte
				k, v, more = theirs.TagAttr()
				if to := want.place(k); to != nil {
					*to = strings.TrimSpace(string(v))
				}
			}
			if got := readAttributes(ours); got != want {
				t.Errorf("attributes of %q are %+v, want %+v", s, got, want)
			}
		}
	})
}

// FuzzQuotedPrintable holds our reader against the library's, where that one
// reads to the end.
func FuzzQuotedPrintable(f *testing.F) {
	for _, seed := range []string{"a=20b=\r\nc \r\nd", "=E2=82=ac \n=", "a=3", "==\n=41=4g\t\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, s []byte) {
		got := quotedPrintable(s, len(s)+1)
		if len(got) > len(s) {
			t.Fatalf("%q grows to %q", s, got)
		}
		want, err := io.ReadAll(quotedprintable.NewReader(bytes.NewReader(s)))
		if err == nil && !bytes.Equal(got, want) {
			t.Errorf("%q is read as %q, want %q", s, got, want)
		}
	})
}

func FuzzAddresses(f *testing.F) {
	for _, seed := range []string{
		"Maria <maria@example.net>, \"a, b\" <c@d.example> (e (f))", "friends: a@b, c@d;, <e@f", "=?utf-8?q?a?= <@x:y@z>", "\"\\\"a\"@b", "a@\u00e4.example",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		s = strings.ToValidUTF8(s, "")
		for _, a := range addresses(s) {
			if !utf8.ValidString(a.Name) || a.Local == "" && a.Domain == "" || a.Domain != Domain(a.Domain) {
				t.Errorf("%q gives %+v", s, a)
			}
		}
		one := Mailbox(s, "+")
		if again := Mailbox(one, "+"); again != one {
			t.Errorf("%q becomes %q, then %q", s, one, again)
		}
	})
}
