package operator

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"usher/cmd/usher/command"
	"usher/cmd/usher/settings"
	"usher/cmd/usher/show"
	"usher/cmd/usher/web"
	"usher/corpus/kinds"
)

func retentionCommand(std streams) *cli.Command {
	ask := func() []cli.Flag { return append(settings.Ask(), command.JSONFlag()) }
	flags, own := ask(), ask()
	return &cli.Command{
		Name:      "retention",
		Category:  string(command.Either),
		Usage:     "show how long each kind of what is kept is kept, and who may change it",
		UsageText: "usher retention\nusher retention set KIND DAYS",
		Description: "Everything ends on a date. A person says in their own file how long decisions are kept, up to\n" +
			"the limit: forget decisions after 14 days. An admin may only shorten: `set` moves the limit, for\n" +
			"all. What is shortened falls on what is stored already, within a day.",
		Flags:  flags,
		Before: settings.FromFile(flags),
		Subcommands: []*cli.Command{{
			Name: "set", Category: string(command.Admin), Usage: "shorten how long a kind is kept", ArgsUsage: "KIND DAYS",
			Flags: own, Before: settings.FromFile(own), Action: std.setRetention,
		}},
		Action: func(c *cli.Context) error {
			if c.Args().Present() {
				return command.Misuse("`usher retention` shows the table, `usher retention set KIND DAYS` shortens", "unknown command %q", "retention "+c.Args().First())
			}
			all, err := web.Dial(c.String("socket")).Retention(c.Context)
			if err != nil {
				return err
			}
			return std.showRetention(c, all)
		},
	}
}

func (std streams) setRetention(c *cli.Context) error {
	const example = "for example: usher retention set decisions 14"
	args := c.Args().Slice()
	if len(args) < 2 {
		return command.Misuse(example, "a kind and a number of days are wanted")
	}
	days, err := strconv.Atoi(strings.TrimSuffix(args[len(args)-1], "d"))
	if err != nil {
		return command.Misuse(example, "%q is no number of days", args[len(args)-1])
	}
	all, err := web.Dial(c.String("socket")).SetRetention(c.Context, strings.Join(args[:len(args)-1], " "), days)
	if err != nil {
		return err
	}
	return std.showRetention(c, all)
}

func (std streams) showRetention(c *cli.Context, all web.Retentions) error {
	if c.Bool("json") {
		return std.JSON(all)
	}
	rows := [][]string{{"KIND", "KEPT", "LIMIT", "WHO MAY CHANGE IT · WHAT IT HOLDS"}}
	for _, k := range all.Kinds {
		rows = append(rows, []string{k.Kind, days(k.Days), days(k.Limit), whoMay(k) + " · " + k.Holds})
	}
	show.List{Rows: rows}.Print(std.Out)
	for _, box := range slices.Sorted(maps.Keys(all.Yours)) {
		fmt.Fprintf(std.Out, "Decisions of %s are kept for %s.\n", box, days(all.Yours[box]))
	}
	return nil
}

func days(n int) string {
	if n == 0 {
		return "-"
	}
	return show.Count(n, "day")
}

// whoMay says who may change how long a kind is kept.
func whoMay(k kinds.Retention) string {
	switch {
	case k.Owned:
		return "its owner, by the file; an admin may shorten"
	case k.Least > 0:
		return "an admin may shorten"
	}
	return cmp.Or(map[bool]string{true: "nobody: " + k.Why}[k.Why != ""], "nobody")
}
