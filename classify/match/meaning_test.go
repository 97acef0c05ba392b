package match_test

import (
	"slices"
	"testing"

	"usher/classify/match"
)

func serves(want, title, body string) match.Score {
	return index(title, body).Serves(match.Compile(plain, want, nil, nil))
}

func TestAPunServesLessThanWhatIsMeant(t *testing.T) {
	for _, c := range []struct{ want, title, body, pun, about string }{
		{"running shoes", "New shoes for the trail", "Our lightest sneakers for running and jogging.", "Running for office?", "Learn how to win votes and lead a campaign in your town."},
		{"Java developer jobs", "Java jobs this week", "Backend engineer and developer, software team in Berlin.", "Java coffee beans", "Fresh roast from the island of Java, ground for espresso."},
		{"Apple laptops", "New Apple notebooks", "Laptops with a faster processor and a brighter display.", "Apple pie week", "Bake a pie with cinnamon and fresh apples from our orchard."},
	} {
		meant, pun := serves(c.want, c.title, c.body), serves(c.want, c.pun, c.about)
		if meant.Value < 0.6 || pun.Value >= 0.35 {
			t.Errorf("%s: %q scores %.2f, want .6 or more; %q scores %.2f, want less than .35", c.want, c.title, meant.Value, c.pun, pun.Value)
		}
	}
}

func TestWordsThatMeanMuchTheSameAreNamed(t *testing.T) {
	s := serves("couch", "A sofa for three", "Upholstered in linen, with cushions.")
	if want := (match.Alike{Wanted: "couch", Found: "sofa"}); s.Value < 0.35 || !slices.Contains(s.Alike, want) {
		t.Errorf("a sofa scores %.2f by %v, want .35 or more by %v", s.Value, s.Alike, want)
	}
}

func TestAMisspeltWantIsUnderstood(t *testing.T) {
	for want, right := range map[string]string{"jewelery": "Jewelry for spring", "bicyle": "A bicycle for spring", "refridgerator": "A refrigerator for spring"} {
		if s := serves(want, right, "See all of it in our shop."); s.Value < 0.6 {
			t.Errorf("%s against %q scores %.2f, want .6 or more", want, right, s.Value)
		}
	}
	if s := serves("Karhun", "A man from Kathun", ""); s.Value > 0 {
		t.Errorf("a name that nobody knows scores %.2f by %v", s.Value, s.Terms)
	}
}
