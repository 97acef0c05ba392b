//go:build !linux

package disk

import (
	"errors"
	"os"
)

func Allocate(*os.File, int64) error { return errors.ErrUnsupported }
