package classify

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strconv"
	"strings"
	"testing"

	"usher/classify/model"
)

// TestEverySignHasAWeight reads the sources: a sign that is found and has no
// line in signs.txt would be passed over in silence.
func TestEverySignHasAWeight(t *testing.T) {
	signs := map[string]bool{}
	for _, s := range model.Signs() {
		signs[s.Code] = true
	}
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
		if !signs[code] {
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
	if _, err := readPhrases("nonsense en: a"); err == nil {
		t.Error("a class that is not known was read")
	}
}
