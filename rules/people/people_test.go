package people

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"usher/rules/intents"
	"usher/rules/intents/shelf"
)

var at = time.Date(2026, 11, 22, 19, 30, 0, 0, time.UTC)

// house is a folder of files with the log of its Dir.
type house struct {
	*Dir
	t    *testing.T
	root string
	log  *bytes.Buffer
	tick time.Time
}

func newHouse(t *testing.T) *house {
	h := &house{t: t, root: t.TempDir(), log: &bytes.Buffer{}, tick: at}
	t.Cleanup(func() { h.Wait() })
	h.Dir = NewDir(filepath.Join(h.root, "intents"), filepath.Join(h.root, "site.intents"), slog.New(slog.NewTextHandler(h.log, nil)))
	return h
}

// write changes a file, at a time of its own.
func (h *house) write(name, text string) {
	h.t.Helper()
	path := filepath.Join(h.root, name)
	h.tick = h.tick.Add(time.Second)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		h.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		h.t.Fatal(err)
	}
	if err := os.Chtimes(path, h.tick, h.tick); err != nil {
		h.t.Fatal(err)
	}
}

const (
	maria = "maria@example.org"
	hers  = "intents/example.org/maria.intents"
)

func said(f *intents.File) string {
	if f == nil {
		return "nothing"
	}
	return strings.TrimSpace(f.String())
}

func TestTheLastGoodVersionStaysInForce(t *testing.T) {
	h := newHouse(t)
	h.write(hers, "mute topic tea\n")
	steps := []struct{ name, text, want, fault string }{
		{"as it is read first", "mute topic tea\n", `mute topic "tea"`, ""},
		{"a change is read", "mute topic cars\n", `mute topic "cars"`, ""},
		{"a mistake changes nothing", "mutes topic secret\n", `mute topic "cars"`, `unknown verb "mutes"`},
		{"another mistake changes nothing", "mutes topic hidden\n", `mute topic "cars"`, `unknown verb "mutes"`},
		{"mended, it is in force", "mute topic books\n", `mute topic "books"`, ""},
	}
	for _, s := range steps {
		h.write(hers, s.text)
		own, site := h.InForce(maria)
		if said(own) != s.want || site != nil {
			t.Errorf("%s: %s", s.name, said(own))
		}
		if err := h.Fault(maria); s.fault == "" && err != nil || s.fault != "" && (err == nil || !strings.Contains(err.Error(), s.fault)) {
			t.Errorf("%s: fault %v", s.name, err)
		}
	}
	if n := strings.Count(h.log.String(), "level=WARN"); n != 2 {
		t.Errorf("%d warnings for 2 faults:\n%s", n, h.log)
	}
	if strings.Contains(h.log.String(), "secret") || strings.Contains(h.log.String(), "topic") {
		t.Errorf("the log tells what the file says:\n%s", h.log)
	}
	if err := os.Remove(filepath.Join(h.root, hers)); err != nil {
		t.Fatal(err)
	}
	if own, _ := h.InForce(maria); own != nil || h.Fault(maria) != nil {
		t.Error("a file that is gone is in force")
	}
}

func TestAFileBrokenFromTheStartLeavesTheSite(t *testing.T) {
	h := newHouse(t)
	h.write("site.intents", "promotions digest\n")
	h.write(hers, "mutes tea\n")
	if own, site := h.InForce(maria); own != nil || said(site) != "promotions digest" {
		t.Errorf("own %s, site %s", said(own), said(site))
	}
	if h.Fault("") != nil || h.Fault(maria) == nil {
		t.Errorf("faults: %v, %v", h.Fault(""), h.Fault(maria))
	}
}

func TestTheLastGoodVersionOutlivesARestart(t *testing.T) {
	h := newHouse(t)
	h.Good = filepath.Join(h.root, "good")
	h.write(hers, "mute topic tea until 24 Dec\n")
	h.copied(maria)
	h.write(hers, "mutes tea\n")
	again := NewDir(filepath.Join(h.root, "intents"), "", slog.New(slog.DiscardHandler))
	again.Good = h.Good
	defer again.Wait()
	if own, _ := again.InForce(maria); said(own) != `mute topic "tea" until 2026-12-24` {
		t.Errorf("in force: %s", said(own))
	}
}

func TestAListBesideTheFileIsRead(t *testing.T) {
	h := newHouse(t)
	h.write(hers, "refuse brands in boycott.txt\n")
	own, _ := h.InForce(maria)
	if len(own.Refuses[0].Notices) != 1 || len(own.Refuses[0].Brands) != 0 {
		t.Errorf("a list that is not there: %+v", own.Refuses[0])
	}
	h.write("intents/example.org/boycott.txt", "# mine\nshop.example\nBad Shop # cheats\n")
	own, _ = h.InForce(maria)
	if b := own.Refuses[0].Brands; len(b) != 2 || b[0].String() != "shop.example" || b[1].Name != "Bad Shop" {
		t.Errorf("read %v", b)
	}
}

