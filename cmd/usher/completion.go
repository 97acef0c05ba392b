package main

import (
	"fmt"
	"strings"

	"usher/cmd/usher/command"

	"github.com/urfave/cli/v2"
)

// The program completes itself: called with --generate-bash-completion it
// prints the words that may come next. The scripts only hand those to a shell.
const bashCompletion = `# usher: put this line in ~/.bashrc:  source <(usher completion bash)
_usher() {
  local cur=${COMP_WORDS[COMP_CWORD]} words=("${COMP_WORDS[@]:0:COMP_CWORD}")
  [[ $cur == -* ]] && words+=("$cur")
  local IFS=$'\n'
  COMPREPLY=($(compgen -W "$("${words[@]}" --generate-bash-completion 2>/dev/null)" -- "$cur"))
}
complete -o bashdefault -o default -F _usher usher
`

const zshCompletion = `#compdef usher
# usher: put this line in ~/.zshrc:  source <(usher completion zsh)
_usher() {
  local cur=${words[CURRENT]}
  local -a before opts
  before=("${(@)words[1,CURRENT-1]}")
  [[ $cur == -* ]] && before+=("$cur")
  opts=("${(@f)$("${before[@]}" --generate-bash-completion 2>/dev/null)}")
  [[ -n ${opts[1]} ]] && compadd -a opts || _files
}
compdef _usher usher
`

func completionCommand(std streams) *cli.Command {
	return &cli.Command{
		Name:      "completion",
		Usage:     "print the completion script of a shell: bash, zsh or fish",
		ArgsUsage: "bash|zsh|fish",
		BashComplete: func(*cli.Context) {
			fmt.Fprintln(std.Out, "bash\nzsh\nfish")
		},
		Action: func(c *cli.Context) error {
			switch shell := strings.ToLower(c.Args().First()); shell {
			case "bash":
				fmt.Fprint(std.Out, bashCompletion)
			case "zsh":
				fmt.Fprint(std.Out, zshCompletion)
			case "fish":
				script, err := c.App.ToFishCompletion()
				if err != nil {
					return fmt.Errorf("write the fish script: %w", err)
				}
				fmt.Fprint(std.Out, script)
			default:
				return command.Misuse("usher completion bash, zsh or fish", "unknown shell %q", shell)
			}
			return nil
		},
	}
}
