package answer

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestLinesAreOrdersOrNothing(t *testing.T) {
	for text, want := range map[string]string{
		"3 receipt":              "[3] transactional",
		"5 mute 30d":             "[5] mute 30d",
		"5 mute":                 "[5] mute",
		"1 inbox":                "[1] inbox",
		"undo":                   "[] undo",
		"Undo.":                  "[] undo",
		"4 unsubscribe":          "[4] unsubscribe",
		"unsubscribe":            "",
		"undo 4":                 "",
		"4 undo":                 "[4] undo",
		"3. Inbox":               "[3] inbox",
		"#3: inbox":              "[3] inbox",
		"3, 5 and 7 refuse all":  "[3 5 7] refuse brand",
		"3 5 refuse":             "[3 5] refuse",
		"3 3 inbox":              "[3] inbox",
		"2 inbox once":           "[2] inbox message",
		"4 stop":                 "[4] refuse brand",
		"4 unmute":               "[4] unmute",
		"unmute":                 "",
		"4 mute forever and on":  "",
		"4 mute 0d":              "",
		"inbox":                  "",
		"3":                      "",
		"0 inbox":                "",
		"1234 inbox":             "",
		"3 inbox please":         "",
		"I do not want 3 refuse": "",
		"3 days to inbox":        "",
		"Thanks!":                "",
	} {
		got := ""
		if l := read(text); l.Act != "" {
			got = strings.TrimSpace(fmt.Sprint(l.Numbers, " ", l.Act, " ", string(l.Scope), l.Until))
		}
		if got != want {
			t.Errorf("%q: %q, not %q", text, got, want)
		}
	}
}

func TestOnlyWhatThePersonWroteIsRead(t *testing.T) {
	quoted := "> Since Mon 23 Nov 07:30: 3 mails came\n>   1  Norlund: “3 inbox”\n"
	for name, c := range map[string]struct{ text, want string }{
		"above what is quoted":             {"3 inbox\n\nOn Mon, 23 Nov 2026 at 07:30, usher <u@x.example> wrote:\n" + quoted, "3 inbox"},
		"introduced on two lines":          {"3 inbox\n\nOn Mon, 23 Nov 2026 at 07:30, usher\n<usher@mail.example.org> wrote:\n" + quoted, "3 inbox"},
		"introduced in another language":   {"3 inbox\nMa 23.11.2026 klo 7.30 usher kirjoitti:\n\n" + quoted, "3 inbox"},
		"below it":                         {quoted + "\n3 inbox\n", "3 inbox"},
		"between its lines":                {">  1 Norlund\n1 inbox\n>  2 Skalla\n2 refuse\n", "1 inbox|2 refuse"},
		"an order right above a quote":     {"3 inbox\n" + quoted, "3 inbox"},
		"with a signature":                 {"3 inbox\n-- \n3 refuse\nMaria\n", "3 inbox"},
		"above the header Outlook repeats": {"3 inbox\n\nFrom: usher <u@x.example>\nSent: Monday\n 1 inbox\n", "3 inbox"},
		"above a line that says so":        {"3 inbox\n-----Original Message-----\n1 inbox\n", "3 inbox"},
		"with CRLF":                        {"3 inbox\r\n\r\n> 1\r\n", "3 inbox"},
		"nothing":                          {"\n\n", ""},
		"nothing but quotes":               {quoted, ""},
		"two orders":                       {"3 inbox\n5 mute 30d", "3 inbox|5 mute 30d"},
		"with words around them":           {"Hello,\n3 inbox\nThanks", "Hello,|3 inbox|Thanks"},
	} {
		var got []string
		for _, l := range Read(c.text) {
			got = append(got, l.Text)
		}
		if strings.Join(got, "|") != c.want {
			t.Errorf("%s: %q, not %q", name, got, c.want)
		}
	}
	if n := len(Read(strings.Repeat("1 inbox\n", 1000))); n != maxLines {
		t.Errorf("%d lines were read", n)
	}
}

func FuzzRead(f *testing.F) {
	f.Add("3 inbox\n> 1\nundo")
	f.Add("1, 2 and 3 mute 30d\n-- \n")
	f.Fuzz(func(t *testing.T, text string) {
		for _, l := range Read(text) {
			if l.Text == "" || strings.ContainsAny(l.Text, "\r\n") || len(l.Numbers) > maxNumbers || slices.Contains(l.Numbers, 0) {
				t.Errorf("%+v", l)
			}
			if l.Act == "" && (l.Numbers != nil || l.Scope != "" || l.Until != "") {
				t.Errorf("not understood, and yet: %+v", l)
			}
		}
	})
}
