package pages

import (
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"usher/cmd/usher/web"
	begin "usher/rules/intents/first"
)

func TestAFirstFileIsOfferedAndStored(t *testing.T) {
	r := start(t)
	b, form := r.signIn(maria)
	first := b.get("/intents")
	if first.status != http.StatusOK || !strings.Contains(first.body, "nothing in it holds until you store it") || !strings.Contains(first.body, "What maria@example.org wants of marketing mail") {
		t.Fatalf("the editor: %d %s", first.status, first.body)
	}
	if list := b.get("/"); !strings.Contains(list.body, "You have stated nothing yet") {
		t.Errorf("the list: %s", list.body)
	}
	text := strings.ReplaceAll(string(begin.File(maria)), "\n", "\r\n") // as browsers send it
	checked := b.send("/intents", url.Values{"form": {form}, "text": {text}, "do": {"check"}})
	if checked.status != http.StatusOK || !strings.Contains(checked.body, "No mistake. Nothing is stored yet.") {
		t.Errorf("checking: %d %s", checked.status, checked.body)
	}
	if st, err := r.as(maria).Intents(t.Context(), ""); err != nil || st.Exists {
		t.Errorf("checking stored it: %+v, %v", st, err)
	}
	if stored := b.send("/intents", url.Values{"form": {form}, "text": {text}, "do": {"save"}}); stored.status != http.StatusSeeOther {
		t.Fatalf("storing: %d %s", stored.status, stored.body)
	}
	if st, err := r.as(maria).Intents(t.Context(), ""); err != nil || st.Text != string(begin.File(maria)) {
		t.Errorf("stored: %+v, %v", st, err)
	}
	if now := b.get("/intents?stored"); !strings.Contains(now.body, "Stored.") || strings.Contains(now.body, "You have no file yet") {
		t.Errorf("afterwards: %s", now.body)
	}
}

func TestAMistakeIsShownUnderACaretAndNothingIsStored(t *testing.T) {
	r := start(t)
	b, form := r.signIn(maria)
	got := b.send("/intents", url.Values{"form": {form}, "text": {"# mine\nwants \"shoes\"\n"}, "do": {"save"}})
	for _, want := range []string{"Line 2, column 1:", "\n^^^^^", "did you mean &#34;want&#34;?", "Nothing was stored", "wants &#34;shoes&#34;\n</textarea>"} {
		if !strings.Contains(got.body, want) {
			t.Errorf("the page lacks %q: %s", want, got.body)
		}
	}
	if st, err := r.as(maria).Intents(t.Context(), ""); err != nil || st.Exists || got.status != http.StatusUnprocessableEntity {
		t.Errorf("%d; stored: %+v, %v", got.status, st, err)
	}
}

func TestTwoWhoEditAtOnceLoseNothing(t *testing.T) {
	r := start(t)
	b, form := r.signIn(maria)
	ctx := t.Context()
	before, err := r.as(maria).PutIntents(ctx, web.Stated{Mailbox: maria, Text: "mute topic tea\nrefuse gambling\n"})
	if err != nil {
		t.Fatal(err)
	}
	page := b.get("/intents")
	if !strings.Contains(page.body, `value="`+before.Hash+`"`) {
		t.Fatalf("the editor does not hold the hash %s: %s", before.Hash, page.body)
	}
	meanwhile := before
	meanwhile.Text = "mute topic tea\nrefuse gambling\nmute topic perfume\n"
	if meanwhile, err = r.as(maria).PutIntents(ctx, meanwhile); err != nil {
		t.Fatal(err)
	}
	mine := url.Values{"form": {form}, "hash": {before.Hash}, "text": {"mute topic coffee\nrefuse gambling\n"}, "do": {"save"}}
	got := b.send("/intents", mine)
	for _, want := range []string{"Nothing was stored", "line 1: mute topic tea\nline 3: mute topic perfume\n</pre>", "<mark>mute topic tea</mark>\nrefuse gambling\n<mark>mute topic perfume</mark>", "mute topic coffee\nrefuse gambling\n</textarea>", `value="` + meanwhile.Hash + `"`} {
		if !strings.Contains(got.body, want) {
			t.Errorf("the page lacks %q: %s", want, got.body)
		}
	}
	if st, err := r.as(maria).Intents(ctx, ""); err != nil || st.Text != meanwhile.Text || got.status != http.StatusConflict {
		t.Errorf("%d; stored: %q, %v", got.status, st.Text, err)
	}
	mine.Set("hash", meanwhile.Hash) // as the page now has it
	if got := b.send("/intents", mine); got.status != http.StatusSeeOther {
		t.Errorf("in its place: %d %s", got.status, got.body)
	}
	if again := b.send("/intents", mine); again.status != http.StatusSeeOther {
		t.Errorf("the same sent twice: %d %s", again.status, again.body)
	}
	if st, err := r.as(maria).Intents(ctx, ""); err != nil || st.Text != "mute topic coffee\nrefuse gambling\n" {
		t.Errorf("stored: %q, %v", st.Text, err)
	}
}

