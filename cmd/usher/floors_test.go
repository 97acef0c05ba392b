package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"usher/classify/model"
)

// The laws of the house, read from the source. Each failure is a sentence.

// below names, for every package, the packages of ours that it may import.
var below = map[string][]string{
	"classify/offer/wrap":    {},
	"classify/offer/money":   {},
	"classify/offer/days":    {},
	"classify/offer/cue":     {},
	"classify/offer/claims":  {"classify/offer"},
	"classify/offer":         {"classify/offer/cue", "classify/offer/days", "classify/offer/money", "classify/offer/wrap"},
	"classify/words":         {},
	"classify/mail":          {"classify/offer", "classify/offer/claims", "classify/offer/money"},
	"classify/trace":         {},
	"classify/provider":      {"classify/mail"},
	"classify/knows":         {"classify/mail", "classify/provider", "classify/trace", "classify/words"},
	"classify/wish":          {"classify/vectors", "classify/words"},
	"classify/vectors":       {},
	"classify/topic":         {"classify/vectors", "classify/words"},
	"classify/match":         {"classify/vectors", "classify/wish", "classify/words"},
	"classify/model":         {},
	"classify":               {"classify/model", "classify/knows", "classify/mail", "classify/match", "classify/offer", "classify/provider", "classify/topic", "classify/trace", "classify/words"},
	"rules/intents/source":   {},
	"rules/intents/shelf":    {},
	"rules/intents/calendar": {"rules/intents/source"},
	"rules/intents/amount":   {"classify/mail", "classify/offer/money"},
	"rules/intents/invented": {},
	"rules/intents/names":    {"classify/mail", "classify/provider"},
	"rules/intents/said":     {"rules/intents/calendar", "classify/mail"},
	"rules/intents/first":    {},
	"rules/intents/request":  {"classify/mail", "rules/intents"},
	"rules/intents/meaning":  {"rules/intents"},
	"rules/intents":          {"rules/intents/said", "rules/intents/names", "rules/intents/amount", "rules/intents/calendar", "rules/intents/shelf", "rules/intents/source", "classify", "classify/mail"},
	"rules/intents/advice":   {"rules/intents", "rules/intents/names"},
	"rules/terms":            {"classify/mail", "classify/topic", "rules/intents"},
	"rules/claim":            {"classify", "classify/mail", "rules/intents/names"},
	"rules/marks":            {"classify/knows", "classify/mail", "classify/trace"},
	"rules/people":           {"rules/intents", "rules/intents/shelf", "classify/mail"},
	"rules/senders":          {"rules/intents", "classify/mail"},
	"rules/alike":            {},
	"rules/clauses":          {"rules/intents", "classify", "classify/mail"},
	"rules/features":         {"classify", "classify/mail"},
	"rules/lessons":          {"classify"},
	"rules/moves":            {"rules", "rules/lessons"},
	"rules/replay":           {"rules", "classify"},
	"rules":                  {"rules/claim", "rules/lessons", "rules/alike", "rules/clauses", "rules/senders", "rules/features", "rules/intents", "rules/marks", "classify", "classify/mail", "classify/trace"},
	"smtpd/auth/dns":         {},
	"smtpd/auth":             {"smtpd/auth/dns", "classify/mail", "classify/provider"},
	"smtpd/guard":            {"classify/mail"},
	"smtpd/splice":           {"rules", "classify/mail"},
	"smtpd/replies":          {"classify/mail"},
	"smtpd/spool":            {},
	"smtpd/turn":             {},
	"smtpd/events":           {"rules", "classify", "classify/mail"},
	"smtpd/nexthop":          {"smtpd/guard", "smtpd/replies"},
	"smtpd/maildir":          {"smtpd/replies", "smtpd/splice", "rules", "classify/mail"},
	"smtpd/imprint":          {"smtpd/splice", "classify/mail"},
	"smtpd/sockets":          {"smtpd/nexthop"},
	"smtpd/leave":            {"classify/mail"},
	"smtpd/complain":         {"classify/mail"},
	"smtpd/order":            {"classify/mail", "classify/plain"},
	"smtpd/budget":           {},
	"corpus/train/offers":    {"classify/mail", "classify/offer"},
	"corpus/train/vectors":   {"classify/vectors"},
	"corpus/train":           {"classify", "classify/mail", "classify/model", "classify/words"},
	"corpus/train/relevance": {"classify", "classify/mail", "classify/words"},
	"smtpd":                  {"smtpd/budget", "smtpd/imprint", "smtpd/sockets", "smtpd/guard", "smtpd/splice", "smtpd/replies", "smtpd/spool", "smtpd/turn", "smtpd/events", "smtpd/nexthop", "rules", "classify", "classify/mail"},
	"corpus/audit":           {},
	"corpus/ledger":          {"corpus/audit"},
	"corpus/keys":            {},
	"corpus/tally":           {},
	"corpus/taught":          {"corpus/keys", "rules/lessons"},
	"corpus/letin":           {"corpus/keys", "rules"},
	"corpus/written":         {"corpus/keys", "rules", "classify"},
	"corpus/times":           {"corpus/keys", "rules"},
	"corpus/weeks":           {"corpus/keys", "rules", "classify"},
	"corpus/backup":          {},
	"corpus/disk":            {"corpus/keys"},
	"classify/plain":         {},
	"corpus/digest/token":    {},
	"corpus/digest/answer":   {"rules/lessons"},
	"corpus/digest":          {"corpus/digest/answer", "corpus/digest/token", "classify", "classify/mail", "classify/plain", "rules", "rules/lessons"},
	"corpus/restore":         {"corpus", "corpus/backup", "corpus/disk", "corpus/keys"},
	"corpus/kinds":           {"corpus/keys"},
	"corpus":                 {"corpus/taught", "rules/lessons", "corpus/ledger", "classify", "classify/mail", "corpus/audit", "corpus/backup", "corpus/disk", "corpus/keys", "corpus/kinds", "corpus/letin", "corpus/written", "corpus/tally", "corpus/times", "corpus/weeks", "rules", "rules/intents"},
	"cmd/usher/web/within":   {},
	"cmd/usher/web/public":   {"classify/mail", "rules/intents", "rules/intents/shelf", "rules/terms"},
	"cmd/usher/web/caller":   {"classify/mail", "corpus/audit"},
	"cmd/usher/web":          {"rules/moves", "cmd/usher/web/within", "rules/lessons", "classify", "classify/mail", "corpus", "corpus/audit", "corpus/keys", "corpus/kinds", "corpus/relation", "corpus/site", "corpus/weeks", "rules", "rules/intents", "rules/intents/shelf", "rules/people", "rules/replay", "cmd/usher/web/caller"},
	"corpus/relation":        {"corpus", "corpus/digest", "rules/lessons", "classify", "classify/mail", "corpus/weeks", "rules", "rules/intents", "rules/senders"},
	"corpus/site":            {"classify", "corpus", "rules"},
	"cmd/usher/web/pages":    {"cmd/usher/web/complain", "corpus/complaints", "corpus/digest/answer", "corpus/leaving", "cmd/usher/web/lists", "classify/plain", "corpus/digest/token", "rules/lessons", "cmd/usher/show", "cmd/usher/web", "cmd/usher/web/caller", "corpus", "rules", "rules/intents", "rules/intents/advice", "rules/intents/first", "rules/intents/meaning", "rules/people", "classify", "classify/mail", "cmd/usher/web/from"},
	"cmd/usher/show":         {"rules/claim", "classify/plain", "classify/topic", "corpus/train", "corpus/train/offers", "corpus/train/relevance", "rules", "classify"},
	"cmd/usher/setup":        {"classify/mail", "rules/terms", "smtpd", "smtpd/nexthop"},
	"cmd/usher/health":       {},
	"cmd/usher/systemd":      {"smtpd/sockets"},
	"corpus/report":          {"classify/plain"},
	"corpus/proofs":          {"classify/mail", "corpus", "corpus/audit"},
	"corpus/bounces":         {"classify/mail", "corpus", "corpus/audit"},
	"cmd/usher/web/from":     {},
	"cmd/usher/web/senders":  {"classify/mail", "cmd/usher/web/from", "corpus", "corpus/proofs", "corpus/report", "corpus/senders"},
	"corpus/complaints":      {"classify", "corpus/audit", "smtpd/order", "smtpd/complain", "classify/mail", "corpus", "rules"},
	"cmd/usher/web/complain": {"cmd/usher/web", "corpus", "corpus/complaints", "smtpd/complain"},
	"corpus/senders":         {"corpus/audit", "smtpd/order", "corpus/complaints", "smtpd/leave", "classify", "classify/knows", "classify/mail", "corpus", "corpus/leaving", "corpus/report", "rules", "rules/lessons"},
	"cmd/usher/web/reports":  {"cmd/usher/web", "corpus", "corpus/report", "corpus/senders"},
	"corpus/leaving":         {"smtpd/leave", "classify", "classify/mail", "corpus", "rules"},
	"corpus/permission":      {"corpus", "corpus/complaints", "corpus/leaving", "rules", "rules/intents"},
	"cmd/usher/web/receipts": {"cmd/usher/web", "corpus/audit", "corpus/permission"},
	"corpus/refs":            {"corpus", "rules"},
	"cmd/usher/web/quoted":   {"cmd/usher/web", "corpus", "corpus/refs", "rules"},
	"cmd/usher/web/muted":    {"cmd/usher/web", "classify/mail", "rules/intents", "rules/lessons"},
	"cmd/usher/web/lists":    {"cmd/usher/web", "corpus", "corpus/leaving"},
	"corpus/digest/slots":    {"rules/intents"},
	"cmd/usher/daemon":       {"corpus/bounces", "smtpd/order", "corpus/proofs", "cmd/usher/web/senders", "corpus/complaints", "cmd/usher/web/complain", "cmd/usher/web/muted", "corpus/permission", "cmd/usher/web/receipts", "corpus/refs", "cmd/usher/web/quoted", "corpus/leaving", "smtpd/leave", "cmd/usher/web/lists", "classify/plain", "corpus/digest/answer", "corpus/digest/token", "rules/moves", "corpus/digest", "corpus/digest/slots", "rules/lessons", "classify", "classify/mail", "classify/model", "cmd/usher/health", "cmd/usher/setup", "cmd/usher/systemd", "cmd/usher/web", "corpus", "corpus/audit", "rules", "rules/intents", "rules/marks", "rules/people", "smtpd", "smtpd/auth", "smtpd/auth/dns", "smtpd/events", "smtpd/sockets", "cmd/usher/web/pages", "smtpd/imprint", "smtpd/nexthop", "corpus/keys", "cmd/usher/web/caller", "cmd/usher/web/public", "corpus/report", "corpus/senders", "cmd/usher/web/reports"},
	"cmd/usher/demo":         {"classify/plain", "cmd/usher/daemon", "cmd/usher/show", "cmd/usher/web", "smtpd", "smtpd/auth", "smtpd/auth/dns", "smtpd/maildir", "smtpd/nexthop", "rules", "classify/mail"},
	"cmd/usher/command":      {"classify/plain", "cmd/usher/show"},
	"cmd/usher/settings":     {"cmd/usher/web/public", "rules/terms", "corpus", "classify/model", "cmd/usher/command", "cmd/usher/daemon", "cmd/usher/health", "cmd/usher/show", "smtpd", "smtpd/auth/dns", "smtpd/nexthop", "cmd/usher/web/pages"},
	"cmd/usher/offline":      {"classify/plain", "corpus/train", "corpus/train/offers", "corpus/train/relevance", "classify/model", "cmd/usher/command", "cmd/usher/daemon", "cmd/usher/settings", "cmd/usher/show", "smtpd/auth", "smtpd/auth/dns", "rules", "rules/intents", "classify", "classify/mail"},
	"cmd/usher/person":       {"corpus/complaints", "cmd/usher/web/complain", "cmd/usher/web/muted", "cmd/usher/web/receipts", "rules/intents/request", "cmd/usher/web/quoted", "smtpd/replies", "corpus/leaving", "cmd/usher/web/lists", "classify", "classify/mail", "classify/plain", "rules/lessons", "cmd/usher/command", "cmd/usher/offline", "cmd/usher/settings", "cmd/usher/show", "cmd/usher/web", "rules", "rules/intents", "rules/intents/advice", "rules/intents/first", "rules/intents/meaning", "rules/intents/shelf", "rules/replay"},
	"cmd/usher/operator":     {"smtpd/auth", "classify/plain", "cmd/usher/command", "cmd/usher/settings", "cmd/usher/show", "cmd/usher/web", "corpus", "corpus/audit", "corpus/keys", "corpus/kinds", "corpus/restore", "cmd/usher/web/public", "rules/intents", "rules/intents/shelf", "rules/terms", "corpus/report", "cmd/usher/web/reports"},
	"cmd/usher":              {"smtpd/auth", "cmd/usher/command", "cmd/usher/daemon", "cmd/usher/demo", "cmd/usher/operator", "cmd/usher/offline", "cmd/usher/person", "cmd/usher/settings", "cmd/usher/setup", "cmd/usher/show", "cmd/usher/systemd", "cmd/usher/web", "rules/moves", "smtpd", "smtpd/auth/dns", "smtpd/nexthop", "rules/intents", "rules/intents/source", "cmd/usher/health", "cmd/usher/web/pages", "cmd/usher/web/caller"},
	"cmd/letters":            {},
	"cmd/chaos":              {"cmd/letters", "cmd/usher/web"},
	"cmd/wirebench":          {"cmd/letters", "cmd/usher/daemon", "smtpd", "smtpd/auth", "smtpd/auth/dns", "rules", "rules/intents", "classify", "classify/mail"},
}

