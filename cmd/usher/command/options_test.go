package command

import (
	"strings"
	"testing"

	"github.com/urfave/cli/v2"
)

func TestOptionsMayStandBehindArguments(t *testing.T) {
	app := &cli.App{Commands: []*cli.Command{
		{Name: "why", Flags: []cli.Flag{&cli.BoolFlag{Name: "json"}, &cli.StringFlag{Name: "rcpt"}}},
		{Name: "report", Flags: []cli.Flag{&cli.BoolFlag{Name: "json"}}, Subcommands: []*cli.Command{
			{Name: "list", Flags: []cli.Flag{&cli.StringFlag{Name: "last"}}},
		}},
	}}
	for name, c := range map[string]struct{ given, want string }{
		"an option behind an argument":                    {"why ID --json", "why --json ID"},
		"its value goes with it":                          {"why ID --rcpt maria --json", "why --rcpt maria --json ID"},
		"a value after = is its own":                      {"why ID --rcpt=maria x", "why --rcpt=maria ID x"},
		"what stands in order is left so":                 {"why --json ID", "why --json ID"},
		"a dash alone is an argument":                     {"why - --json", "why --json -"},
		"behind two dashes nothing is an option":          {"why ID --json -- --rcpt", "why --json -- ID --rcpt"},
		"a subcommand has options of its own":             {"report --json list --last 7d", "report --json list --last 7d"},
		"an argument that is no subcommand":               {"report shop.example --json", "report --json shop.example"},
		"after an argument nothing is a subcommand":       {"report shop.example list --json", "report --json shop.example list"},
		"what is no command is left to be told":           {"nonsense ID --json", "nonsense ID --json"},
		"an option of the program itself is left":         {"--version why", "--version why"},
		"a command line that a shell asks to complete":    {"why ID --json " + completing, "why ID --json " + completing},
		"an unknown option comes before, to be told":      {"why ID --jsno", "why --jsno ID"},
		"an argument is no value of the option behind it": {"why ID --rcpt", "why --rcpt"},
	} {
		t.Run(name, func(t *testing.T) {
			got := OptionsFirst(app, strings.Fields("usher "+c.given))
			if strings.Join(got, " ") != "usher "+c.want {
				t.Errorf("%q became %q, want %q", c.given, got[1:], c.want)
			}
		})
	}
}
