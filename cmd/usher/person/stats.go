package person

import (
	"fmt"

	"github.com/urfave/cli/v2"

	"usher/cmd/usher/command"
	"usher/cmd/usher/settings"
	"usher/cmd/usher/show"
	"usher/cmd/usher/web"
)

// notYet stands for a number that cannot be told.
const notYet = "not measured yet"

func statsCommand(std streams) *cli.Command {
	flags := append(settings.Ask(), rcptFlag(),
		&cli.BoolFlag{Name: "week", Usage: "of the last 7 days, not of 30"},
		command.JSONFlag())
	return &cli.Command{
		Name:  "stats",
		Usage: "tell five numbers about your mail: routed away, wrong, late, pressure, useful",
		Description: "routed away  the share of your mail that was set aside: not put in the inbox\n" +
			"wrong        of what was set aside, the share that you corrected\n" +
			"late         offers that ended before you could see them\n" +
			"pressure     promotions and newsletters a week\n" +
			"useful       the share of these that a want or a grant of yours let through",
		Flags:  flags,
		Before: settings.FromFile(flags),
		Action: std.tellStats,
	}
}

func (std streams) tellStats(c *cli.Context) error {
	if c.Args().Present() {
		return command.Misuse("for example: usher stats --week", "usher stats takes no argument, %q was given", c.Args().First())
	}
	days := 30
	if c.Bool("week") {
		days = 7
	}
	found, err := daemonAt(c).Stats(c.Context, c.String("rcpt"), days)
	if err != nil {
		return err
	}
	for i, s := range found {
		if c.Bool("json") {
			if err := std.JSON(s); err != nil {
				return err
			}
			continue
		}
		if i > 0 {
			fmt.Fprintln(std.Out)
		}
		std.stats(s)
	}
	return nil
}

func (std streams) stats(s web.Stats) {
	fmt.Fprintf(std.Out, "%s, %s to %s (UTC)\n", s.Recipient, s.From, s.To)
	if s.Mails == 0 {
		fmt.Fprintln(std.Out, "No mail was judged in these days.")
		return
	}
	pressure := notYet
	if s.Pressure != nil {
		pressure = fmt.Sprintf("%.1f", *s.Pressure)
	}
	useful := percent(s.Useful)
	if s.Useful == nil {
		useful = "-"
	}
	show.Table(std.Out, [][]string{
		{"routed away", percent(s.RoutedAway), fmt.Sprintf("%d of %s set aside", s.SetAside, show.Count(s.Mails, "mail"))},
		{"wrong", percent(s.Wrong), "of what was set aside, corrected by you"},
		{"late", percent(s.Late), "offers that ended before you could see them"},
		{"pressure", pressure, "promotions and newsletters a week"},
		{"useful", useful, fmt.Sprintf("of %d promotions and newsletters let through by a want or a grant", s.Marketing)},
	})
}

func percent(share *float64) string {
	if share == nil {
		return notYet
	}
	return fmt.Sprintf("%.0f %%", 100**share)
}
