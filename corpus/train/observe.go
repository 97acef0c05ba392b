package train

import (
	"bytes"
	"runtime"
	"slices"
	"strings"
	"sync"

	"usher/classify"
	"usher/classify/mail"
	"usher/classify/model"
)

// Observed is a labelled message with what was found in it.
type Observed struct {
	*Example
	Found *model.Found
}

// Observe reads the messages on all cores, with what tells of their archive
// masked.
func Observe(list []Example) []Observed {
	seen := make([]Observed, len(list))
	each(len(list), func(i int) { seen[i] = Observed{&list[i], classify.Observe(object(Mask(list[i].Raw)))} })
	return seen
}

func object(raw []byte) *mail.Object { return &mail.Object{Message: mail.Parse(raw)} }

// each does n things on all cores.
func each(n int, do func(i int)) {
	var work sync.WaitGroup
	for part := range runtime.NumCPU() {
		work.Go(func() {
			for i := part; i < n; i += runtime.NumCPU() {
				do(i)
			}
		})
	}
	work.Wait()
}

// maskedFields were written where the message was received or collected: they
// tell the archive. A name that ends in "-" stands for all that begin so.
var maskedFields = []string{
	"delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-gmail-", "x-gm-", "x-google-smtp-source", "x-spam-", "x-spam",
	"received", "x-received", "received-spf", "arc-", "authentication-results", "x-forefront-", "x-microsoft-", "x-ms-", "x-eop",
	"x-folder", "x-origin", "x-filename", "x-from", "x-to", "x-cc", "x-bcc", "x-uidl", "x-keywords", "status", "x-status", "x-mozilla-",
	"errors-to", "x-public-inbox-", "archived-at", "xref", "lines",
}

// maskedWords name the hosts and people through whom the archives were made.
var maskedWords = []string{"rssfeeds@", "csmining.org", "hibody", "taint.org", "phishing@pot", "ajcorrigan88", "lfdr.de"}

// Mask takes out of a message what tells the archive that it was taken from:
// the fields that receivers add, and the names of those who collected.
func Mask(raw []byte) []byte {
	end := len(raw)
	for _, blank := range []string{"\n\n", "\n\r\n"} {
		if i := bytes.Index(raw, []byte(blank)); i >= 0 {
			end = min(end, i+1)
		}
	}
	out := make([]byte, 0, len(raw))
	masked := false
	for line := range bytes.Lines(raw[:end]) {
		if line[0] != ' ' && line[0] != '\t' {
			name, _, _ := strings.Cut(strings.ToLower(string(line[:min(len(line), 80)])), ":")
			masked = isMasked(strings.TrimSpace(name))
		}
		if !masked {
			out = append(out, line...)
		}
	}
	out = append(out, raw[end:]...)
	for _, word := range maskedWords {
		out = replaceFold(out, word)
	}
	return out
}

func isMasked(field string) bool {
	for _, m := range maskedFields {
		if field == m || strings.HasSuffix(m, "-") && strings.HasPrefix(field, m) {
			return true
		}
	}
	return false
}

// replaceFold writes "x" over every occurrence of an ASCII word, in either case.
func replaceFold(text []byte, word string) []byte {
	lower := slices.Clone(text)
	for i, c := range lower {
		if 'A' <= c && c <= 'Z' {
			lower[i] = c + 'a' - 'A'
		}
	}
	for from := 0; ; {
		i := bytes.Index(lower[from:], []byte(word))
		if i < 0 {
			break
		}
		for at := from + i; at < from+i+len(word); at++ {
			text[at] = 'x'
		}
		from += i + len(word)
	}
	return text
}
