package operator

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"usher/cmd/usher/command"
	"usher/cmd/usher/settings"
	"usher/cmd/usher/show"
	"usher/cmd/usher/web/public"
	"usher/rules/intents"
	"usher/rules/intents/shelf"
	"usher/rules/terms"
)

// usualDays is how long terms are valid for where nobody says: a sender's machine is to
// look again twice a year.
const usualDays = 180

func termsCommand(std streams) *cli.Command {
	flags := append(settings.Terms(),
		&cli.StringFlag{Name: "domain", Usage: "the `DOMAIN` of the mailboxes (default: that of the file there is)"},
		&cli.StringFlag{Name: "contact", Usage: "a `URI` to write to, such as mailto:postmaster@example.net"},
		&cli.StringFlag{Name: "until", Usage: fmt.Sprintf("the last `DAY` on which they hold, as 2027-05-01 (default: %d days from now)", usualDays)})
	return &cli.Command{
		Name:  "terms",
		Usage: "what this site asks of bulk mail, published for senders",
		Description: "Agreements are named by their MyTerms identifiers, from `terms proffer ID` in the site's file;\n" +
			"not certified against IEEE 7012; experimental.",
		Subcommands: []*cli.Command{{
			Name:      "write",
			Usage:     "write the file from the site's statements, and print the DNS record that leads to it",
			ArgsUsage: "[FILE|-]",
			Description: "The file holds what the site's own statements come to, and nothing of one person. FILE is\n" +
				"the setting terms-file where it is left out; with - it is printed. usher publishes it while\n" +
				"it says what the statements do: write it anew when you change them.",
			Flags:  flags,
			Before: settings.FromFile(flags),
			Action: std.writeTerms,
		}},
	}
}

func (std streams) writeTerms(c *cli.Context) error {
	if c.NArg() > 1 {
		return command.Misuse("for example: usher terms write --domain example.net mail-terms.json", "one file is wanted, %d given", c.NArg())
	}
	path := cmp.Or(c.Args().First(), c.String("terms-file"))
	if path == "" {
		return command.Misuse("name one, or - to print it", "no file is named, and terms-file is not set")
	}
	set := public.Settings{File: path, URL: c.String("terms-url"), Told: settings.Told(c)}
	if err := set.Check(); err != nil {
		return command.Misuse("see `usher serve --help`", "%w", err)
	}
	site, errs, err := intents.Load(c.String("site-file"))
	if err := cmp.Or(err, errs.Err()); err != nil {
		return show.Hint(fmt.Errorf("read the site's statements: %w", err), "they are a file as a person's: `usher intents check FILE` shows its mistakes; name it with --site-file")
	}
	asked, err := askedTerms(c, path, terms.Today(site, time.Now()))
	if err != nil {
		return err
	}
	d, err := terms.Of(site, asked, terms.Today(site, time.Now()))
	if err != nil {
		return show.Hint(err, "publish terms when the site's statements are in force")
	}
	text := d.Bytes()
	if path == "-" {
		_, err := std.Out.Write(text)
		return err
	}
	if err := shelf.Write(path, text); err != nil {
		return show.Hint(err, "name a file in a folder that you may write to")
	}
	if err := os.Chmod(path, 0o644); err != nil { // it is for everybody, the daemon first
		return err
	}
	name, txt := d.Pointer(text, cmp.Or(set.URL, d.URL()))
	fmt.Fprintf(std.Out, "Written to %s, valid until %s. For the DNS of %s:\n%s\n", path, d.ValidUntil, d.Domain, terms.Zone(name, txt))
	return nil
}

// askedTerms is what the statements do not tell: from the command, else from the file
// that there is.
func askedTerms(c *cli.Context, path string, day intents.Date) (terms.Asked, error) {
	a := terms.Asked{Domain: strings.ToLower(c.String("domain")), Contact: c.String("contact"), Until: day.Plus(usualDays), Told: settings.Told(c)}
	if path == "-" {
		path = c.String("terms-file")
	}
	text, err := os.ReadFile(path)
	switch was, unread := terms.Read(text); {
	case err == nil && unread == nil:
		a.Domain, a.Contact = cmp.Or(a.Domain, was.Domain), cmp.Or(a.Contact, was.Contact)
	case err == nil:
		return a, show.Hint(fmt.Errorf("%s is no file of terms, and is left as it is: %w", path, unread), "name another file, or move that one away")
	case path != "" && !errors.Is(err, fs.ErrNotExist):
		return a, err
	}
	if a.Domain == "" {
		return a, command.Misuse("for example: usher terms write --domain example.net", "of which domain are the mailboxes?")
	}
	if u := c.String("until"); u != "" {
		last, err := time.Parse(time.DateOnly, u)
		if err != nil || intents.DateOf(last).Before(day) {
			return a, command.Misuse("write it as 2027-05-01", "--until %q is no day to come", u)
		}
		a.Until = intents.DateOf(last)
	}
	return a, nil
}
