package train

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"usher/classify/model"
	"usher/classify/words"
)

// made gives observed messages of several archives: bulk ones carry the sign
// and the word of bulk with the given reliability.
func made(n int, reliable float64) (list []Observed) {
	draw := rand.New(rand.NewPCG(1, 2))
	for i := range n {
		e := &Example{Path: fmt.Sprint(i), Category: "marketing", Source: fmt.Sprint("archive ", i%4), Trainable: true, Raw: fmt.Append(nil, i)}
		f := &model.Found{}
		mark := draw.Float64() < reliable
		if i%2 == 0 {
			e.Category = "personal"
			mark = !mark
		}
		if mark {
			f.Signs = append(f.Signs, model.Place("expires"))
			f.Words = append(f.Words, model.Key('b', words.Hash("wonderful")))
		}
		f.Words = append(f.Words, model.Key('b', words.Hash(e.Source)))
		list = append(list, Observed{e, f})
	}
	return list
}

func TestTrainingMovesTheWeightsOfWhatTellsTheKind(t *testing.T) {
	seen := made(400, 0.95)
	w := Train(seen, Defaults)
	expires := w.Signs[model.Place("expires")]
	start := model.Signs()[model.Place("expires")].Start
	if bulk := expires[model.Promotion] + expires[model.Newsletter]; bulk <= start[model.Promotion]+start[model.Newsletter]+0.1 {
		t.Errorf("the sign of bulk mail says %v, and said %v before", expires, start)
	}
	if expires[0] >= start[0] {
		t.Errorf("it speaks for personal mail with %v", expires[0])
	}
	if w.Words[model.Key('b', words.Hash("wonderful"))] <= 0 {
		t.Error("the word of bulk mail was not learned")
	}
	for i := range 4 {
		if _, ok := w.Words[model.Key('b', words.Hash(fmt.Sprint("archive ", i)))]; ok {
			t.Error("a word that tells the archive was learned")
		}
	}
}

func TestTheSameMailGivesTheSameModel(t *testing.T) {
	var a, b bytes.Buffer
	if err := Train(made(200, 0.9), Defaults).Write(&a); err != nil {
		t.Fatal(err)
	}
	if err := Train(made(200, 0.9), Defaults).Write(&b); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Error("two trainings on the same mail differ")
	}
	read, err := model.Read(bytes.NewReader(a.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	var again bytes.Buffer
	if err := read.Write(&again); err != nil || !bytes.Equal(a.Bytes(), again.Bytes()) {
		t.Errorf("a model that is read and written differs; error %v", err)
	}
}

func TestWhatIsKeptApartIsNotLearnedFrom(t *testing.T) {
	seen := made(200, 0.9)
	for i := range seen {
		seen[i].Trainable = i%3 != 0
		seen[i].Ambiguous = i%3 == 1
	}
	for _, s := range trainable(seen) {
		if !s.Trainable || s.Ambiguous {
			t.Fatalf("%+v would be learned from", s.Example)
		}
	}
	if n := len(trainable(seen)); n == 0 || n > 70 {
		t.Errorf("%d of 200 are learned from", n)
	}
}

// TestSurenessIsFrequency draws labels with known odds, hands over odds that
// are twice too sure, and wants the known ones back.
func TestSurenessIsFrequency(t *testing.T) {
	draw := rand.New(rand.NewPCG(3, 4))
	var list []scored
	for range 4000 {
		odds := draw.NormFloat64() * 2
		label := "personal"
		if draw.Float64() < model.Logistic(odds) {
			label = "marketing"
		}
		list = append(list, scored{Observed{&Example{Category: label}, &model.Found{}}, 2*odds - 1, model.Promotion})
	}
	w := model.Start()
	calibrate(w, list)
	if math.Abs(w.Slope-0.5) > 0.05 || math.Abs(w.Offset-0.5) > 0.1 {
		t.Errorf("slope %v and offset %v, want 0.5 and 0.5", w.Slope, w.Offset)
	}
}

func TestThresholdsWeighNeededMailAHundredfold(t *testing.T) {
	row := func(odds float64, label string) scored {
		return scored{Observed{&Example{Category: label}, &model.Found{}}, odds, model.Promotion}
	}
	var list []scored
	for i := range 50 {
		list = append(list, row(5+float64(i)/100, "marketing"), row(3+float64(i)/100, "marketing"))
	}
	w := model.Start()
	setThresholds(w, append(list, row(6, "personal"), row(4, "personal")))
	if want := (model.Logistic(5) + model.Logistic(4)) / 2; math.Abs(w.Low.Promotion-want) > 1e-9 {
		t.Errorf("the threshold is %v; one label may be wrong, two are not: want %v", w.Low.Promotion, want)
	}
	if w.Low.Newsletter < leastThreshold {
		t.Errorf("without any newsletter its threshold is %v", w.Low.Newsletter)
	}
	setThresholds(w, list)
	if w.Low.Promotion >= model.Logistic(3) || w.Low.Promotion < leastThreshold {
		t.Errorf("without needed mail the threshold is %v", w.Low.Promotion)
	}
}

func TestMinimiseFindsTheBottomOfAValley(t *testing.T) {
	x := []float64{-1.2, 1} // of Rosenbrock's function
	minimise(x, 200, func(x, slope []float64) float64 {
		a, b := 1-x[0], x[1]-x[0]*x[0]
		slope[0], slope[1] = -2*a-400*x[0]*b, 200*b
		return a*a + 100*b*b
	})
	if math.Abs(x[0]-1) > 1e-2 || math.Abs(x[1]-1) > 2e-2 {
		t.Errorf("found %v, want 1 and 1", x)
	}
}

func TestTheSlopeOfTheLossIsItsSlope(t *testing.T) {
	seen := made(20, 0.8)
	words := chosenWords(seen, Options{WordMails: 1, WordArchives: 1})
	list := materials(seen, words)
	n := len(model.Signs())
	x := make([]float64, n*model.Classes+len(words))
	draw := rand.New(rand.NewPCG(5, 6))
	for i := range x {
		x[i] = draw.NormFloat64()
	}
	loss := func(x []float64) (sum float64) {
		for i := range list {
			sum += list[i].loss(x, make([]float64, len(x)), n)
		}
		return sum
	}
	slope := make([]float64, len(x))
	for i := range list {
		list[i].loss(x, slope, n)
	}
	at := model.Place("expires") * model.Classes
	for _, i := range []int{0, 4, at, at + 5, n * model.Classes} {
		moved := slices.Clone(x)
		moved[i] += 1e-5
		if got := (loss(moved) - loss(x)) / 1e-5; math.Abs(got-slope[i]) > 1e-3 {
			t.Errorf("weight %d: slope %v, measured %v", i, slope[i], got)
		}
	}
}
