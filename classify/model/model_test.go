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
