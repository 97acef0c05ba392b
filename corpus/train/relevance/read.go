// Package relevance measures how well texts are held against what people want,
// by pairs that people graded, beside textbook methods. It never learns from a
// pair and never changes what judges it.
package relevance

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
	"os"
	"path"
	"path/filepath"
	"strings"

	"usher/classify/mail"
)

// Text is what is held against an intent: a title and a body, judged as the
// subject and text of a mail, or a whole message.
type Text struct {
	Title, Body string
	Raw         string // of a message; "" for a title and a body
}

// object is the mail object as which a text is judged.
func (t Text) object() *mail.Object {
	if t.Raw != "" {
		return &mail.Object{Message: mail.Parse([]byte(t.Raw))}
	}
	return &mail.Object{Message: &mail.Message{Subject: t.Title, Text: t.Body}}
}

// whole is all that a reader sees of a text.
func (t Text) whole() string {
	m := t.object().Message
	return m.Subject + "\n" + m.Text
}

// Name is the subject of a text, or how it begins.
func (t Text) Name() string {
	m := t.object().Message
	if m.Subject != "" {
		return m.Subject
	}
	first, _, _ := strings.Cut(strings.TrimSpace(m.Text), "\n")
	return first
}

// Pair is an intent and a text, with how well people found the text to serve it.
type Pair struct {
	Intent string
	Text   int // in Set.Texts
	Grade  float64
	Path   string // of a message
	Line   int    // in its file, from 1
}

// Contrast is an intent with a text that serves it and one that seems to.
type Contrast struct {
	Intent    string `json:"intent"`
	Good, Bad string `json:"-"` // the first line is the subject
	Kind      string `json:"kind"`
	Language  string `json:"language"`
	Why       string `json:"why"`
	Line      int    `json:"line"`
}

// Set is the pairs of one file, or its contrasts: a file has one of the two.
type Set struct {
	Name      string
	Pairs     []Pair
	Texts     []Text // each once
	Contrasts []Contrast
}

// Bounds of what is read.
const (
	maxLine = 16 << 20  // bytes
	maxFile = 512 << 20 // bytes of one file, unpacked
)

// Lines is what a line of such a file holds, for who wrote another.
const Lines = `a line is {"intent": "…", "text": "…", "grade": 2}, with "path" of a message file in place of "text" if you like, and "title" for a subject; ` +
	`or {"intent": "…", "good": "…", "bad": "…"}`

// Read reads graded pairs: a JSONL file, or a .tar.gz with such files at any
// depth, each a set. A path is relative to its JSONL file; in an archive it is one
// of the archive's, or of an archive mail*.tar.gz beside it.
func Read(name string) ([]*Set, error) {
	sets, err := read(name)
	if err != nil {
		return nil, fmt.Errorf("read graded pairs %s: %w", name, err)
	}
	return sets, nil
}

func read(name string) (sets []*Set, err error) {
	if !strings.HasSuffix(name, ".tar.gz") && !strings.HasSuffix(name, ".tgz") {
		raw, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		folder := filepath.Dir(name)
		set, err := readSet(filepath.Base(name), raw, func(p string) ([]byte, error) { return os.ReadFile(filepath.Join(folder, filepath.FromSlash(p))) })
		return []*Set{set}, err
	}
	files, err := unpack(name)
	if err != nil {
		return nil, err
	}
	messages := &messages{in: files.byPath, beside: filepath.Join(filepath.Dir(name), "mail*.tar.gz")}
	for _, p := range files.order {
		if !strings.HasSuffix(p, ".jsonl") {
			continue
		}
		set, err := readSet(path.Base(p), files.byPath[p], func(to string) ([]byte, error) { return messages.open(path.Dir(p), to) })
		if err != nil {
			return nil, err
		}
		sets = append(sets, set)
	}
	if len(sets) == 0 {
		return nil, errors.New("no file NAME.jsonl is in it")
	}
	return sets, nil
}

// unpacked is the files of an archive.
type unpacked struct {
	order  []string
	byPath map[string][]byte
}

func unpack(name string) (*unpacked, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	u := &unpacked{byPath: map[string][]byte{}}
	left := int64(maxFile)
	for files := tar.NewReader(z); ; {
		h, err := files.Next()
		if errors.Is(err, io.EOF) {
			return u, nil
		}
		if err != nil {
			return nil, err
		}
		if h.Typeflag != tar.TypeReg {
			continue
		}
		raw, err := io.ReadAll(io.LimitReader(files, left+1))
		if err != nil {
			return nil, err
		}
		if left -= int64(len(raw)); left < 0 {
			return nil, errors.New("unpacked it is larger than 512 MB; unpack it, and name the file")
		}
		p := path.Clean(h.Name)
		u.order, u.byPath[p] = append(u.order, p), raw
	}
}

