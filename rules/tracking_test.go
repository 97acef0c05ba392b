package rules

import (
	"context"
	"strings"
	"testing"
	"time"

	"usher/classify"
	"usher/classify/knows"
	"usher/classify/mail"
	"usher/rules/marks"
)

// TestTheWaysOfTracking holds each way that can be refused against what answers
// it: yes to what was seen, unknown to what is suspected.
func TestTheWaysOfTracking(t *testing.T) {
	of := map[string][]string{
		"pixel":       {"open_pixel", "read_receipt"},
		"link":        {"recipient_id_in_url", "link_wrapper", "personal_params"},
		"address":     {"recipient_address_in_url"},
		"third party": {"third_party_beacon", "amp"},
		"behaviour":   {"knows.behaviour"},
		"":            {"knows.name", "knows.place", "knows.date", "knows.segment", "merge_field"},
	}
	for way, codes := range of {
		for _, code := range codes {
			for _, asked := range []string{"pixel", "link", "address", "third party", "behaviour"} {
				for level, want := range map[string]classify.Answer{knows.Seen: classify.Yes, knows.Suspected: classify.Unknown} {
					if way != asked {
						want = ""
					}
					h := &hearing{verdict: &classify.Verdict{Category: classify.Promotion, Knows: []classify.Knows{{Code: code, Level: level, Text: "so"}}}}
					if got := h.tracks([]string{asked}); got.Answer != want {
						t.Errorf("refuse tracking by %s, %s is %s: %q, want %q", asked, code, level, got.Answer, want)
					}
				}
			}
		}
	}
}

func TestAMarkIsRefusedOnceAnotherMailboxGotAnother(t *testing.T) {
	j := &Judge{
		Model: classify.New(), Delimiter: "+", Marks: marks.NewMemory(),
		Statements: stated{"maria@example.org": parsed(t, "refuse tracking by link"), "otto@example.org": parsed(t, "refuse tracking by link")},
	}
	copyFor := func(mailbox, token string) *Decision {
		o := &mail.Object{
			Envelope: mail.Envelope{From: "b@shop.example", To: []string{mailbox}, Arrived: time.Date(2026, 11, 22, 10, 7, 9, 0, time.UTC)},
			Identity: mail.Identity{Address: "a@shop.example", Domain: "shop.example", OrgDomain: "shop.example", SenderKey: "shop.example", How: mail.ByDKIM},
			Message: mail.Parse([]byte("From: Shop <news@shop.example>\nSubject: Sale, 50% off\nList-Unsubscribe: <https://shop.example/u>\n" +
				"List-Unsubscribe-Post: List-Unsubscribe=One-Click\nX-Campaign: 1\nContent-Type: text/html\n\n" +
				strings.Repeat(`<p>Sale! 50% off winter shoes. <a href="https://www.shop.example/?u=`+token+`">Order now</a> for 9 EUR.</p>`, 3) + "Unsubscribe")),
		}
		ds, err := j.Decide(context.Background(), o)
		if err != nil || ds[0] == nil {
			t.Fatal(ds, err)
		}
		return ds[0]
	}
	if d := copyFor("maria@example.org", "a1b2c3d4e5f6"); d.Disposition == Refuse || d.Category != classify.Promotion {
		t.Fatalf("what is suspected was refused, or is no promotion: %s %s, %s", d.Category, d.Disposition, d.Text)
	}
	d := copyFor("otto@example.org", "b1c2d3e4f5a6")
	if d.Disposition != Refuse || !strings.Contains(d.Text, "another mailbox here got another") {
		t.Errorf("the second copy: %s, %s", d.Disposition, d.Text)
	}
}
