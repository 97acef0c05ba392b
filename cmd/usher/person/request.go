package person

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"usher/cmd/usher/command"
	"usher/cmd/usher/offline"
	"usher/cmd/usher/settings"
	"usher/cmd/usher/show"
	"usher/rules/intents"
	"usher/rules/intents/request"
)

func requestCommand(std streams, flags []cli.Flag) *cli.Command {
	flags = append(append([]cli.Flag{}, flags...),
		&cli.StringFlag{Name: "alias", Usage: "the `ADDRESS` that may answer: one that does not tell who you are, and that you can give up"},
		&cli.StringFlag{Name: "to", Value: "-", Usage: "write to this `FILE`, which must not be there yet"})
	return &cli.Command{
		Name:      "export",
		Usage:     "write one want as a request that names nobody, for you to post where you like",
		ArgsUsage: "LINE|WORDS",
		Description: "The request has the product in your words, its bounds and its window, and the alias: no name,\n" +
			"no address of yours, and nothing else that you state. usher sends it nowhere; read it before you\n" +
			"post it. A want that says `publish no` is not written.",
		Flags:  flags,
		Before: settings.FromFile(flags),
		Action: std.exportRequest,
	}
}

// nextOf are what to do about a want that is no request.
var nextOf = map[error]string{
	request.ErrNewsletters: "name a want in quotes: `usher intents list` shows them",
	request.ErrPrivate:     "take `publish no` out of the want, if you want others to read it",
	request.ErrEnded:       "give it a later day: `usher intents edit`",
	request.ErrAlias:       "for example: usher intents export --alias x7k2@relay.example 'winter running shoes'",
	request.ErrOwn:         "take an address that your mail server or a relay forwards to you, with a name that nobody knows you by",
}

func (std streams) exportRequest(c *cli.Context) error {
	what := strings.Join(c.Args().Slice(), " ")
	if what == "" || c.String("alias") == "" {
		return command.Misuse(nextOf[request.ErrAlias], "a want and --alias ADDRESS are wanted: without an alias nobody could answer but to you")
	}
	s, err := std.present(c, "")
	if err != nil {
		return err
	}
	f, errs := intents.Parse(s.name, s.text, time.Now())
	if len(errs) > 0 {
		return show.Hint(errs, "mend these lines first; `usher intents check` shows them again")
	}
	line, _ := strconv.Atoi(what) // words are no line
	want := request.Find(f, line, what)
	if want == nil {
		return show.Hint(fmt.Errorf("%q is no want of %s, or more than one", what, s.name), "`usher intents list` shows the lines; name one of a want")
	}
	mailbox := s.mailbox
	if s.fromDisk {
		mailbox = "" // whose file it is nobody says
	}
	r, err := request.Of(want, c.String("alias"), mailbox, intents.DateOf(time.Now().In(offline.ZoneOf(f))))
	for known, next := range nextOf {
		if errors.Is(err, known) {
			return show.Hint(fmt.Errorf("line %d is not written: %w", want.Line, err), "%s", next)
		}
	}
	if err != nil {
		return err
	}
	if err = std.SaveJSON(c.Context, c.String("to"), r); err == nil && c.String("to") != "-" {
		fmt.Fprintf(std.Out, "Written to %s. Nothing was sent: read it, and post it where you like.\n", c.String("to"))
	}
	return err
}
