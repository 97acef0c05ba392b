// Package model weighs the signs and words that were found in a message, with
// weights learned from labelled mail. It never reads a message.
package model

import (
	_ "embed"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Classes is the number of categories; every array of weights follows the
// order of classify.Categories.
const Classes = 6

// Indexes of the two categories that may be filed below the inbox.
const (
	Newsletter = 4
	Promotion  = 5
)

// Sign is a named fact about a message: one line of signs.txt.
type Sign struct {
	Code     string
	Group    string           // "header"; signs of one group are of one kind
	Carriage bool             // tells how the mail was sent and laid out, not what it says
	Start    [Classes]float64 // weights set by hand, from which training starts
	Sentence string           // with %s for what was found, or without
}

//go:embed signs.txt
var signsFile string

// Signs lists every sign in the order of signs.txt; the first is the prior,
// which every message has. The caller must not change it.
var Signs = sync.OnceValue(func() []Sign {
	signs, err := readSigns(signsFile)
	if err != nil {
		panic(err) // the file is compiled in, and a test reads it
	}
	return signs
})

var places = sync.OnceValue(func() map[string]int {
	at := map[string]int{}
	for i, s := range Signs() {
		at[s.Code] = i
	}
	return at
})

// Place is where a sign stands in Signs, or -1.
func Place(code string) int {
	if i, ok := places()[code]; ok {
		return i
	}
	return -1
}

// readSigns reads the format of signs.txt.
func readSigns(file string) ([]Sign, error) {
	var signs []Sign
	n := 0
	for line := range strings.Lines(file) {
		n++
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		parts := strings.SplitN(line, "|", 3)
		if len(parts) != 3 {
			return nil, fmt.Errorf("signs.txt:%d: want \"code group | six numbers | sentence\"", n)
		}
		names := strings.Fields(parts[0])
		if len(names) != 2 {
			return nil, fmt.Errorf("signs.txt:%d: want a code and a group", n)
		}
		group, carriage := strings.CutSuffix(names[1], "*")
		s := Sign{Code: names[0], Group: group, Carriage: carriage, Sentence: strings.TrimSpace(parts[2])}
		var err error
		if s.Start, err = readWeights(strings.Fields(parts[1])); err != nil {
			return nil, fmt.Errorf("signs.txt:%d: %w", n, err)
		}
		if slices.ContainsFunc(signs, func(t Sign) bool { return t.Code == s.Code }) {
			return nil, fmt.Errorf("signs.txt:%d: %s stands there twice", n, s.Code)
		}
		signs = append(signs, s)
	}
	return signs, nil
}

// maxWeight bounds a weight: e to its power is beyond any evidence.
const maxWeight = 10

func readWeights(numbers []string) (weights [Classes]float64, err error) {
	if len(numbers) != Classes {
		return weights, fmt.Errorf("want six numbers, got %d", len(numbers))
	}
	for i, number := range numbers {
		w, err := strconv.ParseFloat(number, 64)
		if err != nil || math.IsNaN(w) || math.Abs(w) > maxWeight {
			return weights, fmt.Errorf("%q is no weight between -%d and %d", number, maxWeight, maxWeight)
		}
		weights[i] = w
	}
	return weights, nil
}
