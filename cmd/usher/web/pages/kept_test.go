package pages

import (
	"archive/zip"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"usher/cmd/usher/web"
	"usher/corpus/audit"
	"usher/rules"
)

func TestWhatIsKeptCanBeTakenAlong(t *testing.T) {
	r := start(t)
	b, form := r.signIn(maria)
	mine, theirs := r.record(maria), r.record(pekka)
	if _, err := r.as(maria).PutIntents(t.Context(), web.Stated{Mailbox: maria, Text: "mute topic tea\n"}); err != nil {
		t.Fatal(err)
	}
	if got := b.get("/kept"); got.status != http.StatusOK || !strings.Contains(got.body, "decisions") || !strings.Contains(got.body, "30 days") {
		t.Fatalf("the page: %d %s", got.status, got.body)
	}
	got := b.send("/kept/export", url.Values{"form": {form}})
	if got.status != http.StatusOK || got.head.Get("Content-Type") != "application/zip" || !strings.HasPrefix(got.head.Get("Content-Disposition"), `attachment; filename="usher-`) {
		t.Fatalf("%d %v", got.status, got.head)
	}
	z, err := zip.NewReader(strings.NewReader(got.body), int64(len(got.body)))
	if err != nil {
		t.Fatal(err)
	}
	all := ""
	for _, f := range z.File {
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		all += string(text)
	}
	if !strings.Contains(all, mine.ID) || !strings.Contains(all, "mute topic tea") || strings.Contains(all, theirs.ID) {
		t.Errorf("the archive holds %s", all)
	}
}

func TestABrandIsForgottenAndEverythingErased(t *testing.T) {
	r := start(t)
	b, form := r.signIn(maria)
	gone := r.record(maria)
	stays := r.record(maria, func(d *rules.Decision) { d.Sender.Brand, d.Sender.Name, d.Subject = "other.example", "Other", "Stays" })
	theirs := r.record(pekka)
	for _, c := range []struct {
		name, path string
		form       url.Values
		want       int
		say        string
	}{
		{"no brand", "/kept/forget", url.Values{"brand": {" "}}, http.StatusBadRequest, "No brand is named"},
		{"a brand that was never seen", "/kept/forget", url.Values{"brand": {"<b>nobody</b>"}}, http.StatusOK, "No decision was kept of &lt;b&gt;nobody"},
		{"a brand", "/kept/forget", url.Values{"brand": {"shop.example"}}, http.StatusOK, "1 decision of shop.example forgotten"},
		{"erasing without the mailbox", "/kept/erase", url.Values{}, http.StatusBadRequest, "Nothing was erased"},
		{"erasing another's", "/kept/erase", url.Values{"mailbox": {pekka}}, http.StatusBadRequest, "Nothing was erased"},
	} {
		c.form.Set("form", form)
		if got := b.send(c.path, c.form); got.status != c.want || !strings.Contains(got.body, c.say) {
			t.Errorf("%s: %d %s", c.name, got.status, got.body)
		}
	}
	if list := b.get("/"); strings.Contains(list.body, gone.ID) || !strings.Contains(list.body, stays.ID) {
		t.Errorf("the list: %s", list.body)
	}
	if got := b.send("/kept/erase", url.Values{"form": {form}, "mailbox": {"Maria@Example.org"}}); got.status != http.StatusOK || !strings.Contains(got.body, "Erased") {
		t.Fatalf("erasing: %d %s", got.status, got.body)
	}
	if got := b.get("/kept"); got.status != http.StatusUnauthorized {
		t.Errorf("the session goes on: %d", got.status)
	}
	if left, err := r.store.Decisions(maria, time.Time{}, time.Time{}, 0); err != nil || len(left) != 0 {
		t.Errorf("left: %d, %v", len(left), err)
	}
	if left, err := r.store.Decisions(pekka, time.Time{}, time.Time{}, 0); err != nil || len(left) != 1 || left[0].ID != theirs.ID {
		t.Errorf("of pekka: %d, %v", len(left), err)
	}
	entries, err := r.store.Ledger(time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	last := entries[len(entries)-1]
	if last.Event != audit.Erase || last.Actor != (audit.Actor{Role: audit.Owner, UID: audit.NoUID}) || last.Object != r.store.TagOf(maria) {
		t.Errorf("the ledger: %+v", last)
	}
}
