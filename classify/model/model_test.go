package model

import (
	"strings"
	"testing"
)

func TestSignsSayWhereTheyAreWrong(t *testing.T) {
	for _, c := range []struct{ name, file, want string }{
		{"a line without numbers", "one_click header | 1 | x", "signs.txt:1"},
		{"a number that is none", "# x\na b | 1 2 3 4 5 x | s", "signs.txt:2"},
		{"a weight beyond all evidence", "a b | 1 2 3 4 5 11 | s", "signs.txt:1"},
		{"a code twice", "a b | 1 2 3 4 5 6 | s\na b | 1 2 3 4 5 6 | s", "signs.txt:2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := readSigns(c.file); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one that names %s", err, c.want)
			}
		})
	}
}

func TestAModelFileThatCannotBeTrustedIsRefused(t *testing.T) {
	var whole strings.Builder
	if err := Shipped().Write(&whole); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(strings.NewReader(whole.String())); err != nil {
		t.Errorf("the shipped model: %v", err)
	}
	for _, c := range []struct{ name, file, want string }{
		{"an empty file", "", "missing"},
		{"half a model", whole.String()[:strings.LastIndex(whole.String()[:whole.Len()/2], "\n")+1], "missing"},
		{"more after the end", "end\nlower 0.9 0.9\n", "missing"},
		{"weights whose sum is infinite", "word 00000001 1e308\nword 00000002 1e308\nend\n", "line 1"},
		{"no number at all", "calibrate NaN 0\nend\n", "line 1"},
		{"an infinite one", "calibrate 1 Inf\nend\n", "line 1"},
		{"a threshold that lowers all", "lower 0.1 0.1\nend\n", "threshold"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := Read(strings.NewReader(c.file)); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
		})
	}
}
