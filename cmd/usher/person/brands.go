package person

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"usher/classify/plain"
	"usher/cmd/usher/command"
	"usher/cmd/usher/settings"
	"usher/cmd/usher/show"
	"usher/cmd/usher/web"
	"usher/corpus/leaving"
)

func brandsCommand(std streams) *cli.Command {
	flags := append(settings.Ask(), rcptFlag(), command.JSONFlag())
	return &cli.Command{
		Name:  "brands",
		Usage: "list who writes to you: how often, where it went, whether you granted it",
		Description: "A brand is who a signature proves the sender to be. Mail that merely claims a brand is\n" +
			"listed apart, and counts for nothing of it. Mails are those of the last 30 days; the list\n" +
			"goes back 400. Personal mail and discussion lists are not in it.",
		Flags:  flags,
		Before: settings.FromFile(flags),
		Action: std.listBrands,
	}
}

func (std streams) listBrands(c *cli.Context) error {
	if c.Args().Present() {
		return command.Misuse("for one brand: usher brand "+c.Args().First(), "usher brands lists all; %q is one argument too many", c.Args().First())
	}
	found, err := daemonAt(c).Brands(c.Context, c.String("rcpt"), "")
	if err != nil {
		return err
	}
	if c.Bool("json") {
		return std.JSON(found)
	}
	if len(found) == 0 {
		fmt.Fprintln(std.Out, "No brand has written to you yet.")
		return nil
	}
	several := slices.ContainsFunc(found, func(b *web.Brand) bool { return b.Recipient != found[0].Recipient })
	rows := [][]string{{"BRAND", "SENDER", "30 DAYS", "A WEEK", "WENT TO", "GRANTED"}}
	if several {
		rows[0] = append([]string{"TO"}, rows[0]...)
	}
	for _, b := range found {
		row := []string{plain.Clip(b.Brand, 36), sender(b), fmt.Sprint(b.Mails), fmt.Sprintf("%.1f", b.PerWeek), counted(b.Routes), yesNo(b.Granted)}
		if several {
			row = append([]string{plain.Clip(b.Recipient, 24)}, row...)
		}
		rows = append(rows, row)
	}
	show.Table(std.Out, rows)
	return nil
}

func sender(b *web.Brand) string {
	if b.Proven {
		return "proven"
	}
	return "claimed"
}

func yesNo(is bool) string {
	if is {
		return "yes"
	}
	return "no"
}

// counted writes counts by name, the largest first: "9 promotions, 3 inbox".
func counted(counts map[string]int) string {
	names := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		if d := counts[b] - counts[a]; d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	for i, n := range names {
		names[i] = fmt.Sprintf("%d %s", counts[n], n)
	}
	if len(names) == 0 {
		return "-"
	}
	return strings.Join(names, ", ")
}

func brandCommand(std streams) *cli.Command {
	flags := append(settings.Ask(), rcptFlag(), command.JSONFlag())
	return &cli.Command{
		Name:        "brand",
		Usage:       "tell how it stands with one brand: mails, routes, what you state, what it appears to know",
		ArgsUsage:   "NAME",
		Description: "NAME is its domain, or the name by which it calls itself; `usher brands` lists them.",
		Flags:       flags,
		Before:      settings.FromFile(flags),
		Action:      std.tellBrand,
	}
}

func (std streams) tellBrand(c *cli.Context) error {
	if c.NArg() == 0 {
		return command.Misuse("for example: usher brand shop.example; `usher brands` lists them", "which brand is not said")
	}
	found, err := daemonAt(c).Brands(c.Context, c.String("rcpt"), strings.Join(c.Args().Slice(), " "))
	if err != nil {
		return err
	}
	type brand struct {
		*web.Brand
		Unsubscribed []leaving.Request `json:"unsubscribed,omitempty"`
	}
	told := []brand{}
	for _, b := range found {
		of, err := left(c, daemonAt(c), b)
		if err != nil {
			return err
		}
		told = append(told, brand{b, of})
	}
	if c.Bool("json") {
		return std.JSON(told)
	}
	for i, b := range told {
		if i > 0 {
			fmt.Fprintln(std.Out)
		}
		var left [][]string
		for _, r := range b.Unsubscribed {
			left = append(left, []string{"  unsubscribed", r.Stands(zoneAt(c, r.Recipient))})
		}
		std.told(b.Brand, left)
	}
	return nil
}

// told prints how it stands with one brand, and rows of more.
func (std streams) told(b *web.Brand, more [][]string) {
	title := b.Brand
	if b.Name != "" && !strings.EqualFold(b.Name, b.Brand) {
		title = b.Name + ", " + title
	}
	how := "proven by its signature"
	if !b.Proven {
		how = "claimed, and not proven"
	}
	fmt.Fprintf(std.Out, "%s: %s\n", title, how)
	rows := [][]string{
		{"  to", b.Recipient},
		{"  mails", fmt.Sprintf("%d in 30 days, %.1f a week; %d in all", b.Mails, b.PerWeek, b.All)},
		{"  domains", strings.Join(b.Domains, ", ")},
		{"  seen", "first on " + b.First + ", last on " + b.Last + " (UTC)"},
		{"  kinds", counted(b.Kinds)},
		{"  went to", counted(b.Routes)},
		{"  served", fmt.Sprintf("%d let in by a want or a grant", b.Served)},
	}
	rows = slices.DeleteFunc(rows, func(r []string) bool { return r[1] == "" })
	for _, l := range b.States {
		ended := ""
		if l.Ended {
			ended = " (ended)"
		}
		rows = append(rows, []string{"  you state", l.Source + "  " + l.Statement + ended})
	}
	for _, n := range b.Needs {
		rows = append(rows, []string{"  inbox", n})
	}
	for _, k := range b.Knows {
		rows = append(rows, []string{"  knows", known(k)})
	}
	for _, claim := range b.Claims {
		rows = append(rows, []string{"  claims", plain.Text(claim)})
	}
	for _, d := range b.Details {
		local, host, _ := strings.Cut(b.Recipient, "@")
		rows = append(rows, []string{"  wrote to", local + "+" + d + "@" + host})
	}
	rows = append(rows, more...)
	for i := range rows[1:] {
		if last := len(rows) - 1 - i; rows[last][0] == rows[last-1][0] {
			rows[last][0] = "" // said once
		}
	}
	show.List{Rows: rows}.Print(std.Out)
}

// known words a code of what a sender appears to know.
func known(code string) string {
	words := map[string]string{
		"open_pixel":               "when you open its mail",
		"read_receipt":             "when you read its mail, if you answer its request for a receipt",
		"link_wrapper":             "which links you follow",
		"recipient_id_in_url":      "you, by a mark in links and pictures",
		"recipient_address_in_url": "your address, in links and pictures",
		"personal_params":          "you, by parameters of links",
		"third_party_beacon":       "when you open its mail, and tells a third party",
		"amp":                      "when you open its mail, by content loaded each time",
		"merge_field":              "something about you that it forgot to fill in",
		"knows.name":               "your name",
		"knows.place":              "roughly where you are",
		"knows.date":               "a date of yours, such as a birthday",
		"knows.behaviour":          "what you viewed, left or bought",
		"knows.segment":            "a group that it put you in",
	}
	if w := words[code]; w != "" {
		return w + " (" + code + ")"
	}
	return code
}
