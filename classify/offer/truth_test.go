package offer_test

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/mail"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// told is one line of testdata; testdata/README.md says what its slots mean.
type told struct {
	Name     string      `json:"name"`
	Language string      `json:"language"`
	Country  string      `json:"country"`
	Date     time.Time   `json:"date"`
	Subject  string      `json:"subject"`
	Text     string      `json:"text"`
	Offers   []toldOffer `json:"offers"`
	half     string
	file     string
}

type toldOffer struct {
	Price    string `json:"price"`
	Was      string `json:"was"`
	Off      string `json:"off"`
	UpTo     bool   `json:"up_to"`
	From     bool   `json:"from"`
	Discount int    `json:"discount"`
	If       string `json:"if"`
	Code     string `json:"code"`
	Ends     string `json:"ends"`
	Item     string `json:"item"`
}

var (
	toldMoney     = regexp.MustCompile(`^(0\.|[1-9]\d*\.)\d\d [A-Z]{3}$|^[1-9]\d* [A-Z]{3}$`)
	toldCondition = regexp.MustCompile(`^([1-9]\d? for( [1-8])?|orders over [1-9]\d*(\.\d\d)? [A-Z]{3})$`)
	toldHalves    = []string{"tune", "held"}
)

func decodeTold(line []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	return d.Decode(into)
}

func readTold(t *testing.T) []told {
	t.Helper()
	var all []told
	for _, half := range toldHalves {
		files, _ := filepath.Glob(filepath.Join("testdata", half, "*.jsonl"))
		for _, name := range files {
			f, err := os.Open(name)
			if err != nil {
				t.Fatal(err)
			}
			lines := bufio.NewScanner(f)
			for lines.Scan() {
				c := told{half: half, file: filepath.Base(name)}
				if err := decodeTold(lines.Bytes(), &c); err != nil {
					t.Fatalf("%s: %v in %.80s", name, err, lines.Text())
				}
				all = append(all, c)
			}
			f.Close()
		}
	}
	return all
}

// wrongWith says what is malformed in an offer, given all that the mail says.
func (o toldOffer) wrongWith(said string) string {
	for _, m := range []string{o.Price, o.Was, o.Off} {
		if m != "" && (!toldMoney.MatchString(m) || strings.Contains(m, ".00 ")) {
			return "money is not written as Money.String does: " + m
		}
	}
	_, noDay := time.Parse(time.DateOnly, o.Ends)
	switch {
	case o == toldOffer{}:
		return "an offer says nothing"
	case o.Discount < 0 || o.Discount > 100:
		return "a percent is not from 1 to 100"
	case o.UpTo && o.Discount == 0 && o.Off == "":
		return "up_to of nothing"
	case o.From && o.Price == "":
		return "from no price"
	case o.Discount > 0 && o.Off != "":
		return "off beside a percent"
	case o.If != "" && !toldCondition.MatchString(o.If):
		return "a condition in other words: " + o.If
	case o.Ends != "" && noDay != nil:
		return "an end that is no day: " + o.Ends
	case !strings.Contains(said, o.Code):
		return "a code that is not said: " + o.Code
	case !strings.Contains(said, o.Item):
		return "a name that is not said: " + o.Item
	}
	return ""
}

func TestWhatAFairReaderFindsIsWellFormed(t *testing.T) {
	names, texts := map[string]bool{}, map[string]bool{}
	languages, currencies, halves := map[string]bool{}, map[string]bool{}, map[string]int{}
	all := readTold(t)
	for _, c := range all {
		if c.Name == "" || len(c.Language) != 2 || len(c.Country) != 2 || c.Date.IsZero() || c.Text == "" || c.Offers == nil {
			t.Errorf("%s: %q lacks a field", c.file, c.Name)
		}
		if names[c.Name] || texts[c.Subject+c.Text] {
			t.Errorf("%q stands twice", c.Name)
		}
		names[c.Name], texts[c.Subject+c.Text] = true, true
		languages[c.Language] = true
		halves[c.half]++
		for _, o := range c.Offers {
			if wrong := o.wrongWith(c.Subject + "\n" + c.Text); wrong != "" {
				t.Errorf("%q: %s", c.Name, wrong)
			}
			for _, m := range []string{o.Price, o.Was, o.Off} {
				if _, currency, ok := strings.Cut(m, " "); ok {
					currencies[currency] = true
				}
			}
		}
	}
	if len(languages) < 10 || len(currencies) < 14 || len(all) < 150 || halves["tune"] < 75 || halves["held"] < 75 {
		t.Errorf("%d languages, %d currencies, %d lines in halves %v: too few to trust a figure on them",
			len(languages), len(currencies), len(all), halves)
	}
}

// The halves are worth something only while nobody moves a case from one to the other.
func TestHalvesAreDealtByTheRule(t *testing.T) {
	files := map[string][]told{}
	for _, c := range readTold(t) {
		files[c.file] = append(files[c.file], c)
	}
	for file, cases := range files {
		if strings.HasPrefix(file, "written-") { // by those who tune, for themselves
			if slices.ContainsFunc(cases, func(c told) bool { return c.half != "tune" }) {
				t.Errorf("%s was written by those who tune, and is in another half", file)
			}
			continue
		}
		slices.SortFunc(cases, func(a, b told) int {
			if a.Language != b.Language {
				return strings.Compare(a.Language, b.Language)
			}
			return strings.Compare(hashed(a.Name), hashed(b.Name))
		})
		for i, c := range cases {
			if want := toldHalves[i%2]; c.half != want {
				t.Errorf("%s: %q is in %s, the rule deals it to %s", file, c.Name, c.half, want)
			}
		}
	}
}

func TestWholeMailsAreWellFormedAndDealtByTheRule(t *testing.T) {
	halfOf := map[string]string{}
	for _, half := range toldHalves {
		files, _ := filepath.Glob(filepath.Join("testdata", half, "*.eml"))
		for _, name := range files {
			halfOf[filepath.Base(name)] = half
			raw, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			m, err := mail.ReadMessage(bytes.NewReader(raw))
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			if _, err := m.Header.Date(); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			truth, err := os.ReadFile(strings.TrimSuffix(name, "eml") + "json")
			if err != nil {
				t.Fatal(err)
			}
			var c told
			if err := decodeTold(truth, &c); err != nil || c.Name == "" || c.Offers == nil {
				t.Errorf("the truth of %s lacks something: %v", name, err)
			}
			for _, o := range c.Offers {
				if wrong := o.wrongWith(o.Code + o.Item); wrong != "" {
					t.Errorf("%s: %s", name, wrong)
				}
			}
		}
	}
	var names []string
	for name := range halfOf {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int { return strings.Compare(hashed(a), hashed(b)) })
	for i, name := range names {
		if want := toldHalves[i%2]; halfOf[name] != want {
			t.Errorf("%s is in %s, the rule deals it to %s", name, halfOf[name], want)
		}
	}
	if len(names) < 20 {
		t.Errorf("%d whole mails are too few", len(names))
	}
}

func hashed(name string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(name))) }
