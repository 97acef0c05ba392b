package clauses

import (
	"archive/tar"
	"bufio"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"
	"testing"
	"time"

	"usher/classify"
	"usher/classify/mail"
	"usher/rules/intents"
)

// graded lies beside the repository.
const graded = "../../../shared/corpora/relevance-dev.tar.gz"

// product is one of the graded products of a shop, and what was searched for.
type product struct {
	Query, Name, Title, Description, Supplier string
	Price                                     float64 `json:"price_usd"`
}

func products(t *testing.T) (list []product) {
	t.Helper()
	f, err := os.Open(graded)
	if errors.Is(err, os.ErrNotExist) {
		t.Skip("the graded pairs are not beside the repository, so no price is held against a bound")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	for files := tar.NewReader(z); ; {
		h, err := files.Next()
		if errors.Is(err, io.EOF) {
			return list
		}
		if err != nil {
			t.Fatal(err)
		}
		if path.Base(h.Name) != "chorus.jsonl" {
			continue
		}
		lines := bufio.NewScanner(files)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			var p product
			if err := json.Unmarshal(lines.Bytes(), &p); err != nil {
				t.Fatal(err)
			}
			list = append(list, p)
		}
		if err := lines.Err(); err != nil {
			t.Fatal(err)
		}
	}
}

// priceLines are ways in which shops write a price of dollars.
var priceLines = []func(cents int64) string{
	func(c int64) string { return fmt.Sprintf("Price: $%d.%02d", c/100, c%100) },
	func(c int64) string { return fmt.Sprintf("Now only USD %d.%02d.", c/100, c%100) },
	func(c int64) string { return fmt.Sprintf("%d.%02d USD", c/100, c%100) },
	func(c int64) string { return fmt.Sprintf("Yours for US$%d.%02d today", c/100, c%100) },
	func(c int64) string {
		if c >= 100_000 {
			return fmt.Sprintf("$%d,%03d.%02d", c/100_000, c/100%1000, c%100)
		}
		return fmt.Sprintf("$%d.%02d", c/100, c%100)
	},
}

// letter is the mail in which a shop would offer the product.
func letter(p product, price string) *classify.Verdict {
	text := fmt.Sprintf("From: The Shop <news@shop.example>\nTo: maria@example.org\nDate: Mon, 23 Nov 2026 09:00:00 +0000\nSubject: %s\n"+
		"List-Unsubscribe: <https://shop.example/u>\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n%s\n\n%s\n\n%s\n\nBuy now: https://shop.example/p\n\nUnsubscribe: https://shop.example/u\n",
		strings.Join(strings.Fields(p.Name), " "), p.Title, p.Description, price)
	return classify.New().Classify(&mail.Object{Message: mail.Parse([]byte(strings.ReplaceAll(text, "\n", "\r\n")))})
}

// TestABoundOnRealProducts offers each product in a mail, and asks for it under
// three quarters and under five quarters of its price; in a copy without the price,
// neither can be known.
func TestABoundOnRealProducts(t *testing.T) {
	right, wrong, priced := 0, 0, 0
	for n, p := range products(t) {
		if p.Price <= 0 {
			continue
		}
		priced++
		cents := int64(p.Price*100 + 0.5)
		told, blank := letter(p, priceLines[n%len(priceLines)](cents)), letter(p, "")
		for _, c := range []struct {
			bound int64
			v     *classify.Verdict
			want  classify.Answer
		}{
			{cents * 3 / 4, told, no}, {cents * 5 / 4, told, yes},
			{cents * 3 / 4, blank, unknown}, {cents * 5 / 4, blank, unknown},
		} {
			query := strings.Map(func(r rune) rune {
				if strings.ContainsRune("\"“”", r) {
					return ' '
				}
				return r
			}, p.Query)
			f, errs := intents.Parse("wants", fmt.Appendf(nil, "want \"%s\" under %d.%02d USD\n", query, c.bound/100, c.bound%100), time.Unix(1795000000, 0))
			if len(errs) > 0 {
				t.Fatal(errs)
			}
			got := Offered(f.Wants[0], c.v, time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC))
			if got.Answer == c.want {
				right++
				continue
			}
			if wrong++; wrong <= 20 {
				t.Errorf("%q, %q at %d cents, under %d: %s, %q; want %s; offers %+v", p.Title, p.Description, cents, c.bound, got.Answer, got.Text, c.want, c.v.Offers)
			}
		}
	}
	t.Logf("%d products with a price: %d of %d answers right", priced, right, right+wrong)
	if priced < 1000 {
		t.Errorf("only %d products have a price", priced)
	}
}
