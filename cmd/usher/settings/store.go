package settings

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"time"

	"github.com/urfave/cli/v2"

	"usher/cmd/usher/show"
	"usher/corpus"
)

// Store are the flags of a command that asks the daemon or, while none runs, opens
// the store itself.
func Store() []cli.Flag {
	wanted := []string{"config", "socket", "state-dir", "master-key", "delimiter", "retention"}
	return slices.DeleteFunc(Flags(), func(f cli.Flag) bool { return !slices.Contains(wanted, f.Names()[0]) })
}

// DKIM are the flags of the command about keys that sign.
func DKIM() []cli.Flag {
	wanted := []string{"config", "state-dir", "hostname"}
	return slices.DeleteFunc(Flags(), func(f cli.Flag) bool { return !slices.Contains(wanted, f.Names()[0]) })
}

// Terms are the flags of a command about the site's terms.
func Terms() []cli.Flag {
	wanted := []string{"config", "site-file", "terms-file", "terms-url", "reports", "complaints"}
	return slices.DeleteFunc(Flags(), func(f cli.Flag) bool { return !slices.Contains(wanted, f.Names()[0]) })
}

// StoreOptions say where the store of a command with the flags of Store is. They
// fail for who would leave files there that the daemon could not read.
func StoreOptions(c *cli.Context, log *slog.Logger) (corpus.Options, error) {
	state := c.String("state-dir")
	o := corpus.Options{
		Dir: filepath.Join(state, "store"), KeyDir: filepath.Join(state, "keys"), MasterKey: c.String("master-key"),
		Delimiter: c.String("delimiter"), Retention: time.Duration(c.Int("retention")) * 24 * time.Hour, Log: log,
	}
	if o.MasterKey == "" {
		o.MasterKey = filepath.Join(state, "master.key")
	}
	st, err := os.Stat(o.KeyDir)
	if errors.Is(err, fs.ErrNotExist) {
		return o, show.Hint(fmt.Errorf("there is no store in %s", state), "name its folder with --state-dir, or the settings file with --config")
	}
	if err != nil {
		return o, show.Hint(fmt.Errorf("look at the store: %w", err), "run it as the system user that usher runs as")
	}
	if owner, is := st.Sys().(*syscall.Stat_t); is && int(owner.Uid) != os.Geteuid() {
		name := strconv.Itoa(int(owner.Uid))
		if u, err := user.LookupId(name); err == nil {
			name = u.Username
		}
		return o, show.Hint(fmt.Errorf("the store in %s belongs to %s: usher could not read what another writes there", state, name),
			"run the same as that user: runuser -u %s -- usher …", name)
	}
	return o, nil
}
