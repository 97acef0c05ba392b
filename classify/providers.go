package classify

import (
	_ "embed"
	"strings"
	"sync"
)

//go:embed providers.txt
var providersFile string

// provider is one line of providers.txt; everything is in lower case.
type provider struct {
	name     string
	fields   [][2]string // name of a header field, part of its value or ""
	feedback []string
	hosts    []string
	shapes   []string
}

var providers = sync.OnceValue(func() []provider { return readProviders(providersFile) })

func readProviders(file string) []provider {
	var all []provider
	for line := range strings.Lines(file) {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		parts := strings.Split(line+" ", "|")
		for len(parts) < 5 {
			parts = append(parts, "")
		}
		p := provider{name: strings.TrimSpace(parts[0])}
		for _, f := range commaList(parts[1]) {
			name, value, _ := strings.Cut(f, "~")
			p.fields = append(p.fields, [2]string{name, value})
		}
		p.feedback, p.hosts, p.shapes = commaList(parts[2]), commaList(parts[3]), commaList(parts[4])
		all = append(all, p)
	}
	return all
}

func commaList(s string) (list []string) {
	for part := range strings.SplitSeq(strings.ToLower(s), ",") {
		if part = strings.TrimSpace(part); part != "" {
			list = append(list, part)
		}
	}
	return list
}

// findProvider names the mail provider that carried a message: by its header
// fields, then its Feedback-ID, then its hosts. It says nothing of the kind of
// mail, since people write through providers too.
func findProvider(fields map[string]string) string {
	for _, p := range providers() {
		for _, f := range p.fields {
			if v, ok := fields[f[0]]; ok && strings.Contains(v, f[1]) {
				return p.name
			}
		}
	}
	feedback := fields["feedback-id"] + " " + fields["x-feedback-id"]
	for _, p := range providers() {
		for _, f := range p.feedback {
			if strings.Contains(feedback+" ", f+" ") {
				return p.name
			}
		}
	}
	for _, host := range []string{hostAfter(fields["return-path"]), hostAfter(fields["message-id"])} {
		if name := providerOfHost(host); name != "" {
			return name
		}
	}
	return ""
}

func hostAfter(address string) string {
	_, host, _ := strings.Cut(strings.Trim(address, "<> "), "@")
	return host
}

func providerOfHost(host string) string {
	if host == "" {
		return ""
	}
	for _, p := range providers() {
		for _, h := range p.hosts {
			if host == h || strings.HasSuffix(host, "."+h) {
				return p.name
			}
		}
	}
	return ""
}

// providerOfURL names the provider to whom a URL belongs, by its host or, as
// on a brand's own name, by its shape.
func providerOfURL(url, host string) string {
	if name := providerOfHost(host); name != "" {
		return name
	}
	url = strings.ToLower(clip(url, 500))
	for _, p := range providers() {
		for _, s := range p.shapes {
			if strings.Contains(url, s) {
				return p.name
			}
		}
	}
	return ""
}
