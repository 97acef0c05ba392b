package letters

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// sizes are those of 1,200 real messages in bytes: the mean of each 30, by size.
// Together their mean is 26 KB.
var sizes = []int{
	610, 834, 1007, 1170, 1382, 1635, 1975, 2402, 2753, 3122, 3411, 3712, 4101, 4605, 5172, 6208, 7476, 8871, 10604, 12587,
	15125, 17052, 18991, 20092, 21492, 23384, 25034, 26333, 27404, 28852, 30565, 32221, 33431, 35945, 40065, 43852, 48104, 57814, 90342, 314745,
}

// generate writes messages of those sizes: half letters in plain text, half
// offers in HTML, which read as such.
func generate() [][]byte {
	r := rand.New(rand.NewPCG(3, 4))
	raws := make([][]byte, 0, 10*len(sizes))
	for i := range 10 * len(sizes) {
		size := sizes[i%len(sizes)]
		if i/len(sizes)%2 == 0 {
			raws = append(raws, plainLetter(r, i, size))
		} else {
			raws = append(raws, offer(r, i, size))
		}
	}
	return raws
}

// Sized gives n messages of one size in bytes, half letters in plain text, half
// offers in HTML: the same ones each time.
func Sized(size, n int) [][]byte {
	r := rand.New(rand.NewPCG(5, 6))
	raws := make([][]byte, 0, n)
	for i := range n {
		if i%2 == 0 {
			raws = append(raws, plainLetter(r, i, size))
		} else {
			raws = append(raws, offer(r, i, size))
		}
	}
	return raws
}

var words = strings.Fields(`about after again all always and any are at because before between but by can come could day did do each even
every few find first for from get give go good great had has have here how if in into is it its just know last like little long look made make
many may more most much must my need never new no not now of off on one only or other our out over own part people place price right said same see
she should shoes small so some still such sale take than that the their them then there these they thing think this those time to two under until
up us use very want was way we week well were what when where which while who why will with work would year you your`)

func sentence(r *rand.Rand, b *strings.Builder) {
	for n := range 6 + r.IntN(8) {
		if n > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(words[r.IntN(len(words))])
	}
	b.WriteString(". ")
}

func plainLetter(r *rand.Rand, i, size int) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "From: Ann Other <ann%d@letters.example>\nTo: You <you@bench.example>\nSubject: ", i)
	sentence(r, &b)
	fmt.Fprintf(&b, "\nDate: Mon, 02 Nov 2026 10:00:00 +0000\nMessage-ID: <letter%d@letters.example>\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n", i)
	for b.Len() < size {
		sentence(r, &b)
		b.WriteByte('\n')
	}
	return []byte(b.String())
}

func offer(r *rand.Rand, i, size int) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "From: The Shop <news@shop%d.example>\nTo: You <you@bench.example>\nSubject: Sale: ", i%20)
	sentence(r, &b)
	fmt.Fprintf(&b, "\nDate: Mon, 02 Nov 2026 10:00:00 +0000\nMessage-ID: <offer%d@shop.example>\nList-Unsubscribe: <https://shop.example/leave?u=%d>\nPrecedence: bulk\n"+
		"MIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\n\n<html><body><table>\n", i, i)
	for b.Len() < size {
		fmt.Fprintf(&b, "<tr><td style=\"padding:4px;font-family:sans-serif\"><a href=\"https://shop.example/p/%d?c=mail\"><img src=\"https://shop.example/i/%d.png\" alt=\"\"></a></td>\n<td>", r.IntN(9999), r.IntN(9999))
		sentence(r, &b)
		fmt.Fprintf(&b, "<b>%d.90 EUR</b></td></tr>\n", 5+r.IntN(200))
	}
	b.WriteString("</table><p><a href=\"https://shop.example/leave\">Unsubscribe</a></p></body></html>\n")
	return []byte(b.String())
}
