package main

import (
	"io"
	"log/slog"
	"usher/cmd/usher/daemon"

	"github.com/urfave/cli/v2"
)

func serveCommand(std streams) *cli.Command {
	flags := serveFlags()
	return &cli.Command{
		Name:  "serve",
		Usage: "take mail in, decide, record, pass it on; until SIGTERM",
		Description: "Serves in the foreground; the systemd unit that `make install` writes runs it. SIGTERM\n" +
			"takes no new mail, finishes what is under way and ends; a second signal ends at once.\n\n" +
			"Every option is also a key of the --config file, and USHER_NAME in the environment.\n" +
			"`usher check-config` tries the settings first, and prints the lines for Postfix and Dovecot.",
		Flags:  flags,
		Before: fromFile(flags),
		Action: func(c *cli.Context) error {
			s, err := readSettings(c)
			if err != nil {
				return err
			}
			d, err := daemon.New(s.Settings, nil, newLog(std.err, s.logJSON))
			if err != nil {
				return err
			}
			ctx, stop := untilTold(c.Context)
			defer stop()
			return d.Run(ctx)
		},
	}
}

func newLog(w io.Writer, inJSON bool) *slog.Logger {
	if inJSON {
		return slog.New(slog.NewJSONHandler(w, nil))
	}
	return slog.New(slog.NewTextHandler(w, nil))
}
