package train

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const letter = "From: a@shop.example\nSubject: hello\n\ntext\n"

// put writes files below a folder.
func put(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// packed gives a .tar.gz of files.
func packed(t *testing.T, files map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	for name, text := range files {
		if err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(text))}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const labels = `{"path":"x/1.eml","category":"service","sub":"bounce","ambiguous":true,"source":"fx-mox","year":null,"trainable":false}
{"path":"2.eml","category":"promotion","source":"ours","year":2020}
`

func TestEveryFormOfLabelledMailIsRead(t *testing.T) {
	labelled := map[string]string{"labels.jsonl": labels, "x/1.eml": letter, "2.eml": letter + "2"}
	inTar := map[string]string{}
	for name, text := range labelled {
		inTar["mail/"+name] = text
	}
	for _, c := range []struct {
		name  string
		files map[string]string
		path  string
	}{
		{"a folder with labels", labelled, ""},
		{"the labels themselves", labelled, "labels.jsonl"},
		{"an archive", map[string]string{"a.tar.gz": string(packed(t, inTar))}, "a.tar.gz"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			put(t, dir, c.files)
			list, err := Read(filepath.Join(dir, c.path))
			if err != nil || len(list) != 2 {
				t.Fatalf("%d messages, error %v", len(list), err)
			}
			a, b := list[0], list[1]
			if a.Archive() != "fixtures" || a.Era() != "unknown" || !a.Ambiguous || a.Trainable || !a.Needed() || string(a.Raw) != letter {
				t.Errorf("the first is %+v", a)
			}
			if b.Archive() != "ours" || b.Era() != "from 2015" || !b.Trainable || !b.Bulk() || string(b.Raw) != letter+"2" {
				t.Errorf("the second is %+v", b)
			}
		})
	}
	for name, files := range map[string]map[string]string{
		"messages with their truth beside them": {"01-a.eml": letter, "01-a.want": "category: list\nlanguage: en\n"},
		"a folder for each category":            {"list/a": letter, "list/.hidden": "", "list/tmp/b": letter, ".git/c": ""},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			put(t, dir, files)
			list, err := Read(dir)
			if err != nil || len(list) != 1 || list[0].Category != "list" || !list[0].Trainable || string(list[0].Raw) != letter {
				t.Errorf("read %+v, error %v", list, err)
			}
		})
	}
}

func TestWhatIsNoLabelledMailIsSaid(t *testing.T) {
	for _, c := range []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"an empty folder", nil, "there is none"},
		{"a label that is none", map[string]string{"labels.jsonl": `{"path":"a","category":"adverts"}`, "a": letter}, `a is labelled "adverts"`},
		{"a label without a message", map[string]string{"labels.jsonl": `{"path":"gone","category":"list"}`}, "gone"},
		{"a path that leaves the folder", map[string]string{"labels.jsonl": `{"path":"../a","category":"list"}`}, "labels.jsonl:1"},
		{"a line that is no JSON", map[string]string{"labels.jsonl": "{}\nnonsense"}, "labels.jsonl:"},
		{"a truth that names no category", map[string]string{"a.want": "hello", "a.eml": letter}, "category: WORD"},
		{"labels in which there is none", map[string]string{"labels.jsonl": "From me"}, "want a line such as"},
		{"a folder whose name is no category", map[string]string{"list/a": letter, "promotoin/b": letter}, "the folder promotoin is no category"},
		{"an mbox in the folder of a category", map[string]string{"list/a": "From a\n" + letter + "\nFrom b\n" + letter}, "list/a is an mbox"},
		{"a truth without a message", map[string]string{"a.want": "category: list"}, "a.eml"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			put(t, dir, c.files)
			if _, err := Read(dir); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one that says %q", err, c.want)
			}
		})
	}
	if _, err := Read(filepath.Join(t.TempDir(), "gone")); err == nil {
		t.Error("a folder that is not there was read")
	}
}

// TestOnlyListedMessagesOfThePublicCorpusAreTaken packs a listed message twice
// and one that is not listed.
func TestOnlyListedMessagesOfThePublicCorpusAreTaken(t *testing.T) {
	other := letter + "kept apart"
	tgz := packed(t, map[string]string{"package/data/1.txt": letter, "package/data/2.txt": other, "package/data/3.txt": letter})
	listed, err := readPublic("# comment\n" + hash([]byte(letter)) + " marketing? sa-hard-ham-1\n")
	if err != nil {
		t.Fatal(err)
	}
	list, err := pick(bytes.NewReader(tgz), listed)
	if err != nil || len(list) != 1 || string(list[0].Raw) != letter || !list[0].Ambiguous || list[0].Category != "marketing" {
		t.Fatalf("took %+v, error %v", list, err)
	}
	if left := Missing(list, list); len(left) != 0 {
		t.Errorf("%d messages would be learned from twice", len(left))
	}
	for _, bad := range []string{"abc list sa", hash(nil) + " adverts sa", hash(nil) + " list"} {
		if _, err := readPublic(bad); err == nil {
			t.Errorf("the list %q was read", bad)
		}
	}
}

func TestMaskingTakesOutWhatTellsTheArchive(t *testing.T) {
	raw := "Delivered-To: me@TAINT.org\nReceived: from a\n\tby taint.org\nX-Gmail-Labels: Promotions\nSubject: to rssfeeds@x \xff\n\tmore\nX-Spam-Status: No\n\nReceived: stays, phishing@pot\n"
	want := "Subject: to xxxxxxxxxx \xff\n\tmore\n\nReceived: stays, xxxxxxxxxxxx\n"
	if got := string(Mask([]byte(raw))); got != want {
		t.Errorf("masked %q, want %q", got, want)
	}
	for _, whole := range []string{"", "\n", "no header at all", "A: b\r\n\r\ntext"} {
		if got := string(Mask([]byte(whole))); got != whole {
			t.Errorf("%q became %q", whole, got)
		}
	}
}

func TestALabelOfWhatIsNoFileIsRefused(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, map[string]string{"labels.jsonl": labels, "x/1.eml": letter})
	if out, err := exec.Command("mkfifo", filepath.Join(dir, "2.eml")).CombinedOutput(); err != nil {
		t.Skipf("there is no pipe here to try it with: %v %s", err, out)
	}
	if _, err := Read(dir); err == nil || !strings.Contains(err.Error(), "2.eml is no file") {
		t.Errorf("error %v", err)
	}
}

func TestAnArchiveThatUnpacksWithoutEndIsRefused(t *testing.T) {
	b := &bounded{strings.NewReader(strings.Repeat("x", 100)), 99}
	if _, err := io.ReadAll(b); err == nil || !strings.Contains(err.Error(), "unpacked") {
		t.Errorf("error %v", err)
	}
	if got, err := io.ReadAll(&bounded{strings.NewReader("xyz"), 3}); err != nil || string(got) != "xyz" {
		t.Errorf("%q, error %v", got, err)
	}
}