// doors names the places that may import a dependency: a package, a file, or a
// folder and all below it ("smtpd/"); a blank stands between two.
var doors = []door{
	{"github.com/emersion/go-smtp", "smtpd/ cmd/wirebench/pass.go"},
	{"github.com/emersion/go-msgauth", "smtpd/auth"},
	{"github.com/emersion/go-message", "classify/mail"},
	{"blitiri.com.ar/go/spf", "smtpd/auth"},
	{"github.com/miekg/dns", "smtpd/auth/dns"},
	{"github.com/jdkato/prose", "classify/tokens.go"},
	{"gonum.org/v1/gonum", "corpus/train/vectors"},
	{"github.com/blevesearch/snowballstem", "classify/words"},
	{"github.com/dgraph-io/badger", "corpus corpus/backup corpus/disk corpus/ledger"},
	{"github.com/urfave/cli", "cmd/usher cmd/usher/command cmd/usher/settings cmd/usher/offline cmd/usher/person cmd/usher/operator"},
	{"github.com/prometheus/client_golang", "smtpd/events cmd/usher/health"},
	{"github.com/coreos/go-systemd", "cmd/usher/systemd"},
	{"go.mau.fi/util", "rules/alike"},
	{"github.com/santhosh-tekuri/jsonschema", "corpus/report/schema_test.go"},
	{"html/template", "cmd/usher/web/ corpus/digest"},
}

