// Package offline holds the commands that need no daemon: they judge messages
// from files by the same code as the wire. It never stores anything.
package offline

import (
	"github.com/urfave/cli/v2"

	"usher/cmd/usher/command"
)

type streams struct{ command.Streams }

// Commands are for whoever has a message, or labelled mail.
func Commands(to command.Streams) []*cli.Command {
	std := streams{to}
	return []*cli.Command{
		explainCommand(std),
		classifyCommand(std),
		evalCommand(std),
		trainCommand(std),
	}
}
