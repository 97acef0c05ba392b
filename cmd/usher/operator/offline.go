package operator

import (
	"errors"
	"io"
	"log/slog"

	"github.com/urfave/cli/v2"

	"usher/cmd/usher/settings"
	"usher/cmd/usher/web"
	"usher/corpus"
)

// either asks the daemon or, if none runs, has it done with the store itself.
func either(c *cli.Context, ask func(*web.Client) error, open func(*corpus.Store) error) error {
	err := ask(web.Dial(c.String("socket")))
	if !errors.Is(err, web.ErrNotRunning) {
		return err
	}
	o, err := settings.StoreOptions(c, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		return err
	}
	s, err := corpus.Open(o)
	if err != nil {
		return err
	}
	return errors.Join(open(s), s.Close())
}
