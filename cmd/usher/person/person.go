// Package person holds the commands of a recipient, one file a command. They ask
// the daemon over its socket, and never decide anything themselves.
package person

import (
	"github.com/urfave/cli/v2"

	"usher/cmd/usher/command"
)

type streams struct{ command.Streams }

// Commands are what a recipient may do with their own mailboxes.
func Commands(to command.Streams) []*cli.Command {
	std := streams{to}
	return []*cli.Command{
		intentsCommand(std),
		whyCommand(std),
		decisionsCommand(std),
		digestCommand(std),
		overrideCommand(std),
		correctCommand(std),
		undoCommand(std),
		correctionsCommand(std),
		unsubscribeCommand(std),
		complainCommand(std),
		brandsCommand(std),
		brandCommand(std),
		statsCommand(std),
		exportCommand(std),
		forgetCommand(std),
		eraseCommand(std),
	}
}
