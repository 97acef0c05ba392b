package operator

import (
	"fmt"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"usher/cmd/usher/command"
	"usher/cmd/usher/settings"
	"usher/smtpd/auth"
)

func dkimCommand(std streams) *cli.Command {
	flags := settings.DKIM()
	return &cli.Command{
		Name:  "dkim",
		Usage: "make the keys that sign mail of usher's own, and print what DNS must say of them",
		Description: "Digests, and reports to senders, are signed with them from the next start on. Keys that are\n" +
			"there are kept: called again, it prints the records. Run it as the system user that usher runs\n" +
			"as. The domain is the setting hostname, from which that mail comes.",
		Flags:  flags,
		Before: settings.FromFile(flags),
		Action: func(c *cli.Context) error {
			if c.Args().Present() {
				return command.Misuse("see `usher help dkim`", "usher dkim takes no argument, %q was given", c.Args().First())
			}
			host, err := settings.Hostname(c)
			if err != nil {
				return err
			}
			signer, err := auth.MakeSigner(filepath.Join(c.String("state-dir"), "dkim"), host)
			if err != nil {
				return err
			}
			for _, r := range signer.Records() {
				fmt.Fprintf(std.Out, "%s. TXT (\n%s)\n", r.Name, quoted(r.Text))
			}
			fmt.Fprintf(std.Out, "\n; and that mail from there is so signed, or not ours\n_dmarc.%s. TXT \"v=DMARC1; p=reject\"\n", host)
			return nil
		},
	}
}

// quoted writes a TXT record as strings that fit a terminal, as zone files do: its
// value is all of them joined.
func quoted(text string) (s string) {
	const most = 72 // bytes; DNS allows 255
	for ; len(text) > most; text = text[most:] {
		s += fmt.Sprintf("  %q\n", text[:most])
	}
	return s + fmt.Sprintf("  %q", text)
}
