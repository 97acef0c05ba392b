package report

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"math"
	"slices"
	"testing"
	"testing/iotest"
)

// fixed gives the bytes of the test vectors: SHA-256 of a label and a counter, joined.
type fixed struct {
	i    uint64
	left []byte
}

func (f *fixed) Read(p []byte) (int, error) {
	if len(f.left) == 0 {
		sum := sha256.Sum256(binary.BigEndian.AppendUint64([]byte("usher-laplace-v1"), f.i))
		f.left = sum[:]
		f.i++
	}
	n := copy(p, f.left)
	f.left = f.left[n:]
	return n, nil
}

func TestTheSamplerDrawsTheVectors(t *testing.T) {
	begin := make([]byte, 16)
	if _, err := io.ReadFull(new(fixed), begin); err != nil || hex.EncodeToString(begin) != "fa5ca6f2e6f627389de2ab932599df54" {
		t.Fatalf("the bytes begin %x, %v", begin, err)
	}
	for _, c := range []struct {
		name string
		draw func(Sampler) (int64, error)
		want []int64
	}{
		{"uniform(10)", func(s Sampler) (int64, error) { u, err := s.uniform(10); return int64(u), err }, []int64{6, 8, 0, 2, 5, 1, 2, 0, 4, 9, 4, 2}},
		{"laplace(2, 1)", func(s Sampler) (int64, error) { return s.Laplace(2, 1) }, []int64{0, -2, 2, 1, -1, 2, -1, -1, 4, 4, 0, 4, 6, 1, -1, 0, 5, 2, 3, -1, 1, 2, 0, 0}},
		{"laplace(7, 2)", func(s Sampler) (int64, error) { return s.Laplace(7, 2) }, []int64{0, -6, 4, -2, -2, 0, 0, -10, 1, 6, 19, 2, 13, -2, 2, -1}},
	} {
		s := Sampler{new(fixed)}
		var got []int64
		for range c.want {
			x, err := c.draw(s)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, x)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
	s, sum, squares := Sampler{new(fixed)}, int64(0), int64(0)
	for range 100_000 {
		x, err := s.Laplace(2, 1)
		if err != nil {
			t.Fatal(err)
		}
		sum, squares = sum+x, squares+x*x
	}
	if sum != -1185 || squares != 777305 {
		t.Errorf("of 100,000: sum %d, squares %d", sum, squares)
	}
}

// TestNoiseIsThatOfTheTheory holds mean, deviation and each of the first probabilities
// against P(x) = (1-q)/(1+q) q^|x|, within five standard errors of 10^6 draws.
func TestNoiseIsThatOfTheTheory(t *testing.T) {
	const n = 1_000_000
	q := math.Exp(-Epsilon)
	s := Sampler{rand.Reader}
	seen, sum, squares := map[int64]int{}, 0.0, 0.0
	for range n {
		x, err := s.noise()
		if err != nil {
			t.Fatal(err)
		}
		seen[x]++
		sum, squares = sum+float64(x), squares+float64(x*x)
	}
	mean, sd := sum/n, math.Sqrt(squares/n)
	if math.Abs(mean) > 0.02 || math.Abs(sd-2.799) > 0.02 {
		t.Errorf("mean %.4f, deviation %.4f", mean, sd)
	}
	tail := 0.0
	for x, of := range seen {
		if x >= 10 {
			tail += float64(of) / n
		}
	}
	if math.Abs(tail-0.0042) > 0.0004 {
		t.Errorf("10 or more: %.5f", tail)
	}
	for x := int64(-12); x <= 12; x++ {
		p := (1 - q) / (1 + q) * math.Pow(q, math.Abs(float64(x)))
		if got := float64(seen[x]) / n; math.Abs(got-p) > 5*math.Sqrt(p*(1-p)/n) {
			t.Errorf("P(%d) = %.6f, theory %.6f", x, got, p)
		}
	}
}

func TestASourceThatFailsStopsTheReport(t *testing.T) {
	bad := errors.New("no bytes")
	for name, r := range map[string]io.Reader{"at once": iotest.ErrReader(bad), "later": io.MultiReader(bytes.NewReader(make([]byte, 20)), iotest.ErrReader(bad))} {
		s := Sampler{r}
		var err error
		for range 10 {
			if _, err = s.noise(); err != nil {
				break
			}
		}
		if !errors.Is(err, bad) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := (Sampler{rand.Reader}).uniform(0); err == nil {
		t.Error("nothing was drawn from")
	}
	if _, err := (Sampler{rand.Reader}).Laplace(2, 0); err == nil {
		t.Error("a scale of nothing was drawn")
	}
}

func BenchmarkNoise(b *testing.B) {
	s := Sampler{rand.Reader}
	for b.Loop() {
		if _, err := s.noise(); err != nil {
			b.Fatal(err)
		}
	}
}
