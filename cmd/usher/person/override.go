package person

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"usher/cmd/usher/command"
	"usher/cmd/usher/settings"
	"usher/cmd/usher/show"
	"usher/cmd/usher/web"
	"usher/rules"
)

func overrideCommand(std streams) *cli.Command {
	ask := func() []cli.Flag { return append(settings.Ask(), rcptFlag(), command.JSONFlag()) }
	flags := append(ask(),
		&cli.StringFlag{Name: "for", Usage: "how long: `TIME` as 30m, 2h or 3d, at most 7d"},
		&cli.StringFlag{Name: "brand", Usage: "this brand alone, by its `DOMAIN` (default: all mail)"})
	sub := func(name, usage, args string, action cli.ActionFunc) *cli.Command {
		own := ask()
		return &cli.Command{Name: name, Usage: usage, ArgsUsage: args, Flags: own, Before: settings.FromFile(own), Action: action}
	}
	return &cli.Command{
		Name:      "override",
		Usage:     "let mail into the inbox for a time, whatever your file says",
		UsageText: "usher override --for 2h [--brand DOMAIN]\nusher override list\nusher override end [ID]",
		Description: "It ends by itself, teaches nothing, and leaves your file as it is. Each mail that it lets in\n" +
			"says where it would have gone; `usher override list` sums that up. A brand's mail is let in\n" +
			"where it is proven to be the brand's.",
		Flags:  flags,
		Before: settings.FromFile(flags),
		Subcommands: []*cli.Command{
			sub("list", "list overrides, in force and past, and what they let in", "", std.listOverrides),
			sub("end", "end an override before its time, or all of them", "[ID]", std.endOverride),
		},
		Action: std.makeOverride,
	}
}

func (std streams) makeOverride(c *cli.Context) error {
	const example = "for example: usher override --for 2h; `usher override list` and `usher override end` are the others"
	if c.Args().Present() {
		return command.Misuse(example, "unknown command %q", "override "+c.Args().First())
	}
	if c.String("for") == "" {
		return command.Misuse(example, "how long is not said")
	}
	lasts, err := command.Span(c.String("for"))
	if err != nil {
		return err
	}
	if lasts > rules.MaxOverride {
		return command.Misuse("for longer, write it into your file: usher intents add 'promotions inbox'", "an override lasts 7 days at most")
	}
	made, err := daemonAt(c).Override(c.Context, c.String("rcpt"), c.String("brand"), lasts)
	if err != nil {
		return err
	}
	if c.Bool("json") {
		return std.JSON(made)
	}
	until := clock(made.Until.In(zoneAt(c, made.Recipient)))
	std.Say("Until %s %s goes to the inbox of %s, whatever your file says. End it earlier with `usher override end`; "+
		"`usher override list` tells what it let in.", until, whose(made), made.Recipient)
	return nil
}

// whose names the mail that an override lets in.
func whose(o web.Reported) string {
	if o.Brand == "" {
		return "all mail"
	}
	return "mail proven to be from " + o.Brand
}

// clock tells a time of today by its hour, another with its day.
func clock(t time.Time) string {
	if t.Format(time.DateOnly) == time.Now().In(t.Location()).Format(time.DateOnly) {
		return t.Format("15:04")
	}
	return t.Format("Mon 2 Jan 15:04")
}

func (std streams) listOverrides(c *cli.Context) error {
	list, err := daemonAt(c).Overrides(c.Context, c.String("rcpt"))
	if err != nil {
		return err
	}
	if c.Bool("json") {
		for _, o := range list {
			if err := std.JSONLine(o); err != nil {
				return err
			}
		}
		return nil
	}
	if len(list) == 0 {
		std.Say("No override is in force, and none was while decisions are kept; `usher override --for 2h` makes one.")
		return nil
	}
	rows := [][]string{{"BEGAN", "UNTIL", "MAIL", "STATE", "LET IN", "WOULD HAVE GONE TO", "ID"}}
	zone := zoneAt(c, list[0].Recipient)
	for _, o := range list {
		rows = append(rows, []string{clock(o.From.In(zone)), clock(o.Until.In(zone)), cmp.Or(o.Brand, "all"), state(o), strconv.Itoa(o.LetIn), elsewhere(o), o.ID})
	}
	show.Records(std.Out, rows)
	return nil
}

func state(o web.Reported) string {
	switch {
	case o.InForce:
		return "in force"
	case o.Ended:
		return "ended by you"
	}
	return "over"
}

// elsewhere tells where the mail that was let in would have gone.
func elsewhere(o web.Reported) string {
	var parts []string
	for _, to := range slices.Sorted(maps.Keys(o.WouldBe)) {
		parts = append(parts, fmt.Sprintf("%s %d", to, o.WouldBe[to]))
	}
	return cmp.Or(strings.Join(parts, ", "), "-")
}

// letIn tells how many mails an override let in, and where they would have gone.
func letIn(o web.Reported) string {
	if o.LetIn == 0 {
		return ""
	}
	return show.Count(o.LetIn, "mail") + " (else " + elsewhere(o) + ")"
}

func (std streams) endOverride(c *cli.Context) error {
	if c.NArg() > 1 {
		return command.Misuse("`usher override end` without an id ends all that are in force", "one id is wanted, %d given", c.NArg())
	}
	ended, err := daemonAt(c).EndOverride(c.Context, c.String("rcpt"), c.Args().First())
	if err != nil {
		return err
	}
	for _, o := range ended {
		if c.Bool("json") {
			if err := std.JSONLine(o); err != nil {
				return err
			}
			continue
		}
		std.Say("Your file decides again about %s to %s. The override let in %s.", whose(o), o.Recipient, cmp.Or(letIn(o), "nothing"))
	}
	return nil
}
