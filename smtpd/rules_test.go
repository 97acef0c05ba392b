package smtpd

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var runRules = flag.Bool("rules", false, "run the tests of every rule, and print whether they pass")

// rule is one line of testdata/rules.txt and the tests that keep it.
type rule struct {
	number, sentence string
	tests            []string
}

// named finds the numbers of rules in the name of a test, and begun one at the
// beginning of a case's name, a message or a dialogue's title.
var (
	named = regexp.MustCompile(`R\d+`)
	begun = regexp.MustCompile(`^([RAD]\d+)(?:[ ,]|$)`)
)

// readRules reads testdata/rules.txt, in order.
func readRules(t *testing.T) []*rule {
	t.Helper()
	text, err := os.ReadFile("testdata/rules.txt")
	if err != nil {
		t.Fatal(err)
	}
	var rules []*rule
	for l := range strings.Lines(string(text)) {
		l = strings.TrimRight(l, "\n")
		number, sentence, _ := strings.Cut(l, " ")
		switch {
		case l == "" || l[0] == '#':
		case strings.HasPrefix(l, "    also: "):
			last := rules[len(rules)-1]
			last.tests = append(last.tests, strings.TrimPrefix(l, "    also: "))
		default:
			rules = append(rules, &rule{number: number, sentence: sentence})
		}
	}
	return rules
}

// testsOf finds every test and fuzz target of the module, those of `make
// interop` too, as PACKAGE.NAME, and the numbers that each bears.
func testsOf(t *testing.T) map[string][]string {
	t.Helper()
	tests := map[string][]string{}
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		pkg := filepath.ToSlash(strings.TrimPrefix(filepath.Dir(path), "../"))
		for _, decl := range file.Decls {
			f, is := decl.(*ast.FuncDecl)
			if !is || f.Recv != nil || !strings.HasPrefix(f.Name.Name, "Test") && !strings.HasPrefix(f.Name.Name, "Fuzz") {
				continue
			}
			tests[pkg+"."+f.Name.Name] = numbers(f)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	dialogs, _ := filepath.Glob("testdata/*.dialog")
	for _, path := range dialogs {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for l := range strings.Lines(string(text)) {
			if m := begun.FindStringSubmatch(strings.TrimPrefix(l, "# ")); m != nil && l[0] == '#' {
				tests["smtpd.TestDialogs"] = append(tests["smtpd.TestDialogs"], m[1])
			}
		}
	}
	return tests
}

// numbers gives the numbers of rules that a test's name says, or what it says
// of itself.
func numbers(f *ast.FuncDecl) []string {
	said := named.FindAllString(strings.TrimPrefix(f.Name.Name, "Test"), -1)
	ast.Inspect(f, func(n ast.Node) bool {
		lit, is := n.(*ast.BasicLit)
		if !is || lit.Kind != token.STRING {
			return true
		}
		text, _ := strconv.Unquote(lit.Value)
		if m := begun.FindStringSubmatch(text); m != nil {
			said = append(said, m[1])
		}
		return true
	})
	return said
}

// TestEveryRuleHasATest holds the rules of the wire against the tests that
// there are, and prints them as a table.
func TestEveryRuleHasATest(t *testing.T) {
	rules, tests := readRules(t), testsOf(t)
	byNumber := map[string]*rule{}
	for _, r := range rules {
		if byNumber[r.number] != nil {
			t.Errorf("%s stands twice in the table", r.number)
		}
		byNumber[r.number] = r
		for _, name := range r.tests {
			if !slices.Contains(keys(tests), name) {
				t.Errorf("%s names %s, which is no test", r.number, name)
			}
		}
	}
	for _, name := range keys(tests) {
		for _, number := range tests[name] {
			r := byNumber[number]
			if r == nil {
				t.Errorf("%s is a test of %s, which is no rule", name, number)
			} else if !slices.Contains(r.tests, name) {
				r.tests = append(r.tests, name)
			}
		}
	}
	for n := range 64 {
		if byNumber[fmt.Sprintf("R%d", n+1)] == nil {
			t.Errorf("the table lacks R%d", n+1)
		}
	}
	for _, r := range rules {
		if len(r.tests) == 0 {
			t.Errorf("%s has no test: %s", r.number, r.sentence)
		}
	}
	t.Log(table(t, rules))
}

// table prints each rule with its tests and what they came to.
func table(t *testing.T, rules []*rule) string {
	came := map[string]string{}
	if *runRules {
		came = results(t, rules)
	}
	var b strings.Builder
	for _, r := range rules {
		fmt.Fprintf(&b, "\n%-4s%s\n", r.number, r.sentence)
		for _, name := range r.tests {
			result := came[name]
			switch {
			case result == "" && strings.HasPrefix(name, "cmd/usher.TestInterop"):
				result = "make interop"
			case result == "" && *runRules:
				t.Errorf("%s did not run", name)
			case result == "fail":
				t.Errorf("%s fails", name)
			}
			fmt.Fprintf(&b, "      %-6s %s\n", result, name)
		}
	}
	return b.String()
}

// results runs the tests of all rules and gives what each came to: pass, skip
// or fail.
func results(t *testing.T, rules []*rule) map[string]string {
	t.Helper()
	packages, names := map[string]bool{}, map[string]bool{}
	for _, r := range rules {
		for _, name := range r.tests {
			pkg, test, _ := strings.Cut(name, ".")
			packages["usher/"+pkg], names[test] = true, true
		}
	}
	delete(names, t.Name()) // this one is running
	args := append([]string{"test", "-json", "-run", "^(" + strings.Join(keys(names), "|") + ")$"}, keys(packages)...)
	out, err := exec.Command("go", args...).Output()
	if len(out) == 0 {
		t.Fatalf("go test: %v", err)
	}
	came := map[string]string{"smtpd." + t.Name(): "pass"}
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		var e struct{ Action, Package, Test string }
		if json.Unmarshal(lines.Bytes(), &e) == nil && e.Test != "" && (e.Action == "pass" || e.Action == "fail" || e.Action == "skip") {
			came[strings.TrimPrefix(e.Package, "usher/")+"."+e.Test] = e.Action
		}
	}
	return came
}

func keys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
