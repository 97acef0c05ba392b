package operator

import (
	"github.com/urfave/cli/v2"

	"usher/cmd/usher/command"
	"usher/cmd/usher/settings"
	"usher/cmd/usher/show"
	"usher/cmd/usher/web"
)

func statusCommand(std streams) *cli.Command {
	flags := append(settings.Ask(), command.JSONFlag())
	return &cli.Command{
		Name:   "status",
		Usage:  "tell the daemon's version, since when it runs, its store and its hops",
		Flags:  flags,
		Before: settings.FromFile(flags),
		Action: func(c *cli.Context) error {
			st, err := web.Dial(c.String("socket")).Status(c.Context)
			if err != nil {
				return err
			}
			if c.Bool("json") {
				return std.JSON(st)
			}
			rows := [][]string{{"version", st.Version}, {"since", st.Started.Local().Format("2006-01-02 15:04")}, {"store", st.Store}}
			for _, h := range st.Hops {
				rows = append(rows, []string{"hop", h.In + " to " + h.Out})
			}
			show.Table(std.Out, rows)
			return nil
		},
	}
}
