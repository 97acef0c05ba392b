package features_test

import (
	"testing"

	"usher/classify"
	"usher/classify/mail"
	"usher/rules/features"
)

// FuzzRead wants any bytes refused or read, and what was read to answer.
func FuzzRead(f *testing.F) {
	o := &mail.Object{Identity: mail.Identity{Address: "news@shop.example", Domain: "shop.example"}, Message: mail.Parse([]byte("Subject: Shoes, 20% off\r\n\r\nRunning shoes: 99.95 EUR, now 20% off. Order now.\r\n"))}
	v := classify.New().Classify(o)
	v.Category = classify.Promotion
	f.Add(features.Keep(o, v, "list.shop.example", 20))
	f.Add([]byte{1, 2, '{', '}', 0, 0, 0, 0})
	intent := classify.Compile("running shoes", nil, nil)
	f.Fuzz(func(t *testing.T, b []byte) {
		o := &mail.Object{Message: &mail.Message{Subject: "Shoes"}}
		v := &classify.Verdict{Category: classify.Promotion}
		if features.Read(b, o, v, []features.Offer{{Currency: "EUR"}}) != nil {
			return
		}
		if s := v.Serves(intent).Score; s < 0 || s > 1 {
			t.Errorf("a score of %v", s)
		}
	})
}

func TestNothingIsKeptOfPersonalMail(t *testing.T) {
	o := &mail.Object{Message: mail.Parse([]byte("Subject: Sunday\r\n\r\nAt three?\r\n"))}
	if b := features.Keep(o, &classify.Verdict{Category: classify.Personal}, "", 20); b != nil {
		t.Errorf("%d bytes are kept", len(b))
	}
}
