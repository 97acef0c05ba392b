package operator

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"usher/classify/plain"
	"usher/cmd/usher/command"
	"usher/cmd/usher/settings"
	"usher/cmd/usher/show"
	"usher/cmd/usher/web"
)

const day = 24 * time.Hour

func countsCommand(std streams) *cli.Command {
	flags := append(settings.Ask(),
		&cli.StringFlag{Name: "last", Value: "7d", Usage: "how far back: `TIME` as 7d or 4w"},
		&cli.StringFlag{Name: "mailbox", Usage: "messages by week of one `MAILBOX`, by its address or tag"},
		&cli.BoolFlag{Name: "senders", Usage: "senders whom ten mailboxes or more had"},
		command.JSONFlag())
	return &cli.Command{
		Name:      "counts",
		Usage:     "count mail: by day, a mailbox's by week, or the senders of many",
		UsageText: "usher counts [--last 7d]\nusher counts --mailbox MAILBOX|TAG [--last 4w]\nusher counts --senders [--last 4w]",
		Description: "Counts, never contents: of one mailbox one number a week; of a sender only how many mailboxes\n" +
			"had it, and only where ten or more did. Days and weeks are those of UTC.",
		Flags:  flags,
		Before: settings.FromFile(flags),
		Action: std.count,
	}
}

func (std streams) count(c *cli.Context) error {
	if c.Args().Present() || c.Bool("senders") && c.String("mailbox") != "" {
		return command.Misuse("for example: usher counts --last 7d", "either days, one mailbox or senders can be counted")
	}
	last, err := command.Span(c.String("last"))
	if err != nil {
		return err
	}
	daemon := web.Dial(c.String("socket"))
	switch {
	case c.String("mailbox") != "":
		weeks := int((last + 7*day - 1) / (7 * day))
		if !c.IsSet("last") {
			weeks = 4
		}
		return std.countWeeks(c, daemon, weeks)
	case c.Bool("senders"):
		return std.countSenders(c, daemon, time.Now().Add(-last))
	}
	return std.countDays(c, daemon, int((last+day-1)/day))
}

func (std streams) countDays(c *cli.Context, daemon *web.Client, n int) error {
	days, err := daemon.Counts(c.Context, n)
	if err != nil {
		return err
	}
	if c.Bool("json") {
		return lines(std, days)
	}
	rows := [][]string{{"DAY", "JUDGED", "UNJUDGED", "ERRORS", "WENT TO · KINDS"}}
	for _, d := range days {
		rows = append(rows, []string{d.Day, number(d.Counts["recipients/judged"]), number(d.Counts["recipients/unjudged"]), number(sum(d.Counts, "error/")),
			strings.Trim(under(d.Counts, "disposition/")+" · "+under(d.Counts, "category/"), " ·")})
	}
	show.List{Rows: rows}.Print(std.Out)
	return nil
}

func (std streams) countWeeks(c *cli.Context, daemon *web.Client, n int) error {
	weeks, err := daemon.Weeks(c.Context, c.String("mailbox"), n)
	if err != nil {
		return err
	}
	if c.Bool("json") {
		return lines(std, weeks)
	}
	rows := [][]string{{"WEEK FROM", "MESSAGES"}}
	for _, w := range weeks {
		rows = append(rows, []string{w.Monday, strconv.Itoa(w.Messages)})
	}
	show.Table(std.Out, rows)
	return nil
}

func (std streams) countSenders(c *cli.Context, daemon *web.Client, since time.Time) error {
	list, err := daemon.Senders(c.Context, since)
	if err != nil {
		return err
	}
	if c.Bool("json") {
		return lines(std, list)
	}
	if len(list) == 0 {
		std.Say("No sender was had by ten mailboxes in the last %s, and of others nothing is told.", c.String("last"))
		return nil
	}
	rows := [][]string{{"SENDER", "MAILBOXES"}}
	for _, s := range list {
		rows = append(rows, []string{plain.Clip(s.Domain, 60), strconv.Itoa(s.Mailboxes)})
	}
	show.Table(std.Out, rows)
	return nil
}

func lines[T any](std streams, list []T) error {
	for _, v := range list {
		if err := std.JSONLine(v); err != nil {
			return err
		}
	}
	return nil
}

func number(n uint64) string { return strconv.FormatUint(n, 10) }

// under lists the counts of a kind, the highest first.
func under(counts map[string]uint64, kind string) string {
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(counts)), func(name string) bool { return !strings.HasPrefix(name, kind) })
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(counts[b], counts[a]) })
	var parts []string
	for _, name := range names {
		parts = append(parts, fmt.Sprintf("%s %d", strings.TrimPrefix(name, kind), counts[name]))
	}
	return strings.Join(parts, ", ")
}

func sum(counts map[string]uint64, kind string) (n uint64) {
	for name, more := range counts {
		if strings.HasPrefix(name, kind) {
			n += more
		}
	}
	return n
}
