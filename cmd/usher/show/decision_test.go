package show

import (
	"strings"
	"testing"
	"time"

	"usher/classify"
	"usher/rules"
	"usher/rules/claim"
)

func TestWhoAnsweredIsNamed(t *testing.T) {
	for _, c := range []struct {
		decided, applied rules.Disposition
		code             int
		ref, want        string
	}{
		{rules.Refuse, rules.Refuse, 250, "", "the next hop answered 250"},
		{rules.Reject, rules.Refuse, 250, "", "the next hop answered 250; refuse was applied instead"},
		{rules.Reject, rules.Reject, 550, "", "no: usher itself answered 550"},
		{rules.Reject, rules.Reject, 550, "7K2Q9DXB", "no: usher itself answered 550, reference 7K2Q9DXB"},
	} {
		d := rules.Decision{Disposition: c.decided}
		d.Outcome = &rules.Outcome{Applied: c.applied, Code: c.code, Ref: c.ref}
		if got := outcome(&d); got != c.want {
			t.Errorf("%s, applied as %s: %q, want %q", c.decided, c.applied, got, c.want)
		}
	}
}

func TestALookAlikeIsToldBesideTheSenderAndOnce(t *testing.T) {
	d := rules.Decision{Category: classify.Promotion, Disposition: rules.Promotions, Sender: rules.Sender{Brand: "outdoors.example", Aligned: true, How: "dkim"}}
	d.Evidence = []classify.Evidence{{Code: rules.LooksLike, Text: "looks like northwind.example"}}
	var b strings.Builder
	Decision(&b, &d, time.UTC)
	sender, beware := strings.Index(b.String(), "sender "), strings.Index(b.String(), "beware       looks like northwind.example")
	if sender < 0 || beware < sender || strings.Count(b.String(), "northwind") != 1 || strings.Contains(b.String(), "evidence") {
		t.Errorf("printed:\n%s", b.String())
	}
}

func TestAProofIsToldWithWhoFoundIt(t *testing.T) {
	for _, c := range []struct {
		how  string
		want string
	}{
		{"dkim", "shop.example, proven by DKIM"},
		{"ar", "shop.example, proven by DKIM, as your mail server found"},
		{"none", "claims shop.example, unproven: no grant and no want applies"},
	} {
		if got := proof(rules.Sender{Brand: "shop.example", Aligned: c.how != "none", How: c.how}); got != c.want {
			t.Errorf("%s: %q, want %q", c.how, got, c.want)
		}
	}
}

func TestAClaimOfTermsIsToldAsAClaim(t *testing.T) {
	said := claim.Claim{URL: "https://shop.example/t", Agreement: "SD-BASE", Purpose: "promotion"}
	for _, c := range []struct {
		name  string
		terms *claim.Terms
		want  string // "" for nothing
	}{
		{"nothing is said", nil, ""},
		{"nothing is claimed", &claim.Terms{Needs: "SD-BASE-AT"}, ""},
		{"it fits", &claim.Terms{Needs: "SD-BASE", Claim: &said}, "terms        its sender claims: SD-BASE, purpose promotion"},
		{"it does not", &claim.Terms{Needs: "SD-BASE-AT", Claim: &claim.Claim{Agreement: "SD-BASE", Against: "what was seen would need SD-BASE-AT"}}, "terms        its sender claims: SD-BASE; but what was seen would need SD-BASE-AT\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var b strings.Builder
			Decision(&b, &rules.Decision{Category: classify.Promotion, Disposition: rules.Promotions, Terms: c.terms}, time.UTC)
			if told := strings.Contains(b.String(), "terms "); told != (c.want != "") || !strings.Contains(b.String(), c.want) {
				t.Errorf("printed:\n%s", b.String())
			}
			if strings.Contains(b.String(), "violat") {
				t.Error("a verdict on an agreement")
			}
		})
	}
}
