package command

import (
	"errors"
	"strings"
	"testing"

	"usher/cmd/usher/show"
)

func TestAnErrorHasNothingThatATerminalObeys(t *testing.T) {
	var told strings.Builder
	err := show.Hint(errors.New("no decision with <\x1b]0;x\a\u009b2J\u202ea@b>\n\ta line\r"), "look at \x1b[31mthis")
	if status := (Streams{Err: &told}).Tell(err); status != 1 {
		t.Errorf("status %d", status)
	}
	if want := "usher: no decision with <]0;x2Ja@b>\n\ta line\n       look at [31mthis\n"; told.String() != want {
		t.Errorf("it says %q, want %q", told.String(), want)
	}
}
