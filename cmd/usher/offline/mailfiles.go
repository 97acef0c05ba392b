package offline

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// maxLetter bounds one message read from a file, in bytes; more is not judged
// on the wire either.
const maxLetter = 64 << 20

// letter is one message with the name under which it is shown.
type letter struct {
	path string
	raw  []byte
	err  error // it could not be read
}

// letters gives every message under the paths, in order: a file is one message
// or an mbox, a folder is searched whole. A maildir's tmp folder and hidden
// files are left out. A path without any message is said as one that cannot be
// read.
func letters(paths []string, give func(letter) bool) {
	for _, path := range paths {
		found := false
		yield := func(l letter) bool { found = true; return give(l) }
		stopped := errors.New("stopped")
		err := filepath.WalkDir(path, func(p string, d fs.DirEntry, err error) error {
			if err != nil {
				if !yield(letter{path: p, err: err}) {
					return stopped
				}
				return nil
			}
			if d.IsDir() {
				if p != path && (d.Name() == "tmp" || d.Name() == ".git") {
					return fs.SkipDir
				}
				return nil
			}
			if !d.Type().IsRegular() || p != path && notMail(d.Name()) {
				return nil
			}
			if !open(p, yield) {
				return stopped
			}
			return nil
		})
		if err == stopped || !found && !give(letter{path: path, err: fmt.Errorf("no message in %s", path)}) {
			return
		}
	}
}

// notMail leaves out what folders of mail hold beside mail.
func notMail(name string) bool {
	if strings.HasPrefix(name, ".") || strings.HasPrefix(name, "dovecot") {
		return true
	}
	switch strings.ToLower(filepath.Ext(name)) {
	case ".json", ".jsonl", ".md", ".gz", ".zip", ".tar", ".py", ".sh":
		return true
	}
	return false
}

// open yields the message of a file, or each message of an mbox.
func open(path string, yield func(letter) bool) bool {
	f, err := os.Open(path)
	if err != nil {
		return yield(letter{path: path, err: err})
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, maxLetter))
	if err != nil {
		return yield(letter{path: path, err: fmt.Errorf("read %s: %w", path, err)})
	}
	if !isMbox(raw) {
		return yield(letter{path: path, raw: raw})
	}
	for n := 1; len(raw) > 0; n++ {
		var one []byte
		one, raw = cutMbox(raw)
		if !yield(letter{path: fmt.Sprintf("%s#%d", path, n), raw: one}) {
			return false
		}
	}
	return true
}

var mboxFrom = []byte("From ")

// isMbox tells an mbox from a message that begins with a stray From line: the
// mbox has a second one after an empty line.
func isMbox(raw []byte) bool {
	return bytes.HasPrefix(raw, mboxFrom) && nextFrom(raw) < len(raw)
}

// cutMbox takes the first message off an mbox (RFC 4155): its From line is
// dropped and ">From " is unquoted once.
func cutMbox(raw []byte) (one, rest []byte) {
	end := nextFrom(raw)
	one, rest = raw[:end], raw[end:]
	if i := bytes.IndexByte(one, '\n'); i >= 0 && bytes.HasPrefix(one, mboxFrom) {
		one = one[i+1:]
	}
	return bytes.ReplaceAll(one, []byte("\n>From "), []byte("\nFrom ")), rest
}

// nextFrom is where the next message begins, or the length of raw.
func nextFrom(raw []byte) int {
	for at := 0; ; {
		i := bytes.Index(raw[at:], []byte("\nFrom "))
		if i < 0 {
			return len(raw)
		}
		at += i + 1
		before := raw[:at]
		if bytes.HasSuffix(before, []byte("\n\n")) || bytes.HasSuffix(before, []byte("\r\n\r\n")) {
			return at
		}
	}
}
