package claim

import (
	"strings"
	"testing"

	"usher/classify"
	"usher/classify/mail"
)

const (
	sum   = "6ad275d26c200e81534d9996183c8748ddfabc7b0a011a90f46301626d709923"
	whole = "https://example.net/.well-known/mail-terms.json; sha256=" + sum + "; agr=SD-BASE-A; purpose=promotion; topic=apparel; permission=doi:2025-11-02"
)

// signed is a sender whose aligned signature covers the named fields.
func signed(covers ...string) mail.Identity {
	return mail.Identity{How: mail.ByDKIM, SenderKey: "shop.example", Signatures: []mail.Signature{{Domain: "shop.example", Valid: true, Aligned: true, Covers: covers}}}
}

func TestAClaimIsReadOnceAndSigned(t *testing.T) {
	for _, c := range []struct {
		name, header string
		id           mail.Identity
		want         string // "" for none
	}{
		{"all of it", "Mail-Terms: " + whole + "\n", signed("from", "mail-terms"), "SD-BASE-A, purpose promotion, topic apparel, permission doi:2025-11-02"},
		{"in brackets, folded, in other letters", "mail-terms: <https://example.net/t>;\n AGR=SD-BASE\n", signed("mail-terms"), "SD-BASE"},
		{"a word that nobody knows", "Mail-Terms: https://example.net/t; agr=PDC-GOOD; colour=red\n", signed("mail-terms"), "PDC-GOOD"},
		{"a URL alone", "Mail-Terms: https://example.net/t\n", signed("mail-terms"), "terms at https://example.net/t"},
		{"not signed", "Mail-Terms: " + whole + "\n", signed("from"), ""},
		{"signed by somebody else", "Mail-Terms: " + whole + "\n", mail.Identity{How: mail.ByDKIM, Signatures: []mail.Signature{{Domain: "esp.example", Valid: true, Covers: []string{"mail-terms"}}}}, ""},
		{"vouched for by a field alone", "Mail-Terms: " + whole + "\n", mail.Identity{How: mail.ByAR, SenderKey: "shop.example"}, ""},
		{"twice", "Mail-Terms: " + whole + "\nMail-Terms: " + whole + "\n", signed("mail-terms"), ""},
		{"too long", "Mail-Terms: https://example.net/" + strings.Repeat("x", 1000) + "\n", signed("mail-terms"), ""},
		{"an agreement that nobody knows", "Mail-Terms: https://example.net/t; agr=SD-EVERYTHING\n", signed("mail-terms"), ""},
		{"no https", "Mail-Terms: http://example.net/t; agr=SD-BASE\n", signed("mail-terms"), ""},
		{"a hash that is none", "Mail-Terms: https://example.net/t; sha256=abc\n", signed("mail-terms"), ""},
		{"a purpose that is no category", "Mail-Terms: https://example.net/t; purpose=fun\n", signed("mail-terms"), ""},
		{"a permission without a day", "Mail-Terms: https://example.net/t; permission=doi\n", signed("mail-terms"), ""},
		{"a day that there is not", "Mail-Terms: https://example.net/t; permission=doi:2025-02-30\n", signed("mail-terms"), ""},
		{"a name twice", "Mail-Terms: https://example.net/t; agr=SD-BASE; agr=SD-BASE\n", signed("mail-terms"), ""},
		{"a word without a value", "Mail-Terms: https://example.net/t; agr\n", signed("mail-terms"), ""},
		{"nothing", "", signed("mail-terms"), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := &mail.Object{Identity: c.id, Message: mail.Parse([]byte("From: a@shop.example\n" + c.header + "\nHello\n"))}
			got := ""
			if terms := Read(o, &classify.Verdict{Category: classify.Transactional}); terms != nil && terms.Claim != nil {
				got = terms.Claim.String()
			}
			if got != c.want {
				t.Errorf("read as %q, want %q", got, c.want)
			}
		})
	}
}

func TestAClaimIsHeldAgainstWhatWasSeen(t *testing.T) {
	sign := func(codes ...string) (all []classify.Knows) {
		for _, c := range codes {
			code, level, is := strings.Cut(c, ":")
			if !is {
				level = "seen"
			}
			all = append(all, classify.Knows{Code: code, Level: level})
		}
		return all
	}
	for _, c := range []struct {
		name           string
		verdict        classify.Verdict
		agr            string
		needs, against string
	}{
		{"nothing seen", classify.Verdict{}, "SD-BASE", "SD-BASE", ""},
		{"a campaign is counted", classify.Verdict{Tagged: true}, "SD-BASE", "SD-BASE-A", "what was seen would need SD-BASE-A"},
		{"a pixel", classify.Verdict{Tagged: true, Knows: sign("open_pixel")}, "SD-BASE-AT", "SD-BASE-AT", ""},
		{"a pixel, and less is claimed", classify.Verdict{Knows: sign("open_pixel")}, "SD-BASE-A", "SD-BASE-AT", "what was seen would need SD-BASE-AT"},
		{"what is suspected was not seen", classify.Verdict{Knows: sign("recipient_id_in_url:suspected", "knows.behaviour:suspected")}, "SD-BASE", "SD-BASE", ""},
		{"what the person did", classify.Verdict{Knows: sign("recipient_id_in_url", "knows.behaviour")}, "SD-BASE-AT", "SD-BASE-ATP", "what was seen would need SD-BASE-ATP"},
		{"an agreement beside the ladder", classify.Verdict{Knows: sign("knows.behaviour")}, "PDC-GOOD", "SD-BASE-ATP", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := c.verdict
			v.Category, v.Confidence = classify.Promotion, .95
			o := &mail.Object{Identity: signed("mail-terms"), Message: mail.Parse([]byte("From: a@shop.example\nMail-Terms: https://example.net/t; agr=" + c.agr + "; purpose=promotion\n\nHello\n"))}
			got := Read(o, &v)
			if got.Needs != c.needs || got.Claim.Against != c.against {
				t.Errorf("needs %q, against it %q; want %q, %q", got.Needs, got.Claim.Against, c.needs, c.against)
			}
		})
	}
	for _, c := range []struct {
		name       string
		category   classify.Category
		confidence float64
		want       string
	}{
		{"a promotion that says it is a receipt", classify.Promotion, .95, "its purpose is said to be transactional, and it is judged promotion"},
		{"of which nobody is sure", classify.Promotion, .89, ""},
		{"a receipt", classify.Transactional, .99, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := &mail.Object{Identity: signed("mail-terms"), Message: mail.Parse([]byte("From: a@shop.example\nMail-Terms: https://example.net/t; purpose=transactional\n\nHello\n"))}
			if got := Read(o, &classify.Verdict{Category: c.category, Confidence: c.confidence}).Claim.Against; got != c.want {
				t.Errorf("against it %q, want %q", got, c.want)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add(whole)
	f.Add("<https://example.net/t>; agr=SD-BASE; x=; =")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := parse(text)
		if err != nil {
			return
		}
		if !strings.HasPrefix(strings.ToLower(c.URL), "https://") || strings.ContainsAny(c.String(), "\r\n\x1b") {
			t.Errorf("%q is read as %q", text, c)
		}
	})
}
