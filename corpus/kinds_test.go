package corpus

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"usher/corpus/kinds"
)

// TestNoPrefixIsForgotten holds three lists against each other: the screen in
// keys.go, the constants of the package, and the kinds that erasing goes by.
func TestNoPrefixIsForgotten(t *testing.T) {
	screen, err := os.ReadFile("keys.go")
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	rows := regexp.MustCompile(`(?m)^//\t([a-z]/) +(yes|later) +(.*)$`).FindAllStringSubmatch(string(screen), -1)
	for _, row := range rows {
		k := kinds.Of([]byte(row[1]))
		switch {
		case row[2] == "later" && k != nil:
			t.Errorf("%s is a kind, and keys.go says that it comes later", row[1])
		case row[2] == "later":
			continue
		case k == nil:
			t.Errorf("%s is in use and no kind: it would outlive its mailbox", row[1])
			continue
		}
		told = append(told, row[1])
		isBox := strings.Contains(row[3], `"`+row[1]+`" tag[16]`) && strings.Contains(row[3], ", sealed")
		if isBox != k.IsBox {
			t.Errorf("%s: keys.go says that it is a mailbox's: %v; kinds says %v", row[1], isBox, k.IsBox)
		}
		ends := regexp.MustCompile(`(\d+) days`).FindStringSubmatch(row[3])
		if ends != nil && k.Days != 0 && ends[1] != strconv.Itoa(k.Days) {
			t.Errorf("%s ends after %s days in keys.go, after %d in kinds", row[1], ends[1], k.Days)
		}
	}
	var listed []string
	for _, k := range kinds.All {
		listed = append(listed, k.Prefix)
	}
	same(t, "keys.go and kinds", told, listed)
	same(t, "the constants and kinds", constants(t), listed)
}

func same(t *testing.T, what string, a, b []string) {
	t.Helper()
	slices.Sort(a)
	slices.Sort(b)
	if !slices.Equal(a, b) {
		t.Errorf("%s differ: %v and %v", what, a, b)
	}
}

// constants gives the values of all constants of the package that are called
// prefixSomething.
func constants(t *testing.T) (found []string) {
	t.Helper()
	paths, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range append(paths, "tally/tally.go", "times/times.go", "weeks/weeks.go") {
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if v, is := n.(*ast.ValueSpec); is && len(v.Values) == 1 && strings.HasPrefix(strings.ToLower(v.Names[0].Name), "prefix") {
				if lit, is := v.Values[0].(*ast.BasicLit); is {
					found = append(found, strings.Trim(lit.Value, `"`))
				}
			}
			return true
		})
	}
	return found
}
