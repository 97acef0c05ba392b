package command

import "github.com/urfave/cli/v2"

// Role says who a command is for; `usher help` shows it.
type Role string

// The roles. A recipient is known by their system user, an admin by being root
// or in the admin group; anyone is whoever can start the program.
const (
	Recipient Role = "recipient"
	Admin     Role = "admin"
	Either    Role = "recipient, admin" // the recipient for what is theirs, the admin for what is nobody's
	Delegate  Role = "delegate"         // the one user who may report moves
	Anyone    Role = "anyone"
)

// For gives commands a role, save those that have one of their own. A subcommand
// without one has that of its command.
func For(r Role, commands []*cli.Command) []*cli.Command {
	for _, c := range commands {
		if c.Category == "" {
			c.Category = string(r)
		}
	}
	return commands
}
