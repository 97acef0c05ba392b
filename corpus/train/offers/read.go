package offers

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"usher/classify/mail"
	"usher/classify/offer"
)

// Case is a message, or lines of one, with the offers that are in it.
type Case struct {
	Name     string    `json:"name"`
	Language string    `json:"language"`
	Country  string    `json:"country"` // two letters, of the sender
	Date     time.Time `json:"date"`
	Subject  string    `json:"subject"`
	Text     string    `json:"text"`
	Offers   []Told    `json:"offers"`

	Path string `json:"-"` // its file, with the line
	raw  []byte // of a whole message
}

// Bounds of what is read.
const (
	maxLine = 1 << 20
	maxMail = 16 << 20
)

// Read reads a folder: each NAME.jsonl with a case a line, each NAME.eml with
// NAME.json. Its error names the file, the line and what is wrong.
func Read(folder string) (cases []Case, err error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		path := filepath.Join(folder, e.Name())
		switch filepath.Ext(path) {
		case ".jsonl":
			list, err := readLines(path)
			if err != nil {
				return nil, err
			}
			cases = append(cases, list...)
		case ".eml":
			c, err := readMail(path)
			if err != nil {
				return nil, err
			}
			cases = append(cases, c)
		}
	}
	if len(cases) == 0 {
		return nil, fmt.Errorf("%s has neither lines (NAME.jsonl) nor mails (NAME.eml with NAME.json)", folder)
	}
	return cases, nil
}

func readLines(path string) (cases []Case, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	n := 0
	for line := range bytes.Lines(text) {
		n++
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		if len(line) > maxLine {
			return nil, fmt.Errorf("%s:%d: a line has at most %d bytes", path, n, maxLine)
		}
		c := Case{Path: fmt.Sprintf("%s:%d", path, n)}
		if err := c.read(line); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", path, n, err)
		}
		if c.Subject == "" && c.Text == "" {
			return nil, fmt.Errorf("%s:%d: neither subject nor text is there", path, n)
		}
		cases = append(cases, c)
	}
	return cases, nil
}

func readMail(path string) (Case, error) {
	c := Case{Path: path}
	told := strings.TrimSuffix(path, ".eml") + ".json"
	text, err := os.ReadFile(told)
	if errors.Is(err, os.ErrNotExist) {
		return c, fmt.Errorf("%s: what is in it should stand in %s: {\"name\": …, \"offers\": […]}", path, told)
	}
	if err != nil {
		return c, err
	}
	if err := c.read(text); err != nil {
		return c, fmt.Errorf("%s: %w", told, err)
	}
	if c.raw, err = os.ReadFile(path); err != nil {
		return c, err
	}
	if len(c.raw) > maxMail {
		return c, fmt.Errorf("%s: a mail has at most %d bytes", path, maxMail)
	}
	return c, nil
}

// read reads one case, and refuses what it does not know.
func (c *Case) read(text []byte) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	err := d.Decode(c)
	if err == nil && d.More() {
		err = errors.New("more than one object is there")
	}
	if err != nil {
		return fmt.Errorf("%w; fields are name, language, country, date, subject, text and offers, of an offer %s", err, strings.Join(Slots, ", "))
	}
	for _, o := range c.Offers {
		if _, err := time.Parse(time.DateOnly, o.Ends); o.Ends != "" && err != nil {
			return fmt.Errorf("an offer ends on %q, which is no day like 2026-11-30", o.Ends)
		}
	}
	return nil
}

// Judge finds the offers of a case as they are found in mail.
func Judge(c Case) Result {
	date, found := c.Date, []offer.Offer(nil)
	if c.raw != nil {
		m := mail.Parse(c.raw)
		date, found = m.Date, m.Offers
	} else {
		found = offer.Find(c.Subject, c.Text, offer.Context{Date: c.Date, Country: c.Country})
	}
	var list []Told
	for _, o := range found {
		if t := Find(o, date.Location()); !slices.Contains(list, t) {
			list = append(list, t)
		}
	}
	return Compare(c, list)
}
