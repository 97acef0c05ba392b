package corpus

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// fault is an error that stops a start: what went wrong, then what to do.
type fault struct {
	err  error
	hint string
}

func (f *fault) Error() string { return f.err.Error() }
func (f *fault) Unwrap() error { return f.err }

// Hint says in one or two sentences what to do.
func (f *fault) Hint() string { return f.hint }

// readMaster reads K_master. It is made on the first start only, when there is
// neither a store nor a key that another one may have sealed.
func readMaster(path string, fresh bool) ([]byte, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		if !fresh {
			return nil, &fault{fmt.Errorf("the master key %s is missing, and what is stored was sealed with it", path),
				"Put it back from its backup. Without it nothing stored can be read again: to begin anew, move store and keys away."}
		}
		return makeMaster(path)
	}
	if err != nil {
		return nil, fmt.Errorf("read master key: %w", err)
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("read master key: %w", err)
	}
	if mode := st.Mode().Perm(); mode&0o077 != 0 {
		return nil, &fault{fmt.Errorf("the master key %s is open to others (mode %04o)", path, mode), "Close it to them: chmod 600 " + path + "."}
	}
	key, err := io.ReadAll(io.LimitReader(f, keySize+1))
	if err != nil {
		return nil, fmt.Errorf("read master key: %w", err)
	}
	if len(key) != keySize {
		return nil, &fault{fmt.Errorf("the master key %s is not %d bytes long", path, keySize),
			"Put the right file back from its backup."}
	}
	return key, nil
}

func makeMaster(path string) ([]byte, error) {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make master key: %w", err)
	}
	key := newKey()
	if err := writeFile(path, key); err != nil {
		return nil, fmt.Errorf("make master key: %w", err)
	}
	if err := syncDir(dir); err != nil {
		return nil, fmt.Errorf("make master key: %w", err)
	}
	return key, nil
}

// fresh reports whether neither store nor keys were ever written to: only then
// may a missing key be made. Temporary files of an interrupted write count as
// nothing.
func fresh(storeDir, keyDir string) (bool, error) {
	if _, err := os.Stat(filepath.Join(storeDir, "MANIFEST")); !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	keys, err := filepath.Glob(filepath.Join(keyDir, "*.key"))
	return len(keys) == 0, err
}
