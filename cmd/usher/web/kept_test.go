package web

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"usher/corpus/audit"
	"usher/corpus/kinds"
)

// state writes the intents file of a mailbox at example.org.
func (r running) state(t *testing.T, mailbox, text string) (path string) {
	t.Helper()
	local, domain, _ := strings.Cut(mailbox, "@")
	path = filepath.Join(r.root, domain, local+".intents")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// decisions counts those of a mailbox.
func (r running) decisions(t *testing.T, mailbox string) int {
	t.Helper()
	found, err := r.store.Decisions(mailbox, time.Time{}, time.Time{}, 0)
	if err != nil {
		t.Fatal(err)
	}
	return len(found)
}

var (
	asMaria = Whoami{User: "maria", UID: 1000, Mailboxes: []string{maria}}
	asAdmin = Whoami{User: "root", Admin: true}
)

func TestAMailboxIsErasedByItsOwnerOrAnAdmin(t *testing.T) {
	for _, c := range []struct {
		name     string
		who      Whoami
		rcpt     string
		isStated bool
		isWhole  bool
		status   int // 0: well
		intents  string
		isJudged bool
		role     audit.Role
	}{
		{"its owner", asMaria, "", false, false, 0, "none", false, audit.Owner},
		{"its owner, who keeps the file", asMaria, "Maria+x@example.org", true, false, 0, "kept", true, audit.Owner},
		{"its owner, with the file", asMaria, maria, true, true, 0, "removed", false, audit.Owner},
		{"an admin", asAdmin, maria, true, true, 0, "removed", false, audit.Admin},
		{"an admin who names nobody", asAdmin, "", true, true, http.StatusForbidden, "", false, ""},
		{"an admin who names no mailbox", asAdmin, "maria", true, true, http.StatusBadRequest, "", false, ""},
		{"somebody else", Whoami{User: "pekka", UID: 1001, Mailboxes: []string{pekka}}, maria, true, true, http.StatusForbidden, "", false, ""},
		{"the delegate", Whoami{User: "vmail", UID: 999, Delegate: true}, maria, true, true, http.StatusForbidden, "", false, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			client, r := asks(t, c.who)
			r.record(t, maria, 1)
			r.record(t, pekka, 1)
			if c.isStated {
				r.state(t, maria, "mute topic perfume\n")
			}
			got, err := client.Erase(context.Background(), c.rcpt, c.isWhole)
			if c.status != 0 {
				var e *Error
				if !errors.As(err, &e) || e.Status != c.status || r.decisions(t, maria) != 1 {
					t.Errorf("got %#v; %d decisions", err, r.decisions(t, maria))
				}
				return
			}
			if want := (Erased{maria, true, c.intents, c.isJudged}); err != nil || got != want {
				t.Errorf("got %+v, want %+v; %v", got, want, err)
			}
			if r.decisions(t, maria) != 0 || r.decisions(t, pekka) != 1 {
				t.Errorf("decisions: hers %d, another's %d", r.decisions(t, maria), r.decisions(t, pekka))
			}
			entries := r.ledger(t)
			if off := c.intents == "removed" && !c.isJudged; off && (len(entries) != 2 || entries[1].Event != audit.Off) || !off && len(entries) != 1 || entries[0].Event != audit.Erase || entries[0].Actor.Role != c.role || entries[0].Object != r.store.TagOf(maria) {
				t.Errorf("entries: %+v", entries)
			}
		})
	}
}

func TestABrandIsForgottenByWhateverNameItHas(t *testing.T) {
	for _, c := range []struct{ name, stated, brand string }{
		{"its domain", "", "Shop.example"},
		{"its name, which the file has a domain for", "grant \"The Outlet\"\n  is shop.example\n", "the outlet"},
		{"another domain of its", "grant \"The Outlet\"\n  is shop.example, outlet.example\n", "outlet.example"},
	} {
		t.Run(c.name, func(t *testing.T) {
			client, r := asks(t, asMaria)
			r.record(t, maria, 1)
			r.state(t, maria, c.stated+"mute \"Other\"\n")
			if got, err := client.Forget(context.Background(), "", "other.example"); err != nil || got.Decisions != 0 {
				t.Errorf("another brand: %+v, %v", got, err)
			}
			if got, err := client.Forget(context.Background(), "", c.brand); err != nil || got.Decisions != 1 || got.Mailbox != maria {
				t.Errorf("got %+v, %v", got, err)
			}
			if entries := r.ledger(t); len(entries) != 2 || entries[1].Event != audit.Forget || entries[1].Object != r.store.TagOf(maria) {
				t.Errorf("entries: %+v", entries)
			}
		})
	}
	client, _ := asks(t, asAdmin)
	if _, err := client.Forget(context.Background(), maria, "shop.example"); err == nil {
		t.Error("an admin made another's brand be forgotten")
	}
}

// unzip gives the files of an archive.
func unzip(t *testing.T, archive []byte) map[string]string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, f := range z.File {
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(in)
		if err := errors.Join(err, in.Close()); err != nil {
			t.Fatal(err)
		}
		files[f.Name] = string(text)
	}
	return files
}

