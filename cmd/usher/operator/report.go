package operator

import (
	"cmp"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"usher/cmd/usher/command"
	"usher/cmd/usher/settings"
	"usher/cmd/usher/show"
	"usher/cmd/usher/web"
	"usher/cmd/usher/web/reports"
	"usher/corpus/report"
)

// maxReport bounds a report that is read, in bytes.
const maxReport = 16 << 20

func reportCommand(std streams) *cli.Command {
	flags := append(settings.Ask(), command.JSONFlag())
	return &cli.Command{
		Name:      "report",
		Usage:     "what senders are told of how relevant their mail is here",
		UsageText: "usher report [--send] DOMAIN\nusher report list\nusher report sample\nusher report read FILE\nusher report schema",
		Description: "A report counts mailboxes, blurred so that nobody can be told from it; `usher help senders`\n" +
			"says how a sender asks for it, and what each figure is worth. It is drawn once, when its time is\n" +
			"over: `usher report DOMAIN` shows what was drawn, and never draws.",
		Flags:  append(flags, &cli.BoolFlag{Name: "send", Usage: "mail the last one now"}),
		Before: settings.FromFile(flags),
		Action: std.showReport,
		Subcommands: []*cli.Command{
			{
				Name:   "list",
				Usage:  "list the senders that ask, and the reports that were drawn",
				Flags:  flags,
				Before: settings.FromFile(flags),
				Action: std.listReports,
			},
			{
				Name:      "read",
				Usage:     "print a report that somebody sent: its text, and where the mail went",
				ArgsUsage: "FILE|-",
				Description: "FILE is the message as it came (.eml), its part (.json.gz), or the JSON in it. The signature\n" +
					"of the message is not checked here.",
				Flags:  []cli.Flag{command.JSONFlag()},
				Action: std.readReport,
			},
			{
				Name:  "schema",
				Usage: "print the JSON Schema of reports",
				Action: func(*cli.Context) error {
					_, err := std.Out.Write(report.Schema)
					return err
				},
			},
			{
				Name:        "sample",
				Usage:       "print a report of made-up counts, to build a reader with or to see what to expect",
				Description: "It is drawn as a real one is, so each is another.",
				Flags:       []cli.Flag{command.JSONFlag()},
				Action: func(c *cli.Context) error {
					r, err := report.Sample(report.Sampler{Source: rand.Reader}, time.Now())
					if err != nil {
						return err
					}
					if !c.Bool("json") {
						fmt.Fprint(std.Out, "A SAMPLE: every count in it is made up.\n\n")
					}
					return std.tellReport(c, r)
				},
			},
		},
	}
}

// showReport shows the last report on one sender.
func (std streams) showReport(c *cli.Context) error {
	const example = "for example: usher report shop.example; `usher report list` lists them"
	if c.NArg() != 1 {
		return command.Misuse(example, "one sender's domain is wanted, %d words given", c.NArg())
	}
	if c.Bool("send") {
		return std.sendReport(c)
	}
	all, err := reports.Get(c.Context, web.Dial(c.String("socket")), c.Args().First())
	if err != nil {
		return err
	}
	if len(all.Reports) == 0 {
		return show.Hint(fmt.Errorf("no report on %s was drawn", c.Args().First()), "`usher report list` tells who asks; a report is drawn when a day, a week or 28 days are over")
	}
	last := all.Reports[len(all.Reports)-1]
	if !last.Published {
		if c.Bool("json") {
			return std.JSON(last)
		}
		fmt.Fprintf(std.Out, "Of %s nothing was published: too few mailboxes got its mail, or take part.\n", span(last))
		return nil
	}
	return std.tellReport(c, last.Report)
}

// sendReport has the last report on one sender mailed now.
func (std streams) sendReport(c *cli.Context) error {
	s, err := reports.Send(c.Context, web.Dial(c.String("socket")), c.Args().First())
	switch {
	case err != nil:
		return err
	case c.Bool("json"):
		return std.JSON(s)
	case s.Sent.IsZero():
		fmt.Fprintf(std.Out, "Not sent: %s.\n", s.Fault)
	default:
		fmt.Fprintf(std.Out, "Sent: the report on %s of %s.\n", s.Domain, span(s))
	}
	return nil
}

func (std streams) listReports(c *cli.Context) error {
	all, err := reports.Get(c.Context, web.Dial(c.String("socket")), "")
	if err != nil {
		return err
	}
	if c.Bool("json") {
		return std.JSON(all)
	}
	if len(all.Requests) == 0 {
		fmt.Fprintln(std.Out, "No sender asks for reports; `usher help senders` is what to show to one.")
	} else {
		rows := [][]string{{"SENDER", "ASKS SINCE", "ROWS BY", "TO"}}
		for _, r := range all.Requests {
			rows = append(rows, []string{r.Domain, r.First.Local().Format("2 Jan 2006"), r.By, cmp.Or(strings.Join(r.URIs, " "), "-")})
		}
		show.Table(std.Out, rows)
	}
	if len(all.Reports) == 0 {
		return nil
	}
	rows := [][]string{{"SENDER", "OF", "STATE"}}
	for _, r := range all.Reports {
		state := "drawn"
		switch {
		case !r.Published:
			state = "too few mailboxes: nothing published"
		case !r.Sent.IsZero():
			state = "sent " + r.Sent.Local().Format("2 Jan 15:04")
		case r.Fault != "":
			state = "not sent: " + r.Fault
		}
		rows = append(rows, []string{r.Domain, span(r), state})
	}
	fmt.Fprintln(std.Out)
	show.Table(std.Out, rows)
	return nil
}

// span tells of which time a report is.
func span(r reports.Sealed) string {
	last := r.End.AddDate(0, 0, -1)
	if !last.After(r.Begin) {
		return r.Begin.Format("2 Jan 2006")
	}
	return r.Begin.Format("2 Jan") + " to " + last.Format("2 Jan 2006")
}

func (std streams) readReport(c *cli.Context) error {
	if c.NArg() != 1 {
		return command.Misuse("for example: usher report read report.eml; - reads what is piped in", "one file is wanted, %d given", c.NArg())
	}
	in := io.Reader(os.Stdin)
	if path := c.Args().First(); path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return show.Hint(fmt.Errorf("read a report: %w", err), "name the message, the .json.gz or the JSON")
		}
		defer f.Close()
		in = f
	}
	raw, err := io.ReadAll(io.LimitReader(in, maxReport))
	if err != nil {
		return fmt.Errorf("read a report: %w", err)
	}
	r, err := report.Read(raw)
	switch {
	case errors.Is(err, report.ErrVersion):
		return show.Hint(fmt.Errorf("read %s: %w", c.Args().First(), err), "this usher reads version %s", report.Version)
	case err != nil:
		return show.Hint(fmt.Errorf("read %s: %w", c.Args().First(), err), "`usher report sample --json` shows what one looks like")
	}
	return std.tellReport(c, r)
}

func (std streams) tellReport(c *cli.Context, r *report.Report) error {
	if c.Bool("json") {
		return std.JSON(r)
	}
	_, err := fmt.Fprint(std.Out, r.Text(), r.Picture())
	return err
}
