package keys

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Master is K_master. While keys are rotated there are two.
type Master struct {
	path string // of the file itself; "" in memory
	key  []byte
	next []byte // nil unless a rotation was begun and is not done
}

// NewMaster makes a master key that lives in memory only.
func NewMaster() Master { return Master{key: New()} }

// nextSuffix is what the file of the next master key is called beside the present
// one, while keys are rotated.
const nextSuffix = ".next"

// ReadMaster reads K_master. It is made on the first start only, when there is
// neither a store nor a key that another one may have sealed.
func ReadMaster(path string, fresh bool) (m Master, err error) {
	m.path = path
	if target, err := filepath.EvalSymlinks(path); err == nil { // the next one lies beside the file, not beside a link to it
		m.path = target
	}
	m.key, err = readMaster(path)
	if errors.Is(err, fs.ErrNotExist) {
		if !fresh {
			return m, &Fault{fmt.Errorf("the master key %s is missing, and what is stored was sealed with it", path),
				"Put it back from its backup. Without it nothing stored can be read again: to begin anew, move store and keys away."}
		}
		m.key, err = makeMaster(path)
	}
	if err != nil {
		return m, err
	}
	m.next, err = readMaster(m.path + nextSuffix)
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return m, err
}

func readMaster(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read master key: %w", err)
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("read master key: %w", err)
	}
	if mode := st.Mode().Perm(); mode&0o077 != 0 {
		return nil, &Fault{fmt.Errorf("the master key %s is open to others (mode %04o)", path, mode), "Close it to them: chmod 600 " + path + "."}
	}
	key, err := io.ReadAll(io.LimitReader(f, Size+1))
	if err != nil {
		return nil, fmt.Errorf("read master key: %w", err)
	}
	if len(key) != Size {
		return nil, &Fault{fmt.Errorf("the master key %s is not %d bytes long", path, Size),
			"Put the right file back from its backup."}
	}
	return key, nil
}

// makeMaster makes a master key: whole and on disk, or not there.
func makeMaster(path string) ([]byte, error) {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make master key: %w", err)
	}
	key := New()
	if err := WriteFile(path, key); err != nil {
		return nil, fmt.Errorf("make master key: %w", err)
	}
	if err := SyncDir(dir); err != nil {
		return nil, fmt.Errorf("make master key: %w", err)
	}
	return key, nil
}

// Fresh reports whether neither store nor keys were ever written to: only then
// may a missing key be made. Temporary files of an interrupted write count as
// nothing.
func Fresh(storeDir, keyDir string) (bool, error) {
	if _, err := os.Stat(filepath.Join(storeDir, "MANIFEST")); !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	keys, err := filepath.Glob(filepath.Join(keyDir, "*.key"))
	return len(keys) == 0, err
}
