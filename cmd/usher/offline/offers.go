package offline

import (
	"encoding/json"

	"github.com/urfave/cli/v2"

	"usher/cmd/usher/command"
	"usher/cmd/usher/show"
	"usher/corpus/train/offers"
)

func offersCommand(std streams) *cli.Command {
	return &cli.Command{
		Name:      "offers",
		Usage:     "hold the offers that are found in mail against those that a reader found",
		ArgsUsage: "DIR...",
		Description: "A DIR holds NAME.jsonl, a message or lines of one on each line:\n\n" +
			`  {"name": "…", "language": "de", "country": "DE", "subject": "…", "text": "…",` + "\n" +
			`   "date": "2026-11-20T09:30:00+01:00", "offers": [{"price": "49 EUR",` + "\n" +
			`   "was": "89 EUR", "discount": 45, "code": "X1", "ends": "2026-11-30",` + "\n" +
			`   "item": "…"}]}` + "\n\n" +
			"and NAME.eml with NAME.json, which has name and offers alone. An offer may also say off, up_to, from\n" +
			"and if (\"2 for\", \"orders over 60 EUR\"). Precision is how much of what was found is right, recall how much\n" +
			"of what is there was found, F1 their harmonic mean.",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "errors", Usage: "list the messages of which something was missed or invented"},
			&cli.BoolFlag{Name: "scores", Usage: "first a line of JSON for each message, in their order"},
			command.JSONFlag(),
		},
		Action: std.evalOffers,
	}
}

// offersLine is a message as --scores prints it.
type offersLine struct {
	Path  string        `json:"path"`
	Name  string        `json:"name"`
	Score float64       `json:"score"` // F1 over all slots
	Found []offers.Told `json:"found"`
}

func (std streams) evalOffers(c *cli.Context) error {
	if c.NArg() == 0 {
		return command.Misuse("for example: usher eval offers ~/read", "no folder is given")
	}
	var results []offers.Result
	for _, dir := range c.Args().Slice() {
		cases, err := offers.Read(dir)
		if err != nil {
			return err
		}
		for _, one := range cases {
			results = append(results, offers.Judge(one))
		}
	}
	if c.Bool("scores") {
		lines := json.NewEncoder(std.Out)
		for _, r := range results {
			if err := lines.Encode(offersLine{r.Case.Path, r.Case.Name, r.All().F1(), r.Found}); err != nil {
				return err
			}
		}
	}
	report := offers.Take(results)
	if !c.Bool("json") {
		show.Offers(std.Out, report)
		if c.Bool("errors") {
			show.WrongOffers(std.Out, results)
		}
		return nil
	}
	return std.JSON(report)
}
