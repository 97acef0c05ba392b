package command

import (
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// OptionsFirst puts the options of each command before its arguments, where the flag
// package looks for them: people write `usher correct ID inbox --scope brand`. What
// stands behind -- is never an option.
func OptionsFirst(app *cli.App, args []string) []string {
	if len(args) < 2 || strings.HasPrefix(args[1], "-") || args[len(args)-1] == completing {
		return args
	}
	ordered := args[:1:1]
	below, flags := app.Commands, app.Flags
	var options, plain []string
	for i := 1; i < len(args); i++ {
		a := args[i]
		named := func(c *cli.Command) bool { return c.HasName(a) }
		switch at := slices.IndexFunc(below, named); {
		case a == "--":
			plain = append(append([]string{a}, plain...), args[i+1:]...)
			return slices.Concat(ordered, options, plain)
		case len(a) > 1 && a[0] == '-':
			options = append(options, a)
			if takesValue(flags, a) {
				if i++; i == len(args) { // an argument must not be taken for the value: let the flag package say so
					return slices.Concat(ordered, options)
				}
				options = append(options, args[i])
			}
		case at >= 0 && len(plain) == 0:
			ordered = append(append(ordered, options...), a)
			options, below, flags = nil, below[at].Subcommands, below[at].Flags
		case len(ordered) == 1: // no command: let the program say so
			return args
		default:
			plain = append(plain, a)
		}
	}
	return slices.Concat(ordered, options, plain)
}

// completing is what a shell's completion ends a command line with.
const completing = "--generate-bash-completion"

// takesValue tells whether the word after an option is its value.
func takesValue(flags []cli.Flag, option string) bool {
	name := strings.TrimLeft(option, "-")
	for _, f := range flags {
		if d, ok := f.(cli.DocGenerationFlag); ok && slices.Contains(f.Names(), name) {
			return d.TakesValue()
		}
	}
	return false
}
