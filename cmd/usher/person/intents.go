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
	"usher/rules/intents/advice"
	"usher/rules/intents/first"
	"usher/rules/intents/meaning"
)

func intentsCommand(std streams) *cli.Command {
	file := &cli.PathFlag{Name: "file", Usage: "work on this `FILE` instead of asking the daemon", TakesFile: true}
	flags := append(settings.Ask(), file, rcptFlag())
	sub := func(name, usage, args string, action cli.ActionFunc, more ...cli.Flag) *cli.Command {
		all := append(append([]cli.Flag{}, flags...), more...)
		return &cli.Command{Name: name, Usage: usage, ArgsUsage: args, Flags: all, Before: settings.FromFile(all), Action: action}
	}
	test := sub("test", "the decision that a message would get, by the same code as the wire", "MESSAGE.eml|-", std.testIntents)
	test.Flags = append(test.Flags, offline.Flags()...)
	test.Flags = dropFlag(test.Flags, 1, "rcpt")
	return &cli.Command{
		Name:  "intents",
		Usage: "read, check and edit the file in which you state what you want",
		Description: "Your file lies with the daemon; these commands read and write it over the daemon's socket.\n" +
			"With --file they work on a file of yours, and no daemon is needed.",
		Subcommands: []*cli.Command{
			sub("init", "write a first file, commented", "[FILE]", std.initIntents),
			sub("check", "show mistakes as file:line:column, and each statement as understood", "[FILE]", std.checkIntents,
				&cli.BoolFlag{Name: "quiet", Usage: "mistakes only"}, command.JSONFlag()),
			sub("list", "list the statements with their lines", "[FILE]", std.listIntents, command.JSONFlag()),
			sub("add", "add a statement, keeping everything else as it is", "STATEMENT", std.addIntents),
			sub("edit", "change the file in your editor; it is checked before it is saved", "[FILE]", std.editIntents),
			sub("format", "write the file the way it should look, changing no meaning", "[FILE]", std.formatIntents,
				&cli.BoolFlag{Name: "check", Usage: "change nothing; exit status 1 if a line would change"}),
			requestCommand(std, flags),
			sub("remove", "remove the statement on a line", "LINE", std.removeIntents),
			test,
			replayCommand(std),
			{Name: "manual", Usage: "the whole language, on a few pages", Action: func(*cli.Context) error {
				_, err := fmt.Fprint(std.Out, manual)
				return err
			}},
		},
		Action: std.noSubcommand,
	}
}

// dropFlag leaves out all but the n-th flag of a name.
func dropFlag(flags []cli.Flag, n int, name string) []cli.Flag {
	var out []cli.Flag
	for _, f := range flags {
		if f.Names()[0] == name {
			if n--; n != 0 {
				continue
			}
		}
		out = append(out, f)
	}
	return out
}

func (std streams) noSubcommand(c *cli.Context) error {
	if !c.Args().Present() {
		return cli.ShowSubcommandHelp(c)
	}
	return command.Misuse("init, check, list, add, remove, edit, format, export, test, replay or manual; see `usher intents --help`", "unknown command %q", "intents "+c.Args().First())
}

func (std streams) initIntents(c *cli.Context) error {
	s, err := std.stated(c, c.Args().First())
	if err != nil {
		return err
	}
	if s.exists {
		what := s.name + " is there already"
		if !s.fromDisk {
			what = s.mailbox + " has intents already"
		}
		return show.Hint(errors.New(what+"; nothing was changed"), "`usher intents check` shows what it says, `usher intents add` adds to it")
	}
	mailbox := c.String("rcpt")
	if mailbox == "" {
		mailbox = s.mailbox
	}
	if err := s.write(first.File(mailbox)); err != nil {
		return err
	}
	option := ""
	if s.fromDisk {
		option = "--file " + s.name + " "
	}
	fmt.Fprintf(std.Out, "wrote %s\nnext: usher intents add %s'want \"winter running shoes\" under 120 EUR'\n      usher intents manual\n", s.name, option)
	return nil
}

