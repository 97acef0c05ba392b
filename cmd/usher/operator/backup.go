package operator

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/urfave/cli/v2"

	"usher/cmd/usher/command"
	"usher/cmd/usher/settings"
	"usher/cmd/usher/show"
	"usher/cmd/usher/web"
	"usher/corpus"
	"usher/corpus/audit"
	"usher/corpus/restore"
)

func backupCommand(std streams) *cli.Command {
	flags := settings.Ask()
	return &cli.Command{
		Name:      "backup",
		Usage:     "write a backup of the store, while usher runs",
		ArgsUsage: "FILE|FOLDER|-",
		Description: "The backup is of one moment. What concerns a person stays sealed in it, and the keys are not in\n" +
			"it: without them it tells nothing, and whoever is erased is erased in every backup, at once.\n" +
			"So back up the keys apart (the folder keys and the file master.key in the state folder), to\n" +
			"another place, and keep that copy for 7 days at most: until it is gone, who was erased could be\n" +
			"brought back. Intents files and settings are files as others are, and are not in it either.",
		Flags:  flags,
		Before: settings.FromFile(flags),
		Action: func(c *cli.Context) error {
			if c.NArg() != 1 {
				return command.Misuse("for example: usher backup /var/backups", "one file or folder is wanted, %d given", c.NArg())
			}
			path := c.Args().First()
			if st, err := os.Stat(path); err == nil && st.IsDir() {
				path = filepath.Join(path, "usher-"+time.Now().UTC().Format("2006-01-02-150405")+".backup")
			}
			err := std.Save(c.Context, path, func(ctx context.Context, w io.Writer) error {
				return web.Dial(c.String("socket")).Backup(ctx, w)
			})
			if err == nil && path != "-" {
				fmt.Fprintf(std.Out, "wrote %s\nThe keys are not in it: see `usher help backup`.\n", path)
			}
			return err
		},
	}
}

func restoreCommand(std streams) *cli.Command {
	flags := append(settings.Store(), command.YesFlag())
	return &cli.Command{
		Name:      "restore",
		Usage:     "put a backup in the place of the store, while usher does not run",
		ArgsUsage: "FILE",
		Description: "A backup that is cut short, changed, or of another site is refused before anything is touched.\n" +
			"Until the new store is whole the old one stays. Whoever was erased since stays erased, and what\n" +
			"an admin shortened stays short; brands that were forgotten since come back until they end.\n\n" +
			"Put folder and master key of the keys back first, if they are lost. Run it as the system user\n" +
			"that usher runs as: runuser -u usher -- usher restore FILE.",
		Flags:  flags,
		Before: settings.FromFile(flags),
		Action: std.restore,
	}
}

func (std streams) restore(c *cli.Context) error {
	if c.NArg() != 1 {
		return command.Misuse("for example: usher restore /var/backups/usher-2026-11-23-030000.backup", "one file is wanted, %d given", c.NArg())
	}
	path := c.Args().First()
	o, err := settings.StoreOptions(c, slog.New(slog.NewTextHandler(std.Err, &slog.HandlerOptions{Level: slog.LevelWarn})))
	if err != nil {
		return err
	}
	r, err := restore.Prepare(o, path, more(std.Progress("checked")))
	switch {
	case errors.Is(err, corpus.ErrHeld):
		return show.Hint(err, "stop usher first: systemctl stop usher")
	case errors.Is(err, os.ErrNotExist):
		return show.Hint(err, "name a file that `usher backup` wrote; nothing was changed")
	}
	if err != nil {
		return err
	}
	defer r.Close()
	made := r.At.Local().Format("2 Jan 2006 15:04")
	if r.Replaces && !c.Bool("yes") {
		question := fmt.Sprintf("The store in %s is replaced by the backup of %s.\nWhat was recorded since then is lost. Type yes to go on: ", o.Dir, made)
		if err := std.Confirm(question, "yes"); err != nil {
			return err
		}
	}
	s, err := r.Restore(c.Context, more(std.Progress("restored")))
	if err != nil {
		return err
	}
	err = s.Audit(c.Context, audit.Entry{Actor: audit.Actor{Role: audit.Admin, UID: int64(os.Getuid())}, Event: audit.Restore, Result: "backup of " + r.At.UTC().Format("2006-01-02 15:04")})
	if e := s.Close(); err == nil {
		err = e
	}
	if err != nil {
		return show.Hint(fmt.Errorf("the store is restored, but: %w", err), "start usher; it says what is wrong")
	}
	fmt.Fprintf(std.Out, "Restored the backup of %s, %s. Start usher: systemctl start usher\n", made, humanize.IBytes(uint64(r.Size())))
	return nil
}

// more tells a progress what came since it was told last.
func more(progress func(n int64)) func(all int64) {
	var last int64
	return func(all int64) {
		progress(all - last)
		last = all
	}
}