type door struct{ dependency, door string }

func (d door) opens(s goFile) bool {
	return slices.ContainsFunc(strings.Fields(d.door), func(door string) bool {
		return s.pkg == door || s.path == door || strings.HasSuffix(door, "/") && strings.HasPrefix(s.pkg+"/", door)
	})
}

// Sizes in lines, from the house's laws.
const (
	maxFile       = 400
	maxTestFile   = 600
	maxFunction   = 60
	maxPackage    = 2500
	maxParameters = 5
)

// unused are words that say nothing about what a thing does.
var unused = regexp.MustCompile(`(?i)(manager|util|common|engine|processor|helper)`)

type goFile struct {
	path string // from the top, with slashes
	pkg  string
	test bool
	file *ast.File
	fset *token.FileSet
}

func (s goFile) lines(n ast.Node) int {
	return s.fset.Position(n.End()).Line - s.fset.Position(n.Pos()).Line + 1
}

func (s goFile) size() int { return s.fset.File(s.file.Pos()).LineCount() }

func sources(t *testing.T) []goFile {
	t.Helper()
	top := filepath.Join("..", "..")
	var out []goFile
	err := filepath.WalkDir(top, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(p, ".go") {
			return err
		}
		rel, err := filepath.Rel(top, p)
		if err != nil {
			return err
		}
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, p, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		out = append(out, goFile{rel, filepath.ToSlash(filepath.Dir(rel)), strings.HasSuffix(p, "_test.go"), f, fset})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(out) < 20 {
		t.Fatalf("only %d Go files were found: the laws were not read", len(out))
	}
	return out
}

func TestLawEveryImportPointsDown(t *testing.T) {
	for _, s := range sources(t) {
		allowed, known := below[s.pkg]
		if !known {
			t.Errorf("%s: package %s has no floor; name in floors_test.go what it may import", s.path, s.pkg)
			continue
		}
		for _, i := range s.file.Imports {
			path := strings.Trim(i.Path.Value, `"`)
			ours, is := strings.CutPrefix(path, "usher/")
			if is && ours != s.pkg && !s.test && !slices.Contains(allowed, ours) {
				t.Errorf("%s imports %s, which does not lie below %s", s.path, ours, s.pkg)
			}
			for _, d := range doors {
				if (path == d.dependency || strings.HasPrefix(path, d.dependency+"/")) && !s.test && !d.opens(s) {
					t.Errorf("%s imports %s, whose door is %s", s.path, path, d.door)
				}
			}
		}
	}
}

func TestLawSizes(t *testing.T) {
	packages := map[string]int{}
	for _, s := range sources(t) {
		limit := maxFile
		if s.test {
			limit = maxTestFile
		} else {
			packages[s.pkg] += s.size()
		}
		if n := s.size(); n > limit {
			t.Errorf("%s has %d lines, more than %d: split it by meaning", s.path, n, limit)
		}
		if s.test {
			continue
		}
		for _, d := range s.file.Decls {
			f, is := d.(*ast.FuncDecl)
			if !is {
				continue
			}
			if n := s.lines(f); n > maxFunction {
				t.Errorf("%s: %s has %d lines, more than %d", s.path, f.Name.Name, n, maxFunction)
			}
			if n := f.Type.Params.NumFields(); n > maxParameters {
				t.Errorf("%s: %s takes %d parameters, more than %d", s.path, f.Name.Name, n, maxParameters)
			}
		}
	}
	for pkg, n := range packages {
		if n > maxPackage {
			t.Errorf("package %s has %d lines, more than %d: split it by meaning", pkg, n, maxPackage)
		}
	}
}

func TestLawPackagesSayWhatTheyDoAndNames(t *testing.T) {
	comments := map[string]string{}
	for _, s := range sources(t) {
		if s.test || s.file.Name.Name == "main" && !strings.HasPrefix(s.pkg, "cmd/") { // a generator beside a package
			continue
		}
		if _, seen := comments[s.pkg]; !seen {
			comments[s.pkg] = ""
		}
		if s.file.Doc != nil {
			if comments[s.pkg] != "" {
				t.Errorf("%s: package %s has two package comments", s.path, s.pkg)
			}
			comments[s.pkg] = s.file.Doc.Text()
		}
		if unused.MatchString(filepath.Base(s.path)) {
			t.Errorf("%s: the file's name says nothing about what it does", s.path)
		}
		for _, d := range s.file.Decls {
			if name := declared(d); unused.MatchString(name) {
				t.Errorf("%s: the name %s says nothing about what it does", s.path, name)
			}
		}
	}
	for pkg, text := range comments {
		want := "Package " + filepath.Base(pkg) + " "
		if pkg == "cmd/usher" || pkg == "cmd/wirebench" || pkg == "cmd/chaos" {
			want = "Command " + filepath.Base(pkg) + " "
		}
		if !strings.HasPrefix(text, want) || !strings.Contains(strings.ToLower(text), "never") {
			t.Errorf("package %s: its comment must begin %q and say what it never does", pkg, want)
		}
	}
}

func declared(d ast.Decl) string {
	switch d := d.(type) {
	case *ast.FuncDecl:
		return d.Name.Name
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			if ts, is := spec.(*ast.TypeSpec); is {
				return ts.Name.Name
			}
		}
	}
	return ""
}

