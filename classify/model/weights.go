package model

import (
	"bufio"
	"cmp"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Weights is a model: what each sign and word says, and from which probability
// on a message may be lowered. It is immutable once it is read.
type Weights struct {
	Signs [][Classes]float64 // by places in Signs
	Words map[uint32]float64 // by Key: for newsletter and promotion alike, or against both

	Slope, Offset float64 // of Calibrate, on log odds
	Low           Thresholds
}

// Thresholds are the least P(newsletter) + P(promotion) at which a message that
// is rather the one or the other may be filed below the inbox.
type Thresholds struct{ Newsletter, Promotion float64 }

// Start gives the weights set by hand: nothing is learned, and the threshold
// is one that was set by hand too.
func Start() *Weights {
	w := &Weights{Slope: 1, Words: map[uint32]float64{}, Low: Thresholds{0.6, 0.6}}
	for _, s := range Signs() {
		w.Signs = append(w.Signs, s.Start)
	}
	return w
}

//go:embed learned.txt
var learnedFile string

//go:embed card.md
var card string

// Card tells of the shipped model: what it learned from, when, and how well it
// judges mail that it has not seen.
func Card() string { return card }

// Shipped gives the model that is compiled in.
var Shipped = sync.OnceValue(func() *Weights {
	w, err := Read(strings.NewReader(learnedFile))
	if err != nil {
		panic(err) // the file is compiled in, and a test reads it
	}
	return w
})

// Bounds of a model file: its words, and any number in it, so that no sum of
// them is beyond what can be counted.
const (
	maxWords  = 200_000
	maxNumber = 1e6
)

// lastLine ends a model file.
const lastLine = "end"

// Read reads a model as Write writes it. A sign that the file does not name
// keeps the weights set by hand; one that this program does not know is an
// error, for the file is then of another version. So is a file without its last
// line: half a model has weights, and not the caution that belongs to them.
func Read(r io.Reader) (*Weights, error) {
	w := Start()
	lines := bufio.NewScanner(r)
	n, whole := 0, false
	for lines.Scan() {
		n++
		parts := strings.Fields(lines.Text())
		if len(parts) == 0 || parts[0][0] == '#' {
			continue
		}
		if whole = len(parts) == 1 && parts[0] == lastLine; whole {
			continue
		}
		if err := w.readLine(parts); err != nil {
			return nil, fmt.Errorf("model, line %d: %w", n, err)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read model: %w", err)
	}
	if !whole {
		return nil, fmt.Errorf("model: it has no last line %q, so a part of it is missing; copy it whole, or train it anew", lastLine)
	}
	return w, w.check()
}

func (w *Weights) readLine(parts []string) (err error) {
	number := func(s string) (x float64) {
		x, e := strconv.ParseFloat(s, 64)
		if e != nil || !(math.Abs(x) <= maxNumber) {
			err = cmp.Or(err, fmt.Errorf("%q is no number up to %.0f", s, maxNumber))
		}
		return x
	}
	switch key := parts[0]; {
	case key == "calibrate" && len(parts) == 3:
		w.Slope, w.Offset = number(parts[1]), number(parts[2])
	case key == "lower" && len(parts) == 3:
		w.Low = Thresholds{number(parts[1]), number(parts[2])}
	case key == "sign" && len(parts) == 2+Classes:
		at := Place(parts[1])
		if at < 0 {
			return fmt.Errorf("%q is no sign that this version knows; train the model anew", parts[1])
		}
		w.Signs[at], err = readWeights(parts[2:])
	case key == "word" && len(parts) == 3 && len(w.Words) < maxWords:
		h, e := strconv.ParseUint(parts[1], 16, 32)
		if e != nil {
			return fmt.Errorf("%q is no hash", parts[1])
		}
		w.Words[uint32(h)] = number(parts[2])
	default:
		return errors.New(`want "calibrate", "lower", "sign" or "word" with its numbers`)
	}
	return err
}

func (w *Weights) check() error {
	for _, t := range []float64{w.Low.Newsletter, w.Low.Promotion} {
		if t < 0.5 || t > 1 {
			return fmt.Errorf("model: a threshold of %v would lower mail that is rather needed; want 0.5 to 1", t)
		}
	}
	if w.Slope <= 0 {
		return fmt.Errorf("model: a slope of %v would turn the judgement round; want more than 0", w.Slope)
	}
	return nil
}

// Write writes the model as text that Read reads: the same model, the same bytes.
func (w *Weights) Write(to io.Writer) error {
	out := bufio.NewWriter(to)
	fmt.Fprintf(out, "calibrate %.4g %.4g\nlower %.4g %.4g\n", w.Slope, w.Offset, w.Low.Newsletter, w.Low.Promotion)
	for i, s := range Signs() {
		fmt.Fprintf(out, "sign %s", s.Code)
		for _, x := range w.Signs[i] {
			fmt.Fprintf(out, " %s", short(x))
		}
		fmt.Fprintln(out)
	}
	for _, h := range slices.Sorted(maps.Keys(w.Words)) {
		fmt.Fprintf(out, "word %08x %s\n", h, short(w.Words[h]))
	}
	fmt.Fprintln(out, lastLine)
	return out.Flush()
}

// Rounded gives the model as a file holds it: two decimals of every weight, and
// no word that says nothing.
func (w *Weights) Rounded() *Weights {
	var b strings.Builder
	for h, x := range w.Words {
		if short(x) == "0" {
			delete(w.Words, h)
		}
	}
	if err := w.Write(&b); err != nil {
		panic(err) // a strings.Builder takes everything
	}
	r, err := Read(strings.NewReader(b.String()))
	if err != nil {
		panic(err) // Read reads what Write writes: a test holds it
	}
	return r
}

func short(x float64) string {
	x = math.Round(x*100) / 100
	if x == 0 {
		x = 0 // no "-0"
	}
	return strconv.FormatFloat(x, 'f', -1, 64)
}
