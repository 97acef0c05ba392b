package guard

import (
	"errors"
	"strings"
)

// MaxPath is the length of the longest path that is taken, in bytes.
const MaxPath = 1000

var errPath = errors.New("not a path")

// readPath reads a path (RFC 5321, section 4.1.2) with its angle brackets at
// the start of s, and returns it without them, as it came but for a source
// route, with what follows it. The empty path and <postmaster> are valid.
func readPath(s string) (path, rest string, err error) {
	if !strings.HasPrefix(s, "<") {
		return "", "", errPath
	}
	s = s[1:]
	if strings.HasPrefix(s, "@") {
		_, after, ok := strings.Cut(s, ":")
		if !ok {
			return "", "", errPath
		}
		s = after
		if strings.HasPrefix(s, ">") {
			return "", "", errPath
		}
	}
	end := pathEnd(s)
	if end < 0 || end > MaxPath {
		return "", "", errPath
	}
	path, rest = s[:end], s[end+1:]
	if rest != "" && rest[0] != ' ' {
		return "", "", errPath
	}
	return path, rest, nil
}

// pathEnd gives the index of the ">" that ends the path in s, or -1.
func pathEnd(s string) int {
	i := localEnd(s)
	switch {
	case i < 0 || i >= len(s):
		return -1
	case s[i] == '>':
		if i == 0 || strings.EqualFold(s[:i], "postmaster") {
			return i
		}
		return -1
	case i == 0 || s[i] != '@':
		return -1
	}
	for j := i + 1; j < len(s); j++ {
		switch c := s[j]; {
		case c == '>' && j > i+1:
			return j
		case c <= ' ' || c == 0x7f || strings.IndexByte(`<>@"(),;\`, c) >= 0:
			return -1
		}
	}
	return -1
}

// localEnd gives the index after the local part at the start of s, or -1.
func localEnd(s string) int {
	if !strings.HasPrefix(s, `"`) {
		for i := range len(s) {
			switch c := s[i]; {
			case c == '@' || c == '>':
				return i
			case c <= ' ' || c == 0x7f || strings.IndexByte(`<"()[],:;\`, c) >= 0:
				return -1
			}
		}
		return -1
	}
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case c < ' ' || c == 0x7f:
			return -1
		case c == '\\':
			if i++; i >= len(s) || s[i] < ' ' || s[i] == 0x7f {
				return -1
			}
		case c == '"':
			if i == 1 {
				return -1 // an empty local part
			}
			return i + 1
		}
	}
	return -1
}
