package command

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/urfave/cli/v2"

	"usher/cmd/usher/show"
)

// progressEvery is how often a long command says on the error stream that it is
// alive.
const progressEvery = 2 * time.Second

// Save writes a file that only its owner can read, whole or not at all, or with
// "-" to the output. A file that is there is left as it is. The context of write
// ends when the user interrupts.
func (std Streams) Save(ctx context.Context, path string, write func(ctx context.Context, w io.Writer) error) (err error) {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	counted := std.Progress("written")
	if path == "-" {
		if f, is := std.Out.(*os.File); is && isTerminal(f) {
			return Misuse("name a file, or send the output into one", "this is not for a terminal")
		}
		return write(ctx, io.MultiWriter(std.Out, writes(counted)))
	}
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return show.Hint(fmt.Errorf("%s is there already; nothing was written", path), "name another file, or move that one away")
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".usher-*")
	if err != nil {
		return show.Hint(fmt.Errorf("write %s: %w", path, err), "nothing was written; name a file in a folder that you may write to")
	}
	defer os.Remove(f.Name()) // fails once it has its name
	if err := write(ctx, io.MultiWriter(f, writes(counted))); err != nil {
		f.Close()
		return err
	}
	err = f.Sync()
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

// Progress gives a function that is told how many bytes there are more, and says
// now and then on the error stream how many there are by then.
func (std Streams) Progress(done string) func(n int64) {
	var all int64
	next := time.Now().Add(progressEvery)
	return func(n int64) {
		all += n
		if now := time.Now(); now.After(next) {
			next = now.Add(progressEvery)
			fmt.Fprintf(std.Err, "usher: %s %s so far\n", humanize.IBytes(uint64(all)), done)
		}
	}
}

type writes func(n int64)

// Write implements io.Writer.
func (w writes) Write(p []byte) (int, error) {
	w(int64(len(p)))
	return len(p), nil
}

// Confirm asks for a word to be typed before something is destroyed.
func (std Streams) Confirm(question, word string) error {
	fmt.Fprint(std.Err, question)
	if f, is := std.In.(*os.File); !is || !isTerminal(f) {
		fmt.Fprintln(std.Err) // where nobody types, nobody ends the line
	}
	line, err := bufio.NewReader(std.In).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if line = strings.TrimSpace(line); line != word {
		return show.Hint(fmt.Errorf("%q was not typed; nothing was changed", word), "in a script, say --yes")
	}
	return nil
}

// YesFlag is the option of what asks with Confirm.
func YesFlag() cli.Flag { return &cli.BoolFlag{Name: "yes", Usage: "do not ask"} }

func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&fs.ModeCharDevice != 0
}
