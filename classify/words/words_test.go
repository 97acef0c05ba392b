package words_test

import (
	"strings"
	"testing"

	"usher/classify/words"
)

func TestFold(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"capitals and runs of white space", "  Hello\n\t World ", "hello world"},
		{"diacritics and ligatures", "Élève Straße Łódź Ærø", "eleve strasse lodz aero"},
		{"the two i of Turkish", "ABONELİKTEN ÇIK ılık", "abonelikten cik ilik"},
		{"full width letters", "ＳＡＬＥ　５０％", "sale 50%"},
		{"typographic quotes and dashes", "don’t – “x”", "don't - \"x\""},
		{"joiners that hide a word", "un\u200bsub\u00adscribe", "unsubscribe"},
		{"Arabic tatweel, Hebrew points", "خـصم שָׁלוֹם", "خصم שלום"},
		{"vowel signs of Thai stay", "ส่วนลด", "ส่วนลด"},
		{"bytes that are no UTF-8", "a\xffb", "ab"},
		{"nothing", "", ""},
		{"what is folded already", "so it is, since 1999", "so it is, since 1999"},
		{"spaces of every kind at the end", "a b\u00a0\u2003 \t", "a b"},
		{"an accent that stands alone", "a \u00b4 b", "a b"},
		{"a joiner between spaces", "a \u200b b", "a b"},
		{"more than is written at once", strings.Repeat("Ab  ", 200) + "é", strings.Repeat("ab ", 200) + "e"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := words.Fold(c.in); got != c.want {
				t.Errorf("Fold(%q) = %q, want %q", c.in, got, c.want)
			}
		})
	}
}

func TestFoldedTextIsNotCopied(t *testing.T) {
	text := "nothing of this changes, not even 1 sign."
	if n := testing.AllocsPerRun(10, func() { words.Fold(text) }); n != 0 {
		t.Errorf("%v allocations, want none", n)
	}
}

func TestLanguageIsGuessedByScriptOrCommonWords(t *testing.T) {
	for want, text := range map[string]string{
		"en": "Your order has shipped and will be with you on Friday.",
		"de": "Ihre Bestellung wurde versendet und ist bald bei Ihnen.",
		"fi": "Kiitos tilauksestasi, se on nyt matkalla ja saat viestin kun paketti on perillä.",
		"sv": "Tack för din beställning, den är nu på väg till dig.",
		"da": "Tak for din ordre, den er nu på vej til dig og bliver leveret når du er hjemme af os. Hvad skal vi ikke?",
		"fr": "Votre commande est en route et sera chez vous vendredi.",
		"es": "Tu pedido está en camino y llegará el viernes con los demás.",
		"it": "Il tuo ordine è in viaggio e arriverà venerdì con gli altri della famiglia.",
		"nl": "Je bestelling is onderweg en wordt vrijdag bij je bezorgd.",
		"pl": "Twoje zamówienie jest w drodze i dotrze do Ciebie w piątek.",
		"ru": "Ваш заказ отправлен и скоро будет у вас, мы рады.",
		"uk": "Ваше замовлення відправлено і скоро буде у вас.",
		"ja": "ご注文ありがとうございます。発送しました。",
		"zh": "您的订单已发货，请注意查收。",
		"ko": "주문하신 상품이 발송되었습니다.",
		"el": "Η παραγγελία σας είναι καθ' οδόν.",
		"he": "ההזמנה שלך בדרך אליך.",
		"":   "xyzzy 12345",
	} {
		if got := words.Language(text); got != want {
			t.Errorf("Language(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestStemsOfOneWordMeet(t *testing.T) {
	for _, c := range []struct{ language, a, b string }{
		{"en", "shoes", "Shoe"}, {"en", "running", "run"}, {"fi", "kengät", "kengät"}, {"de", "Laufschuhe", "laufschuhen"},
		{"xx", "flights", "flight"},
	} {
		s := words.NewStemmer(c.language)
		if a, b := s.Stem(c.a), s.Stem(c.b); a != b || a == "" {
			t.Errorf("%s: stems of %q and %q are %q and %q", c.language, c.a, c.b, a, b)
		}
	}
	if got := words.NewStemmer("en").Stem(strings.Repeat("a", 65)); got != "" {
		t.Errorf("a word over 64 bytes has the stem %q, want none", got)
	}
}

func FuzzFold(f *testing.F) {
	f.Add("Élève\u200b ＳＡＬＥ")
	f.Fuzz(func(t *testing.T, s string) {
		folded := words.Fold(s)
		if again := words.Fold(folded); len(again) > len(folded) {
			t.Errorf("folded again, %q grows to %q", folded, again)
		}
		if strings.Contains(folded, "  ") || strings.HasPrefix(folded, " ") || strings.HasSuffix(folded, " ") || len(folded) > 40*len(s) {
			t.Errorf("Fold(%q) = %q", s, folded)
		}
		for _, text := range []string{s, folded} {
			for i := 0; i < len(text); {
				start, end := words.Next(text, i)
				if start < i || end < start || start < len(text) && end == start {
					t.Fatalf("Next(%q, %d) = %d, %d does not advance", text, i, start, end)
				}
				if start == len(text) {
					break
				}
				i = end
			}
		}
		words.Language(s)
		words.NewStemmer("en").Stem(s)
	})
}
