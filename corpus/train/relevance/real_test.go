package relevance_test

import (
	"errors"
	"io/fs"
	"testing"

	"usher/classify"
	"usher/corpus/train/relevance"
)

// graded lies beside the repository, never in it: its texts and grades belong to
// those who wrote them.
const graded = "../../../../shared/corpora/relevance-dev.tar.gz"

// thin leaves the pairs of one want of so many.
func thin(s *relevance.Set) {
	var kept []relevance.Pair
	var texts []relevance.Text
	wants, moved := map[string]int{}, map[int]int{}
	for _, p := range s.Pairs {
		n, ok := wants[p.Intent]
		if !ok {
			n = len(wants)
			wants[p.Intent] = n
		}
		if n%one != 0 {
			continue
		}
		if _, ok := moved[p.Text]; !ok {
			moved[p.Text] = len(texts)
			texts = append(texts, s.Texts[p.Text])
		}
		p.Text = moved[p.Text]
		kept = append(kept, p)
	}
	s.Pairs, s.Texts = kept, texts
}

// floor is what is kept of one set.
type floor struct {
	set               string
	area, cross       float64
	overBM25, overAll float64 // share of the draws in which AUC is above BM25's, and above that of the share of words
	stands            int     // good pairs above 95 % of the bad of their want
}

// TestWantsAreHeldAgainstGradedTexts keeps the floors of what is known of usher's
// judgement.
func TestWantsAreHeldAgainstGradedTexts(t *testing.T) {
	sets, err := relevance.Read(graded)
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("the graded pairs are not beside the repository, so nothing is measured")
	}
	if err != nil {
		t.Fatal(err)
	}
	byName := map[string]*relevance.Set{}
	for _, s := range sets {
		byName[s.Name] = s
	}
	for _, f := range []floor{
		{set: "chorus.jsonl", area: .89, cross: .95, overAll: .95},
		{set: "homedepot.jsonl", area: .765, cross: .89, overBM25: .95, overAll: .95},
		{set: "email_intents.jsonl", area: .83, cross: .40, stands: 12},
	} {
		t.Run(f.set, func(t *testing.T) {
			s := byName[f.set]
			if s == nil {
				t.Fatalf("%s is not among the graded pairs", f.set)
			}
			if len(s.Pairs) > 10_000 {
				thin(s)
			}
			m := relevance.Judge(classify.New(), s, relevance.BarsOf(s), nil).Take(rounds)
			bm25, share := m.Beside[relevance.BM25], m.Beside[relevance.Overlap]
			t.Logf("AUC %.3f, BM25 %.3f (better in %d of %d draws), share of words %.3f (%d)", m.Area, bm25.Area, m.Better[relevance.BM25].Area, rounds, share.Area, m.Better[relevance.Overlap].Area)
			t.Logf("NDCG@10 %.3f, BM25 %.3f; across: AUC %.3f, TPR at 1 %% FPR %.3f; BM25 %.3f, %.3f", m.NDCG, bm25.NDCG, m.CrossArea, m.CrossFound, bm25.CrossArea, bm25.CrossFound)
			t.Logf("%d of %d good pairs stand above 95 %% of the bad of their want", m.Stands.Above, m.Stands.Of)
			if float64(m.Area) < f.area {
				t.Errorf("AUC %.4f is under the floor of %v", m.Area, f.area)
			}
			if float64(m.CrossFound) < f.cross {
				t.Errorf("TPR at 1 %% FPR across is %.4f, under the floor of %v", m.CrossFound, f.cross)
			}
			if n := float64(m.Better[relevance.BM25].Area) / rounds; n < f.overBM25 {
				t.Errorf("better than BM25 in %v of the draws, want %v", n, f.overBM25)
			}
			if n := float64(m.Better[relevance.Overlap].Area) / rounds; n < f.overAll {
				t.Errorf("better than the share of words in %v of the draws, want %v", n, f.overAll)
			}
			if m.Stands.Above < f.stands {
				t.Errorf("%d good pairs stand above 95 %% of the bad of their want, want %d", m.Stands.Above, f.stands)
			}
		})
	}
}

// TestTrickyPairs keeps the floors of the written pairs. Of the half that is held
// back only sums are told: whoever tunes must not see what is in it.
func TestTrickyPairs(t *testing.T) {
	for _, c := range []struct {
		half  string
		right int // of 100
	}{{"tune", 24}, {"held", 22}} {
		t.Run(c.half, func(t *testing.T) {
			sets, err := relevance.Read("../../../classify/testdata/tricky/" + c.half + ".jsonl")
			if err != nil {
				t.Fatal(err)
			}
			totals := relevance.Judge(classify.New(), sets[0], relevance.Bars{}, nil).Count()
			n := totals.All
			t.Logf("%d of %d right, by BM25 %d; %d of the good not answered no, %d of the bad not answered yes", n.Right, n.Of, totals.Beside[relevance.BM25], n.Good, n.Bad)
			if n.Right < c.right {
				t.Errorf("%d of %d are right, under the floor of %d", n.Right, n.Of, c.right)
			}
		})
	}
}
