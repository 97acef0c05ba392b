package person

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"usher/cmd/usher/command"
	"usher/cmd/usher/settings"
	"usher/cmd/usher/show"
	"usher/cmd/usher/web/receipts"
)

func exportCommand(std streams) *cli.Command {
	flags := append(settings.Ask(), rcptFlag(), &cli.BoolFlag{Name: "all", Usage: "all of your mailboxes, a folder each"},
		&cli.BoolFlag{Name: "receipts", Usage: "whom you let market to you, since when and until when, as JSON-LD"})
	return &cli.Command{
		Name:      "export",
		Usage:     "write all that usher keeps of you to one archive, with your intents",
		ArgsUsage: "[FILE|-]",
		Description: "The archive is a zip file (default: usher-export-DATE.zip): lines of JSON for each kind of what\n" +
			"is kept, your intents file, and a page that says what is in them. You are the only one who\n" +
			"can have it written; the audit ledger notes that you did.",
		Flags:  flags,
		Before: settings.FromFile(flags),
		Action: func(c *cli.Context) error {
			if c.NArg() > 1 {
				return command.Misuse("for example: usher export mine.zip", "one file is wanted, %d given", c.NArg())
			}
			if c.Bool("all") && c.String("rcpt") != "" {
				return command.Misuse("leave one of them out", "--all and --rcpt are said together")
			}
			path := c.Args().First()
			if c.Bool("receipts") {
				return std.exportReceipts(c, path)
			}
			if path == "" {
				path = "usher-export-" + time.Now().Format(time.DateOnly) + ".zip"
			}
			err := std.Save(c.Context, path, func(ctx context.Context, w io.Writer) error {
				return daemonAt(c).Export(ctx, c.String("rcpt"), c.Bool("all"), w)
			})
			if err == nil && path != "-" {
				fmt.Fprintf(std.Out, "wrote %s: README.txt in it says what it holds\n", path)
			}
			return err
		},
	}
}

// exportReceipts writes a person's own record of permissions.
func (std streams) exportReceipts(c *cli.Context, path string) error {
	if c.Bool("all") {
		return command.Misuse("name one mailbox with --rcpt", "receipts are written mailbox by mailbox")
	}
	r, err := receipts.Ask(c.Context, daemonAt(c), c.String("rcpt"))
	if err != nil {
		return err
	}
	path = cmp.Or(path, "usher-receipts-"+time.Now().Format(time.DateOnly)+".json")
	if err = std.SaveJSON(c.Context, path, r); err == nil && path != "-" {
		fmt.Fprintf(std.Out, "wrote %s: your own record, of %s\n", path, show.Count(len(r.Records), "brand"))
	}
	return err
}

func eraseCommand(std streams) *cli.Command {
	flags := append(settings.Ask(), rcptFlag(), command.YesFlag(), command.JSONFlag(),
		&cli.BoolFlag{Name: "intents", Usage: "remove the intents file too"})
	return &cli.Command{
		Name:      "erase",
		Category:  string(command.Either),
		Usage:     "destroy all that usher remembers of a mailbox, for good",
		ArgsUsage: "[MAILBOX]",
		Description: "The key that decisions, counts and all else of the mailbox are sealed under is destroyed: nobody\n" +
			"can read them any more, in the store or in a backup of it, and a backup that is restored does\n" +
			"not bring them back. A copy of the keys themselves can: the operator keeps one for 7 days at\n" +
			"most. Your mail stays where it is; the mail server's log is not usher's to erase.\n\n" +
			"The intents file is yours, and stays; so the next mail is judged by it and begins anew. With\n" +
			"--intents it is removed, and the daemon's copy of it. To take all along first: usher export.",
		Flags:  flags,
		Before: settings.FromFile(flags),
		Action: std.erase,
	}
}

func (std streams) erase(c *cli.Context) error {
	box, err := boxToErase(c)
	if err != nil {
		return err
	}
	if !c.Bool("yes") {
		what := "all that usher remembers of " + box
		if c.Bool("intents") {
			what += ", and its intents file"
		}
		if err := std.Confirm(fmt.Sprintf("This destroys %s, for good.\nType the mailbox to go on: ", what), box); err != nil {
			return err
		}
	}
	e, err := daemonAt(c).Erase(c.Context, box, c.Bool("intents"))
	if err != nil {
		return err
	}
	if c.Bool("json") {
		return std.JSON(e)
	}
	said := "Erased: nothing that was kept of " + e.Mailbox + " can be read any more."
	if !e.Was {
		said = "Nothing was kept of " + e.Mailbox + "."
	}
	switch {
	case e.Intents == "removed":
		said += " Its intents file is removed."
	case e.Intents == "kept":
		said += " Its intents file stays; --intents removes it, too."
	}
	if e.IsJudged {
		said += " Mail to it is judged all the same, so the next one begins anew."
	}
	std.Say("%s", said)
	return nil
}

// boxToErase is the one named, else the caller's only one.
func boxToErase(c *cli.Context) (string, error) {
	switch named, rcpt := c.Args().First(), c.String("rcpt"); {
	case c.NArg() > 1:
		return "", command.Misuse("each mailbox is erased by itself", "one mailbox is wanted, %d given", c.NArg())
	case named != "" && rcpt != "" && !strings.EqualFold(named, rcpt):
		return "", command.Misuse("leave one of them out", "two mailboxes are named, %s and %s", rcpt, named)
	case named != "" || rcpt != "":
		return cmp.Or(named, rcpt), nil
	}
	who, err := daemonAt(c).Whoami(c.Context)
	if err != nil {
		return "", err
	}
	if len(who.Mailboxes) != 1 || strings.HasPrefix(who.Mailboxes[0], "*") {
		return "", command.Misuse("for example: usher erase maria@example.org", "which mailbox is not said; yours: %s", strings.Join(who.Mailboxes, ", "))
	}
	return who.Mailboxes[0], nil
}

func forgetCommand(std streams) *cli.Command {
	flags := append(settings.Ask(), rcptFlag(), command.JSONFlag())
	return &cli.Command{
		Name:      "forget",
		Usage:     "delete what usher remembers of one brand",
		ArgsUsage: "BRAND",
		Description: "BRAND is a domain or a name, as `usher decisions` shows it; what your file says of it counts, so\n" +
			"that all domains of a grant go together. Its decisions are deleted, whether its mail was proven\n" +
			"or only claimed to be its, with the counts and overrides. Your statements about it stay: see\n" +
			"`usher intents remove`. A backup that is restored may bring them back until they end.",
		Flags:  flags,
		Before: settings.FromFile(flags),
		Action: func(c *cli.Context) error {
			brand := strings.TrimSpace(strings.Join(c.Args().Slice(), " "))
			if brand == "" {
				return command.Misuse("for example: usher forget shop.example", "no brand is named")
			}
			f, err := daemonAt(c).Forget(c.Context, c.String("rcpt"), brand)
			if err != nil {
				return err
			}
			if c.Bool("json") {
				return std.JSON(f)
			}
			if f.Decisions == 0 {
				std.Say("No decision of %s names %s; `usher decisions --last 30d` shows the brands as they are written.", f.Mailbox, brand)
				return nil
			}
			fmt.Fprintf(std.Out, "Forgot %s of %s about %s.\n", show.Count(f.Decisions, "decision"), f.Mailbox, strings.Join(f.Brand, ", "))
			return nil
		},
	}
}