// TestLawReadmeMap holds the README's map of packages against the packages.
func TestLawReadmeMap(t *testing.T) {
	readme, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(readme), "## Where things are")
	section, _, _ = strings.Cut(section, "\n## ")
	if n := strings.Count(string(readme), "\n") - strings.Count(section, "\n"); n > 160 {
		t.Errorf("beside its map the README has %d lines, more than 160", n)
	}
	told := map[string]bool{}
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z/]+)` \\|").FindAllStringSubmatch(section, -1) {
		told[m[1]] = true
	}
	real := map[string]bool{}
	for _, s := range sources(t) {
		real[s.pkg] = true
	}
	for pkg := range real {
		if !told[pkg] {
			t.Errorf("the README's map lacks package %s", pkg)
		}
	}
	for pkg := range told {
		if !real[pkg] {
			t.Errorf("the README's map names %s, which is no package", pkg)
		}
	}
}

// TestLawWritesNoPathOfOneMachine keeps what belongs to one machine or one
// forge out of the tree.
func TestLawWritesNoPathOfOneMachine(t *testing.T) {
	home := regexp.MustCompile(`/(root|work|home/[a-z]+)/`)
	for _, s := range sources(t) {
		ast.Inspect(s.file, func(n ast.Node) bool {
			if lit, is := n.(*ast.BasicLit); is && lit.Kind == token.STRING && home.MatchString(lit.Value) && !strings.HasSuffix(s.path, "floors_test.go") {
				t.Errorf("%s", fmt.Sprintf("%s names a path of one machine: %s", s.fset.Position(n.Pos()), lit.Value))
			}
			return true
		})
	}
}

// TestLawReadmeTellsTheCardsFigures holds the README's figures against the card
// of the model that ships.
func TestLawReadmeTellsTheCardsFigures(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	row := regexp.MustCompile(`\| all \| (.*?) \| (.*?) \| (.*?) \(`).FindStringSubmatch(model.Card())
	if row == nil {
		t.Fatal("the card has no row for all archives")
	}
	readme := strings.Join(strings.Fields(string(text)), " ")
	want := fmt.Sprintf("called newsletter or promotion: %s (at most %s at 95 %%); newsletters and promotions found: %s.", row[1], row[2], row[3])
	if !strings.Contains(readme, want) {
		t.Errorf("the README should say, as the card does: %s", want)
	}
}
