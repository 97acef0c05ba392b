package person

import (
	"fmt"
	"time"

	"github.com/urfave/cli/v2"

	"usher/cmd/usher/command"
	"usher/cmd/usher/offline"
	"usher/cmd/usher/settings"
	"usher/cmd/usher/show"
	"usher/cmd/usher/web"
	"usher/rules"
	"usher/rules/intents"
)

func rcptFlag() cli.Flag {
	return &cli.StringFlag{Name: "rcpt", Usage: "the `MAILBOX` (default: yours)"}
}

// daemonAt gives a client for the daemon's socket.
func daemonAt(c *cli.Context) *web.Client { return web.Dial(c.String("socket")) }

func whyCommand(std streams) *cli.Command {
	flags := append(settings.Ask(), rcptFlag(), command.JSONFlag())
	return &cli.Command{
		Name:      "why",
		Usage:     "show a decision as it was stored: where a message went, and because of what",
		ArgsUsage: "ID|MESSAGE-ID",
		Description: "The id stands in the message's Usher-Decision field and in `usher decisions`; a Message-ID\n" +
			"is what holds an @. You see decisions about your own mailboxes.",
		Flags:  flags,
		Before: settings.FromFile(flags),
		Action: func(c *cli.Context) error {
			if err := command.OptionsFirst(c); err != nil {
				return err
			}
			if c.NArg() != 1 {
				return command.Misuse("for example: usher why '<abc@shop.example>'; `usher decisions` lists ids", "one id or Message-ID is wanted, %d given", c.NArg())
			}
			found, err := daemonAt(c).Why(c.Context, c.Args().First(), c.String("rcpt"))
			if err != nil {
				return err
			}
			if c.Bool("json") {
				for _, d := range found {
					if err := std.JSON(d); err != nil {
						return err
					}
				}
				return nil
			}
			for i, d := range found {
				if i > 0 {
					fmt.Fprintln(std.Out)
				}
				show.Decision(std.Out, d, zoneAt(c, d.Recipient))
			}
			return nil
		},
	}
}

func decisionsCommand(std streams) *cli.Command {
	flags := append(settings.Ask(), rcptFlag(),
		&cli.StringFlag{Name: "last", Value: "7d", Usage: "how far back: `TIME` as 7d, 12h or 30m"},
		&cli.IntFlag{Name: "limit", Value: 100, Usage: "at most this `NUMBER`, newest first"},
		command.JSONFlag())
	return &cli.Command{
		Name:   "decisions",
		Usage:  "list decisions: what came, where it went, because of what",
		Flags:  flags,
		Before: settings.FromFile(flags),
		Action: func(c *cli.Context) error {
			back, err := command.Span(c.String("last"))
			if err != nil {
				return err
			}
			if c.Int("limit") < 1 {
				return command.Misuse("for example: usher decisions --limit 20", "--limit %d is no number from 1 on", c.Int("limit"))
			}
			found, err := daemonAt(c).Decisions(c.Context, c.String("rcpt"), time.Now().Add(-back), time.Time{}, c.Int("limit"))
			if err != nil {
				return err
			}
			if c.Bool("json") {
				for _, d := range found {
					if err := std.JSONLine(d); err != nil {
						return err
					}
				}
				return nil
			}
			if len(found) == 0 {
				fmt.Fprintf(std.Out, "No decision in the last %s.\n", c.String("last"))
				return nil
			}
			std.listDecisions(found, zoneAt(c, found[0].Recipient))
			return nil
		},
	}
}

// zoneAt is the zone that a person's file states, else this machine's.
func zoneAt(c *cli.Context, mailbox string) *time.Location {
	st, err := daemonAt(c).Intents(c.Context, mailbox)
	if err != nil {
		return time.Local
	}
	file, _ := intents.Parse(st.Mailbox, []byte(st.Text), time.Now())
	return offline.ZoneOf(file)
}

func (std streams) listDecisions(found []*rules.Decision, zone *time.Location) {
	rows := [][]string{{"WHEN", "TO", "FROM", "SUBJECT", "GOES TO", "BECAUSE", "ID"}}
	for _, d := range found {
		from, subject := d.Sender.Brand, d.Subject
		if from == "" && subject == "" {
			subject = "(" + string(d.Category) + ": not kept)"
		}
		rows = append(rows, []string{
			d.At.In(zone).Format("02 Jan 15:04"), show.Clip(d.Recipient, 24), show.Clip(from, 24), show.Clip(subject, 40), string(d.Disposition), show.Clip(show.Because(d), 40), d.ID,
		})
	}
	show.Table(std.Out, rows)
}
