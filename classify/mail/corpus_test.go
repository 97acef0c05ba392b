package mail

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"
	"testing"
)

// archive is real mail, kept outside the repository: its text belongs to its senders.
const archive = "../../../shared/corpora/mail-dev.tar.gz"

// eachArchived calls f with every message of the archive, read in memory.
func eachArchived(t *testing.T, f func(name string, raw []byte)) {
	t.Helper()
	file, err := os.Open(archive)
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("the archive of real mail is not here, so it is not read")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	z, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	for tr := tar.NewReader(z); ; {
		h, err := tr.Next()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if h.Typeflag != tar.TypeReg || strings.HasSuffix(h.Name, ".jsonl") {
			continue
		}
		raw, err := io.ReadAll(tr)
		if err != nil {
			t.Fatal(err)
		}
		f(h.Name, raw)
	}
}

func TestRealMail(t *testing.T) {
	total, texts, empty, noFrom := 0, 0, 0, 0
	notes := make(map[string]int)
	eachArchived(t, func(name string, raw []byte) {
		m := Parse(raw)
		check(t, m)
		total++
		if m.Text != "" && len(m.Text) > 4*len(raw)+1000 {
			t.Errorf("%s: %d bytes give %d bytes of text", name, len(raw), len(m.Text))
		}
		if len(m.From) == 0 {
			noFrom++
			t.Logf("%s: no sender", name)
		}
		for _, n := range m.Notes {
			notes[n]++
		}
		if !strings.HasPrefix(m.ContentType, "text/") && !strings.HasPrefix(m.ContentType, "multipart/") {
			return
		}
		texts++
		if m.Text == "" {
			empty++
			t.Logf("%s: no text: %s, %d parts, %d links, %d images, attached %v, notes %v", name, m.ContentType, m.Parts, len(m.Links), len(m.Images), m.Attachments, m.Notes)
		}
	})
	t.Logf("%d messages; %d of %d of type text or multipart give no text; %d without a sender", total, empty, texts, noFrom)
	for n, k := range notes {
		t.Logf("%4d %s", k, n)
	}
	if empty*100 > texts {
		t.Errorf("%d of %d messages give no text, more than one in a hundred", empty, texts)
	}
}
