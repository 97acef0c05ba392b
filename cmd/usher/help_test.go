package main

import (
	"strings"
	"testing"

	"github.com/urfave/cli/v2"

	"usher/classify"
	"usher/classify/mail"
	"usher/classify/plain"
	"usher/cmd/usher/show"
)

func TestTheSendersPageNamesWhatIsOnTheWire(t *testing.T) {
	wanted := []string{
		"[" + mail.TagDeclined + " why=", mail.DeclinesMail, mail.DeclinesTracking, mail.DeclinesUnsigned,
		mail.LabelTerms + ".", "v=" + mail.TermsVersion, mail.PathTermsOf, "\n  " + mail.HeaderTerms + ":",
	}
	for _, c := range classify.Categories {
		wanted = append(wanted, string(c))
	}
	for _, w := range wanted {
		if !strings.Contains(sendersPage, w) {
			t.Errorf("`usher help senders` does not say %q", w)
		}
	}
	for line := range strings.Lines(sendersPage) {
		if len(line) > 81 {
			t.Errorf("over 80 columns: %q", line)
		}
	}
}

func TestHelpFitsATerminal(t *testing.T) {
	app := newApp(streams{})
	pages := map[string]string{"usher": helpText(app)}
	var each func(before string, commands []*cli.Command)
	each = func(before string, commands []*cli.Command) {
		for _, c := range commands {
			c.HelpName = before + c.Name
			pages[c.HelpName] = helpOf(c)
			each(c.HelpName+" ", c.Subcommands)
		}
	}
	each("usher ", app.Commands)
	for name, page := range pages {
		for line := range strings.Lines(page) {
			if n := plain.Columns(strings.TrimSuffix(line, "\n")); n > show.Width {
				t.Errorf("`%s --help` has a line of %d columns: %s", name, n, line)
			}
		}
	}
}
