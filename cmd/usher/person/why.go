package person

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"usher/classify"
	"usher/classify/plain"
	"usher/cmd/usher/command"
	"usher/cmd/usher/settings"
	"usher/cmd/usher/show"
	"usher/cmd/usher/web"
	"usher/cmd/usher/web/quoted"
	"usher/rules"
	"usher/smtpd/replies"
)

func rcptFlag() cli.Flag {
	return &cli.StringFlag{Name: "rcpt", Usage: "the `MAILBOX` (default: yours)"}
}

// daemonAt gives a client for the daemon's socket.
func daemonAt(c *cli.Context) *web.Client { return web.Dial(c.String("socket")) }

func whyCommand(std streams) *cli.Command {
	flags := append(settings.Ask(), rcptFlag(), command.JSONFlag(),
		&cli.StringFlag{Name: "ref", Usage: "the `REFERENCE` that a sender quotes from a reply: ref=7K2Q9DXB"})
	return &cli.Command{
		Name:      "why",
		Usage:     "show a decision as it was stored: where a message went, and because of what",
		ArgsUsage: "ID|MESSAGE-ID",
		Description: "The id stands in the message's Usher-Decision field and in `usher decisions`; a Message-ID\n" +
			"is what holds an @. You see decisions about your own mailboxes. With --ref it is the mail whose\n" +
			"sender was told so; an admin is told when that was, and no more.",
		Flags:  flags,
		Before: settings.FromFile(flags),
		Action: func(c *cli.Context) error {
			if c.String("ref") != "" {
				return std.whyRef(c)
			}
			if c.NArg() != 1 {
				return command.Misuse("for example: usher why '<abc@shop.example>'; `usher decisions` lists ids", "one id or Message-ID is wanted, %d given", c.NArg())
			}
			found, err := daemonAt(c).Why(c.Context, c.Args().First(), c.String("rcpt"))
			if err != nil {
				return err
			}
			return std.showDecisions(c, found)
		},
	}
}

// showDecisions prints decisions one after the other.
func (std streams) showDecisions(c *cli.Context, found []*rules.Decision) error {
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
		fmt.Fprint(std.Out, ifWrong(d))
	}
	return nil
}

// ifWrong says what to do where a decision was not right.
func ifWrong(d *rules.Decision) string {
	to := "inbox"
	if d.Disposition == rules.Inbox {
		if d.Category != classify.Promotion && d.Category != classify.Newsletter {
			return "" // what may be needed goes no lower
		}
		to = "promotions"
	}
	return "if wrong     usher correct " + d.ID + " " + to + "\n"
}

// whyRef tells what a reference stands for.
func (std streams) whyRef(c *cli.Context) error {
	ref := replies.Ref(c.String("ref"))
	if ref == "" || c.NArg() > 0 {
		return command.Misuse("for example: usher why --ref 7K2Q9DXB", "one reference is wanted, of eight letters and digits")
	}
	a, err := quoted.Ask(c.Context, daemonAt(c), ref, c.String("rcpt"))
	switch {
	case err != nil:
		return err
	case len(a.Decisions) > 0:
		return std.showDecisions(c, a.Decisions)
	case c.Bool("json"):
		return std.JSON(a)
	}
	std.Say("The reply with the reference %s was given on %s: a recipient here declines such mail, and has said so.", a.Ref, a.At.Local().Format("2 Jan 2006, 15:04 MST"))
	fmt.Fprintln(std.Out, "Whose mail it was and why, its recipient sees with the same command.")
	return nil
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

// zoneAt is the zone that a person's file states, else the site's, else this machine's.
func zoneAt(c *cli.Context, mailbox string) *time.Location {
	st, err := daemonAt(c).Intents(c.Context, mailbox)
	if err != nil {
		return time.Local
	}
	return st.Where()
}

// listDecisions prints two lines each: what was decided, and of what.
func (std streams) listDecisions(found []*rules.Decision, zone *time.Location) {
	several := slices.ContainsFunc(found, func(d *rules.Decision) bool { return d.Recipient != found[0].Recipient })
	rows := [][]string{{"WHEN", "FROM", "GOES TO", "BECAUSE", "SUBJECT" + strings.Repeat(" ", 43) + "ID"}}
	for _, d := range found {
		from, subject := d.Sender.Brand, d.Subject
		if from == "" && subject == "" {
			from, subject = "-", "("+string(d.Category)+": no more is kept)"
		}
		if several {
			subject = "to " + d.Recipient + ": " + subject
		}
		rows = append(rows, []string{
			d.At.In(zone).Format("02 Jan 15:04"), plain.Clip(from, 22), string(d.Disposition), plain.Clip(show.Because(d), 30),
			plain.Pad(plain.Clip(subject, 48), 48) + "  " + d.ID,
		})
	}
	show.Records(std.Out, rows)
}
