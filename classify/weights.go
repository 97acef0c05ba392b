package classify

import (
	_ "embed"
	"fmt"
	"math"
	"strconv"
	"strings"
	"sync"
)

//go:embed weights.txt
var weightsFile string

// sign is one line of weights.txt.
type sign struct {
	code, group string
	carriage    bool       // tells how the mail was sent and laid out, not what it says
	weights     [6]float64 // by Categories
	sentence    string     // with %s for what was found, or without
}

var shippedSigns = sync.OnceValue(func() map[string]*sign {
	signs, err := readSigns(weightsFile)
	if err != nil {
		panic(err) // the file is compiled in, and a test reads it
	}
	return signs
})

// readSigns reads the format of weights.txt.
func readSigns(file string) (map[string]*sign, error) {
	signs := map[string]*sign{}
	n := 0
	for line := range strings.Lines(file) {
		n++
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		parts := strings.SplitN(line, "|", 3)
		if len(parts) != 3 {
			return nil, fmt.Errorf("weights.txt:%d: want \"code group | six numbers | sentence\"", n)
		}
		names, numbers := strings.Fields(parts[0]), strings.Fields(parts[1])
		if len(names) != 2 || len(numbers) != len(Categories) {
			return nil, fmt.Errorf("weights.txt:%d: want a code, a group and six numbers", n)
		}
		group, carriage := strings.CutSuffix(names[1], "*")
		s := &sign{code: names[0], group: group, carriage: carriage, sentence: strings.TrimSpace(parts[2])}
		for i, number := range numbers {
			w, err := strconv.ParseFloat(number, 64)
			if err != nil || math.Abs(w) > 10 {
				return nil, fmt.Errorf("weights.txt:%d: %q is no weight between -10 and 10", n, number)
			}
			s.weights[i] = w
		}
		if signs[s.code] != nil {
			return nil, fmt.Errorf("weights.txt:%d: %s stands there twice", n, s.code)
		}
		signs[s.code] = s
	}
	return signs, nil
}

// strongest is the category of which the sign says most, for or against.
func (s *sign) strongest() int {
	best := 0
	for i, w := range s.weights {
		if math.Abs(w) > math.Abs(s.weights[best]) {
			best = i
		}
	}
	return best
}

// softmax turns sums of weights into probabilities that sum to 1.
func softmax(sums [6]float64) (p [6]float64) {
	top := sums[0]
	for _, s := range sums {
		top = max(top, s)
	}
	total := 0.0
	for i, s := range sums {
		p[i] = math.Exp(s - top)
		total += p[i]
	}
	for i := range p {
		p[i] /= total
	}
	return p
}
