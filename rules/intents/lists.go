package intents

import (
	"bytes"
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"usher/rules/intents/names"
	"usher/rules/intents/source"
)

// List is a file that names brands, a domain or a name a line, # for comments:
// one that the person or the admin chose. usher keeps no rating of its own.
type List struct {
	Name   string
	Read   bool // else nothing is known of it: it was not there, or too long
	Day    Date // of its last change, by which it is cited
	Brands []Brand
}

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
	f.ReadLists(Beside(path))
	return f, errs, nil
}

// Beside reads the lists that stand beside an intents file.
func Beside(path string) func(name string) ([]byte, time.Time, error) {
	return func(name string) ([]byte, time.Time, error) {
		path := filepath.Join(filepath.Dir(path), name)
		info, err := os.Stat(path)
		if err != nil {
			return nil, time.Time{}, err
		}
		text, err := os.ReadFile(path)
		return text, info.ModTime(), err
	}
}

// ReadLists reads the lists that statements name; beside gives the text of one
// and the date of its last change. What cannot be read refuses nothing and
// certifies nobody, and is noted at the statement. Call it before the file is used.
func (f *File) ReadLists(beside func(name string) ([]byte, time.Time, error)) {
	for _, l := range f.Lists {
		text, at, err := beside(l.Name)
		if l.Read = err == nil && len(text) <= MaxBytes; l.Read {
			l.Day, l.Brands = DateOf(at.In(f.Location())), brandsIn(text)
		}
	}
	f.takeLists()
}

// MissLists notes which lists could not be read, where others know it.
func (f *File) MissLists(missing []string) {
	for _, l := range f.Lists {
		l.Read = !slices.Contains(missing, l.Name)
	}
	f.takeLists()
}

// Unread names the lists that could not be read.
func (f *File) Unread() (missing []string) {
	for _, l := range f.Lists {
		if !l.Read {
			missing = append(missing, l.Name)
		}
	}
	return missing
}

// takeLists tells each statement what was read.
func (f *File) takeLists() {
	for _, r := range f.Refuses {
		if r.BrandsIn == nil {
			continue
		}
		if r.Brands = r.BrandsIn.Brands; !r.BrandsIn.Read {
			r.Notices = append(r.Notices, r.BrandsIn.Name+" could not be read: nothing is refused by it")
		}
	}
	for _, w := range f.Wants {
		for _, n := range w.Needs {
			switch l := n.List; {
			case l == nil:
			case !l.Read:
				w.Notices = append(w.Notices, l.Name+" could not be read: until it can, this want answers unknown at best")
			default:
				if nameless := l.named(); len(nameless) > 0 {
					w.Notices = append(w.Notices, fmt.Sprintf("%s names no domain in %s, without which nobody is known by it", quote(nameless[0]), l.Name))
				}
			}
		}
	}
}

// named are the entries that are a name, and no domain.
func (l *List) named() (entries []string) {
	for _, b := range l.Brands {
		if len(b.Domains) == 0 {
			entries = append(entries, b.Name)
		}
	}
	return entries
}

// list gives the one list of that name, which several statements may share.
func (f *File) list(l *List) *List {
	if l == nil {
		return nil
	}
	i := slices.IndexFunc(f.Lists, func(o *List) bool { return o.Name == l.Name })
	if i < 0 {
		f.Lists = append(f.Lists, l)
		return l
	}
	return f.Lists[i]
}

func brandsIn(text []byte) (bs []Brand) {
	text = bytes.ToValidUTF8(text, []byte("\uFFFD"))
	for _, l := range source.Lines(text) {
		l, _, _ = strings.Cut(l, "#")
		if l = strings.Trim(source.Plain(l), `"`); l != "" {
			bs = append(bs, brandOf(cmp.Or(names.Within(l), l)))
		}
	}
	return bs
}
