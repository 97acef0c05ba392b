package main

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"usher/cmd/usher/command"
	"usher/cmd/usher/show"
	"usher/rules/intents/source"
)

func helpCommand(std streams) *cli.Command {
	return &cli.Command{
		Name:      "help",
		Usage:     "list all commands with whom each is for, or tell all of one",
		ArgsUsage: "[COMMAND...]",
		Action: func(c *cli.Context) error {
			if !c.Args().Present() {
				return std.noCommand(c)
			}
			asked := append([]string{c.App.Name}, c.Args().Slice()...)
			return c.App.RunContext(c.Context, append(asked, "--help"))
		},
	}
}

// noCommand is what `usher` alone and `usher nonsense` do.
func (std streams) noCommand(c *cli.Context) error {
	switch {
	case c.Bool("version") && !c.Args().Present(): // what every other program answers to
		return c.App.RunContext(c.Context, []string{c.App.Name, "version"})
	case !c.Args().Present():
		_, err := fmt.Fprint(std.Out, helpText(c.App))
		return err
	}
	word := c.Args().First()
	var names []string
	for _, known := range c.App.Commands {
		names = append(names, known.Name)
	}
	hint := "`usher help` lists all commands"
	if near := source.Nearest(word, names); near != "" {
		hint = "Did you mean " + near + "? " + hint
	}
	return command.Misuse(hint, "unknown command %q", word)
}

// helpText is one table of all commands.
func helpText(app *cli.App) string {
	rows := [][]string{{"COMMAND", "FOR", "DOES"}}
	var list func(before, role string, commands []*cli.Command)
	list = func(before, role string, commands []*cli.Command) {
		for _, c := range commands {
			whose := cmp.Or(c.Category, role)
			// A command with subcommands that does something by itself says how.
			if !c.Hidden && (len(c.Subcommands) == 0 || c.UsageText != "") {
				rows = append(rows, []string{before + c.Name, whose, c.Usage})
			}
			list(before+c.Name+" ", whose, c.Subcommands)
		}
	}
	list("", "", app.Commands)
	var b strings.Builder
	fmt.Fprintf(&b, "%s - %s\n\n%s\n\n", app.Name, app.Usage, app.Description)
	show.Table(&b, rows)
	b.WriteString("\n`usher help COMMAND` tells the options of one. Everyone sees and edits their own mailboxes\n" +
		"only; the admin sees counts. Exit status: 0 well, 1 it could not, 2 wrong use.\n")
	return b.String()
}
