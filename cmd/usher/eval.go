package main

import (
	"fmt"
	"os"

	"github.com/urfave/cli/v2"

	"usher/classify"
	"usher/classify/model"
	"usher/cmd/usher/show"
	"usher/corpus/train"
)

func evalCommand(std streams) *cli.Command {
	return &cli.Command{
		Name:  "eval",
		Usage: "measure usher's judgement on labelled mail",
		Subcommands: []*cli.Command{
			{
				Name:      "categories",
				Usage:     "hold the kind of mail that was judged against the kind that was labelled",
				ArgsUsage: "PATH...",
				Description: labelledMail + "\n\nThe figure that matters first is needed mail called newsletter or promotion: k of n, with\n" +
					"the most it may truly be at 95 %. Messages labelled ambiguous are left out.",
				Flags: []cli.Flag{
					modelFlag(),
					&cli.BoolFlag{Name: "leave-out", Usage: "judge each archive by a model trained without it, from the other messages given"},
					&cli.BoolFlag{Name: "errors", Usage: "list the messages that went wrong, with their evidence"},
					jsonFlag(),
				},
				Action: std.evalCategories,
			},
			{
				Name:   "model",
				Usage:  "tell what the model that is compiled in learned from, and how well it judges",
				Action: func(*cli.Context) error { _, err := fmt.Fprint(std.out, model.Card()); return err },
			},
		},
	}
}

const labelledMail = "A PATH holds labelled mail: a folder or .tar.gz with a labels.jsonl (path, category, source,\n" +
	"year, ambiguous, trainable), that file itself, a folder of NAME.eml with NAME.want, or a folder\n" +
	"with one folder for each category. A category is personal, transactional, notification, list,\n" +
	"newsletter or promotion; or coarser: service, marketing, spam."

// wrongLine is a message that went wrong, as --json --errors prints it.
type wrongLine struct {
	Path     string              `json:"path"`
	Labelled string              `json:"labelled"`
	Judged   classify.Category   `json:"judged"`
	Lowering float64             `json:"lowering"`
	Evidence []classify.Evidence `json:"evidence"`
}

func (std streams) evalCategories(c *cli.Context) error {
	list, err := readLabelled(c, "usher eval categories ~/labelled")
	if err != nil {
		return err
	}
	var judged []train.Judged
	switch file := c.String("model"); {
	case file != "" && c.Bool("leave-out"):
		return misuse("give one of the two", "--model and --leave-out exclude each other")
	case c.Bool("leave-out"):
		judged = train.LeaveOut(list, train.Defaults)
	default:
		weights, err := readModel(file)
		if err != nil {
			return err
		}
		judged = train.Judge(classify.With(weights), list)
	}
	measure, wrong := train.Take(judged), train.Wrong(judged)
	if !c.Bool("json") {
		show.Measure(std.out, measure)
		if c.Bool("errors") {
			show.Wrong(std.out, wrong)
		}
		return nil
	}
	report := struct {
		*train.Measure
		Errors []wrongLine `json:"errors,omitempty"`
	}{Measure: measure}
	if c.Bool("errors") {
		for _, j := range wrong {
			report.Errors = append(report.Errors, wrongLine{j.Path, j.Category, j.Verdict.Category, j.Verdict.Lowering(), j.Verdict.Evidence})
		}
	}
	return std.json(report)
}

// readLabelled reads every path that is given.
func readLabelled(c *cli.Context, example string) (all []train.Example, err error) {
	if err := optionsFirst(c); err != nil {
		return nil, err
	}
	if c.NArg() == 0 {
		return nil, misuse("for example: "+example, "no labelled mail is given")
	}
	for _, path := range c.Args().Slice() {
		list, err := train.Read(path)
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
	}
	return all, nil
}

func modelFlag() cli.Flag {
	return &cli.StringFlag{Name: "model", Usage: "judge by the model in `FILE`, as `usher train` wrote it (default: the one compiled in)"}
}

// readModel reads a model file; without a name it gives the one compiled in.
func readModel(file string) (*model.Weights, error) {
	if file == "" {
		return model.Shipped(), nil
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("read model: %w", err)
	}
	defer f.Close()
	return model.Read(f)
}
