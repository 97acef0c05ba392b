// Command usher puts a digital butler before a mailbox: it serves as a proxy on
// the path of mail and answers a person's questions about what it decided. It
// never stores a message.
package main

import (
	"context"
	"os"
	"os/signal"
	"slices"
	"syscall"

	"usher/cmd/usher/command"
	"usher/cmd/usher/offline"
	"usher/cmd/usher/operator"
	"usher/cmd/usher/person"

	"github.com/urfave/cli/v2"
)

func main() {
	os.Exit(run(context.Background(), os.Args, command.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}))
}

// untilTold ends its context with the first SIGTERM or SIGINT, for commands that
// have something to finish; a second signal is the operating system's again, and
// ends the process at once.
func untilTold(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGTERM, syscall.SIGINT)
	context.AfterFunc(ctx, stop)
	return ctx, stop
}

type streams struct{ command.Streams }

// run is the program as a value: it gives the exit status, 0 well, 1 it could
// not, 2 wrong use.
func run(ctx context.Context, args []string, std command.Streams) int {
	app := newApp(streams{std})
	return std.Tell(app.RunContext(ctx, command.OptionsFirst(app, args)))
}

func newApp(std streams) *cli.App {
	app := &cli.App{
		Name:      "usher",
		Usage:     "a digital butler for mailboxes: mail is held against what you have stated",
		UsageText: "usher COMMAND [OPTIONS] [ARGUMENTS]",
		Description: "usher stands between your mail server and the mailboxes. It files marketing mail by what\n" +
			"each recipient states in a plain text file, passes everything else on untouched, and\n" +
			"keeps the reason for every decision. Start with `usher demo`.",
		Reader: std.In, Writer: std.Out, ErrWriter: std.Err,
		Suggest:                   true,
		EnableBashCompletion:      true,
		DisableSliceFlagSeparator: true,
		HideVersion:               true,
		ExitErrHandler:            func(*cli.Context, error) {}, // run gives the status
		OnUsageError:              command.WrongFlag,
		Action:                    std.noCommand,
		HideHelpCommand:           true,
		Flags:                     []cli.Flag{cli.HelpFlag, &cli.BoolFlag{Name: "version", Aliases: []string{"v"}, Hidden: true}},
		Commands:                  std.commands(),
	}
	for _, c := range app.Commands {
		settle(c)
	}
	return app
}

// settle gives every command the same answer to wrong use.
func settle(c *cli.Command) {
	c.OnUsageError, c.HideHelpCommand = command.WrongFlag, true
	for _, sub := range c.Subcommands {
		settle(sub)
	}
}

// commands are all commands, by whom they are for.
func (std streams) commands() []*cli.Command {
	return slices.Concat(
		command.For(command.Recipient, person.Commands(std.Streams)),
		command.For(command.Admin, []*cli.Command{serveCommand(std), checkConfigCommand(std)}),
		command.For(command.Admin, operator.Commands(std.Streams)),
		command.For(command.Anyone, []*cli.Command{demoCommand(std)}),
		command.For(command.Anyone, offline.Commands(std.Streams)),
		command.For(command.Anyone, []*cli.Command{completionCommand(std), versionCommand(std), helpCommand(std)}),
	)
}
