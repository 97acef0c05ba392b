package operator

import (
	"errors"

	"github.com/urfave/cli/v2"

	"usher/cmd/usher/command"
	"usher/cmd/usher/settings"
	"usher/cmd/usher/web"
	"usher/corpus"
)

func movedCommand(std streams) *cli.Command {
	flags := append(settings.Ask(),
		&cli.StringFlag{Name: "mailbox", Usage: "whose `MAILBOX`"},
		&cli.StringFlag{Name: "message-id", Usage: "the message's `MESSAGE-ID`"},
		&cli.StringFlag{Name: "from", Usage: "the `FOLDER` that it was in"},
		&cli.StringFlag{Name: "to", Usage: "the `FOLDER` that it is in now"},
		&cli.BoolFlag{Name: "if-decided", Usage: "a message without a decision is no error: most are letters, and never were usher's"})
	return &cli.Command{
		Name:     "moved",
		Category: string(command.Delegate),
		Usage:    "report that a person moved a message to another folder",
		Description: "For the mail server: Dovecot's imapsieve pipes to it, as the system user that the setting\n" +
			"delegate names. A move is kept beside the decision on the message, and is a correction\n" +
			"where a hand moved it between INBOX, Promotions and Refused, or into Usher/Want, Usher/Stop\n" +
			"or Usher/Only this one: usher corrections shows it, usher undo or moving it back undoes it.\n" +
			"Nothing is learnt within 5 seconds of delivery, nor from more than 5 moves within 10\n" +
			"seconds. Without a decision nothing is kept, and the exit status is 1.",
		Flags:  flags,
		Before: settings.FromFile(flags),
		Action: func(c *cli.Context) error {
			m := web.Move{Mailbox: c.String("mailbox"), MessageID: c.String("message-id"), From: c.String("from"), To: c.String("to")}
			if c.Args().Present() || m.Mailbox == "" || m.MessageID == "" || m.From == "" || m.To == "" {
				return command.Misuse("for example: usher moved --mailbox maria@example.org --message-id '<1@shop.example>' --from Promotions --to INBOX",
					"a mailbox, a Message-ID and two folders are wanted")
			}
			err := web.Dial(c.String("socket")).Moved(c.Context, m)
			if c.Bool("if-decided") && errors.Is(err, corpus.ErrNotFound) {
				return nil
			}
			return err
		},
	}
}
