package person

import (
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"usher/cmd/usher/command"
	"usher/cmd/usher/settings"
	"usher/cmd/usher/show"
	"usher/cmd/usher/web/complain"
	"usher/corpus/complaints"
)

func complainCommand(std streams) *cli.Command {
	ask := func() []cli.Flag { return append(settings.Ask(), rcptFlag(), command.JSONFlag()) }
	flags := append(ask(),
		&cli.StringFlag{Name: "reason", Usage: "`REASON` that the sender is told: " + strings.Join(complaints.Reasons, ", ")},
		&cli.BoolFlag{Name: "yes", Usage: "do not ask again"},
		&cli.BoolFlag{Name: "dry-run", Usage: "only tell what would go where"})
	sub := func(name, usage, args string, action cli.ActionFunc) *cli.Command {
		own := ask()
		return &cli.Command{Name: name, Usage: usage, ArgsUsage: args, Flags: own, Before: settings.FromFile(own), Action: action}
	}
	return &cli.Command{
		Name:      "complain",
		Usage:     "tell a sender that you did not want a message",
		UsageText: "usher complain [--reason REASON] [--yes] ID|MESSAGE-ID\nusher complain list\nusher complain cancel [ID]",
		Description: "The sender learns which message it was, and so that it was you: that is what a complaint is for.\n" +
			"It learns no more: not your address, no other header, nothing of the text, and the day, not the\n" +
			"hour. It goes only where the message itself asks for complaints (CFBL-Address, RFC 9477) and its\n" +
			"sender signed that, as a report in the usual form (RFC 5965), 5 to 60 minutes later; until then\n" +
			"`cancel` takes it back. One message is complained of once, one list once in 30 days.\n" +
			"Moving or correcting a message is no complaint, and to end such mail there is `usher unsubscribe`.",
		Flags:  flags,
		Before: settings.FromFile(flags),
		Subcommands: []*cli.Command{
			sub("list", "list your complaints, and what became of them", "", std.listComplaints),
			sub("cancel", "take back what did not leave yet: one, or all of it", "[ID]", std.cancelComplaint),
		},
		Action: std.complain,
	}
}

func (std streams) complain(c *cli.Context) error {
	if c.NArg() != 1 {
		return command.Misuse("`usher decisions` lists ids: usher complain 01JD…", "one message is wanted, %d given", c.NArg())
	}
	daemon := daemonAt(c)
	found, err := daemon.Why(c.Context, c.Args().First(), c.String("rcpt"))
	if err != nil {
		return err
	}
	of := complain.Message{ID: found[0].ID, Rcpt: found[0].Recipient, Reason: c.String("reason")}
	made, err := complain.Complain(c.Context, daemon, of, false)
	if err != nil {
		return err
	}
	if made.State == complaints.Proposed && !c.Bool("dry-run") {
		if !c.Bool("yes") {
			if err := std.Confirm(made.Warning()+"\nType yes to go on: ", "yes"); err != nil {
				return err
			}
		}
		if made, err = complain.Complain(c.Context, daemon, of, true); err != nil {
			return err
		}
	}
	switch {
	case c.Bool("json"):
		return std.JSON(made)
	case made.State == complaints.Proposed:
		fmt.Fprintln(std.Out, made.Warning()+"\nNobody was told: leave --dry-run out to complain.")
	case made.State == complaints.Waiting:
		fmt.Fprintf(std.Out, "The complaint to %s %s; `usher complain cancel` takes it back until then.\n", made.From, made.Stands(zoneAt(c, of.Rcpt)))
	default:
		fmt.Fprintf(std.Out, "You complained of this message already: %s. Nobody is told twice.\n", made.Stands(zoneAt(c, of.Rcpt)))
	}
	return nil
}

func (std streams) listComplaints(c *cli.Context) error {
	list, err := complain.All(c.Context, daemonAt(c), c.String("rcpt"))
	if err != nil {
		return err
	}
	if c.Bool("json") {
		return std.JSON(list)
	}
	if len(list) == 0 {
		fmt.Fprintln(std.Out, "You complained of no message; `usher complain ID` does.")
		return nil
	}
	rows := [][]string{{"SAID", "SENDER", "REASON", "STATE", "MESSAGE"}}
	for _, one := range list {
		zone := zoneAt(c, one.Recipient)
		rows = append(rows, []string{clock(one.At.In(zone)), one.From, one.Reason, one.Stands(zone), one.Decision})
	}
	show.Records(std.Out, rows)
	return nil
}

func (std streams) cancelComplaint(c *cli.Context) error {
	back, err := complain.Cancel(c.Context, daemonAt(c), c.String("rcpt"), c.Args().First())
	if err != nil {
		return err
	}
	if c.Bool("json") {
		return std.JSON(back)
	}
	for _, one := range back {
		fmt.Fprintf(std.Out, "Taken back: %s is not told.\n", one.From)
	}
	return nil
}
