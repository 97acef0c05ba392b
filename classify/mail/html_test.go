package mail

import "testing"

func TestVisibleText(t *testing.T) {
	cases := []struct{ name, html, text, preheader string }{
		{"a hidden cell that is never closed ends at the next cell", "<table><tr><td style='display:none'>a<p>b<td>c", "c", "a b"},
		{"a hidden row that is never closed ends at the next row", "<table><tr hidden><td>a<tr><td>b", "b", "a"},
		{"a cell in an inner table does not close the outer one", "<table><tr><td hidden>a<table><tr><td>b</table>c<td>d", "d", "a b c"},
		{"a stray end tag does not reach out of its table", "<div hidden><table><tr><td></div>a</table></div>b", "b", "a"},
		{"noscript is shown", "<noscript><b>a</b></noscript> b", "a b", ""},
		{"an unclosed svg hides nothing", "<svg><p>a", "a", ""},
		{"an iframe is not shown", "<iframe><p>a</iframe>b", "b", ""},
		{"a child may undo a font size of nothing", "<td style='font-size:0px'>a<p style='font-size:14px'>b", "b", "a"},
		{"a child cannot undo display:none", "<td style='display:none'>a<p style='display:block'>b", "", "a b"},
		{"brackets that are no tags", "1 < 2 &lt; 3 & 4", "1 < 2 < 3 & 4", ""},
		{"cells on one line, rows on their own", "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc", ""},
		{"words are not broken by inline elements", "un<b>broken</b>", "unbroken", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			m := Parse([]byte("Content-Type: text/html\n\n" + c.html))
			if m.Text != c.text || m.Preheader != c.preheader {
				t.Errorf("text %q, preheader %q", m.Text, m.Preheader)
			}
		})
	}
}
