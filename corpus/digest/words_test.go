package digest

import (
	"strings"
	"testing"
	"time"

	"usher/classify"
	"usher/corpus/digest/token"
	"usher/rules"
)

func TestAnEntryNamesTheWantThatItServes(t *testing.T) {
	for statement, want := range map[string]string{
		`want "winter running shoes" under 120 EUR`: "serves your want “winter running shoes”, 89 EUR is under your 120 EUR",
		`want newsletters about "databases"`:        "serves your want “databases”, 89 EUR is under your 120 EUR",
		`want`:                                      "serves your want, 89 EUR is under your 120 EUR",
		`promotions digest`:                         "serves your want, 89 EUR is under your 120 EUR",
	} {
		d := one(0)
		d.Outcome.Applied, d.Relevance = rules.Digest, []rules.Relevance{{Answer: classify.Yes}}
		d.Statement, d.Text = statement, "serves your want, 89 EUR is under your 120 EUR"
		if got := composed(t, d).Sections[0].Entries[0].Why; got != want {
			t.Errorf("%s: %q, want %q", statement, got, want)
		}
	}
}

// Where samples are shown, what they are for and what earlier ones came to stands below
// them; elsewhere the estimate stands with the share.
func TestSamplesSayWhatTheyAreFor(t *testing.T) {
	const estimate = "Of 24 samples shown to you so far you corrected 1: of what is set aside at most 17 % may be wrong."
	with, without := composed(t, some(60)...), composed(t, some(3)...)
	last := with.Sections[len(with.Sections)-1]
	if last.Title != sampled || !strings.HasPrefix(last.More, "Picked at random: ") || !strings.HasSuffix(last.More, estimate) || strings.Contains(with.Share(), "sample") {
		t.Errorf("with samples: %q, and the share %q", last.More, with.Share())
	}
	if len(without.Samples()) > 0 || !strings.HasSuffix(without.Share(), estimate) {
		t.Errorf("without samples the share is %q", without.Share())
	}
	first := span(some(60))
	first.Sampled, first.Zone = Sampled{}, time.UTC
	e := Compose(first)
	if more := e.Sections[len(e.Sections)-1].More; !strings.HasSuffix(more, "trust the rest.") {
		t.Errorf("before any sample was judged: %q", more)
	}
}

func TestTheWayToOnesPagesIsALink(t *testing.T) {
	e, how := composed(t, one(0)), How{Site: "https://usher.example.org/"}
	html, err := e.HTML(how)
	if err != nil || strings.Count(html, how.Site) != 1 || !strings.Contains(html, `<a href="https://usher.example.org/">`) {
		t.Errorf("the page, %v:\n%s", err, html)
	}
	if text := e.Text(how); !strings.HasSuffix(text, "\nIn a browser: https://usher.example.org/\n") {
		t.Errorf("the text:\n%s", text)
	}
}

func TestFewSamplesAreNoEstimate(t *testing.T) {
	for s, want := range map[Sampled]string{
		{}:                    "",
		{Shown: 1}:            "Of 1 sample shown to you so far you corrected 0: too few to estimate by.",
		{Shown: 10, Wrong: 0}: "Of 10 samples shown to you so far you corrected 0: of what is set aside at most 21 % may be wrong.",
	} {
		if got := s.told(); got != want {
			t.Errorf("%+v: %q, want %q", s, got, want)
		}
	}
}

// TestOnlyWhatCanBeDoneIsALink: a refused mail offers to complain of it where its sender
// is told, and nowhere else.
func TestOnlyWhatCanBeDoneIsALink(t *testing.T) {
	e := composed(t, some(60)...)
	for _, offered := range []bool{false, true} {
		links := 0
		page, err := e.HTML(How{Link: func(n int, act string) string {
			if act == token.Complain && !offered {
				return ""
			}
			links++
			return "https://mail.example.org/do?" + act
		}})
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(page, ">Complain</a>"); n > 0 != offered || strings.Count(page, "<a href=\"https://mail.example.org/do?") != links || strings.Contains(page, `href=""`) {
			t.Errorf("offered %v: %d links to complain, %d links in all", offered, n, links)
		}
	}
}

func TestAPercentageStaysOnALine(t *testing.T) {
	e := composed(t, some(3)...)
	page, err := e.HTML(How{})
	if err != nil || !strings.Contains(e.Text(How{}), "(100 %)") || !strings.Contains(page, "(100\u00a0%)") {
		t.Errorf("%v:\n%s", err, page)
	}
}
