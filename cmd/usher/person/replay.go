package person

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"time"

	"github.com/urfave/cli/v2"

	"usher/classify/plain"
	"usher/cmd/usher/command"
	"usher/cmd/usher/settings"
	"usher/cmd/usher/show"
	"usher/cmd/usher/web"
	"usher/rules"
	"usher/rules/intents"
	"usher/rules/replay"
)

// patience is how long a replay may take without a word.
const patience = 2 * time.Second

func replayCommand(std streams) *cli.Command {
	flags := append(settings.Ask(), rcptFlag(),
		&cli.PathFlag{Name: "file", Usage: "the new `FILE`, held against the one in force", TakesFile: true},
		&cli.StringSliceFlag{Name: "with", Usage: "instead: the file in force with this `STATEMENT` added"},
		&cli.IntSliceFlag{Name: "without", Usage: "instead: the file in force without the statement on this `LINE`"},
		&cli.StringFlag{Name: "last", Value: "30d", Usage: "how far back: `TIME` as 7d, 12h or 30m"},
		command.JSONFlag())
	return &cli.Command{
		Name:  "replay",
		Usage: "hold a new file against stored decisions: which mails would have gone elsewhere",
		Description: "Each mail is judged again at the time when it came, once under the file in force and once\n" +
			"under the new one; caps count as each file would have. Nothing is changed.",
		Flags:  flags,
		Before: settings.FromFile(flags),
		Action: std.replayIntents,
	}
}

func (std streams) replayIntents(c *cli.Context) error {
	const example = "for example: usher intents replay --last 30d --file new.intents, or --with 'mute shop.example', or --without 41"
	if c.Args().Present() {
		return command.Misuse(example, "%q is one argument too many", c.Args().First())
	}
	back, err := command.Span(c.String("last"))
	if err != nil {
		return err
	}
	changes := len(c.StringSlice("with"))+len(c.IntSlice("without")) > 0
	if (c.Path("file") != "") == changes {
		return command.Misuse(example, "what to hold against the file in force is to be said, in one way")
	}
	text, name, err := std.newFile(c, changes)
	if err != nil {
		return err
	}
	if _, errs := intents.Parse(name, text, time.Now()); len(errs) > 0 {
		return show.Hint(errs, "mend these lines first; nothing was replayed")
	}
	told := time.AfterFunc(patience, func() { fmt.Fprintln(std.Err, "replaying; this takes half a minute at most") })
	got, err := daemonAt(c).Replay(c.Context, c.String("rcpt"), time.Now().Add(-back), text)
	told.Stop()
	if err != nil {
		return err
	}
	if c.Bool("json") {
		return std.JSON(got)
	}
	std.replayed(got, name, zoneAt(c, got.Mailbox))
	return nil
}

// newFile is the text to hold against the file in force: another file, or that one
// with a few changes, of which the last lines are taken away first, so that the
// others keep their numbers.
func (std streams) newFile(c *cli.Context, changes bool) (text []byte, name string, err error) {
	if !changes {
		text, err = os.ReadFile(c.Path("file"))
		if err != nil {
			return nil, "", fmt.Errorf("read the new file: %w", err)
		}
		return text, c.Path("file"), nil
	}
	s, err := std.atDaemon(c)
	if err != nil {
		return nil, "", err
	}
	text = s.text
	lines := slices.Sorted(slices.Values(c.IntSlice("without")))
	for _, line := range slices.Backward(lines) {
		if text, _, err = intents.Remove(text, line); err != nil {
			return nil, "", show.Hint(err, "`usher intents list` shows the lines")
		}
	}
	for _, statement := range c.StringSlice("with") {
		if text, _, err = intents.Add(text, statement, time.Now()); err != nil {
			return nil, "", show.Hint(err, "nothing was replayed")
		}
	}
	return text, "the file so changed", nil
}

// replayed prints what a replay came to: the sum, each move, where everything goes.
func (std streams) replayed(got web.Replayed, name string, zone *time.Location) {
	if got.Decisions == 0 {
		fmt.Fprintf(std.Out, "No decision about the mail of %s is stored for this time.\n", got.Mailbox)
		return
	}
	mails, moved := 0, 0
	for _, cell := range got.Matrix {
		mails += cell.Mails
		if cell.Was != cell.WouldBe {
			moved += cell.Mails
		}
	}
	fmt.Fprintf(std.Out, "%s from %s to %s, as they go now and as they would go by %s:\n", show.Count(mails, "mail"),
		got.Since.In(zone).Format("2 Jan 15:04"), got.Until.In(zone).Format("2 Jan 15:04"), name)
	std.matrix(got.Matrix)
	for _, l := range got.Left {
		fmt.Fprintf(std.Out, "%d more cannot be replayed: %s\n", l.Decisions, l.Why)
	}
	if got.Personal > 0 {
		fmt.Fprintf(std.Out, "%d of them personal: no file moves those\n", got.Personal)
	}
	if moved == 0 {
		fmt.Fprintln(std.Out, "\nNothing would move.")
		return
	}
	fmt.Fprintf(std.Out, "\n%d would move:\n", moved)
	rows := [][]string{{"WHEN", "FROM", "SUBJECT", "GOES TO", "WOULD GO TO", "BECAUSE"}}
	for _, m := range got.Moved {
		because := m.Because + "  " + m.Statement
		if m.Statement == "" || m.Because == "default" {
			because = m.Because + "  " + m.Text
		}
		rows = append(rows, []string{
			m.At.In(zone).Format("02 Jan 15:04"), plain.Clip(m.From, 24), plain.Clip(m.Subject, 36), string(m.Was), string(m.WouldBe), plain.Clip(because, 60),
		})
	}
	show.Table(std.Out, rows)
	if len(got.Moved) < moved {
		fmt.Fprintf(std.Out, "and %d more\n", moved-len(got.Moved))
	}
}

// matrix prints where mail goes by where it would go.
func (std streams) matrix(cells []replay.Cell) {
	var places []rules.Disposition
	for _, p := range []rules.Disposition{rules.Inbox, rules.Digest, rules.Promotions, rules.Refuse, rules.Reject} {
		if slices.ContainsFunc(cells, func(c replay.Cell) bool { return c.Was == p || c.WouldBe == p }) {
			places = append(places, p)
		}
	}
	head := []string{"  NOW"}
	for _, p := range places {
		head = append(head, "→ "+string(p))
	}
	rows := [][]string{head}
	for _, was := range places {
		row := []string{"  " + string(was)}
		for _, would := range places {
			cell := "·"
			if i := slices.IndexFunc(cells, func(c replay.Cell) bool { return c.Was == was && c.WouldBe == would }); i >= 0 {
				cell = strconv.Itoa(cells[i].Mails)
			}
			row = append(row, cell)
		}
		rows = append(rows, row)
	}
	show.Table(std.Out, rows)
}
