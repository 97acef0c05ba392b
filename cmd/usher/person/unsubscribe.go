package person

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/urfave/cli/v2"

	"usher/cmd/usher/command"
	"usher/cmd/usher/settings"
	"usher/cmd/usher/show"
	"usher/cmd/usher/web"
	"usher/cmd/usher/web/lists"
	"usher/corpus/leaving"
)

func unsubscribeCommand(std streams) *cli.Command {
	ask := func() []cli.Flag { return append(settings.Ask(), rcptFlag(), command.JSONFlag()) }
	flags := append(ask(), &cli.BoolFlag{Name: "dry-run", Usage: "only tell what would go where"})
	sub := func(name, usage, args string, action cli.ActionFunc) *cli.Command {
		own := ask()
		return &cli.Command{Name: name, Usage: usage, ArgsUsage: args, Flags: own, Before: settings.FromFile(own), Action: action}
	}
	return &cli.Command{
		Name:      "unsubscribe",
		Usage:     "have a mailing list left for you, safely",
		UsageText: "usher unsubscribe [--dry-run] ID|MESSAGE-ID|BRAND\nusher unsubscribe list\nusher unsubscribe cancel [ID|BRAND]",
		Description: "usher asks the sender once, 1 to 24 hours later, by the POST of RFC 8058 or by a letter: only\n" +
			"where the sender signed how, never by following a link, never for a discussion list, and never\n" +
			"a stranger, who would learn that somebody reads the address. Until then `cancel` takes it back.\n" +
			"Should mail of the list go on 48 hours after that, `list` and `usher brand` say so. A BRAND is\n" +
			"its domain or its name: all of its lists are meant of which newsletters or promotions came.",
		Flags:  flags,
		Before: settings.FromFile(flags),
		Subcommands: []*cli.Command{
			sub("list", "list what you asked to leave, and what came of it", "", std.listUnsubscribed),
			sub("cancel", "take back what was not asked yet: one, or all of it", "[ID|BRAND]", std.cancelUnsubscribe),
		},
		Action: std.unsubscribe,
	}
}

func (std streams) unsubscribe(c *cli.Context) error {
	const example = "for example: usher unsubscribe shop.example; `usher brands` lists who writes to you"
	if !c.Args().Present() {
		return command.Misuse(example, "which list is not said")
	}
	daemon, rcpt, what := daemonAt(c), c.String("rcpt"), strings.Join(c.Args().Slice(), " ")
	if strings.ContainsAny(what, "@<") { // a Message-ID, or a brand that is an address
		if found, err := daemon.Why(c.Context, what, rcpt); err == nil {
			what, rcpt = found[0].ID, found[0].Recipient
		}
	}
	list, err := lists.Ask(c.Context, daemon, rcpt, what, false)
	if err != nil {
		return err
	}
	may := 0
	for _, r := range list {
		if r.State == leaving.Proposed {
			may++
		}
		if !c.Bool("json") {
			std.Say("%s", r.Sentence(zoneAt(c, r.Recipient)))
			if r.Link != "" {
				fmt.Fprintf(std.Out, "  The sender's own page: %s\n", r.Link)
			}
		}
	}
	if may > 0 && !c.Bool("dry-run") {
		if list, err = lists.Ask(c.Context, daemon, rcpt, what, true); err != nil {
			return err
		}
	}
	if c.Bool("json") {
		return std.JSON(list)
	}
	switch {
	case may == 0:
		fmt.Fprintln(std.Out, "There is nothing to ask.")
	case c.Bool("dry-run"):
		fmt.Fprintln(std.Out, "Nothing was asked: leave --dry-run out to have it left.")
	default:
		std.Say("It is asked within a day, at a random moment; `usher unsubscribe cancel` takes it back until then.")
	}
	return nil
}

func (std streams) listUnsubscribed(c *cli.Context) error {
	list, err := lists.Requests(c.Context, daemonAt(c), c.String("rcpt"))
	if err != nil {
		return err
	}
	if c.Bool("json") {
		return std.JSON(list)
	}
	if len(list) == 0 {
		fmt.Fprintln(std.Out, "You asked to leave no list; `usher unsubscribe BRAND` does.")
		return nil
	}
	rows := [][]string{{"SAID", "BRAND", "BY", "TO", "STATE", "ID"}}
	for _, r := range list {
		zone := zoneAt(c, r.Recipient)
		rows = append(rows, []string{clock(r.At.In(zone)), r.Brand, cmp.Or(r.Way, "-"), cmp.Or(r.Where, "-"), r.Stands(zone), r.ID})
	}
	show.Records(std.Out, rows)
	return nil
}

func (std streams) cancelUnsubscribe(c *cli.Context) error {
	back, err := lists.Cancel(c.Context, daemonAt(c), c.String("rcpt"), c.Args().First())
	if err != nil {
		return err
	}
	if c.Bool("json") {
		return std.JSON(back)
	}
	for _, r := range back {
		fmt.Fprintf(std.Out, "Taken back: %s is not asked to let you go.\n", r.Brand)
	}
	return nil
}

// left lists what was asked of one brand in one mailbox. A site that has lists left for
// nobody has none.
func left(c *cli.Context, daemon *web.Client, b *web.Brand) (of []leaving.Request, err error) {
	all, err := lists.Requests(c.Context, daemon, b.Recipient)
	var e *web.Error
	if errors.As(err, &e) && e.Status == http.StatusConflict {
		return nil, nil
	}
	for _, r := range all {
		if b.Proven && b.Is(r.Brand) {
			of = append(of, r)
		}
	}
	return of, err
}
