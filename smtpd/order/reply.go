package order

import (
	"fmt"
	"strings"
	"time"

	"usher/classify/plain"
)

// columns is how wide the lines of a reply are.
const columns = 76

// Reply is a letter to who ordered something, of some paragraphs; one that begins with
// two blanks is to be copied, and stays one line. id is its Message-ID without brackets.
func (b *Box) Reply(o Order, id string, paragraphs ...string) []byte {
	var text strings.Builder
	for _, f := range [][2]string{
		{"From", b.Address}, {"To", o.From}, {"Subject", strings.TrimSpace("Re: " + o.Verb + " " + o.About)}, {"Date", b.Now().UTC().Format(time.RFC1123Z)}, {"Message-ID", "<" + id + ">"},
		{"In-Reply-To", o.ID}, {"References", o.ID}, {"Auto-Submitted", "auto-replied"}, {"MIME-Version", "1.0"}, {"Content-Type", "text/plain; charset=utf-8"},
	} {
		if f[1] != "" {
			fmt.Fprintf(&text, "%s: %s\r\n", f[0], f[1])
		}
	}
	for _, p := range paragraphs {
		lines := []string{p}
		if !strings.HasPrefix(p, "  ") {
			lines = plain.Wrap(p, columns)
		}
		text.WriteString("\r\n" + strings.Join(lines, "\r\n") + "\r\n")
	}
	return []byte(text.String())
}
