// Package operator holds the commands of the admin beside the daemon, one file a
// command. They never show one person's mail, sender or statement.
package operator

import (
	"github.com/urfave/cli/v2"

	"usher/cmd/usher/command"
)

type streams struct{ command.Streams }

// Commands are what an admin asks of a running usher.
func Commands(to command.Streams) []*cli.Command {
	std := streams{to}
	return []*cli.Command{
		statusCommand(std),
		countsCommand(std),
		auditCommand(std),
		keysCommand(std),
		termsCommand(std),
		reportCommand(std),
		dkimCommand(std),
		movedCommand(std),
		retentionCommand(std),
		backupCommand(std),
		restoreCommand(std),
	}
}
