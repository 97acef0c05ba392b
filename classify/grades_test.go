package classify_test

import (
	"archive/tar"
	"bufio"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"usher/classify"
	"usher/classify/mail"
)

// graded lies beside the repository, like the archive of mail.
const graded = "../../shared/corpora/relevance-dev.tar.gz"

// pair is an intent and a text with a grade, in the fields of its source.
type pair struct {
	Query, Intent, Title, Name, Description, Supplier, Path string
	Final, Relevance                                        float64
}

// readPairs reads one file of the graded pairs.
func readPairs(t *testing.T, name string) (pairs []pair) {
	t.Helper()
	f, err := os.Open(graded)
	if errors.Is(err, os.ErrNotExist) {
		t.Skip("the graded pairs are not beside the repository, so nothing is measured")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	for files := tar.NewReader(z); ; {
		h, err := files.Next()
		if errors.Is(err, io.EOF) {
			t.Fatalf("%s is not among the graded pairs", name)
		}
		if err != nil {
			t.Fatal(err)
		}
		if path.Base(h.Name) != name {
			continue
		}
		lines := bufio.NewScanner(files)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			var p pair
			if err := json.Unmarshal(lines.Bytes(), &p); err != nil {
				t.Fatal(err)
			}
			pairs = append(pairs, p)
		}
		return pairs
	}
}

// auc is the chance that a clearly relevant pair scores above a clearly
// irrelevant one; ties count half.
func auc(good, bad []float64) float64 {
	slices.Sort(bad)
	sum := 0.0
	for _, g := range good {
		lower, _ := slices.BinarySearch(bad, g)
		upper, _ := slices.BinarySearchFunc(bad, g, func(a, b float64) int {
			if a <= b {
				return -1
			}
			return 1
		})
		sum += float64(lower) + float64(upper-lower)/2
	}
	return sum / float64(len(good)*len(bad))
}

// TestRelevanceBeatsTheShareOfWords measures Serves on shopping queries that
// people graded; the floors are the share of query words found in the text.
func TestRelevanceBeatsTheShareOfWords(t *testing.T) {
	for _, c := range []struct {
		file          string
		floor         float64
		isGood, isBad func(pair) bool
		every         int // one pair of so many is measured
	}{
		{"chorus.jsonl", .88, func(p pair) bool { return p.Final >= 2 }, func(p pair) bool { return p.Final <= 0 }, 1},
		{"homedepot.jsonl", .75, func(p pair) bool { return p.Relevance >= 2.67 }, func(p pair) bool { return p.Relevance <= 1.67 }, 4},
	} {
		t.Run(c.file, func(t *testing.T) {
			pairs := readPairs(t, c.file)
			model := classify.New()
			intents := map[string]*classify.Intent{}
			var good, bad []float64
			for n, p := range pairs {
				isGood, isBad := c.isGood(p), c.isBad(p)
				if n%c.every != 0 || !isGood && !isBad {
					continue
				}
				if intents[p.Query] == nil {
					intents[p.Query] = classify.Compile(p.Query, nil, nil)
				}
				v := model.Classify(&mail.Object{Message: &mail.Message{Subject: p.Title, Text: p.Name + "\n" + p.Supplier + "\n" + p.Description}})
				score := v.Serves(intents[p.Query]).Score
				if isGood {
					good = append(good, score)
				} else {
					bad = append(bad, score)
				}
			}
			got := auc(good, bad)
			t.Logf("%s: AUC %.3f (%d relevant, %d not); floor %.3f", c.file, got, len(good), len(bad), c.floor)
			if got < c.floor {
				t.Errorf("AUC %.3f is under the floor of %.3f", got, c.floor)
			}
		})
	}
}

// TestIntentsAgainstMail counts answers by grade over the written intents and
// real marketing mail. Few pairs are relevant: they are counted, not averaged.
func TestIntentsAgainstMail(t *testing.T) {
	pairs := readPairs(t, "email_intents.jsonl")
	messages := readArchive(t)
	model := classify.New()
	counts := map[float64]map[classify.Answer]int{}
	for _, p := range pairs {
		raw, ok := messages[p.Path]
		if !ok {
			t.Fatalf("%s is not in the archive", p.Path)
		}
		v := model.Classify(&mail.Object{Message: mail.Parse(raw)})
		r := v.Serves(classify.Compile(p.Intent, nil, nil))
		if counts[p.Relevance] == nil {
			counts[p.Relevance] = map[classify.Answer]int{}
		}
		counts[p.Relevance][r.Answer()]++
		if os.Getenv("MISSED") != "" && (p.Relevance == 2) != (r.Answer() == classify.Yes) {
			t.Logf("grade %v, %.2f: %q, %v, %s", p.Relevance, r.Score, p.Intent, r.Terms, p.Path)
		}
	}
	for grade, c := range counts {
		t.Logf("grade %v: %d yes, %d unknown, %d no", grade, c[classify.Yes], c[classify.Unknown], c[classify.No])
	}
	if yes, no := counts[2][classify.Yes], counts[0][classify.Yes]; yes == 0 || no*5 > counts[0][classify.No] {
		t.Errorf("%d of the relevant pairs are answered yes, and %d of the irrelevant", yes, no)
	}
}

// archive lies beside the repository, never in it: its text belongs to those
// who wrote it.
const archive = "../../shared/corpora/mail-dev.tar.gz"

// readArchive gives the messages of the archive by path.
func readArchive(t *testing.T) map[string][]byte {
	t.Helper()
	f, err := os.Open(archive)
	if errors.Is(err, os.ErrNotExist) {
		t.Skip("the archive of labelled mail is not beside the repository, so nothing is measured")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	messages := map[string][]byte{}
	for files := tar.NewReader(z); ; {
		h, err := files.Next()
		if errors.Is(err, io.EOF) {
			return messages
		}
		if err != nil {
			t.Fatal(err)
		}
		raw, err := io.ReadAll(files)
		if err != nil {
			t.Fatal(err)
		}
		messages[strings.TrimPrefix(strings.TrimPrefix(h.Name, "./"), "mail/")] = raw
	}
}
