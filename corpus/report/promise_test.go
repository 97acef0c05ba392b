package report

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
)

// advantage is what the best guess of one mailbox's part in a window gains over chance,
// given everything else: nine cells, of which each says so rightly with probability
// e^Epsilon/(1+e^Epsilon).
func advantage(windows int) float64 {
	p, n := math.Exp(Epsilon)/(1+math.Exp(Epsilon)), 9*windows
	right := 0.0
	for k := n/2 + 1; k <= n; k++ {
		c := 1.0
		for i := range k {
			c = c * float64(n-i) / float64(k-i)
		}
		right += c * math.Pow(p, float64(k)) * math.Pow(1-p, float64(n-k))
	}
	return 2*right - 1
}

// TestWhatAnAttackerLearns: one who knows all mailboxes but one guesses from the printed
// report whether that one took part. What is gained over chance is that of the mechanism.
// The draws are the same in every run.
func TestWhatAnAttackerLearns(t *testing.T) {
	const others, trials = 100, 1500
	draws := Sampler{rand.NewChaCha8([32]byte{})}
	known := func(int) Delivery { return one(func(d *Delivery) { d.Matched = true }) }
	votes := func(r *Report) (for1 int) {
		cells := []int{}
		for _, rec := range r.Records {
			cells = append(cells, rec.Recipients, rec.Placement.Digest, rec.Reason.NoIntent, rec.Action.None)
		}
		cells = append(cells, r.Records[0].Topics[0].Matched)
		for _, c := range cells {
			if c > others {
				for1++
			}
		}
		if len(cells) != 9 {
			t.Fatalf("%d cells", len(cells))
		}
		return for1
	}
	guesses := func(windows int, there bool) (right float64) {
		for range trials {
			for1 := 0
			for range windows {
				boxes := others
				if there {
					boxes++
				}
				r, err := window(t, boxes, known).Seal(draws)
				if err != nil || r == nil || len(r.Records) != 2 {
					t.Fatalf("%+v, %v", r, err)
				}
				for1 += votes(r)
			}
			if (2*for1 > 9*windows) == there {
				right++
			}
		}
		return right / trials
	}
	for _, windows := range []int{1, 3} {
		exact := advantage(windows)
		measured := guesses(windows, true) + guesses(windows, false) - 1
		t.Logf("%d windows: measured %.3f, exact %.3f", windows, measured, exact)
		if math.Abs(measured-exact) > .05 {
			t.Errorf("%d windows: measured %.3f, exact %.3f", windows, measured, exact)
		}
	}
}

// TestWhatIsPromisedIsWhatIsKept: recipients and senders read the figures of the
// mechanism, rounded and not flattered.
func TestWhatIsPromisedIsWhatIsKept(t *testing.T) {
	one, three := advantage(1), advantage(3)
	for path, told := range map[string][]string{
		"../../cmd/usher/person/manual.txt": {
			fmt.Sprintf("is right %.0f times in 100 from one", 50+50*one),
			fmt.Sprintf("and %.0f times from three", 50+50*three),
			fmt.Sprintf("advantages of %.2f and %.2f over guessing", one, three),
			"in 26 a year at most of one sender",
		},
		"../../cmd/usher/senders.txt": {
			fmt.Sprintf("(epsilon %g, standard deviation %g)", Epsilon, NoiseSD),
			fmt.Sprintf("A row needs %d mailboxes, and %d with its noise", Least, PublishAt),
			fmt.Sprintf("epsilon %g in all, delta %.4f", Total, Delta),
			fmt.Sprintf("an advantage of %.2f over guessing, and from three with %.2f", one, three),
			"at most 26 a year",
		},
	} {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		words := strings.Join(strings.Fields(string(text)), " ")
		for _, want := range told {
			if !strings.Contains(words, want) {
				t.Errorf("%s does not say %q", path, want)
			}
		}
	}
}