func TestANewTextIsReadWithTheListsBesideTheFileAndNotInForce(t *testing.T) {
	h := newHouse(t)
	h.write(hers, "mute shop.example\n")
	h.write("intents/example.org/boycott.txt", "shop.example\n")
	f, errs := h.Would(maria, []byte("refuse brands in boycott.txt\n"), at)
	if errs != nil || len(f.Refuses) != 1 || len(f.Refuses[0].Brands) != 1 {
		t.Errorf("read %v, %v", f, errs)
	}
	if _, errs := h.Would(maria, []byte("wnat x\n"), at); errs == nil {
		t.Error("a mistake was taken")
	}
	if own, _ := h.InForce(maria); said(own) != "mute shop.example" {
		t.Errorf("in force: %s", said(own))
	}
}

func TestAListOfTheSiteServesEverybody(t *testing.T) {
	h := newHouse(t)
	h.write("site.intents", "mute topic tea\n")
	h.write(hers, "want \"tea\" needs disclosure known.txt\nrefuse brands in usher.conf\n")
	h.write("usher.conf", "shop.example\n")
	lists := func() string {
		own, _ := h.InForce(maria)
		return fmt.Sprint(own.Unread(), own.Wants[0].Needs[0].List.Brands, own.Wants[0].Notices)
	}
	steps := []struct{ name, file, text, want string }{
		{"nobody has it", "", "", "[known.txt usher.conf] [] [known.txt could not be read: until it can, this want answers unknown at best]"},
		{"the site has it, and nothing else there is read", "known.txt", "https://shop.example/about\n", "[usher.conf] [shop.example] []"},
		{"it changes", "known.txt", "Some Shop\n", `[usher.conf] ["Some Shop"] ["Some Shop" names no domain in known.txt, without which nobody is known by it]`},
		{"the person's own comes first", "intents/example.org/known.txt", "my.example\n", "[usher.conf] [my.example] []"},
	}
	for _, s := range steps {
		if s.file != "" {
			h.write(s.file, s.text)
		}
		if got := lists(); got != s.want {
			t.Errorf("%s: %s", s.name, got)
		}
	}
}

func TestNoMailboxLeavesTheFolder(t *testing.T) {
	h := newHouse(t)
	h.write("secret.intents", "mute topic tea\n")
	h.write("intents/example.org/.hidden.intents", "mute topic tea\n")
	if err := os.Symlink(filepath.Join(h.root, "secret.intents"), filepath.Join(h.root, "intents/example.org/link.intents")); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(h.root, "intents/example.org/folder.intents"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, mailbox := range []string{
		"../secret@example.org", `"../../secret"@example.org`, "secret@..", "secret@../..", "x/../../secret@example.org", ".hidden@example.org",
		"link@example.org", "folder@example.org", "nul\x00@example.org", "a@", "@example.org", "", strings.Repeat("a", 300) + "@example.org", `a\b@example.org`,
	} {
		if own, _ := h.InForce(mailbox); own != nil {
			t.Errorf("%q has a file", mailbox)
		}
	}
}

func TestTheLogNeedNotNameAPerson(t *testing.T) {
	h := newHouse(t)
	h.Shown = func(string) string { return "somebody" }
	h.Good = filepath.Join(h.root, "good")
	h.write("good", "in the way of the copies")
	for _, spoil := range []func(){
		func() { h.write(hers, "mute topic tea\n") }, // its copy cannot be kept
		func() { h.write(hers, "wants shoes\n") },
		func() {
			path := filepath.Join(h.root, hers)
			if err := errors.Join(os.Remove(path), os.Mkdir(path, 0o700)); err != nil {
				t.Fatal(err)
			}
		},
		func() {
			path := filepath.Join(h.root, hers)
			if err := errors.Join(os.Remove(path), os.Symlink("/", path)); err != nil {
				t.Fatal(err)
			}
		},
	} {
		h.log.Reset()
		spoil()
		h.copied(maria)
		if said := h.log.String(); !strings.Contains(said, "file=somebody") || strings.Contains(said, "maria") || strings.Contains(said, "example.org") {
			t.Errorf("the log says %q", said)
		}
	}
}

func TestReadingIsSafeFromManySides(t *testing.T) {
	h := newHouse(t)
	h.write(hers, "mute topic tea\n")
	h.InForce(maria) // the first version that is read is good
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 200 {
				if own, _ := h.InForce(maria); own == nil {
					t.Error("not in force")
					return
				}
				_ = h.Fault(maria)
			}
		})
	}
	for i := range 20 {
		text := []byte([]string{"mute topic tea\n", "mutes\n"}[i%2])
		if err := shelf.Write(filepath.Join(h.root, hers), text); err != nil {
			t.Fatal(err)
		}
	}
	wg.Wait()
}
