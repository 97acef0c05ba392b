package person

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"usher/classify/mail"
	"usher/cmd/usher/command"
	"usher/cmd/usher/offline"
	"usher/cmd/usher/settings"
	"usher/cmd/usher/show"
	"usher/cmd/usher/web"
	"usher/cmd/usher/web/muted"
	"usher/rules"
	"usher/rules/lessons"
)

func correctCommand(std streams) *cli.Command {
	flags := append(settings.Ask(), rcptFlag(),
		&cli.StringFlag{Name: "scope", Usage: "how far it reaches: `SCOPE` is kind (this kind of mail from this brand), message, brand or topic (default: kind)"},
		&cli.StringFlag{Name: "topic", Usage: "with --scope topic, what the `WORDS` say"},
		&cli.StringFlag{Name: "message", Usage: "the message is at hand as a `FILE`, such as a mail program saves; - reads it from the input"},
		&cli.BoolFlag{Name: "dry-run", Usage: "only tell what it would teach"},
		command.JSONFlag())
	return &cli.Command{
		Name:      "correct",
		Usage:     "say where a message belonged, or what it was: mail like it follows",
		UsageText: "usher correct [OPTIONS] ID|MESSAGE-ID ROUTE|CATEGORY\nusher correct [OPTIONS] --message FILE ROUTE|CATEGORY",
		Description: "ROUTE is inbox, promotions, digest or refuse; CATEGORY is personal, transactional, notification,\n" +
			"newsletter, promotion or list; receipt says transactional. The lesson is told, holds from the next\n" +
			"message on, for you alone, and ends with `usher undo`. Your written refuse and mute come before it,\n" +
			"and what you protect, or may need, never goes lower. It moves no message that is there already.",
		Flags:  flags,
		Before: settings.FromFile(flags),
		Action: std.correct,
	}
}

func (std streams) correct(c *cli.Context) error {
	const example = "for example: usher correct 01JD8Q3K0ZC4TN2W8R7M6P5XYB inbox; `usher decisions` lists ids"
	said := c.Args().Slice()
	if name := c.String("message"); name != "" {
		id, err := std.messageID(name)
		if err != nil {
			return err
		}
		said = append([]string{id}, said...)
	}
	if len(said) != 2 {
		return command.Misuse(example, "a message and where it belongs are wanted, %s given", show.Count(c.NArg(), "word"))
	}
	id, as := said[0], rules.Correction{To: said[1], Scope: lessons.Scope(c.String("scope")), Topic: c.String("topic")}
	if as.Topic != "" && as.Scope == "" {
		as.Scope = lessons.Topic
	}
	daemon, rcpt := daemonAt(c), c.String("rcpt")
	if strings.Contains(id, "@") {
		found, err := daemon.Why(c.Context, id, rcpt)
		if err != nil {
			return err
		}
		if len(found) > 1 && found[1].Recipient != found[0].Recipient {
			return command.Misuse(example, "several of your mailboxes got that message: name its id, or the mailbox with --rcpt")
		}
		id, rcpt = found[0].ID, found[0].Recipient
	}
	made, err := daemon.Correct(c.Context, rcpt, id, as, false)
	if err == nil && !c.Bool("json") {
		std.Say("%s", made.Lesson) // told before it is learnt
	}
	if err == nil && !c.Bool("dry-run") {
		made, err = daemon.Correct(c.Context, rcpt, id, as, true)
	}
	if err != nil {
		return err
	}
	if c.Bool("json") {
		return std.JSON(made)
	}
	switch {
	case c.Bool("dry-run"):
		fmt.Fprintln(std.Out, "Nothing was kept: leave --dry-run out to have it learnt.")
	case made.Already:
		fmt.Fprintf(std.Out, "You said so already, on %s (%s).\n", day(made, c), made.ID)
	default:
		fmt.Fprintf(std.Out, "Learnt. `usher undo` takes it back (%s).\n", made.ID)
	}
	return nil
}

// messageID is that of a message in a file, by which its decision is found.
func (std streams) messageID(name string) (string, error) {
	raw, err := offline.ReadLetter(std.Streams, name)
	if err != nil {
		return "", err
	}
	id := mail.Parse(raw).MessageID
	if !strings.Contains(id, "@") {
		return "", show.Hint(fmt.Errorf("%s has no Message-ID by which its decision could be found", name), "name its id, as `usher decisions` lists it")
	}
	return id, nil
}

func undoCommand(std streams) *cli.Command {
	flags := append(settings.Ask(), rcptFlag(), command.JSONFlag())
	return &cli.Command{
		Name:        "undo",
		Usage:       "take a correction back, the last one if none is named, or a mute that you answered a digest with",
		ArgsUsage:   "[ID]",
		Description: "ID is that of the correction, or of the decision that was corrected; `usher corrections` lists both.",
		Flags:       flags,
		Before:      settings.FromFile(flags),
		Action: func(c *cli.Context) error {
			if c.NArg() > 1 {
				return command.Misuse("`usher undo` without an id takes the last one back", "one id is wanted, %d given", c.NArg())
			}
			undone, err := muted.Back(c.Context, daemonAt(c), c.String("rcpt"), c.Args().First(), "")
			if err != nil {
				return err
			}
			if c.Bool("json") {
				return std.JSON(undone)
			}
			std.Say("Taken back, from %s: %s", day(undone, c), undone.Lesson)
			std.Say("Mail like it goes where your file and your other corrections have it.")
			return nil
		},
	}
}

// day tells when a correction was made, in the person's zone.
func day(of web.Corrected, c *cli.Context) string { return clock(of.At.In(zoneAt(c, of.Recipient))) }

func correctionsCommand(std streams) *cli.Command {
	flags := append(settings.Ask(), rcptFlag(), &cli.BoolFlag{Name: "all", Usage: "those too that teach nothing any more"}, command.JSONFlag())
	return &cli.Command{
		Name:   "corrections",
		Usage:  "list what you corrected, and what it teaches",
		Flags:  flags,
		Before: settings.FromFile(flags),
		Action: func(c *cli.Context) error {
			all, err := daemonAt(c).Corrections(c.Context, c.String("rcpt"))
			if err != nil {
				return err
			}
			var zone *time.Location
			rows := [][]string{{"ON", "BY", "SENDER", "WAS", "SAID", "SCOPE", "STATE", "ID"}}
			for _, l := range all {
				if !l.InForce && !c.Bool("all") {
					continue
				}
				if c.Bool("json") {
					if err := std.JSONLine(l); err != nil {
						return err
					}
					continue
				}
				if zone == nil {
					zone = zoneAt(c, l.Recipient)
				}
				rows = append(rows, []string{clock(l.At.In(zone)), l.Way, cmp.Or(l.Brand, "-"), l.Was, l.To, scopeOf(l), stateOf(l), l.ID})
			}
			switch {
			case c.Bool("json"):
			case len(rows) == 1:
				std.Say("You have corrected nothing, or taken it all back; `usher correct ID inbox` says where a message belonged.")
			default:
				show.Records(std.Out, rows)
			}
			return nil
		},
	}
}

func scopeOf(l web.Corrected) string {
	switch l.Scope {
	case lessons.Kind:
		return string(l.Category) + " mail of the brand"
	case lessons.Topic:
		return "topic " + l.Topic
	}
	return string(l.Scope)
}

func stateOf(l web.Corrected) string {
	switch {
	case l.Undone:
		return "taken back"
	case !l.InForce:
		return "said otherwise later"
	case l.Scope == lessons.Message:
		return "noted"
	}
	return "in force"
}
