package offline

import (
	"fmt"

	"github.com/urfave/cli/v2"

	"usher/classify"
	"usher/classify/model"
	"usher/cmd/usher/command"
	"usher/cmd/usher/settings"
	"usher/cmd/usher/show"
	"usher/corpus/train"
)

func evalCommand(std streams) *cli.Command {
	return &cli.Command{
		Name:  "eval",
		Usage: "measure usher's judgement on labelled mail, and on graded pairs of a want and a text",
		Action: func(c *cli.Context) error {
			if !c.Args().Present() {
				return cli.ShowSubcommandHelp(c)
			}
			return command.Misuse("categories, offers, relevance or model; see `usher eval --help`", "unknown command %q", "eval "+c.Args().First())
		},
		Subcommands: []*cli.Command{
			{
				Name:      "categories",
				Usage:     "hold the kind of mail that was judged against the kind that was labelled",
				ArgsUsage: "PATH...",
				Description: labelledMail + "\n\nThe figure that matters first is needed mail called newsletter or promotion: k of n, with\n" +
					"the most it may truly be at 95 %. Needed is all mail but newsletters, promotions and spam.\n" +
					"The area under the curve is how often a newsletter or promotion is held likelier to be one\n" +
					"than a needed mail is: 1 is always, 0.5 is chance. Messages labelled ambiguous are left out.\n\n" +
					"Each folder is an archive of its own, as is each source that a labels.jsonl names.",
				Flags: []cli.Flag{
					settings.ModelFlag(),
					&cli.BoolFlag{Name: "leave-out", Usage: "judge each archive by a model trained without it, from the other messages given"},
					&cli.BoolFlag{Name: "errors", Usage: "list the needed mail that was lowered and the bulk mail that was missed, with their evidence"},
					command.JSONFlag(),
				},
				Action: std.evalCategories,
			},
			offersCommand(std),
			relevanceCommand(std),
			{
				Name:  "model",
				Usage: "tell what the model that is compiled in learned from, and how well it judges",
				Action: func(c *cli.Context) error {
					if c.Args().Present() {
						return command.Misuse("`usher train --card FILE` writes the card of a model of yours", "%q is too much: only the model that is compiled in is told", c.Args().First())
					}
					_, err := fmt.Fprint(std.Out, model.Card())
					return err
				},
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
		return command.Misuse("give one of the two", "--model and --leave-out exclude each other")
	case c.Bool("leave-out") && len(train.Archives(list)) == 1:
		return command.Misuse("give mail of other people or years as a further PATH, in a folder of its own", "all of it is one archive, %s: without it there is nothing to learn from", train.Archives(list)[0])
	case c.Bool("leave-out"):
		judged = train.LeaveOut(list, train.Defaults)
	default:
		weights, err := settings.ReadModel(file)
		if err != nil {
			return err
		}
		judged = train.Judge(classify.With(weights), list)
	}
	measure, wrong := train.Take(judged), train.Wrong(judged)
	if !c.Bool("json") {
		show.Measure(std.Out, measure)
		if c.Bool("errors") {
			show.Wrong(std.Out, wrong)
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
	return std.JSON(report)
}

// readLabelled reads every path that is given.
func readLabelled(c *cli.Context, example string) (all []train.Example, err error) {
	if c.NArg() == 0 {
		return nil, command.Misuse("for example: "+example, "no labelled mail is given")
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
