package show

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"usher/classify/plain"
)

// Table prints rows in columns under a heading; the last column is not padded.
// Widths count characters, so that names of any language line up.
func Table(w io.Writer, rows [][]string) {
	width := widths(rows)
	for _, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			line.WriteString(cell)
			if i < len(row)-1 {
				line.WriteString(strings.Repeat(" ", width[i]-plain.Columns(cell)+2))
			}
		}
		fmt.Fprintln(w, strings.TrimRight(line.String(), " "))
	}
}

// widths are those of the columns, in terminal cells.
func widths(rows [][]string) (width []int) {
	for _, row := range rows {
		for i, cell := range row {
			if i == len(width) {
				width = append(width, 0)
			}
			width[i] = max(width[i], plain.Columns(cell))
		}
	}
	return width
}

// Records prints rows under a heading, as Table does; where a terminal is too narrow
// the last column stands below the others.
func Records(w io.Writer, rows [][]string) {
	wide := -2
	for _, n := range widths(rows) {
		wide += n + 2
	}
	if wide <= Columns(w) {
		Table(w, rows)
		return
	}
	var above strings.Builder
	short := make([][]string, len(rows))
	for i, row := range rows {
		short[i] = row[:len(row)-1]
	}
	Table(&above, short)
	i := 0
	for line := range strings.Lines(above.String()) {
		fmt.Fprintf(w, "%s  %s\n", line, rows[i][len(rows[i])-1])
		i++
	}
}

func Count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return strconv.Itoa(n) + " " + thing + "s"
}

// Prose prints paragraphs, broken to fit a terminal. One of which a line begins with a
// blank is an example, and stays as it is.
func Prose(w io.Writer, text string) {
	for i, paragraph := range strings.Split(strings.TrimSpace(text), "\n\n") {
		if i > 0 {
			fmt.Fprintln(w)
		}
		lines := strings.Split(paragraph, "\n")
		if !strings.HasPrefix(paragraph, " ") && !strings.Contains(paragraph, "\n ") {
			lines = plain.Wrap(paragraph, Width)
		}
		for _, line := range lines {
			fmt.Fprintln(w, line)
		}
	}
}

// Terms prints each term with what it means beside it, or below where it is long.
func Terms(b io.Writer, rows [][2]string) {
	const longest = 20
	wide := 0
	for _, r := range rows {
		if n := plain.Columns(r[0]); n <= longest {
			wide = max(wide, n)
		}
	}
	wide = max(wide, 8)
	for _, r := range rows {
		lines := plain.Wrap(r[1], Width-wide-4)
		term := r[0]
		if plain.Columns(term) > wide {
			fmt.Fprintf(b, "  %s\n", term)
			term = ""
		}
		for _, line := range lines {
			fmt.Fprintf(b, "  %-*s  %s\n", wide, term, line)
			term = ""
		}
	}
}
