package operator

import (
	"fmt"

	"github.com/dustin/go-humanize"
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
		Usage:  "tell how the daemon is; an admin, also today's counts, keys and retention",
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
			ready := []string{"yes"}
			if len(st.Unready) > 0 {
				ready = st.Unready
			}
			for _, why := range ready {
				rows = append(rows, []string{"ready", why})
			}
			if st.Site != nil {
				rows = append(rows, siteRows(st.Site)...)
			}
			show.List{Rows: rows}.Print(std.Out)
			return nil
		},
	}
}

// siteRows are what an admin is told of the site.
func siteRows(site *web.SiteStatus) [][]string {
	keys := show.Count(site.Mailboxes, "mailbox key")
	if site.Rotating {
		keys += ", being rotated"
	}
	rows := [][]string{
		{"size", humanize.IBytes(uint64(site.Size))},
		{"keys", keys},
		{"today", fmt.Sprintf("%d judged, %d unjudged, %s", site.Today["recipients/judged"], site.Today["recipients/unjudged"], show.Count(int(sum(site.Today, "error/")), "error"))},
	}
	for _, part := range [][2]string{{"went to", "disposition/"}, {"kinds", "category/"}} {
		if counted := under(site.Today, part[1]); counted != "" {
			rows = append(rows, []string{part[0], counted})
		}
	}
	for _, r := range site.Retention {
		if r.Least > 0 && r.Limit > 0 { // what an admin may set
			rows = append(rows, []string{"kept", fmt.Sprintf("%s %d days, %d at most", r.Kind, r.Days, r.Limit)})
		}
	}
	return rows
}
