package offline

import (
	"cmp"
	"fmt"
	"io"
	"time"

	"github.com/urfave/cli/v2"

	"usher/classify"
	"usher/cmd/usher/command"
	"usher/cmd/usher/show"
	"usher/corpus/train/relevance"
)

func relevanceCommand(std streams) *cli.Command {
	return &cli.Command{
		Name:      "relevance",
		Usage:     "hold wants against texts that people graded, beside BM25 and the share of words found",
		ArgsUsage: "FILE.jsonl|ARCHIVE.tar.gz...",
		Description: "Each line of a FILE is a want, a text and a grade, in JSON; the higher, the better it serves:\n\n" +
			"  {\"intent\": \"winter running shoes\", \"title\": \"Trail shoes, 20 % off\",\n" +
			"   \"text\": \"…\", \"grade\": 3}\n" +
			"  {\"intent\": \"flights to Japan\", \"path\": \"mail/12.eml\", \"grade\": 0}\n" +
			"  {\"intent\": \"running shoes\", \"good\": \"…\", \"bad\": \"…\", \"kind\": \"pun\",\n" +
			"   \"language\": \"en\"}\n\n" +
			"A title is judged as a subject; a path is relative to its FILE. Of the last form, of which a\n" +
			"file holds nothing else, the first lines of good and bad are subjects: it is right when good\n" +
			"scores above bad. An ARCHIVE is measured file by file; the shopping sets' own names for\n" +
			"the fields are known (query, name, description, supplier, final, relevance).\n\n" +
			"AUC is how often a good pair scores above a bad one (0.5 is chance), TPR at 1 % FPR the share\n" +
			"of the good that a bar finds which 1 % of the bad pass. Across: the good against the wants of\n" +
			"others, those that share a word or a good text with their own left out. All methods are\n" +
			"measured again on the same draws of the wants, to tell which difference may be luck.",
		Flags: []cli.Flag{
			&cli.Float64Flag{Name: "good", Usage: "a pair is good from this `GRADE` (default: by the grades of the file; 2 of 0 to 3)"},
			&cli.Float64Flag{Name: "bad", Usage: "a pair is bad up to this `GRADE` (default: by the grades of the file; 0 of 0 to 3)"},
			&cli.IntFlag{Name: "rounds", Value: 1000, Usage: "draw the wants again `N` times"},
			&cli.BoolFlag{Name: "scores", Usage: "print one JSON line a pair first, in the order of the file, with its score"},
			&cli.BoolFlag{Name: "errors", Usage: "list the good pairs answered no and the bad ones answered yes, the worst first"},
			&cli.StringFlag{Name: "card", Usage: "write the figures to `FILE` too, as a page"},
			&cli.StringFlag{Name: "date", Usage: "the `DAY` that the card tells (default: today)"},
			command.JSONFlag(),
		},
		Action: std.evalRelevance,
	}
}

// pairLine is a pair as --scores prints it.
type pairLine struct {
	Set    string          `json:"set"`
	Line   int             `json:"line"`
	Intent string          `json:"intent"`
	Path   string          `json:"path,omitempty"`
	Grade  float64         `json:"grade"`
	Score  float64         `json:"score"`
	Answer classify.Answer `json:"answer"`
	Terms  []string        `json:"terms,omitempty"`
}

// contrastLine is a good and a bad text as --scores prints them.
type contrastLine struct {
	Set string `json:"set"`
	*relevance.Contrast
	Score     float64         `json:"score"` // of the good text
	Answer    classify.Answer `json:"answer"`
	BadScore  float64         `json:"bad_score"`
	BadAnswer classify.Answer `json:"bad_answer"`
	Right     bool            `json:"right"`
}

