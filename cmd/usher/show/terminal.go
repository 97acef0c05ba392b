package show

import (
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// Width is how many columns a terminal has at least, and one that does not tell.
const Width = 80

// endless is the width of what is no terminal: what reads a file or a pipe wants lines
// whole.
const endless = 1 << 20

// Columns is how wide what is printed to w may be.
func Columns(w io.Writer) int {
	switch w := w.(type) {
	case interface{ Columns() int }:
		return w.Columns()
	case *os.File:
		if at, err := w.Stat(); err == nil && at.Mode()&os.ModeCharDevice != 0 {
			size, err := unix.IoctlGetWinsize(int(w.Fd()), unix.TIOCGWINSZ)
			if err != nil {
				return Width
			}
			return max(int(size.Col), Width)
		}
	}
	return endless
}
