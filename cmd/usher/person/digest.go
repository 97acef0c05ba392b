package person

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"time"

	"github.com/urfave/cli/v2"

	"usher/cmd/usher/command"
	"usher/cmd/usher/settings"
	"usher/cmd/usher/show"
	"usher/cmd/usher/web"
)

func digestCommand(std streams) *cli.Command {
	sub := func(name, usage, description string, action func(c *cli.Context) error, more ...cli.Flag) *cli.Command {
		flags := append(append(settings.Ask(), rcptFlag(), command.JSONFlag()), more...)
		return &cli.Command{Name: name, Usage: usage, Description: description, Flags: flags, Before: settings.FromFile(flags), Action: func(c *cli.Context) error {
			if c.Args().Present() {
				return command.Misuse("see `usher help digest "+name+"`", "unknown word %q", c.Args().First())
			}
			return action(c)
		}}
	}
	return &cli.Command{
		Name:  "digest",
		Usage: "what was set aside for you, as one mail",
		Description: "It comes when your file says: digest weekdays 07:30, saturday 10:00. Without that line none comes;\n" +
			"when nothing is new, none comes either. Mail is never only in it: all of it is in your folders.",
		Subcommands: []*cli.Command{
			sub("preview", "show the digest that you would get now", "Nothing is sent, and the next one is not changed by it.", std.previewDigest,
				&cli.StringFlag{Name: "html", Usage: "write it as a page to `FILE`"}),
			sub("send", "send it now", "The next one begins where this one ends.", std.sendDigest),
			sub("schedule", "tell when the next one comes", "", std.scheduleDigest,
				&cli.BoolFlag{Name: "all", Usage: "for an admin: how many are due in which hour, about nobody"}),
		},
	}
}

func (std streams) previewDigest(c *cli.Context) error {
	d, err := daemonAt(c).Digest(c.Context, c.String("rcpt"), false)
	if err != nil {
		return err
	}
	if file := c.String("html"); file != "" && d.HTML != "" {
		if err := os.WriteFile(file, []byte(d.HTML), 0o600); err != nil {
			return fmt.Errorf("write the page: %w", err)
		}
	}
	switch {
	case c.Bool("json"):
		return std.JSON(d)
	case d.Subject == "":
		std.nothing(d)
	case c.String("html") != "":
		fmt.Fprintf(std.Out, "%s\nThe page is in %s.\n", d.Subject, c.String("html"))
	default:
		fmt.Fprintf(std.Out, "Subject: %s\n\n%s", d.Subject, d.Text)
	}
	return nil
}

func (std streams) sendDigest(c *cli.Context) error {
	d, err := daemonAt(c).Digest(c.Context, c.String("rcpt"), true)
	if err != nil {
		return err
	}
	switch {
	case c.Bool("json"):
		return std.JSON(d)
	case !d.Sent:
		std.nothing(d)
	default:
		fmt.Fprintf(std.Out, "Sent to %s: %s\n", d.Recipient, d.Subject)
	}
	return nil
}

// nothing says that there is no digest, and of which time.
func (std streams) nothing(d web.Digest) {
	fmt.Fprintf(std.Out, "Nothing was set aside since %s: there is no digest.\n", clock(d.From.In(zoneOf(d))))
}

func (std streams) scheduleDigest(c *cli.Context) error {
	if c.Bool("all") {
		return std.scheduleAll(c)
	}
	d, err := daemonAt(c).Digest(c.Context, c.String("rcpt"), false)
	if err != nil {
		return err
	}
	if c.Bool("json") {
		d.Subject, d.Text, d.HTML = "", "", ""
		return std.JSON(d)
	}
	if d.Next.IsZero() {
		fmt.Fprintln(std.Out, "No digest comes: your file does not say when. For example:\n  usher intents add 'digest weekdays 07:30'")
		return nil
	}
	what := "nothing yet"
	if d.Subject != "" {
		what = d.Subject
	}
	fmt.Fprintf(std.Out, "Next:  %s (%s)\nIn it: %s\n", d.Next.In(zoneOf(d)).Format("Mon 2 Jan 15:04"), d.Zone, what)
	return nil
}

// scheduleAll tells an admin how many digests are due.
func (std streams) scheduleAll(c *cli.Context) error {
	s, err := daemonAt(c).DigestSchedule(c.Context)
	if err != nil {
		return err
	}
	if c.Bool("json") {
		return std.JSON(s)
	}
	rows := [][]string{{"HOUR", "DIGESTS"}}
	for _, hour := range slices.SortedFunc(maps.Keys(s.Hours), time.Time.Compare) {
		rows = append(rows, []string{hour.Local().Format("Mon 2 Jan 15:04"), strconv.Itoa(s.Hours[hour])})
	}
	if len(rows) > 1 {
		show.Table(std.Out, rows)
	}
	fmt.Fprintf(std.Out, "Due and not yet sent: %d. People to whom none comes: %d.\n", s.Due, s.None)
	return nil
}

// zoneOf is the zone that a digest is written in.
func zoneOf(d web.Digest) *time.Location {
	if zone, err := time.LoadLocation(d.Zone); err == nil {
		return zone
	}
	return time.UTC
}
