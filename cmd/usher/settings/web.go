package settings

import (
	"github.com/urfave/cli/v2"

	"usher/cmd/usher/command"
	"usher/cmd/usher/web/pages"
)

// webSettings are those of the pages for browsers.
func webSettings(c *cli.Context) (pages.Settings, error) {
	s := pages.Settings{Listen: c.String("web-listen"), URL: c.String("web-url"), From: c.String("web-from")}
	if s.Listen == "" && (s.URL != "" || s.From != "") {
		return s, command.Misuse("say web-listen = \"127.0.0.1:8025\", or leave the others out", "web-url and web-from mean nothing without web-listen")
	}
	if err := s.Check(); err != nil {
		return s, command.Misuse("see `usher serve --help`", "%w", err)
	}
	return s, nil
}
