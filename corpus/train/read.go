// Package train turns labelled mail into a model, or into the measure of one.
// It never trains on mail that is marked as kept apart from training, and keeps
// no text of any message.
package train

import (
	"archive/tar"
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"usher/classify"
)

// Example is one labelled message.
type Example struct {
	Path      string `json:"path"`
	Category  string `json:"category"` // one of the six, or a coarser word: service, marketing, spam
	Sub       string `json:"sub"`      // finer, free text
	Ambiguous bool   `json:"ambiguous"`
	Source    string `json:"source"`
	Year      int    `json:"year"` // 0 if not known
	Trainable bool   `json:"trainable"`

	Raw []byte `json:"-"`
}

// Bounds of what is read.
const (
	maxMessage = 32 << 20 // bytes of one message; what is longer is cut there
	maxLabels  = 64 << 20 // bytes of labels.jsonl
	maxArchive = 2 << 30  // bytes of all messages of an archive, unpacked
)

// Read reads labelled mail: a folder or a .tar.gz with a labels.jsonl, that
// file itself, a folder of messages NAME.eml with NAME.want beside them whose
// first line is "category: WORD", or a folder with a folder for each category.
// Labels are one JSON object a line, with the fields of Example; trainable is
// true where a folder says nothing of it.
func Read(name string) ([]Example, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, fmt.Errorf("read labelled mail: %w", err)
	}
	var list []Example
	switch {
	case !info.IsDir() && (strings.HasSuffix(name, ".tar.gz") || strings.HasSuffix(name, ".tgz")):
		list, err = readArchive(name)
	case !info.IsDir():
		list, err = readLabelled(os.DirFS(filepath.Dir(name)), filepath.Base(name))
	default:
		list, err = readFolder(os.DirFS(name), sourceOf(name))
	}
	if err != nil {
		return nil, fmt.Errorf("read labelled mail %s: %w", name, err)
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("read labelled mail %s: there is none; want a labels.jsonl, messages NAME.eml with NAME.want, or a folder for each category", name)
	}
	for _, e := range list {
		if set(e.Category) == 0 {
			return nil, fmt.Errorf("read labelled mail %s: %s is labelled %q; want one of %s", name, e.Path, e.Category, strings.Join(labelWords(), ", "))
		}
	}
	return list, nil
}

// sourceOf names a folder as a source, so that folders stay apart.
func sourceOf(name string) string {
	if whole, err := filepath.Abs(name); err == nil {
		name = whole
	}
	return filepath.Base(name)
}

func readFolder(dir fs.FS, source string) ([]Example, error) {
	if _, err := fs.Stat(dir, "labels.jsonl"); err == nil {
		return readLabelled(dir, "labels.jsonl")
	}
	wants, err := fs.Glob(dir, "*.want")
	if err != nil || len(wants) > 0 {
		return readWants(dir, wants)
	}
	return readCategories(dir, source)
}

// readCategories reads a folder with a folder for each category. One by any
// other name is a mistake, not mail to pass over in silence.
func readCategories(dir fs.FS, source string) (list []Example, err error) {
	entries, err := fs.ReadDir(dir, ".")
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		word := e.Name()
		if !e.IsDir() || word[0] == '.' {
			continue
		}
		if set(word) == 0 {
			return nil, fmt.Errorf("the folder %s is no category; want %s", word, strings.Join(labelWords(), ", "))
		}
		err := fs.WalkDir(dir, word, func(p string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case d.IsDir() && d.Name() == "tmp": // of a maildir
				return fs.SkipDir
			case d.IsDir() || d.Name()[0] == '.' || strings.HasPrefix(d.Name(), "dovecot"):
				return nil
			}
			raw, err := readMessage(dir, p)
			if bytes.HasPrefix(raw, []byte("From ")) && bytes.Contains(raw, []byte("\n\nFrom ")) {
				return fmt.Errorf("%s is an mbox; want each message as a file", p)
			}
			list = append(list, Example{Path: p, Category: word, Source: source, Trainable: true, Raw: raw})
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return list, nil
}

// readWants reads NAME.eml with NAME.want: written mail.
func readWants(dir fs.FS, wants []string) ([]Example, error) {
	var list []Example
	for _, want := range wants {
		text, err := fs.ReadFile(dir, want)
		if err != nil {
			return nil, err
		}
		first, _, _ := strings.Cut(string(text), "\n")
		category, ok := strings.CutPrefix(first, "category: ")
		if !ok {
			return nil, fmt.Errorf(`%s begins with %q; want "category: WORD"`, want, first)
		}
		eml := strings.TrimSuffix(want, ".want") + ".eml"
		raw, err := readMessage(dir, eml)
		if err != nil {
			return nil, err
		}
		list = append(list, Example{Path: eml, Category: strings.TrimSpace(category), Source: "written", Year: 2026, Trainable: true, Raw: raw})
	}
	return list, nil
}

func readLabelled(dir fs.FS, labels string) ([]Example, error) {
	f, err := dir.Open(labels)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	list, err := readLabels(f, labels)
	if err != nil {
		return nil, err
	}
	for i := range list {
		if list[i].Raw, err = readMessage(dir, list[i].Path); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// readLabels reads one JSON object a line.
func readLabels(r io.Reader, name string) (list []Example, err error) {
	lines := bufio.NewScanner(io.LimitReader(r, maxLabels))
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		line := struct {
			Example
			Year *int `json:"year"` // null where it is not known
		}{Example: Example{Trainable: true}}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			return nil, fmt.Errorf(`%s:%d: want a line such as {"path": "a.eml", "category": "promotion"}: %w`, name, n, err)
		}
		e := line.Example
		if line.Year != nil {
			e.Year = *line.Year
		}
		if !fs.ValidPath(e.Path) {
			return nil, fmt.Errorf("%s:%d: %q is no path below the folder", name, n, e.Path)
		}
		list = append(list, e)
	}
	return list, lines.Err()
}

func readMessage(dir fs.FS, name string) ([]byte, error) {
	// Looked at before it is opened: a pipe would be waited for without end.
	if info, err := fs.Stat(dir, name); err != nil || !info.Mode().IsRegular() {
		return nil, cmp.Or(err, fmt.Errorf("%s is no file", name))
	}
	f, err := dir.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxMessage))
}

