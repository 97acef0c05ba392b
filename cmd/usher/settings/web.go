package settings

import (
	"cmp"

	"github.com/urfave/cli/v2"

	"usher/cmd/usher/command"
	"usher/cmd/usher/web/pages"
	"usher/cmd/usher/web/public"
	"usher/rules/terms"
)

// Told is what this usher tells senders, by its settings.
func Told(c *cli.Context) terms.Told {
	return terms.Told{Reports: c.Bool("reports"), Complaints: c.Bool("complaints")}
}

// webSettings are those of the pages for browsers, and of what is published there.
func webSettings(c *cli.Context) (pages.Settings, public.Settings, error) {
	s := pages.Settings{Listen: c.String("web-listen"), URL: c.String("web-url"), From: c.String("web-from")}
	set := public.Settings{File: c.String("terms-file"), URL: c.String("terms-url"), Told: Told(c)}
	if s.Listen == "" && (s.URL != "" || s.From != "") {
		return s, set, command.Misuse("say web-listen = \"127.0.0.1:8025\", or leave the others out", "web-url and web-from mean nothing without web-listen")
	}
	if c.Bool("reports-web") && (s.Listen == "" || !c.Bool("reports")) {
		return s, set, command.Misuse("say reports = true and web-listen = \"127.0.0.1:8025\", or leave reports-web out", "reports-web means nothing without reports and web-listen")
	}
	if err := cmp.Or(s.Check(), set.Check()); err != nil {
		return s, set, command.Misuse("see `usher serve --help`", "%w", err)
	}
	return s, set, nil
}
