package main

import (
	"errors"
	"fmt"
	"strings"
	"usher/cmd/usher/show"

	"github.com/urfave/cli/v2"
)

// This file is the program's voice. An error says in one line what went wrong
// and in the next what to do; both go to the error stream, results to the
// output, so that either can be piped.

// wrongUse is a mistake in how the program was called: exit status 2.
type wrongUse struct{ error }

func (e wrongUse) Unwrap() error { return e.error }

func misuse(hint, format string, args ...any) error {
	return wrongUse{show.Hint(fmt.Errorf(format, args...), "%s", hint)}
}

// errSilent ends with status 1 where the output already says why.
var errSilent = errors.New("already told")

func wrongFlag(c *cli.Context, err error, _ bool) error {
	name := "usher"
	if c.Command != nil && c.Command.HelpName != "" {
		name = c.Command.HelpName
	}
	return misuse("see `"+name+" --help`", "%w", err)
}

// optionsFirst explains an option behind an argument, which the flag package
// takes for an argument.
func optionsFirst(c *cli.Context) error {
	for _, a := range c.Args().Slice() {
		if len(a) > 1 && a[0] == '-' {
			return misuse("put options before arguments: "+c.Command.HelpName+" "+a+" … "+c.Command.ArgsUsage, "the option %s stands behind an argument", a)
		}
	}
	return nil
}

// noCommand is what `usher` alone and `usher nonsense` do.
func (std streams) noCommand(c *cli.Context) error {
	if !c.Args().Present() {
		return cli.ShowAppHelp(c)
	}
	word := c.Args().First()
	near := cli.SuggestCommand(c.App.Commands, word) // "Did you mean …?", or nothing
	return misuse(strings.TrimSpace(near+" `usher --help` lists all commands"), "unknown command %q", word)
}

// tell prints an error and its hint and gives the exit status.
func (std streams) tell(err error) int {
	if err == nil {
		return 0
	}
	if !errors.Is(err, errSilent) {
		fmt.Fprintf(std.err, "usher: %s\n", strings.TrimSuffix(err.Error(), "\n"))
	}
	var h interface{ Hint() string }
	if errors.As(err, &h) && h.Hint() != "" {
		fmt.Fprintf(std.err, "       %s\n", h.Hint())
	}
	var w wrongUse
	if errors.As(err, &w) {
		return 2
	}
	return 1
}
