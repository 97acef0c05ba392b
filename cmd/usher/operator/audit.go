package operator

import (
	"fmt"
	"os/user"
	"slices"
	"strconv"
	"time"

	"github.com/urfave/cli/v2"

	"usher/cmd/usher/command"
	"usher/cmd/usher/settings"
	"usher/cmd/usher/show"
	"usher/cmd/usher/web"
	"usher/corpus"
	"usher/corpus/audit"
)

func auditCommand(std streams) *cli.Command {
	sub := func(name, usage, description string, action cli.ActionFunc, more ...cli.Flag) *cli.Command {
		flags := append(settings.Store(), append(more, command.JSONFlag())...)
		return &cli.Command{Name: name, Usage: usage, Description: description, Flags: flags, Before: settings.FromFile(flags), Action: action}
	}
	return &cli.Command{
		Name:  "audit",
		Usage: "who did what to the site, and whether the record of it is whole",
		Subcommands: []*cli.Command{
			sub("list", "list what was done to the site: by whom, when, to what",
				"It names mailboxes by their tag: never a person, a sender, a subject or a statement. Entries\n"+
					"are kept for 400 days, by whole months. Works with or without a running daemon.",
				std.listAudit, &cli.StringFlag{Name: "last", Value: "30d", Usage: "how far back: `TIME` as 12h, 7d or 2w"},
				&cli.StringFlag{Name: "mailbox", Usage: "what is about this `MAILBOX` alone"}),
			sub("verify", "walk along the audit ledger and name the first entry that does not fit",
				"Each entry holds the hash of the one before it. One that was changed, taken out or moved is\n"+
					"named, and the exit status is 1. Works with or without a running daemon.",
				std.verifyAudit),
		},
	}
}

func (std streams) listAudit(c *cli.Context) error {
	if c.Args().Present() {
		return command.Misuse("for example: usher audit list --last 7d", "%q is no option", c.Args().First())
	}
	last, err := command.Span(c.String("last"))
	if err != nil {
		return err
	}
	since := time.Now().Add(-last)
	var entries []audit.Entry
	err = either(c,
		func(d *web.Client) (err error) {
			entries, err = d.Audit(c.Context, since, c.String("mailbox"))
			return err
		},
		func(s *corpus.Store) (err error) {
			entries, err = s.Ledger(since)
			if box := c.String("mailbox"); box != "" {
				tag := s.TagOf(box)
				entries = slices.DeleteFunc(entries, func(e audit.Entry) bool { return e.Object != tag })
			}
			return err
		})
	if err != nil {
		return err
	}
	if c.Bool("json") {
		for _, e := range entries {
			if err := std.JSONLine(e); err != nil {
				return err
			}
		}
		return nil
	}
	if len(entries) == 0 {
		fmt.Fprintf(std.Out, "The ledger has nothing of the last %s; --last looks further back.\n", c.String("last"))
		return nil
	}
	rows := [][]string{{"ENTRY", "AT", "WHO", "AS", "EVENT", "RESULT", "OBJECT"}}
	for _, e := range entries {
		rows = append(rows, []string{strconv.FormatUint(e.Seq, 10), e.At.Local().Format("2006-01-02 15:04:05"), nameOf(e.Actor.UID), string(e.Actor.Role), string(e.Event), e.Result, e.Object})
	}
	show.Records(std.Out, rows)
	return nil
}

// nameOf is what this machine calls a system user now.
func nameOf(uid int64) string {
	if uid == audit.NoUID {
		return "-"
	}
	text := strconv.FormatInt(uid, 10)
	if u, err := user.LookupId(text); err == nil {
		return u.Username
	}
	return text
}

func (std streams) verifyAudit(c *cli.Context) error {
	if c.Args().Present() {
		return command.Misuse("`usher audit verify` walks along all of it", "%q is no option", c.Args().First())
	}
	var v web.Verified
	err := either(c,
		func(d *web.Client) (err error) { v, err = d.VerifyAudit(c.Context); return err },
		func(s *corpus.Store) (err error) { v.Entries, v.Broken, err = s.VerifyAudit(c.Context); return err })
	if err != nil {
		return err
	}
	if c.Bool("json") {
		if err := std.JSON(v); err != nil {
			return err
		}
		if v.Broken != nil {
			return command.ErrSilent
		}
		return nil
	}
	if v.Broken != nil {
		return show.Hint(fmt.Errorf("the audit ledger is not whole: %w", v.Broken),
			"%s before it fit. Somebody changed the store, or its disk did: hold it against a backup from before", entries(v.Entries))
	}
	fmt.Fprintf(std.Out, "The audit ledger is whole: %s.\n", entries(v.Entries))
	return nil
}

func entries(n int) string {
	if n == 1 {
		return "1 entry"
	}
	return strconv.Itoa(n) + " entries"
}
