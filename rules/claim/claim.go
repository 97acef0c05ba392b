// Package claim reads what a sender says, in a Mail-Terms field, of the terms that it
// keeps. A claim never decides anything, and no message forms an agreement: agreements
// are named by MyTerms identifiers (IEEE 7012-2025), and none is restated here.
package claim

import (
	"cmp"
	"encoding/hex"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"usher/classify"
	"usher/classify/mail"
	"usher/rules/intents/names"
)

// maxField bounds the field, in bytes; a longer one is not read.
const maxField = 1000

// sure is how sure the category must be before a claim is said to contradict it.
const sure = 0.9

// Terms is what of terms there is to a message.
type Terms struct {
	// Needs is the lowest rung of the ladder that would permit what was seen in this
	// message; "" where none was asked.
	Needs string `json:"would_need,omitempty"`
	Claim *Claim `json:"claim,omitempty"`
}

// Claim is what a sender says. The field names are those of --json.
type Claim struct {
	URL        string `json:"url"`
	Sum        string `json:"sha256,omitempty"`     // of the terms at URL, in hex
	Agreement  string `json:"agr,omitempty"`        // one of names.Agreements
	Purpose    string `json:"purpose,omitempty"`    // a category
	Topic      string `json:"topic,omitempty"`      // as the sender calls it
	Permission string `json:"permission,omitempty"` // "doi:2025-11-02": how it was given, and when; not judged
	Against    string `json:"contradicted,omitempty"`
}

// Read reads what of terms there is to a message: nil if nothing. What was seen is
// asked of newsletters and promotions alone.
func Read(o *mail.Object, v *classify.Verdict) *Terms {
	t := Terms{Claim: field(o.Message, o.Identity)}
	if v.Low() {
		t.Needs = Rung(v.Knows, v.Tagged)
	}
	if t == (Terms{}) {
		return nil
	}
	if c := t.Claim; c != nil {
		switch {
		case Exceeds(t.Needs, c.Agreement):
			c.Against = fmt.Sprintf("what was seen would need %s", t.Needs)
		case c.Purpose != "" && c.Purpose != string(v.Category) && v.Confidence >= sure:
			c.Against = fmt.Sprintf("its purpose is said to be %s, and it is judged %s", c.Purpose, v.Category)
		}
	}
	return &t
}

// field reads the one field that an aligned signature covers, which usher verified
// itself; nil where there is none, or more, or it cannot be read whole.
func field(m *mail.Message, id mail.Identity) *Claim {
	var values []string
	for _, f := range m.Fields {
		if strings.EqualFold(strings.TrimSpace(f.Name), mail.HeaderTerms) {
			values = append(values, f.Value)
		}
	}
	if len(values) != 1 || len(values[0]) > maxField || id.How != mail.ByDKIM || !id.Covered(mail.HeaderTerms) {
		return nil
	}
	c, err := parse(values[0])
	if err != nil {
		return nil
	}
	return c
}

// The forms of what a claim holds.
var (
	topic      = regexp.MustCompile(`^[a-z][a-z-]{0,30}$`)
	permission = regexp.MustCompile(`^(doi|sale|request):(\d{4}-\d{2}-\d{2})$`)
)

// parse reads "URL; sha256=…; agr=…; purpose=…; topic=…; permission=…". What is not
// known of it is passed over; what is malformed spoils all of it.
func parse(text string) (*Claim, error) {
	parts := strings.Split(text, ";")
	c := &Claim{URL: strings.Trim(strings.TrimSpace(parts[0]), "<>")}
	u, err := url.Parse(c.URL)
	if err != nil || u.Scheme != "https" || u.Host == "" || strings.ContainsFunc(c.URL, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return nil, fmt.Errorf("%q is no https URL", c.URL)
	}
	seen := map[string]bool{}
	for _, part := range parts[1:] {
		name, value, is := strings.Cut(part, "=")
		name, value = strings.ToLower(strings.TrimSpace(name)), strings.TrimSpace(value)
		if seen[name] || !is {
			return nil, fmt.Errorf("%q stands twice, or has no value", name)
		}
		seen[name] = true
		if !c.take(name, value) {
			return nil, fmt.Errorf("%s: %q is none", name, value)
		}
	}
	return c, nil
}

// take takes up one value, and reports whether it may be one of that name.
func (c *Claim) take(name, value string) bool {
	switch name {
	case "sha256":
		c.Sum = strings.ToLower(value)
		sum, err := hex.DecodeString(value)
		return err == nil && len(sum) == 32
	case "agr":
		c.Agreement = value
		return slices.Contains(names.Agreements, value)
	case "purpose":
		c.Purpose = value
		return slices.Contains(classify.Categories[:], classify.Category(value))
	case "topic":
		c.Topic = value
		return topic.MatchString(value)
	case "permission":
		c.Permission = value
		m := permission.FindStringSubmatch(value)
		if m == nil {
			return false
		}
		_, err := time.Parse(time.DateOnly, m[2])
		return err == nil
	}
	return true
}

// String says a claim in a line, as the sender's.
func (c *Claim) String() string {
	parts := []string{cmp.Or(c.Agreement, "terms at "+c.URL)}
	for _, p := range []struct{ name, value string }{{"purpose", c.Purpose}, {"topic", c.Topic}, {"permission", c.Permission}} {
		if p.value != "" {
			parts = append(parts, p.name+" "+p.value)
		}
	}
	return strings.Join(parts, ", ")
}

// ladder are the agreements of which each permits more than the one before.
var ladder = []string{"SD-BASE", "SD-BASE-A", "SD-BASE-AT", "SD-BASE-ATP", "SD-BASE-ATP-S3P"}

// Rung is the lowest agreement of the ladder that would permit what was seen in one
// message, tagged if a link counts a campaign. Only what is sure counts, so it may be
// lower than what the sender does.
func Rung(seen []classify.Knows, tagged bool) string {
	rung := 0
	if tagged {
		rung = 1
	}
	for _, k := range seen {
		switch {
		case k.Level != "seen":
		case k.Code == "knows.behaviour":
			rung = max(rung, 3)
		case k.Code == "open_pixel", k.Code == "recipient_id_in_url", k.Code == "recipient_address_in_url", k.Code == "third_party_beacon":
			rung = max(rung, 2)
		}
	}
	return ladder[rung]
}

// Exceeds reports whether a rung permits more than an agreement does. Those beside the
// ladder are not compared.
func Exceeds(rung, agreement string) bool {
	of := slices.Index(ladder, agreement)
	return of >= 0 && slices.Index(ladder, rung) > of
}
