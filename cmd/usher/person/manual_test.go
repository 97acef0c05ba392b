package person

import (
	"flag"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "copy the manual")

// The manual is written once, as the package comment of rules/intents; -update
// copies it.
func TestTheManualIsThePackageCommentOfIntents(t *testing.T) {
	f, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", "..", "..", "rules", "intents", "doc.go"), nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("manual.txt", []byte(f.Doc.Text()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if manual != f.Doc.Text() {
		t.Error("manual.txt is not the package comment of rules/intents: run make golden")
	}
}
