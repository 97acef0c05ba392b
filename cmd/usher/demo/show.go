package demo

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"usher/classify/mail"
	"usher/classify/plain"
	"usher/cmd/usher/show"
	"usher/cmd/usher/web"
	"usher/rules"
)

// show sends every letter and prints what became of it.
func (o Options) show(ctx context.Context, r run) error {
	client := web.Dial(r.socket)
	fmt.Fprintf(o.Out, "usher listens on %s; three mailboxes stand behind it.\nSending %s through it over LMTP:\n\n", r.entry, show.Count(len(r.mails), "letter"))
	rows := [][]string{{"", "MESSAGE", "TO", "IS", "GOES TO", "BECAUSE"}}
	var wrong []string
	var held [][]string
	var example *rules.Decision
	for _, m := range r.mails {
		if err := r.send(ctx, m); err != nil {
			return err
		}
		d, err := r.decided(ctx, client, m)
		if err != nil {
			return err
		}
		mark := "ok"
		if w := m.differs(d); w != "" {
			mark = "NO"
			wrong = append(wrong, m.file+": "+w)
		}
		if d.Because != "default" && strings.HasPrefix(d.Because, "intents") && len(d.Also) > 0 && example == nil {
			example = d
		}
		if local(d.Recipient) == "noor" {
			held = append(held, answered(d)...)
		}
		rows = append(rows, []string{mark, plain.Clip(strings.TrimSuffix(m.file, ".eml"), 28), local(d.Recipient), string(d.Category), string(d.Disposition), plain.Clip(show.Because(d), 46)})
	}
	show.Records(o.Out, rows)
	if err := showWants(o.Out, "noor.intents"); err != nil {
		return err
	}
	show.List{Rows: held}.Print(o.Out)
	if err := showFolders(o.Out, r.boxes); err != nil {
		return err
	}
	if example != nil {
		fmt.Fprintf(o.Out, "\n$ usher why %s\n", example.ID)
		show.Decision(o.Out, example, time.Local)
	}
	fmt.Fprint(o.Out, strings.ReplaceAll(demoNext, "  usher ", "  "+o.Program+" "))
	if len(wrong) > 0 {
		return show.Hint(fmt.Errorf("%s not as expected:\n  %s", show.Count(len(wrong), "decision"), strings.Join(wrong, "\n  ")), "letters.txt says what is expected")
	}
	return nil
}

// showWants prints the wants of a file.
func showWants(w io.Writer, name string) error {
	text, err := fs.ReadFile(files, name)
	if err != nil {
		return err
	}
	fmt.Fprint(w, "\nNoor wants in words of her own:\n\n")
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "want") {
			fmt.Fprint(w, "  ", line)
		}
	}
	fmt.Fprint(w, "\nWhat her letters offer, and what her wants make of it:\n")
	return nil
}

// answered tells of a letter, its offer as read, and what the want that came
// nearest made of it.
func answered(d *rules.Decision) [][]string {
	want, text := "none", "it serves none of her wants"
	if strings.HasPrefix(d.Because, "intents") {
		want, text = d.Statement, d.Text
	} else if i := slices.IndexFunc(d.Also, func(a rules.Also) bool { return strings.HasPrefix(a.Source, "intents") }); i >= 0 {
		want, text = d.Also[i].Statement, d.Also[i].Text
	}
	return [][]string{
		{"", ""},
		{"  a letter", plain.Clip(d.Subject, 80)},
		{"  offers", plain.Clip(offered(d), 80)},
		{"  her want", plain.Clip(strings.TrimPrefix(want, "want "), 80)},
		{"  goes to", plain.Clip(string(d.Disposition)+": "+text, 100)},
	}
}

// offered puts what a letter offers on one line, each fact once: of the headline
// before the text.
func offered(d *rules.Decision) string {
	var facts []string
	said := map[string]bool{}
	for _, kind := range []func(o rules.Offer) string{
		func(o rules.Offer) string { return percent(o.Discount) },
		func(o rules.Offer) string { return sum("", o.Price, o.Currency) },
		func(o rules.Offer) string { return sum("was ", o.Was, o.Currency) },
		func(o rules.Offer) string { return strings.TrimSuffix("code "+o.Code, "code ") },
		func(o rules.Offer) string { return day(o.Ends) },
	} {
		for _, o := range d.Offers {
			if f := kind(o); f != "" && !said[f] {
				said[f] = true
				facts = append(facts, f)
				break
			}
		}
	}
	return strings.Join(facts, ", ")
}

func percent(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("%d%% off", n)
}

func sum(before, amount, currency string) string {
	if amount == "" {
		return ""
	}
	return before + amount + " " + currency
}

func day(ends string) string {
	at, err := time.Parse(time.RFC3339, ends)
	if err != nil {
		return ""
	}
	return at.Format("ends 2 Jan")
}

func local(address string) string {
	name, _, _ := strings.Cut(address, "@")
	return name
}

// differs says how a decision is not the expected one; "" if it is.
func (m letter) differs(d *rules.Decision) string {
	var out []string
	for _, f := range [][3]string{
		{"disposition", m.disposition, string(d.Disposition)},
		{"category", m.category, string(d.Category)},
		{"because", m.because, d.Because},
		{"offer", m.offer, offered(d)},
	} {
		if f[1] != f[2] && f[1] != "" {
			out = append(out, fmt.Sprintf("%s is %s, expected %s", f[0], f[2], f[1]))
		}
	}
	return strings.Join(out, "; ")
}

// showFolders prints every mailbox as it ended: a folder a line, its subjects below.
func showFolders(w io.Writer, boxes string) error {
	entries, err := os.ReadDir(boxes)
	if err != nil {
		return fmt.Errorf("look at the mailboxes: %w", err)
	}
	for _, box := range entries {
		fmt.Fprintf(w, "\n%s\n", box.Name())
		folders := map[string][]string{}
		err := filepath.WalkDir(filepath.Join(boxes, box.Name()), func(p string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || filepath.Base(filepath.Dir(p)) != "new" {
				return err
			}
			name := strings.TrimPrefix(filepath.Base(filepath.Dir(filepath.Dir(p))), ".")
			if name == box.Name() {
				name = "INBOX"
			}
			folders[name] = append(folders[name], subjectOf(p))
			return nil
		})
		if err != nil {
			return fmt.Errorf("look at the mailbox of %s: %w", box.Name(), err)
		}
		for _, name := range []string{"INBOX", "Promotions", "Refused"} {
			subjects := folders[name]
			slices.Sort(subjects)
			fmt.Fprintf(w, "  %-10s %2d  %s\n", name, len(subjects), plain.Clip(strings.Join(subjects, " · "), min(90, show.Columns(w)-17)))
		}
	}
	return nil
}

func subjectOf(path string) string {
	raw, err := os.ReadFile(path)
	if err != nil {
		return "?"
	}
	return plain.Clip(cmp.Or(mail.Parse(raw).Subject, "(no subject)"), 28)
}

const demoNext = `
What to try next
  usher intents init my.intents
        a first file of your own; then: usher intents check my.intents
  usher explain --intents my.intents --assume-aligned LETTER.eml
        what would become of one of your own letters, and why
  usher classify FOLDER
        what kind of mail lies in a folder or mbox of yours
  usher check-config --hop lmtp:127.0.0.1:10024=lmtp:127.0.0.1:24
        the lines that put usher between Postfix and Dovecot
`
