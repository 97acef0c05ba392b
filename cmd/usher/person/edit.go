package person

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"usher/cmd/usher/command"
	"usher/cmd/usher/show"
	"usher/rules/intents"
	"usher/rules/intents/advice"
	"usher/rules/intents/first"
	"usher/rules/intents/shelf"
)

// maxTries is how often a change is made anew to a file that others change too.
const maxTries = 100

// change makes one change to a text, and names the lines that it touches.
type change func(text []byte) ([]byte, []intents.Change, error)

// edit makes a change and prints the lines that it touched. Where somebody else
// changed the file meanwhile, it is made to that.
func (std streams) edit(s source, make change) error {
	var text []byte
	var changes []intents.Change
	for try := 1; ; try++ {
		var err error
		if text, changes, err = make(s.text); err != nil {
			return show.Hint(err, "nothing was changed")
		}
		if err = s.write(text); err == nil {
			break
		}
		if !errors.Is(err, shelf.ErrChanged) || try == maxTries {
			return err
		}
		if s, err = s.again(); err != nil {
			return err
		}
	}
	std.printChanges(changes)
	file, errs := intents.Parse(s.name, text, time.Now())
	if len(errs) > 0 {
		return nil // the file was broken elsewhere before; the change itself is good
	}
	s.lists(file)
	for _, n := range advice.On(file, time.Now()) {
		for _, ch := range changes {
			if ch.Added && ch.Line == n.Line {
				fmt.Fprintf(std.Out, "  %s: %s\n", n.Kind, n.Text)
			}
		}
	}
	return nil
}

func (std streams) printChanges(changes []intents.Change) {
	for _, ch := range changes {
		sign := "-"
		if ch.Added {
			sign = "+"
		}
		fmt.Fprintf(std.Out, "%s %4d  %s\n", sign, ch.Line, ch.Text)
	}
}

func (std streams) addIntents(c *cli.Context) error {
	statement := strings.Join(c.Args().Slice(), " ")
	if strings.TrimSpace(statement) == "" {
		return command.Misuse(`for example: usher intents add 'want "winter running shoes" under 120 EUR'`, "no statement is given")
	}
	s, err := std.stated(c, "")
	if err != nil {
		return err
	}
	err = std.edit(s, func(text []byte) ([]byte, []intents.Change, error) { return intents.Add(text, statement, time.Now()) })
	var mistakes intents.Errors
	if c.NArg() > 1 && errors.As(err, &mistakes) && mistakes[0].File == "statement" {
		return show.Hint(err, "nothing was changed; the shell takes quotes away, so quote the whole statement: usher intents add '…'")
	}
	return err
}

func (std streams) removeIntents(c *cli.Context) error {
	line, err := strconv.Atoi(c.Args().First())
	if err != nil || c.NArg() != 1 {
		return command.Misuse("`usher intents list` shows the lines; for example: usher intents remove 14", "one line number is wanted")
	}
	s, err := std.present(c, "")
	if err != nil {
		return err
	}
	var meant []intents.Change
	return std.edit(s, func(text []byte) ([]byte, []intents.Change, error) {
		out, changes, err := intents.Remove(text, line)
		if meant == nil {
			meant = changes
		} else if err == nil && !slices.Equal(meant, changes) {
			err = fmt.Errorf("somebody changed the file meanwhile, and line %d says something else now", line)
		}
		return out, changes, err
	})
}

func (std streams) formatIntents(c *cli.Context) error {
	s, err := std.present(c, c.Args().First())
	if err != nil {
		return err
	}
	_, changes, err := intents.Format(s.text, time.Now())
	switch {
	case err != nil:
		return show.Hint(err, "nothing was changed; mend what the carets point at first")
	case len(changes) == 0:
		fmt.Fprintf(std.Out, "%s looks as it should; nothing was changed\n", s.name)
		return nil
	case c.Bool("check"):
		std.printChanges(changes)
		return show.Hint(fmt.Errorf("%s: %s would change", s.name, show.Count(len(changes)/2, "line")), "without --check they are written as they should look")
	}
	return std.edit(s, func(text []byte) ([]byte, []intents.Change, error) { return intents.Format(text, time.Now()) })
}

// editIntents has a person change a private copy, and saves it once it is free of
// mistakes.
func (std streams) editIntents(c *cli.Context) error {
	s, err := std.stated(c, c.Args().First())
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "usher-edit-") // mode 0700
	if err != nil {
		return fmt.Errorf("make a copy to edit: %w", err)
	}
	draft := filepath.Join(folder, "draft.intents")
	text := s.text
	if !s.exists {
		text = first.File(cmp.Or(c.String("rcpt"), s.mailbox))
	}
	if err := os.WriteFile(draft, text, 0o600); err != nil {
		return fmt.Errorf("make a copy to edit: %w", err)
	}
	answers := bufio.NewReader(std.In)
	for {
		if err := std.editor(c, draft); err != nil {
			return show.Hint(err, "nothing was changed; your text is in %s", draft)
		}
		fresh, err := os.ReadFile(draft)
		if err != nil {
			return fmt.Errorf("read what was edited: %w", err)
		}
		if bytes.Equal(fresh, text) && s.exists {
			fmt.Fprintln(std.Out, "nothing was changed")
			return os.RemoveAll(folder)
		}
		if _, errs := intents.Parse(s.name, fresh, time.Now()); len(errs) > 0 {
			fmt.Fprintf(std.Out, "%s\n%s; edit again? [Y/n] ", strings.TrimRight(errs.Error(), "\n"), show.Count(len(errs), "mistake"))
			if word, err := answers.ReadString('\n'); err != nil || strings.HasPrefix(strings.ToLower(strings.TrimSpace(word)), "n") {
				fmt.Fprintln(std.Out)
				return show.Hint(fmt.Errorf("%s has mistakes and is not saved", s.name), "what is in force stays so; your text is in %s", draft)
			}
			continue
		}
		err = s.write(fresh)
		if errors.Is(err, shelf.ErrChanged) {
			return show.Hint(fmt.Errorf("%s was changed by somebody else while you edited it, and is not overwritten", s.name),
				"your text is in %s; `usher intents edit` opens the file as it is now", draft)
		}
		if err != nil {
			return show.Hint(err, "your text is in %s", draft)
		}
		fmt.Fprintf(std.Out, "saved %s\n", s.name)
		return os.RemoveAll(folder)
	}
}

// editor opens a file in the person's editor and waits.
func (std streams) editor(c *cli.Context, path string) error {
	words := cmp.Or(os.Getenv("VISUAL"), os.Getenv("EDITOR"), "vi")
	cmd := exec.CommandContext(c.Context, "sh", "-c", words+` "$1"`, "sh", path) // EDITOR may hold options
	cmd.Stdin, cmd.Stdout, cmd.Stderr = std.In, std.Out, std.Err
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("run the editor %s: %w", words, err)
	}
	return nil
}
