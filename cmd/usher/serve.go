package main

import (
	"bytes"
	"io"
	"log/slog"
	"strings"

	"github.com/urfave/cli/v2"

	"usher/classify/mail"
	"usher/smtpd"
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
			d, err := newDaemon(s, nil, newLog(std.err, s.logJSON))
			if err != nil {
				return err
			}
			ctx, stop := untilTold(c.Context)
			defer stop()
			return d.run(ctx)
		},
	}
}

func newLog(w io.Writer, inJSON bool) *slog.Logger {
	if inJSON {
		return slog.New(slog.NewJSONHandler(w, nil))
	}
	return slog.New(slog.NewTextHandler(w, nil))
}

// reader gives the bytes of a message as they are read on the wire.
func reader(raw []byte) io.Reader { return bytes.NewReader(raw) }

// readAsWire reads as much of a message as the wire has judged.
func readAsWire(raw []byte) *mail.Message {
	return mail.Parse(raw[:min(len(raw), smtpd.DefaultJudgeBytes)])
}

// returnPath is the reverse-path that a final server wrote into the message;
// where none did, the From address stands for it.
func returnPath(m *mail.Message) string {
	if !m.Has("Return-Path") && len(m.From) > 0 {
		return m.From[0].String()
	}
	return strings.Trim(m.Get("Return-Path"), "<> \t")
}
