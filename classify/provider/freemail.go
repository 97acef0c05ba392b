package provider

import (
	_ "embed"
	"strings"
	"sync"
)

//go:embed freemail.txt
var freemailFile string

// freemail is freemail.txt, made for looking up.
var freemail = sync.OnceValue(func() map[string]bool {
	names := map[string]bool{}
	for line := range strings.Lines(freemailFile) {
		line, _, _ = strings.Cut(line, "#")
		for _, name := range strings.Fields(line) {
			names[name] = true
		}
	}
	return names
})

// IsFreemail reports whether anybody may have a mailbox at just that domain, in
// lower case. A sender there is known by the whole address.
func IsFreemail(domain string) bool { return freemail()[domain] }
