package mail

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "rewrite testdata/*.want")

// TestGolden reads every testdata/NN-name.eml and holds what was read against
// NN-name.want. To accept a change: go test ./classify/mail -update, then read the diff.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.eml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden mail: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".eml"), func(t *testing.T) {
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			m := Parse(raw)
			check(t, m)
			got := render(m)
			wantFile := strings.TrimSuffix(file, ".eml") + ".want"
			if *update {
				if err := os.WriteFile(wantFile, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(wantFile)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got:\n%s\nwant:\n%s", got, want)
			}
		})
	}
}

// render writes a message so that a person can check it against its source.
func render(m *Message) string {
	var b strings.Builder
	line := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "%-12s %s\n", name, fmt.Sprintf(format, args...))
	}
	list := func(name string, as []Address) {
		for _, a := range as {
			line(name, "%q %s", a.Name, a)
		}
	}
	line("id", "%s", m.MessageID)
	line("subject", "%s", m.Subject)
	list("from", m.From)
	list("to", m.To)
	list("reply-to", m.ReplyTo)
	if !m.Date.IsZero() {
		line("date", "%s", m.Date.Format(time.RFC3339))
	}
	for _, id := range m.InReplyTo {
		line("answers", "%s", id)
	}
	line("type", "%s, %d parts, %d fields", m.ContentType, m.Parts, len(m.Fields))
	for _, a := range m.Attachments {
		line("attached", "%s", a)
	}
	if m.Layout != (Layout{}) {
		line("layout", "%s", strings.Trim(fmt.Sprintf("%+v", m.Layout), "{}"))
	}
	if m.Preheader != "" {
		line("preheader", "%s", m.Preheader)
	}
	for _, l := range m.Links {
		line("link", "%q %s host=%s styled=%v", l.Text, l.URL, l.Host, l.Styled)
	}
	for _, i := range m.Images {
		line("image", "%q %s host=%s %dx%d hidden=%v", i.Alt, i.URL, i.Host, i.Width, i.Height, i.Hidden)
	}
	for _, n := range m.Nodes {
		line("node", "%s", n.Type)
		for _, k := range slices.Sorted(maps.Keys(n.Props)) {
			line("", "%s = %s", k, n.Props[k])
		}
	}
	for _, o := range m.Offers {
		line("offer", "%s", renderOffer(o))
	}
	for _, n := range m.Notes {
		line("note", "%s", n)
	}
	return b.String() + "\n" + m.Text + "\n"
}

func renderOffer(o Offer) string {
	w := []string{o.Source}
	say := func(name string, there bool, v any) {
		if there {
			w = append(w, fmt.Sprintf("%s=%v", name, v))
		}
	}
	say("brand", o.Brand != "", o.Brand)
	say("item", o.Item != "", o.Item)
	say("from", o.FromLow, o.FromLow)
	say("price", o.Price != nil, o.Price)
	say("was", o.Was != nil, o.Was)
	say("off", o.Off != nil, o.Off)
	say("discount", o.Discount > 0, fmt.Sprint(o.Discount, "%"))
	say("up-to", o.UpTo, o.UpTo)
	say("if", o.If != "", o.If)
	say("code", o.Code != "", o.Code)
	say("ends", !o.Ends.IsZero(), o.Ends.Format(time.RFC3339))
	return strings.Join(w, " ")
}
