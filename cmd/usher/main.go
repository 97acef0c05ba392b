// Command usher puts a digital butler before a mailbox: it serves as a proxy on
// the path of mail and answers a person's questions about what it decided. It
// never stores a message.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/urfave/cli/v2"
)

func main() {
	os.Exit(run(context.Background(), os.Args, streams{in: os.Stdin, out: os.Stdout, err: os.Stderr}))
}

// untilTold ends its context with the first SIGTERM or SIGINT, for commands that
// have something to finish; a second signal is the operating system's again, and
// ends the process at once.
func untilTold(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGTERM, syscall.SIGINT)
	context.AfterFunc(ctx, stop)
	return ctx, stop
}

// streams are the program's input and outputs, so that tests can start it.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// run is the program as a value: it gives the exit status, 0 well, 1 it could
// not, 2 wrong use.
func run(ctx context.Context, args []string, std streams) int {
	app := newApp(std)
	return std.tell(app.RunContext(ctx, args))
}

func newApp(std streams) *cli.App {
	app := &cli.App{
		Name:      "usher",
		Usage:     "a digital butler for mailboxes: mail is held against what you have stated",
		UsageText: "usher COMMAND [OPTIONS] [ARGUMENTS]",
		Description: "usher stands between your mail server and the mailboxes. It files marketing mail by what\n" +
			"each recipient states in a plain text file, passes everything else on untouched, and\n" +
			"keeps the reason for every decision. Start with `usher demo`.",
		Reader: std.in, Writer: std.out, ErrWriter: std.err,
		Suggest:                   true,
		EnableBashCompletion:      true,
		DisableSliceFlagSeparator: true,
		HideVersion:               true,
		ExitErrHandler:            func(*cli.Context, error) {}, // run gives the status
		OnUsageError:              wrongFlag,
		CommandNotFound:           nil,
		Action:                    std.noCommand,
		Commands: []*cli.Command{
			serveCommand(std),
			demoCommand(std),
			checkConfigCommand(std),
			intentsCommand(std),
			explainCommand(std),
			classifyCommand(std),
			evalCommand(std),
			trainCommand(std),
			whyCommand(std),
			decisionsCommand(std),
			completionCommand(std),
			versionCommand(std),
		},
	}
	for _, c := range app.Commands {
		settle(c)
	}
	return app
}

// settle gives every command the same answer to wrong use.
func settle(c *cli.Command) {
	c.OnUsageError = wrongFlag
	for _, sub := range c.Subcommands {
		settle(sub)
	}
}
