package operator

import (
	"context"
	"fmt"
	"os"

	"github.com/urfave/cli/v2"

	"usher/cmd/usher/command"
	"usher/cmd/usher/settings"
	"usher/cmd/usher/show"
	"usher/cmd/usher/web"
	"usher/corpus"
	"usher/corpus/audit"
)

func keysCommand(std streams) *cli.Command {
	flags := append(settings.Store(), command.JSONFlag())
	return &cli.Command{
		Name:  "keys",
		Usage: "the keys that everything stored is sealed with",
		Subcommands: []*cli.Command{{
			Name:  "rotate",
			Usage: "put a new master key in the place of the old one, and wrap every key with it",
			Description: "What is stored stays as it is, and mail is recorded meanwhile. A crash loses nothing: until\n" +
				"all is done either master key opens what it wrapped, and usher goes on when it starts.\n" +
				"Works with or without a running daemon.",
			Flags:  flags,
			Before: settings.FromFile(flags),
			Action: std.rotateKeys,
		}},
	}
}

func (std streams) rotateKeys(c *cli.Context) error {
	if c.Args().Present() {
		return command.Misuse("`usher keys rotate` rotates all keys", "%q is no option", c.Args().First())
	}
	var did web.Rotation
	err := either(c,
		func(d *web.Client) (err error) { did, err = d.RotateKeys(c.Context); return err },
		func(s *corpus.Store) (err error) { did, err = rotate(c.Context, s); return err })
	if err != nil {
		return err
	}
	if c.Bool("json") {
		return std.JSON(did)
	}
	if did.GoesOn {
		fmt.Fprintln(std.Out, "The keys are being rotated. It takes a while; `usher status` tells when it is done.")
		return nil
	}
	if did.Resuming {
		fmt.Fprintln(std.Out, "A rotation that had been cut off is now done.")
	}
	fmt.Fprintf(std.Out, "Wrapped with a new master key: %s.\n", show.Count(did.Keys, "key"))
	if did.Spoilt > 0 {
		fmt.Fprintf(std.Out, "Left as they are, since no master key opens them: %s.\n", show.Count(did.Spoilt, "file"))
	}
	fmt.Fprintln(std.Out, "Back up the new master key now, apart from the store. Backups of the keys from before\nopen with the old one only.")
	return nil
}

// rotate does without a daemon what it would do.
func rotate(ctx context.Context, s *corpus.Store) (did web.Rotation, err error) {
	entry := audit.Entry{Actor: audit.Actor{Role: audit.Admin, UID: int64(os.Getuid())}, Event: audit.Rotated, Result: "asked for"}
	if err = s.Audit(ctx, entry); err != nil {
		return did, err
	}
	if did.Rotated, err = s.RotateKeys(ctx); err == nil {
		entry.Result = "ok"
		err = s.Audit(ctx, entry)
	}
	return did, err
}
