package guard

// LineEnds makes line ends safe: what it gives holds CR and LF only as CRLF. A
// bare LF becomes CRLF, a bare CR a space. In DATA it also keeps the dots of
// RFC 5321, section 4.5.2, in step: only CRLF . CRLF as received ends
// the data, and a line that a bare LF began is never taken for that end.
type LineEnds struct {
	Changed int     // line ends that were not CRLF
	Bare    []int64 // where in what it gave the first MaxBare of them stand

	base  int64 // what it gave so far, less the bytes it appends to
	dots  bool
	plain bool // with dots: what comes out is the message itself, dots undone and its end left out
	cr    bool // a CR is held until its successor is known
	at    lineStart
}

type lineStart byte

const (
	lineBegun  lineStart = iota // after CRLF, or at the very start
	lineBare                    // after a bare LF
	lineDot                     // one dot after CRLF
	lineMiddle                  // anything else
)

// MaxBare is how many line ends that were made safe are remembered, at eight
// bytes each.
const MaxBare = 8192

// Safe appends to dst what src becomes. It stops after the end of data: n is
// what it took of src.
func (l *LineEnds) Safe(dst, src []byte) (out []byte, n int, ended bool) {
	l.base -= int64(len(dst))
	defer func() { l.base += int64(len(out)) }()
	for n < len(src) {
		c := src[n]
		if !l.cr && c != '\r' && c != '\n' && (!l.dots || l.at == lineMiddle) {
			m := n + 1
			for m < len(src) && src[m] != '\r' && src[m] != '\n' {
				m++
			}
			dst = append(dst, src[n:m]...)
			l.at = lineMiddle
			n = m
			continue
		}
		n++
		if dst, ended = l.step(dst, c); ended {
			return dst, n, true
		}
	}
	return dst, n, false
}

// step takes one byte.
func (l *LineEnds) step(dst []byte, c byte) ([]byte, bool) {
	if l.cr {
		l.cr = false
		if c == '\n' {
			ended := l.dots && l.at == lineDot
			l.at = lineBegun
			if ended && l.plain {
				return dst, true
			}
			return append(dst, '\r', '\n'), ended
		}
		dst = l.bareCR(dst)
	}
	switch {
	case c == '\r':
		l.cr = true
		return dst, false
	case c == '\n':
		if l.dots && l.at == lineDot {
			dst = append(dst, '.') // CRLF . LF is a line of one dot, not the end
		}
		l.note(dst)
		l.at = lineBare
		return append(dst, '\r', '\n'), false
	case c == '.' && l.dots && l.at == lineBegun:
		l.at = lineDot
		if l.plain {
			return dst, false
		}
		return append(dst, '.'), false
	case c == '.' && l.dots && l.at == lineBare && !l.plain:
		dst = append(dst, '.')
	}
	l.at = lineMiddle
	return append(dst, c), false
}

func (l *LineEnds) bareCR(dst []byte) []byte {
	l.note(dst)
	l.at = lineMiddle
	return append(dst, ' ')
}

// note remembers that what is appended next to dst is not what was received.
func (l *LineEnds) note(dst []byte) {
	l.Changed++
	if len(l.Bare) < MaxBare {
		l.Bare = append(l.Bare, l.base+int64(len(dst)))
	}
}

// Last appends what is still held when the input is over.
func (l *LineEnds) Last(dst []byte) []byte {
	if !l.cr {
		return dst
	}
	l.cr = false
	l.base -= int64(len(dst))
	return l.bareCR(dst)
}
