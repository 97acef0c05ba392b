package offline

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/urfave/cli/v2"

	"usher/classify"
	"usher/classify/mail"
	"usher/cmd/usher/command"
	"usher/cmd/usher/daemon"
	"usher/cmd/usher/settings"
	"usher/cmd/usher/show"
	"usher/rules"
	"usher/rules/intents"
	"usher/smtpd/auth"
	"usher/smtpd/auth/dns"
)

func explainCommand(std streams) *cli.Command {
	return &cli.Command{
		Name:      "explain",
		Usage:     "say what would be decided about a message, and why; needs no daemon",
		ArgsUsage: "MESSAGE.eml|-",
		Description: "Judges one message by the same code as the wire and prints the decision with its\n" +
			"reasons. Without --intents every kind of mail goes where it goes by default.\n\n" +
			"The sender is proven by DKIM, which asks DNS for the key. Where that cannot work\n" +
			"(an old message, no network), --assume-aligned shows what a proven sender would get.",
		Flags: append(Flags(),
			&cli.PathFlag{Name: "intents", Usage: "`FILE` of the recipient's intents", TakesFile: true}),
		Action: func(c *cli.Context) error { return Explain(std.Streams, c, c.Path("intents")) },
	}
}

// Flags are what explain and `intents test --file` share.
func Flags() []cli.Flag {
	return []cli.Flag{
		&cli.PathFlag{Name: "site-file", Usage: "`FILE` of the site's statements", TakesFile: true},
		&cli.StringFlag{Name: "rcpt", Usage: "the recipient's `ADDRESS` (default: from To, or you@example.org)"},
		&cli.StringFlag{Name: "at", Usage: "the `TIME` of arrival, 2026-11-22 or 2026-11-22T07:30:00Z (default: now)"},
		&cli.StringSliceFlag{Name: "trust-ar", Usage: "believe Authentication-Results fields with this `ID`"},
		&cli.BoolFlag{Name: "assume-aligned", Usage: "judge as if DKIM had proven the From domain"},
		&cli.DurationFlag{Name: "dns-timeout", Value: 3 * time.Second, Usage: "`TIME` for looking up keys"},
		settings.ModelFlag(),
		command.JSONFlag(),
	}
}

// Explain prints the decision that a message would get under an intents
// file (path, or "" for none).
func Explain(std command.Streams, c *cli.Context, path string) error {
	raw, err := ReadMessage(std, c)
	if err != nil {
		return err
	}
	at, err := arrival(c.String("at"))
	if err != nil {
		return err
	}
	own, err := readIntents(path)
	if err != nil {
		return err
	}
	site, err := readIntents(c.Path("site-file"))
	if err != nil {
		return err
	}
	if own == nil && site == nil {
		own, _ = intents.Parse("defaults", nil, at)
	}
	o := offlineObject(c, raw, at)
	weights, err := settings.ReadModel(c.String("model"))
	if err != nil {
		return err
	}
	judge := &rules.Judge{Model: classify.With(weights), Statements: fixed{own, site}, Delimiter: "+"}
	decisions, err := judge.Decide(c.Context, o)
	if err != nil {
		return fmt.Errorf("judge the message: %w", err)
	}
	d := decisions[0]
	if o.Identity.Note == show.Assumed {
		d.Sender.How = show.Assumed
	}
	if c.Bool("json") {
		return std.JSON(d)
	}
	d.ID = "" // nothing was stored: `usher why` would not find it
	show.Decision(std.Out, d, ZoneOf(own))
	if note := o.Identity.Note; note != "" && !o.Identity.Proven() {
		fmt.Fprintf(std.Out, "\nThe sender is unproven: %s. With a proven sender (--assume-aligned) grants and wants apply.\n", note)
	}
	return nil
}

// fixed answers with the same files for every mailbox.
type fixed struct{ own, site *intents.File }

func (f fixed) For(context.Context, string) (own, site *intents.File, err error) {
	return f.own, f.site, nil
}

