package main

import (
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"gonum.org/v1/gonum/mat"
)

// taughtDimensions are those of the teacher's encodings.
const taughtDimensions = 512

// taught are the teacher's encodings, a row a text.
type taught struct {
	words, definitions, names, newer *mat.Dense

	glove *mat.Dense // the word list's own vectors of the words
}

// teach has the teacher read all texts, which takes about half an hour, or what of
// them is not yet read.
func teach(work string, s sources) (t taught, err error) {
	var meanings []string
	for _, n := range s.newer {
		meanings = append(meanings, n.meaning)
	}
	for _, part := range []struct {
		name  string
		texts []string
		into  **mat.Dense
	}{{"words", s.words, &t.words}, {"definitions", s.definitions, &t.definitions}, {"names", s.names, &t.names}, {"newer", meanings, &t.newer}} {
		if *part.into, err = encode(work, part.name, part.texts); err != nil {
			return t, fmt.Errorf("encode the %s: %w", part.name, err)
		}
	}
	if t.glove, err = readVectors(s.list, s.words); err != nil {
		return t, fmt.Errorf("read the word list's vectors: %w", err)
	}
	return t, nil
}

// encode gives the encodings of texts. Those of an earlier run are used again if
// the texts are the same.
func encode(work, name string, texts []string) (*mat.Dense, error) {
	path, encoded := filepath.Join(work, name+".txt"), filepath.Join(work, name+".f32")
	all := strings.Join(texts, "\n") + "\n"
	if before, err := os.ReadFile(path); err != nil || string(before) != all {
		if err := os.RemoveAll(encoded); err != nil {
			return nil, err
		}
		if err := os.WriteFile(path, []byte(all), 0o644); err != nil {
			return nil, err
		}
	}
	node := exec.Command("node", "teacher.js", name+".txt", name+".f32")
	node.Dir, node.Stderr = work, os.Stderr
	if err := node.Run(); err != nil {
		return nil, fmt.Errorf("run the teacher (node): %w", err)
	}
	b, err := os.ReadFile(encoded)
	if err != nil {
		return nil, err
	}
	if len(b) != len(texts)*taughtDimensions*4 {
		return nil, fmt.Errorf("%s has %d bytes, which are not those of %d texts: remove it and begin again", encoded, len(b), len(texts))
	}
	m := mat.NewDense(len(texts), taughtDimensions, nil)
	raw := m.RawMatrix().Data
	for i := range raw {
		raw[i] = float64(math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:])))
	}
	return m, nil
}
