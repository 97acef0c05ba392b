package intents

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"

	"usher/rules/intents/source"
)

// Load reads and parses a file, and the lists beside it that it names. Its
// date is that of its last change. errs are its mistakes, err why it could not
// be read at all.
func Load(path string) (f *File, errs Errors, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, nil, err
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, err
	}
	f, errs = Parse(path, text, info.ModTime())
	f.ReadLists(func(name string) ([]byte, error) { return os.ReadFile(filepath.Join(filepath.Dir(path), name)) })
	return f, errs, nil
}

// ReadLists fills "refuse brands in FILE" with the brands that FILE lists, one
// a line, # for comments. What cannot be read refuses nothing, and is noted at
// the statement. Call it before the file is used.
func (f *File) ReadLists(beside func(name string) ([]byte, error)) {
	for _, r := range f.Refuses {
		if r.BrandsIn == "" {
			continue
		}
		text, err := beside(r.BrandsIn)
		if err != nil || len(text) > MaxBytes {
			r.Notices = append(r.Notices, r.BrandsIn+" could not be read: nothing is refused by it")
			continue
		}
		r.Brands = brandsIn(text)
	}
}

func brandsIn(text []byte) (bs []Brand) {
	text = bytes.ToValidUTF8(text, []byte("\uFFFD"))
	for _, l := range source.Lines(text) {
		l, _, _ = strings.Cut(l, "#")
		if l = strings.Trim(source.Plain(l), `"`); l != "" {
			bs = append(bs, brandOf(l))
		}
	}
	return bs
}
