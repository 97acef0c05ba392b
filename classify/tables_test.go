package classify

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strconv"
	"strings"
	"testing"
)

// TestEverySignHasAWeight reads the sources: a sign that is found and has no
// line in weights.txt would be passed over in silence.
func TestEverySignHasAWeight(t *testing.T) {
	signs := shippedSigns()
	found := map[string]bool{"prior": true}
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), e.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			method, ok := call.Fun.(*ast.SelectorExpr)
			if !ok || method.Sel.Name != "find" && method.Sel.Name != "findIf" {
				return true
			}
			for _, arg := range call.Args[:len(call.Args)-1] {
				if lit, ok := arg.(*ast.BasicLit); ok && lit.Kind == token.STRING {
					code, _ := strconv.Unquote(lit.Value)
					found[code] = true
				}
			}
			return true
		})
	}
	for code := range found {
		if signs[code] == nil {
			t.Errorf("%s is found in a message and has no weight", code)
		}
	}
	for code := range signs {
		if !found[code] {
			t.Errorf("%s has weights and is never found", code)
		}
	}
}

func TestTablesSayWhereTheyAreWrong(t *testing.T) {
	for _, c := range []struct{ name, file, want string }{
		{"a line without numbers", "one_click header | 1 | x", "weights.txt:1"},
		{"a number that is none", "# x\na b | 1 2 3 4 5 x | s", "weights.txt:2"},
		{"a code twice", "a b | 1 2 3 4 5 6 | s\na b | 1 2 3 4 5 6 | s", "weights.txt:2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := readSigns(c.file); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one that names %s", err, c.want)
			}
		})
	}
	if _, err := readPhrases("nonsense en: a"); err == nil {
		t.Error("a class that is not known was read")
	}
}