// messages are those of an archive, and of the archives of mail beside it, which
// are unpacked when one is first asked for.
type messages struct {
	in     map[string][]byte
	beside string // a pattern
	others []*unpacked
}

func (m *messages) open(folder, name string) ([]byte, error) {
	if raw, ok := m.in[path.Join(folder, name)]; ok {
		return raw, nil
	}
	if m.others == nil {
		names, err := filepath.Glob(m.beside)
		if err != nil {
			return nil, err
		}
		m.others = []*unpacked{}
		for _, n := range names {
			u, err := unpack(n)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", n, err)
			}
			m.others = append(m.others, u)
		}
	}
	for _, u := range m.others {
		for _, root := range []string{"mail", "."} {
			if raw, ok := u.byPath[path.Join(root, name)]; ok {
				return raw, nil
			}
		}
	}
	return nil, fmt.Errorf("it is neither in the archive nor in one of %s", m.beside)
}

// line is a line of a file: of graded pairs or contrasts in usher's own words, or
// in those of the shopping sets (query, name, description, supplier, and final or
// relevance for the grade).
type line struct {
	Intent, Query              *string
	Title, Subject, Text, Path *string
	Name, Supplier             string
	Description                string
	Grade, Final, Relevance    *float64
	Good, Bad                  *string
	Kind, Language, Why        string
}

func readSet(name string, raw []byte, open func(string) ([]byte, error)) (*Set, error) {
	set := &Set{Name: name}
	known := map[Text]int{}
	lines := bufio.NewScanner(bytes.NewReader(raw))
	lines.Buffer(nil, maxLine)
	for n := 1; lines.Scan(); n++ {
		text := bytes.TrimSpace(bytes.TrimPrefix(lines.Bytes(), []byte("\ufeff")))
		if len(text) == 0 {
			continue
		}
		var l line
		err := json.Unmarshal(text, &l)
		switch {
		case err != nil:
			err = fmt.Errorf("%w; %s", err, Lines)
		case l.Good != nil || l.Bad != nil:
			err = set.addContrast(l, n)
		default:
			err = set.addPair(l, n, known, open)
		}
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, n, err)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	switch {
	case len(set.Pairs) == 0 && len(set.Contrasts) == 0:
		return nil, fmt.Errorf("%s: no pair is in it; %s", name, Lines)
	case len(set.Pairs) > 0 && len(set.Contrasts) > 0:
		return nil, fmt.Errorf("%s: it has graded pairs and contrasts; part them into two files", name)
	}
	return set, nil
}

func (s *Set) addContrast(l line, n int) error {
	if l.Intent == nil || l.Good == nil || l.Bad == nil || strings.TrimSpace(*l.Intent) == "" {
		return fmt.Errorf("an intent, a good and a bad text are wanted; %s", Lines)
	}
	s.Contrasts = append(s.Contrasts, Contrast{*l.Intent, *l.Good, *l.Bad, l.Kind, l.Language, l.Why, n})
	return nil
}

func (s *Set) addPair(l line, n int, known map[Text]int, open func(string) ([]byte, error)) error {
	intent, title, grade := cmp.Or(l.Intent, l.Query), cmp.Or(l.Title, l.Subject), cmp.Or(l.Grade, l.Final, l.Relevance)
	p := Pair{Line: n}
	var t Text
	switch {
	case intent == nil || strings.TrimSpace(*intent) == "":
		return fmt.Errorf("there is no intent; %s", Lines)
	case grade == nil:
		return fmt.Errorf("there is no grade; %s", Lines)
	case *grade < 0 || *grade > 100:
		return fmt.Errorf("the grade %v is not from 0 to 100; %s", *grade, Lines)
	case l.Path != nil && l.Text != nil:
		return fmt.Errorf("there is both a text and a path: leave one out")
	case l.Path != nil:
		raw, err := open(*l.Path)
		if err != nil {
			return fmt.Errorf("message %s: %w; a path is relative to the file that names it", *l.Path, err)
		}
		p.Path, t.Raw = *l.Path, string(raw)
	case l.Text == nil && title == nil:
		return fmt.Errorf("there is neither a text nor a path; %s", Lines)
	default:
		var body []string
		for _, part := range []string{l.Name, l.Supplier, l.Description} {
			if part != "" {
				body = append(body, part)
			}
		}
		if l.Text != nil {
			body = append(body, *l.Text)
		}
		if title != nil {
			t.Title = *title
		}
		t.Body = strings.Join(body, "\n")
	}
	at, ok := known[t]
	if !ok {
		at = len(s.Texts)
		known[t], s.Texts = at, append(s.Texts, t)
	}
	p.Intent, p.Text, p.Grade = *intent, at, *grade
	s.Pairs = append(s.Pairs, p)
	return nil
}