func (std streams) checkIntents(c *cli.Context) error {
	s, err := std.present(c, c.Args().First())
	if err != nil {
		return err
	}
	file, errs := intents.Parse(s.name, s.text, time.Now())
	s.lists(file)
	if c.Bool("json") {
		if err := std.JSON(checked(file, errs)); err != nil || len(errs) == 0 {
			return err
		}
		return command.ErrSilent
	}
	if s.fault != "" {
		fmt.Fprintf(std.Out, "%s: the last good version is in force, not this one\n", s.name)
	}
	if len(errs) > 0 {
		fmt.Fprintln(std.Out, strings.TrimRight(errs.Error(), "\n"))
		next := "mend what the carets point at"
		if !s.fromDisk {
			next = "the daemon keeps the last good version in force until the file is mended"
		}
		return show.Hint(fmt.Errorf("%s: %s", s.name, show.Count(len(errs), "mistake")), "%s", next)
	}
	if !c.Bool("quiet") {
		std.understood(file)
	}
	for _, n := range advice.On(file, time.Now()) {
		std.Say("%s:%d: %s: %s", s.name, n.Line, n.Kind, n.Text)
	}
	fmt.Fprintf(std.Out, "%s: %s, no mistake\n", s.name, show.Count(len(file.All), "statement"))
	return nil
}

// checked is what check --json prints.
func checked(file *intents.File, errs intents.Errors) any {
	type notes struct {
		Errors     []intents.Error `json:"errors"`
		Notes      []advice.Note   `json:"notes"`
		Statements []meaning.Line  `json:"statements"`
	}
	if len(errs) > 0 {
		return notes{Errors: errs}
	}
	return notes{Notes: advice.On(file, time.Now()), Statements: meaning.Lines(file)}
}

func (std streams) understood(file *intents.File) {
	var rows [][]string
	for _, u := range meaning.Lines(file) {
		rows = append(rows, []string{strconv.Itoa(u.Line), u.Text})
		if u.Meaning != "" {
			rows = append(rows, []string{"", "  " + u.Meaning})
		}
		if m := u.Matching(); m != "" {
			rows = append(rows, []string{"", "  " + m})
		}
		for _, why := range u.Unread {
			rows = append(rows, []string{"", "  not understood: " + why})
		}
	}
	show.List{Rows: rows}.Print(std.Out)
}

func (std streams) listed(file *intents.File) {
	var rows [][]string
	for _, u := range file.Understood() {
		rows = append(rows, []string{strconv.Itoa(u.Line), u.Text})
	}
	show.List{Rows: rows}.Print(std.Out)
}

func (std streams) listIntents(c *cli.Context) error {
	s, err := std.present(c, c.Args().First())
	if err != nil {
		return err
	}
	file, errs := intents.Parse(s.name, s.text, time.Now())
	if len(errs) > 0 {
		return show.Hint(errs, "mend these lines first; `usher intents check` shows them again")
	}
	if c.Bool("json") {
		return std.JSON(file.Understood())
	}
	if len(file.All) == 0 {
		fmt.Fprintln(std.Out, "The file states nothing yet; `usher intents add STATEMENT` adds to it.")
		return nil
	}
	std.listed(file)
	return nil
}

func (std streams) testIntents(c *cli.Context) error {
	if path := c.Path("file"); path != "" {
		return offline.Explain(std.Streams, c, path)
	}
	for _, f := range []string{"assume-aligned", "at", "trust-ar", "site-file"} {
		if c.IsSet(f) {
			return command.Misuse("with --file FILE no daemon is asked, and all options hold", "--%s means nothing to the daemon, which judges as the wire does", f)
		}
	}
	raw, err := offline.ReadMessage(std.Streams, c)
	if err != nil {
		return err
	}
	d, err := daemonAt(c).Test(c.Context, c.String("rcpt"), raw)
	if err != nil {
		return err
	}
	if d == nil {
		std.Say("This mailbox is not judged: neither it nor the site has stated anything. Its mail passes untouched.")
		return nil
	}
	if c.Bool("json") {
		return std.JSON(d)
	}
	show.Decision(std.Out, d, zoneAt(c, d.Recipient))
	return nil
}