func TestAFileKeepsItsLineEnds(t *testing.T) {
	for _, c := range []struct{ name, sent, stored, want string }{
		{"those of a browser become those of a file", "a\r\nb\r\n", "", "a\nb\n"},
		{"a file with CRLF keeps them", "a\r\nb\r\n", "a\r\n", "a\r\nb\r\n"},
		{"a last line gets its end", "a\r\nb", "", "a\nb\n"},
		{"one that never had one does not", "a\r\nb", "a", "a\nb"},
		{"nothing stays nothing", "", "a\n", ""},
	} {
		if got := received(c.sent, c.stored); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestAFileThatIsNoTextIsNotShown(t *testing.T) {
	r := start(t)
	b, form := r.signIn(maria)
	st, err := r.as(maria).PutIntents(t.Context(), web.Stated{Mailbox: maria, Text: "mute topic tea\n"})
	if err != nil {
		t.Fatal(err)
	}
	const raw = "# \xff\nmute topic tea\n"
	if err := os.WriteFile(st.Path, []byte(raw), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := b.get("/intents"); got.status != http.StatusConflict {
		t.Errorf("got %d %s", got.status, got.body)
	}
	if got := b.send("/intents", url.Values{"form": {form}, "text": {"mute topic tea\n"}, "do": {"save"}}); got.status != http.StatusConflict {
		t.Errorf("storing: %d", got.status)
	}
	if now, err := os.ReadFile(st.Path); err != nil || string(now) != raw {
		t.Errorf("the file says %q, %v", now, err)
	}
}

func TestWhatWasWrittenWhenTheSessionEndedIsNotLost(t *testing.T) {
	r := start(t)
	b, form := r.signIn(maria)
	r.wait(sessionIdle)
	got := b.send("/intents", url.Values{"form": {form}, "text": {"mute topic <tea>\n"}, "do": {"save"}})
	if got.status != http.StatusUnauthorized || !strings.Contains(got.body, "mute topic &lt;tea&gt;") {
		t.Errorf("%d %s", got.status, got.body)
	}
	if st, err := r.as(maria).Intents(t.Context(), ""); err != nil || st.Exists {
		t.Errorf("stored: %+v, %v", st, err)
	}
}

func TestTheManualIsShown(t *testing.T) {
	r := start(t, func(s *Settings) { s.Manual = "protect KIND <id>" })
	b, _ := r.signIn(maria)
	if got := b.get("/manual"); got.status != http.StatusOK || !strings.Contains(got.body, "protect KIND &lt;id&gt;") {
		t.Errorf("%d %s", got.status, got.body)
	}
}

func TestAPageTellsHowAWantWasRead(t *testing.T) {
	r := start(t)
	b, form := r.signIn(maria)
	page := b.send("/intents", url.Values{"form": {form}, "text": {"want \"sofas until it snows, only leather\"\n"}, "do": {"check"}})
	for _, told := range []string{"wants sofas; only leather; not counted: until it snows", "all its words are known by meaning", "not understood: until it snows"} {
		if !strings.Contains(page.body, told) {
			t.Errorf("%q is not told: %s", told, page.body)
		}
	}
}
