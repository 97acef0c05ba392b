// Package muted writes into a person's file that a brand is muted, as they said in
// an answer to a digest, and takes back what they said last. It never changes a line
// that they wrote by hand, but for the one that an answer takes the place of.
package muted

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"usher/classify/mail"
	"usher/cmd/usher/web"
	"usher/rules/intents"
	"usher/rules/lessons"
)

// maxReplaced bounds what a comment keeps of the line whose place was taken, in bytes.
const maxReplaced = 200

// answered is a line that an answer wrote: what it states, when, and in whose place.
// The file is all that is kept of it.
var answered = regexp.MustCompile(`(?m)^(mute .*?)\s+# by your answer of (\S+?)(?:, in place of: (.*?))?\r?$`)

// line is one such line.
type line struct {
	number          int
	at              time.Time
	statement, kept string // what was written, and what it took the place of
}

// Put mutes a brand for a span as answer.Line has it, and tells the line.
func Put(ctx context.Context, as *web.Client, mailbox, brand, span string) (told string, err error) {
	st, now, err := file(ctx, as, mailbox)
	if err != nil {
		return "", err
	}
	statement := "mute " + written(brand)
	if until := last(now, span); until != "" {
		statement += " until " + until
	}
	comment := "  # by your answer of " + now.UTC().Format(time.RFC3339)
	if l, _, err := stated(st.Text, brand, now); err != nil {
		return "", err
	} else if l.statement != "" {
		if l.statement == statement {
			return "Your file has this line already: " + statement, nil
		}
		if len(l.kept) > maxReplaced {
			l.kept = l.statement
		}
		comment += ", in place of: " + l.kept
	}
	text, _, err := intents.Add([]byte(st.Text), statement+comment, now)
	if err != nil {
		return "", err
	}
	st.Text = string(text)
	_, err = as.PutIntents(ctx, st)
	return "Your file has this line now: " + statement, err
}

// End takes the mute of a brand out of the file, whoever wrote it, and tells the line.
func End(ctx context.Context, as *web.Client, mailbox, brand string) (told string, err error) {
	st, now, err := file(ctx, as, mailbox)
	if err != nil {
		return "", err
	}
	l, is, err := stated(st.Text, brand, now)
	if err == nil && !is {
		err = fmt.Errorf("nothing in your file mutes %s", written(brand))
	}
	if err != nil {
		return "", err
	}
	l.kept = ""
	return "Your file no longer has the line: " + l.statement, l.out(ctx, as, st, now)
}

// Back takes back what was said last in a mailbox: a mute by an answer, or a
// correction. With an id it is what was said last of that decision or correction, or of
// its brand.
func Back(ctx context.Context, as *web.Client, mailbox, id, brand string) (web.Corrected, error) {
	st, now, err := file(ctx, as, mailbox)
	if err != nil || id != "" && brand == "" {
		return as.Undo(ctx, mailbox, id) // what else is wrong it tells
	}
	l := newest(st.Text, brand)
	if l.number == 0 {
		return as.Undo(ctx, mailbox, id)
	}
	all, err := as.Corrections(ctx, st.Mailbox)
	if err != nil {
		return web.Corrected{}, err
	}
	for _, c := range all {
		if c.InForce && (id == "" || strings.EqualFold(c.Decision, id)) && c.At.After(l.at) {
			return as.Undo(ctx, mailbox, id)
		}
	}
	c := web.Corrected{Recipient: st.Mailbox, Lesson: "Your file has the line: " + l.statement,
		Label: lessons.Label{At: l.at, Way: "reply", To: "mute", Scope: lessons.Brand, Brand: brand, Undone: true}}
	return c, l.out(ctx, as, st, now)
}

// file is the file of a mailbox as it stands.
func file(ctx context.Context, as *web.Client, mailbox string) (st web.Stated, now time.Time, err error) {
	st, err = as.Intents(ctx, mailbox)
	if err == nil && !st.Whole() {
		err = errors.New("your file is no UTF-8, and cannot be edited from here")
	}
	return st, time.Now(), err
}

// stated finds the line that mutes a brand.
func stated(text, brand string, now time.Time) (l line, is bool, err error) {
	f, errs := intents.Parse("intents", []byte(text), now)
	if errs != nil {
		return l, false, errors.New("your file has mistakes; mend it first, with usher intents edit")
	}
	for _, s := range f.All {
		if words := strings.Fields(s.String()); len(words) > 1 && words[0] == "mute" && words[1] == written(brand) {
			l = line{number: s.Source().Line, statement: s.String(), kept: s.String()}
			if s.Source().End == s.Source().Line {
				l.kept = strings.TrimSpace(strings.Split(text, "\n")[l.number-1])
			}
			return l, true, nil
		}
	}
	return l, false, nil
}

// newest finds the line that an answer wrote last, of a brand or "" of any; its number
// is 0 if there is none.
func newest(text, brand string) (l line) {
	for _, m := range answered.FindAllStringSubmatchIndex(text, -1) {
		part := func(n int) string {
			if m[2*n] < 0 {
				return ""
			}
			return text[m[2*n]:m[2*n+1]]
		}
		at, err := time.Parse(time.RFC3339, part(2))
		words := strings.Fields(part(1))
		if err != nil || at.Before(l.at) || brand != "" && (len(words) < 2 || words[1] != written(brand)) {
			continue
		}
		l = line{1 + strings.Count(text[:m[0]], "\n"), at, part(1), part(3)}
	}
	return l
}

// out takes a line out of the file, and puts back what it took the place of, where
// that still says something.
func (l line) out(ctx context.Context, as *web.Client, st web.Stated, now time.Time) error {
	text, _, err := intents.Remove([]byte(st.Text), l.number)
	if err != nil {
		return err
	}
	if l.kept != "" {
		if with, _, err := intents.Add(text, l.kept, now); err == nil {
			text = with
		}
	}
	st.Text = string(text)
	_, err = as.PutIntents(ctx, st)
	return err
}

// written is a brand as a statement names it.
func written(brand string) string {
	if strings.ContainsAny(brand, " \"") || !strings.Contains(brand, ".") {
		return `"` + strings.ReplaceAll(brand, `"`, "") + `"`
	}
	return cmp.Or(mail.Domain(brand), brand)
}

// last is the last day of a span such as 30d, "" for ever.
func last(now time.Time, span string) string {
	if span == "" {
		return ""
	}
	n, _ := strconv.Atoi(span[:len(span)-1]) // answer.Read saw digits
	switch span[len(span)-1] {
	case 'w':
		now = now.AddDate(0, 0, 7*n)
	case 'm':
		now = now.AddDate(0, n, 0)
	default:
		now = now.AddDate(0, 0, n)
	}
	return now.Format(time.DateOnly)
}
