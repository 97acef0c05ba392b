// Package command speaks for every command alike: where results and errors go,
// what wrong use is told, how JSON is printed. It never knows a command.
package command

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/urfave/cli/v2"

	"usher/classify/plain"
	"usher/cmd/usher/show"
)

// This file is the program's voice. An error says in one line what went wrong
// and in the next what to do; both go to the error stream, results to the
// output, so that either can be piped.

// Streams are a program's input and outputs, so that tests can start it.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
}

// Say prints a sentence or two, broken to fit a terminal.
func (std Streams) Say(format string, args ...any) {
	for _, line := range plain.Wrap(fmt.Sprintf(format, args...), show.Columns(std.Out)) {
		fmt.Fprintln(std.Out, line)
	}
}

// wrongUse is a mistake in how the program was called: exit status 2.
type wrongUse struct{ error }

func (e wrongUse) Unwrap() error { return e.error }

// Misuse says what of a call was wrong, and in its hint what would be right.
func Misuse(hint, format string, args ...any) error {
	return wrongUse{show.Hint(fmt.Errorf(format, args...), "%s", hint)}
}

// ErrSilent ends with status 1 where the output already says why.
var ErrSilent = errors.New("already told")

// WrongFlag is the answer of every command to an option that it does not take.
func WrongFlag(c *cli.Context, err error, _ bool) error {
	name := "usher"
	if c.Command != nil && c.Command.HelpName != "" {
		name = c.Command.HelpName
	}
	return Misuse("see `"+name+" --help`", "%w", err)
}

// Tell prints an error and its hint and gives the exit status.
func (std Streams) Tell(err error) int {
	if err == nil {
		return 0
	}
	if !errors.Is(err, ErrSilent) {
		std.tell("usher: ", err.Error())
	}
	var h interface{ Hint() string }
	if errors.As(err, &h) && h.Hint() != "" {
		std.tell("       ", h.Hint())
	}
	var w wrongUse
	if errors.As(err, &w) {
		return 2
	}
	return 1
}

// tell prints what was said behind a margin. Its first line is broken to fit a terminal;
// what follows it, such as a line of a file and a caret, stays as it is.
func (std Streams) tell(margin, said string) {
	first, rest, more := strings.Cut(harmless(strings.TrimSuffix(said, "\n")), "\n")
	first = strings.Join(plain.Wrap(first, show.Columns(std.Err)-len(margin)), "\n       ")
	if more {
		first += "\n" + rest
	}
	fmt.Fprintf(std.Err, "%s%s\n", margin, first)
}

// harmless takes out what a terminal would obey: an error may name what came with mail,
// such as a Message-ID that somebody copied.
func harmless(s string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)) {
			return -1
		}
		return r
	}, s)
}