// bounded reads until more than left bytes have come, and fails then: a small
// archive may unpack to more than any memory.
type bounded struct {
	r    io.Reader
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, errors.New("unpacked it is larger than an archive of mail may be; unpack it, and name the folder")
	}
	return n, err
}

// readArchive reads a .tar.gz that holds a labels.jsonl, at any depth, and the
// messages that it names.
func readArchive(name string) ([]Example, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	var list []Example
	root := ""
	raws := map[string][]byte{}
	for files := tar.NewReader(&bounded{z, maxArchive}); ; {
		h, err := files.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		raw, err := io.ReadAll(io.LimitReader(files, maxMessage))
		if err != nil {
			return nil, err
		}
		if path.Base(h.Name) != "labels.jsonl" {
			raws[path.Clean(h.Name)] = raw
			continue
		}
		root = path.Dir(path.Clean(h.Name))
		if list, err = readLabels(bytes.NewReader(raw), "labels.jsonl"); err != nil {
			return nil, err
		}
	}
	for i := range list {
		raw, ok := raws[path.Join(root, list[i].Path)]
		if !ok {
			return nil, fmt.Errorf("%s has a label and no message", list[i].Path)
		}
		list[i].Raw = raw
	}
	return list, nil
}

// categories is a set of categories, by their place in classify.Categories.
type categories uint8

const (
	neededSet = categories(1<<0 | 1<<1 | 1<<2 | 1<<3)
	bulkSet   = categories(1<<4 | 1<<5)
)

// set gives the categories that a label allows; 0 for a word that is no label.
func set(label string) categories {
	switch label {
	case "service":
		return 1<<1 | 1<<2
	case "marketing":
		return bulkSet
	case "spam":
		return (neededSet | bulkSet) &^ 1 // anything but personal
	}
	if at := slices.Index(classify.Categories[:], classify.Category(label)); at >= 0 {
		return 1 << at
	}
	return 0
}

// labelWords lists every word that set knows.
func labelWords() []string {
	words := []string{"service", "marketing", "spam"}
	for _, c := range classify.Categories {
		words = append(words, string(c))
	}
	return words
}

// Needed reports whether the label says that the message belongs in the inbox.
func (e *Example) Needed() bool { return set(e.Category)&^neededSet == 0 }

// Bulk reports whether the label says newsletter or promotion, be it coarsely.
func (e *Example) Bulk() bool { return set(e.Category)&^bulkSet == 0 }

// Archive is the archive that a source belongs to, the users of one firm and
// the parts of one collection together: what is learned of one part tells of
// the others.
func (e *Example) Archive() string {
	for prefix, name := range map[string]string{"enron-": "enron", "sa-": "spamassassin", "pi-": "public-inbox", "fx-": "fixtures", "markup": "markup"} {
		if strings.HasPrefix(e.Source, prefix) {
			return name
		}
	}
	return e.Source
}

// Archives names the archives of messages, in order.
func Archives(list []Example) []string {
	names := map[string]bool{}
	for i := range list {
		names[list[i].Archive()] = true
	}
	return slices.Sorted(maps.Keys(names))
}

// Era is the time in which a message was written, in steps that changed what
// bulk mail looks like.
func (e *Example) Era() string {
	switch {
	case e.Year == 0:
		return "unknown"
	case e.Year < 2005:
		return "to 2004"
	case e.Year < 2015:
		return "2005-2014"
	}
	return "from 2015"
}
