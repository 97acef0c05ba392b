package person

import (
	"fmt"
	"strings"
	"time"

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
			"wrong        of what was set aside, the share that you said belonged in the\n" +
			"             inbox; and what may be wrong at most, by samples in your digests\n" +
			"late         offers that ended before a digest could tell you of them\n" +
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
	std.chart(s)
	show.List{Rows: [][]string{
		{"routed away", percent(s.RoutedAway), fmt.Sprintf("%d of %s set aside", s.SetAside, show.Count(s.Mails, "mail"))},
		{"wrong", percent(s.Wrong), wrong(s)},
		{"late", percent(s.Late), late(s)},
		{"pressure", pressure, "promotions and newsletters a week"},
		{"useful", useful, fmt.Sprintf("of %d promotions and newsletters let through by a want or a grant", s.Marketing)},
	}}.Print(std.Out)
}

// wrong tells how sure the number is.
func wrong(s web.Stats) string {
	text := fmt.Sprintf("of these you said belonged in the inbox: %d; by name in no digest: %d", s.Corrected, s.Unseen)
	if s.AtMost == nil {
		return text + "; no sample was shown yet, to estimate by"
	}
	return text + fmt.Sprintf("; of %s %d were wrong, so at most %.0f %% may be", show.Count(s.Samples, "sample"), s.SamplesWrong, 100**s.AtMost)
}

func late(s web.Stats) string {
	if s.Late == nil {
		return "of offers with an end; no digest has told you of one yet"
	}
	return "of offers with an end: it was over before a digest told you"
}

// chart shows how much came a day, and how much of it was set aside: of at most two
// weeks, since a terminal is low.
func (std streams) chart(s web.Stats) {
	const wide, days = 40, 14
	most := 1
	recent := s.Days[max(0, len(s.Days)-days):]
	for len(recent) > 1 && recent[0].Mails == 0 {
		recent = recent[1:]
	}
	for _, d := range recent {
		most = max(most, d.Mails)
	}
	fmt.Fprintln(std.Out, "\nA day: █ in the inbox, ░ set aside")
	for _, d := range recent {
		at, err := time.Parse(time.DateOnly, d.Date)
		if err != nil {
			continue
		}
		aside := (d.SetAside*wide + most - 1) / most
		inbox := ((d.Mails-d.SetAside)*wide + most - 1) / most
		line := fmt.Sprintf("%-10s  %s%s %d", at.Format("Mon _2 Jan"), strings.Repeat("█", inbox), strings.Repeat("░", aside), d.Mails)
		fmt.Fprintln(std.Out, strings.TrimRight(strings.TrimSuffix(line, "  0"), " "))
	}
	fmt.Fprintln(std.Out)
}

func percent(share *float64) string {
	if share == nil {
		return notYet
	}
	return fmt.Sprintf("%.0f %%", 100**share)
}
