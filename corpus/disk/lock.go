package disk

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"usher/corpus/keys"
)

// lockName is not Badger's own LOCK: that one is taken only once Badger opens,
// and the keys are made before.
const lockName = "OWNER"

// ErrHeld is wrapped by the error of a second opener.
var ErrHeld = errors.New("the store is in use")

// Hold takes the store for this process, until the file is closed.
func Hold(dir string) (*os.File, error) {
	path := filepath.Join(dir, lockName)
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock store: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		defer f.Close()
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("lock store %s: %w", path, err)
		}
		return nil, keys.Advise(fmt.Errorf("the store %s is held by %s: %w", dir, holder(f), ErrHeld),
			"Commands ask the running usher over its socket; stop it before starting another on the same store.")
	}
	err = f.Truncate(0)
	if err == nil {
		_, err = f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("lock store %s: %w", path, err)
	}
	return f, nil
}

// holder names the process that wrote its number into the lock file.
func holder(f *os.File) string {
	text, _ := io.ReadAll(io.LimitReader(f, 20))
	pid := strings.TrimSpace(string(text))
	if _, err := strconv.Atoi(pid); err != nil {
		return "another process"
	}
	name, err := os.ReadFile("/proc/" + pid + "/comm")
	if err != nil {
		return "process " + pid
	}
	return fmt.Sprintf("%s (pid %s)", strings.TrimSpace(string(name)), pid)
}