// ZoneOf is the zone that a file states, else this machine's.
func ZoneOf(f *intents.File) *time.Location {
	if f != nil && f.Zone != nil {
		return f.Zone
	}
	return time.Local
}

// readIntents reads an intents file; errors are printed as file:line:column.
func readIntents(path string) (*intents.File, error) {
	if path == "" {
		return nil, nil
	}
	file, errs, err := intents.Load(path)
	if err != nil {
		return nil, show.Hint(err, "`usher intents init FILE` writes a first one")
	}
	if len(errs) > 0 {
		return nil, show.Hint(errs, "mend these lines; `usher intents check %s` shows them again", path)
	}
	return file, nil
}

// ReadMessage reads the one message named on the command line.
func ReadMessage(std command.Streams, c *cli.Context) ([]byte, error) {
	if c.NArg() != 1 {
		return nil, command.Misuse("for example: "+c.Command.HelpName+" message.eml (or - to read it from the input)", "one message is wanted, %d given", c.NArg())
	}
	return ReadLetter(std, c.Args().First())
}

// ReadLetter reads one message from a file, or from the input where that is "-".
func ReadLetter(std command.Streams, name string) ([]byte, error) {
	in := std.In
	if name != "-" {
		f, err := os.Open(filepath.Clean(name))
		if err != nil {
			return nil, show.Hint(fmt.Errorf("read message: %w", err), "give the path of a message as it was sent, with its headers")
		}
		defer f.Close()
		in = f
	}
	raw, err := io.ReadAll(io.LimitReader(in, maxLetter))
	if err != nil {
		return nil, show.Hint(fmt.Errorf("read message %s: %w", name, err), "one file is wanted; `usher classify` takes folders")
	}
	if isMbox(raw) {
		return nil, show.Hint(fmt.Errorf("%s is an mbox: it holds more than one message", name), "one message is wanted; `usher classify %s` judges each", name)
	}
	if !isMail(daemon.Read(raw)) {
		return nil, show.Hint(errNoMail(name), "give a message as it was sent, with its header")
	}
	return raw, nil
}

// arrival reads --at.
func arrival(s string) (time.Time, error) {
	if s == "" {
		return time.Now(), nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04", "2006-01-02 15:04", time.DateOnly} {
		if t, err := time.ParseInLocation(layout, s, time.Local); err == nil {
			return t, nil
		}
	}
	return time.Time{}, command.Misuse("write it as 2026-11-22 or 2026-11-22T07:30:00Z", "cannot read the time %q", s)
}

// offlineObject reads a message that did not come over the wire: there is no
// envelope, so the header speaks for it.
func offlineObject(c *cli.Context, raw []byte, at time.Time) *mail.Object {
	o := &mail.Object{Message: daemon.Read(raw)}
	rcpt := c.String("rcpt")
	if rcpt == "" {
		rcpt = firstTo(o.Message)
	}
	o.Envelope = mail.Envelope{From: daemon.ReturnPath(o.Message), To: []string{rcpt}, Arrived: at}
	v := &auth.Verifier{Resolver: dns.System(), TrustedIDs: c.StringSlice("trust-ar"), Timeout: c.Duration("dns-timeout")}
	ctx, cancel := context.WithTimeout(c.Context, c.Duration("dns-timeout")+time.Second)
	defer cancel()
	o.Identity = v.Identify(ctx, bytes.NewReader(raw), &o.Envelope, o.Message)
	if c.Bool("assume-aligned") && !o.Identity.Proven() {
		o.Identity.Note = show.Assumed
		o.Identity.How, o.Identity.SenderKey = mail.ByDKIM, auth.OrgDomain(o.Identity.Domain)
	}
	return o
}

// firstTo stands in for the recipient where there is no envelope.
func firstTo(m *mail.Message) string {
	if len(m.To) > 0 && m.To[0].Domain != "" {
		return m.To[0].String()
	}
	return "you@example.org"
}
