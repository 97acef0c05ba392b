package guard

import (
	"bufio"
	"io"
)

// Received reads a message as it was received: r gives it with its line ends
// made safe, and bare is LineEnds.Bare. Past the last of MaxBare changes it gives
// what r gives.
func Received(r io.Reader, bare []int64) io.Reader {
	if len(bare) == 0 {
		return r
	}
	return &received{r: bufio.NewReader(r), bare: bare}
}

type received struct {
	r    *bufio.Reader
	bare []int64 // changes still ahead
	at   int64   // bytes taken of r
}

// Read implements io.Reader.
func (r *received) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if len(r.bare) == 0 {
		return r.r.Read(p)
	}
	if left := r.bare[0] - r.at; left > 0 {
		n, err := r.r.Read(p[:min(int64(len(p)), left)])
		r.at += int64(n)
		return n, err
	}
	r.bare = r.bare[1:]
	c, err := r.r.ReadByte()
	r.at++
	switch {
	case err != nil:
		return 0, err
	case c == ' ': // it was a bare CR
		c = '\r'
	default: // CRLF was a bare LF
		if c, err = r.r.ReadByte(); err != nil {
			return 0, err
		}
		r.at++
	}
	p[0] = c
	return 1, nil
}
