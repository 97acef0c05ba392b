package main

import (
	"cmp"
	"io"
	"log/slog"
	"os"
	"runtime/debug"

	"github.com/urfave/cli/v2"

	"usher/cmd/usher/daemon"
	"usher/cmd/usher/person"
	"usher/cmd/usher/settings"
	"usher/cmd/usher/systemd"
	"usher/smtpd"
)

func serveCommand(std streams) *cli.Command {
	flags := settings.Flags()
	return &cli.Command{
		Name:  "serve",
		Usage: "take mail in, decide, record, pass it on; until SIGTERM",
		Description: "Serves in the foreground; the systemd unit that `make install` writes runs it. SIGTERM\n" +
			"takes no new mail, finishes what is under way and ends; a second signal ends at once.\n\n" +
			"Every option is also a key of the --config file, and USHER_NAME in the environment.\n" +
			"`usher check-config` tries the settings first, and prints the lines for Postfix and Dovecot.",
		Flags:  flags,
		Before: settings.FromFile(flags),
		Action: func(c *cli.Context) error {
			s, err := settings.Read(c)
			if err != nil {
				return err
			}
			s.Version, s.Web.Manual = version, person.Manual()
			boundMemory(s.Wire.MaxMemory)
			if s.Sockets, err = systemd.Sockets(); err != nil {
				return err
			}
			d, err := daemon.New(s.Settings, s.Resolver, newLog(std.Err, s.LogJSON))
			if err != nil {
				return err
			}
			ctx, stop := untilTold(c.Context)
			defer stop()
			return d.Run(ctx)
		},
	}
}

// besideMessages is what the program is given in memory beside the messages in
// it, in bytes: 30 MB at rest, 10 MB for 256 connections, and room to work in.
const besideMessages = 96 << 20

// boundMemory has the collector keep the program within what messages may hold
// and what it needs besides. By itself it would let garbage grow to as much as is
// in use, so that a burst of large messages took twice its bound. GOMEMLIMIT in
// the environment wins.
func boundMemory(messages int64) {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(cmp.Or(messages, smtpd.DefaultMaxMemory) + besideMessages)
	}
}

func newLog(w io.Writer, inJSON bool) *slog.Logger {
	if inJSON {
		return slog.New(slog.NewJSONHandler(w, nil))
	}
	return slog.New(slog.NewTextHandler(w, nil))
}