func TestAnExportIsForTheOwnerAlone(t *testing.T) {
	r := serve(t, me(maria+",info@example.org"))
	d := r.record(t, maria, 1)
	r.record(t, pekka, 1)
	r.state(t, maria, "mute topic perfume\n")
	var b bytes.Buffer
	if err := r.Client.Export(context.Background(), maria, false, &b); err != nil {
		t.Fatal(err)
	}
	files := unzip(t, b.Bytes())
	var names []string
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	if want := []string{maria + "/README.txt", maria + "/decisions.jsonl", maria + "/intents.txt", maria + "/weekly-totals.jsonl"}; !slices.Equal(names, want) {
		t.Errorf("files %v, want %v", names, want)
	}
	for name, want := range map[string]string{"decisions.jsonl": d.ID, "intents.txt": "perfume", "weekly-totals.jsonl": "shop.example", "README.txt": "decisions.jsonl             1  30 days"} {
		if text := files[maria+"/"+name]; !strings.Contains(text, want) || strings.Contains(text, pekka) {
			t.Errorf("%s: want %q in\n%s", name, want, text)
		}
	}
	b.Reset()
	if err := r.Client.Export(context.Background(), "", true, &b); err != nil {
		t.Fatal(err)
	}
	if files := unzip(t, b.Bytes()); len(files) != 5 || files["info@example.org/README.txt"] == "" {
		t.Errorf("all: %v", files)
	}
	for rcpt, status := range map[string]int{"": http.StatusBadRequest, pekka: http.StatusForbidden} {
		var e *Error
		b.Reset()
		if err := r.Client.Export(context.Background(), rcpt, false, &b); !errors.As(err, &e) || e.Status != status || b.Len() != 0 {
			t.Errorf("%q: %#v and %d bytes", rcpt, err, b.Len())
		}
	}
	var exports int
	for _, e := range r.ledger(t) {
		if e.Event == audit.Export {
			exports++
		}
	}
	if exports != 3 {
		t.Errorf("%d exports in the ledger", exports)
	}
}

// halfway is a store that fails in the middle of a long answer.
type halfway struct{ Kept }

func (halfway) Backup(_ context.Context, w io.Writer) error {
	_, err := w.Write(make([]byte, 1<<20))
	return errors.Join(err, errors.New("the disk went away"))
}

func TestALongAnswerThatBreaksOffIsNoAnswer(t *testing.T) {
	r := serveAs(t, func(s *Server) { s.Kept = halfway{s.Kept}; s.AdminGroup = strconv.Itoa(os.Getgid()) }, me(maria))
	var b bytes.Buffer
	if err := r.Client.Backup(context.Background(), &b); err == nil {
		t.Errorf("%d bytes were taken for the whole", b.Len())
	}
	var s *Server
	serveAs(t, func(made *Server) { made.Kept = halfway{made.Kept}; s = made })
	if err := s.As(asAdmin).Backup(context.Background(), &b); err == nil {
		t.Error("within the process it was taken for the whole")
	}
}

func TestRetentionIsShownToAllAndShortenedByAnAdmin(t *testing.T) {
	ctx := context.Background()
	client, _ := asks(t, asMaria)
	if got, err := client.Retention(ctx); err != nil || got.Yours[maria] != 30 || len(got.Kinds) != len(kinds.All) {
		t.Errorf("got %+v, %v", got, err)
	}
	if _, err := client.SetRetention(ctx, "decisions", 10); err == nil {
		t.Error("a user shortened what is kept of all")
	}
	client, r := asks(t, asAdmin)
	for _, c := range []struct {
		kind   string
		days   int
		status int
	}{{"decisions", 200, http.StatusBadRequest}, {"dreams", 1, http.StatusBadRequest}, {"decisions", 10, 0}} {
		got, err := client.SetRetention(ctx, c.kind, c.days)
		var e *Error
		if c.status != 0 && (!errors.As(err, &e) || e.Status != c.status || e.Hint() == "") {
			t.Errorf("%s %d: %#v", c.kind, c.days, err)
		}
		if c.status == 0 && (err != nil || got.Kinds[0].Limit != c.days) {
			t.Errorf("%s %d: %+v, %v", c.kind, c.days, got, err)
		}
	}
	if entries := r.ledger(t); len(entries) != 1 || entries[0].Event != audit.Retention || entries[0].Result != "decisions 10 days" {
		t.Errorf("entries: %+v", entries)
	}
}

func TestABackupIsForAnAdmin(t *testing.T) {
	var b bytes.Buffer
	client, _ := asks(t, asMaria)
	if err := client.Backup(context.Background(), &b); err == nil || b.Len() != 0 {
		t.Errorf("a user got %d bytes; %v", b.Len(), err)
	}
	client, r := asks(t, asAdmin)
	r.record(t, maria, 1)
	if err := client.Backup(context.Background(), &b); err != nil || b.Len() < 200 {
		t.Errorf("%d bytes, %v", b.Len(), err)
	}
	if entries := r.ledger(t); len(entries) != 1 || entries[0].Event != audit.Backup {
		t.Errorf("entries: %+v", entries)
	}
}
