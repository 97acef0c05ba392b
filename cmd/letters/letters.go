// Package letters gives messages to try usher with: real ones from an archive,
// or generated ones of the same sizes. It never writes one to disk.
package letters

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
)

// Read gives the messages of an archive, a .tar.gz, as they lie there; where
// there is no such file, generated ones, and real is false.
func Read(archive string) (raws [][]byte, real bool, err error) {
	raws, err = readArchive(archive)
	if errors.Is(err, fs.ErrNotExist) {
		return generate(), false, nil
	}
	return raws, true, err
}

// readArchive reads a .tar.gz of messages in memory.
func readArchive(path string) (raws [][]byte, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	for tr := tar.NewReader(z); ; {
		h, err := tr.Next()
		if errors.Is(err, io.EOF) {
			return raws, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", path, err)
		}
		if h.Typeflag != tar.TypeReg || strings.HasSuffix(h.Name, ".jsonl") {
			continue
		}
		raw, err := io.ReadAll(tr)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", path, err)
		}
		raws = append(raws, raw)
	}
}

// Stuffed gives a message as it goes over the wire after DATA: the dots at line
// starts doubled, the last one added (RFC 5321, section 4.5.2).
func Stuffed(raw []byte) []byte {
	if !bytes.HasSuffix(raw, []byte("\r\n")) {
		raw = append(raw, "\r\n"...)
	}
	if bytes.HasPrefix(raw, []byte(".")) {
		raw = append([]byte("."), raw...)
	}
	return append(bytes.ReplaceAll(raw, []byte("\r\n."), []byte("\r\n..")), ".\r\n"...)
}
