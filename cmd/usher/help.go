package main

import (
	"cmp"
	_ "embed"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"usher/cmd/usher/command"
	"usher/cmd/usher/show"
	"usher/rules/intents/source"
)

// sendersPage is what whoever sends mail here should know.
//
//go:embed senders.txt
var sendersPage string

// The library's own layout runs as wide as its longest option, and asks for one by a
// variable of the package. It is set once, before anything runs.
func init() {
	cli.HelpPrinter = func(out io.Writer, _ string, of any) {
		switch of := of.(type) {
		case *cli.Command:
			io.WriteString(out, helpOf(of))
		case *cli.App:
			io.WriteString(out, helpText(of))
		}
	}
}

func helpCommand(std streams) *cli.Command {
	return &cli.Command{
		Name:      "help",
		Usage:     "list all commands, or tell all of one; `usher help senders` is for those who send mail here",
		ArgsUsage: "[COMMAND...|senders]",
		Action: func(c *cli.Context) error {
			if !c.Args().Present() {
				return std.noCommand(c)
			}
			if c.NArg() == 1 && c.Args().First() == "senders" {
				_, err := fmt.Fprint(std.Out, sendersPage)
				return err
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

// roles are the headings of `usher help`, in its order.
var roles = []struct {
	role    command.Role
	heading string
}{
	{command.Recipient, "For recipients"},
	{command.Either, "For recipients and admins"},
	{command.Admin, "For admins"},
	{command.Delegate, "For the mail server"},
	{command.Anyone, "For anyone"},
}

// helpText is all commands, by whom they are for.
func helpText(app *cli.App) string {
	rows := map[string][][2]string{}
	var list func(before, role string, commands []*cli.Command)
	list = func(before, role string, commands []*cli.Command) {
		for _, c := range commands {
			whose := cmp.Or(c.Category, role)
			// A command with subcommands that does something by itself says how.
			if !c.Hidden && (len(c.Subcommands) == 0 || c.UsageText != "") {
				rows[whose] = append(rows[whose], [2]string{before + c.Name, c.Usage})
			}
			list(before+c.Name+" ", whose, c.Subcommands)
		}
	}
	list("", "", app.Commands)
	var b strings.Builder
	show.Prose(&b, app.Name+" - "+app.Usage)
	b.WriteByte('\n')
	show.Prose(&b, app.Description)
	for _, r := range roles {
		fmt.Fprintf(&b, "\n%s\n", r.heading)
		show.Terms(&b, rows[string(r.role)])
	}
	b.WriteByte('\n')
	show.Prose(&b, "`usher help COMMAND` tells all of one. Everyone sees and edits their own mailboxes only; "+
		"the admin sees counts. Exit status: 0 well, 1 it could not, 2 wrong use.")
	return b.String()
}

// helpOf is all of one command.
func helpOf(c *cli.Command) string {
	var b strings.Builder
	show.Prose(&b, c.HelpName+" - "+c.Usage)
	b.WriteString("\nUSAGE\n")
	usage := c.HelpName + " [OPTIONS] " + c.ArgsUsage
	if len(c.Subcommands) > 0 {
		usage = c.HelpName + " COMMAND"
	}
	for line := range strings.Lines(cmp.Or(c.UsageText, usage)) {
		fmt.Fprintf(&b, "  %s\n", strings.TrimSpace(line))
	}
	if c.Description != "" {
		b.WriteByte('\n')
		show.Prose(&b, c.Description)
	}
	var below, own, settings [][2]string
	for _, sub := range c.Subcommands {
		if !sub.Hidden {
			below = append(below, [2]string{sub.Name, sub.Usage})
		}
	}
	for _, f := range c.VisibleFlags() {
		switch f := f.(type) {
		case cli.DocGenerationFlag:
			if slices.Contains(f.Names(), "help") {
				continue
			}
			if len(f.GetEnvVars()) > 0 {
				settings = append(settings, option(f))
			} else {
				own = append(own, option(f))
			}
		}
	}
	for _, part := range []struct {
		heading string
		rows    [][2]string
	}{
		{"COMMANDS", below}, {"OPTIONS", own},
		{"SETTINGS (keys of the settings file too; --state-dir is also USHER_STATE_DIR)", settings},
	} {
		if len(part.rows) > 0 {
			fmt.Fprintf(&b, "\n%s\n", part.heading)
			show.Terms(&b, part.rows)
		}
	}
	return b.String()
}

// option is how an option is written, and what it does.
func option(f cli.DocGenerationFlag) [2]string {
	var names []string
	for _, n := range f.Names() {
		names = append(names, strings.Repeat("-", min(len(n), 2))+n)
	}
	written, usage := strings.Join(names, ", "), f.GetUsage()
	if f.TakesValue() {
		// The first word in backquotes stands for the value.
		before, rest, _ := strings.Cut(usage, "`")
		value, after, named := strings.Cut(rest, "`")
		if named {
			usage = before + value + after
		}
		written += " " + cmp.Or(value, "VALUE")
		if d := f.GetDefaultText(); d != "" {
			usage += " (default: " + strings.Trim(d, `"`) + ")"
		}
	}
	if s, ok := f.(cli.DocGenerationSliceFlag); ok && s.IsSliceFlag() {
		usage += " (may be repeated)"
	}
	return [2]string{written, usage}
}