func (std streams) evalRelevance(c *cli.Context) error {
	switch {
	case c.NArg() == 0:
		return command.Misuse("for example: usher eval relevance ~/graded.jsonl; `usher eval relevance --help` shows its lines", "no graded pairs are given")
	case c.Int("rounds") < 1 || c.Int("rounds") > 100_000:
		return command.Misuse("1,000 tell enough", "%d rounds are not from 1 to 100,000", c.Int("rounds"))
	case c.IsSet("good") && c.IsSet("bad") && c.Float64("bad") >= c.Float64("good"):
		return command.Misuse("a bad pair's grade is the lower one", "--bad %v is not under --good %v", c.Float64("bad"), c.Float64("good"))
	}
	var sets []*relevance.Set
	for _, name := range c.Args().Slice() {
		list, err := relevance.Read(name)
		if err != nil {
			return err
		}
		sets = append(sets, list...)
	}
	var judged []*relevance.Judged
	for _, set := range sets {
		bars := relevance.BarsOf(set)
		if c.IsSet("good") {
			bars.Good = c.Float64("good")
		}
		if c.IsSet("bad") {
			bars.Bad = c.Float64("bad")
		}
		if bars.Bad >= bars.Good && len(set.Pairs) > 0 {
			return show.Hint(fmt.Errorf("%s: good from %v and bad up to %v: no grade tells the two apart", set.Name, bars.Good, bars.Bad), "say --good GRADE and --bad GRADE, or grade some pairs lower")
		}
		judged = append(judged, relevance.Judge(classify.New(), set, bars, std.judging(set)))
	}
	if c.Bool("scores") {
		for _, j := range judged {
			if err := std.scores(j); err != nil {
				return err
			}
		}
	}
	if err := std.figures(c, judged); err != nil || c.String("card") == "" {
		return err
	}
	return writeWhole(c.String("card"), func(w io.Writer) error { _, err := io.WriteString(w, cardOf(c, judged)); return err })
}

// cardOf is the page of --card.
func cardOf(c *cli.Context, judged []*relevance.Judged) string {
	var measured []*relevance.Measure
	var counted []*relevance.Totals
	for _, j := range judged {
		if len(j.Contrasts) > 0 {
			counted = append(counted, j.Count())
		} else {
			measured = append(measured, j.Take(c.Int("rounds")))
		}
	}
	return relevance.Card(measured, counted, cmp.Or(c.String("date"), time.Now().Format(time.DateOnly)))
}

// judging tells how far a long set has come.
func (std streams) judging(set *relevance.Set) func(n int) {
	const long = 5000 // texts, some seconds
	if len(set.Texts) < long {
		return nil
	}
	fmt.Fprintf(std.Err, "%s: judging %s …\n", set.Name, show.Count(len(set.Texts), "text"))
	return func(n int) {
		if n%(2*long) == 0 {
			fmt.Fprintf(std.Err, "%s: %d of %d\n", set.Name, n, len(set.Texts))
		}
	}
}

func (std streams) scores(j *relevance.Judged) error {
	for n, p := range j.Pairs {
		r := j.Found[n]
		if err := std.JSONLine(pairLine{j.Name, p.Line, p.Intent, p.Path, p.Grade, r.Score, r.Answer(), r.Terms}); err != nil {
			return err
		}
	}
	for _, k := range j.Contrasts {
		if err := std.JSONLine(contrastLine{j.Name, k.Contrast, k.GoodFound.Score, k.GoodFound.Answer(), k.BadFound.Score, k.BadFound.Answer(), k.Right()}); err != nil {
			return err
		}
	}
	return nil
}

// figures prints what the sets came to: with --json an object each, which is one
// line where lines came before.
func (std streams) figures(c *cli.Context, judged []*relevance.Judged) error {
	write := std.JSON
	if c.Bool("scores") || len(judged) > 1 {
		write = std.JSONLine
	}
	for n, j := range judged {
		if c.Bool("json") {
			if err := write(figuresOf(c, j)); err != nil {
				return err
			}
			continue
		}
		if n > 0 || c.Bool("scores") {
			fmt.Fprintln(std.Out)
		}
		if len(j.Contrasts) > 0 {
			show.Contrasts(std.Out, j.Count())
		} else {
			show.Relevance(std.Out, j.Take(c.Int("rounds")), c.Bool("errors"))
		}
		if c.Bool("errors") {
			show.RelevanceErrors(std.Out, j)
		}
	}
	return nil
}

// wrongPair is a pair that went wrong, as --json --errors prints it.
type wrongPair struct {
	pairLine
	Title string `json:"title"`
}

// figuresOf is what --json prints of a set.
func figuresOf(c *cli.Context, j *relevance.Judged) any {
	if len(j.Contrasts) > 0 {
		return j.Count()
	}
	m := j.Take(c.Int("rounds"))
	of := func(list []relevance.Wrong) []wrongPair {
		out := make([]wrongPair, 0, len(list))
		for _, w := range list {
			out = append(out, wrongPair{pairLine{j.Name, w.Line, w.Intent, w.Path, w.Grade, w.Found.Score, w.Found.Answer(), w.Found.Terms}, w.Text.Name()})
		}
		return out
	}
	if !c.Bool("errors") {
		return m
	}
	missed, taken := j.Misses()
	return struct {
		*relevance.Measure
		Missed  []wrongPair `json:"missed"`
		Taken   []wrongPair `json:"taken"`
		Beneath []wrongPair `json:"good_not_above_95_percent_of_bad"`
	}{m, of(missed), of(taken), of(m.Stands.Missed)}
}
