package terms

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"usher/rules/intents"
)

var day = intents.Date{Year: 2026, Month: time.November, Day: 24}

func site(t *testing.T, text string) *intents.File {
	t.Helper()
	f, errs := intents.Parse("site", []byte(text), time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC))
	if errs != nil {
		t.Fatal(errs)
	}
	return f
}

func asked() Asked {
	return Asked{Domain: "example.net", Contact: "mailto:postmaster@example.net", Until: intents.Date{Year: 2027, Month: time.May, Day: 1}}
}

func TestTermsAreWhatTheSiteStates(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       func(d *Document)
	}{
		{"nothing stated: the language's defaults", "protect receipts", func(*Document) {}},
		{"defaults", "promotions digest\nnewsletters inbox\nnotifications promotions", func(d *Document) {
			d.Accepts.Promotion, d.Accepts.Newsletter, d.Accepts.Notification = "digest", "inbox", "promotions"
		}},
		{"a cap of every brand, the smaller of two", "cap every brand 4 per week\ncap every brand 1 per week\ncap all promotions 9 per day\ncap shop.example 1 per day", func(d *Document) {
			d.Requires.MaxPerWeek = 1
		}},
		{"tracking and signatures that are refused", "refuse tracking by pixel, address\nrefuse unsigned tell sender \"sign it\"", func(d *Document) {
			d.Declines = map[string]string{"open_pixel": "refuse", "read_receipt": "refuse", "recipient_address_in_url": "refuse", "unsigned": "reject"}
		}},
		{"a topic or a brand that is refused is nothing that a machine could ask", "refuse gambling\nrefuse brand shop.example", func(*Document) {}},
		{"agreements that are proffered", "terms proffer sd-base", func(d *Document) {
			d.Agreements = []Agreement{{"SD-BASE", "https://customercommons.org/", "proffered"}}
		}},
		{"a statement that has ended is none", "refuse unsigned until 2026-11-23", func(*Document) {}},
		{"terms end with the first statement that they say", "refuse unsigned until 2027-01-31", func(d *Document) {
			d.Declines, d.ValidUntil = map[string]string{"unsigned": "refuse"}, "2027-01-31"
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := site(t, c.text)
			got, err := Of(f, asked(), day)
			if err != nil {
				t.Fatal(err)
			}
			want := Document{
				Version: "1.0", Domain: "example.net", ValidUntil: "2027-05-01", Contact: "mailto:postmaster@example.net",
				Accepts:  Accepts{"inbox", "inbox", "inbox", "promotions", "promotions", "inbox"},
				Requires: Requires{AlignedDKIM: true}, Declines: map[string]string{},
				Prefers: Prefers{ExpiresHeader: true, SchemaOrg: []string{"DiscountOffer", "Order"}, Topics: "usher-16"},
			}
			c.want(&want)
			if !reflect.DeepEqual(got, want) {
				t.Errorf("got\n%s\nwant\n%s", got.Bytes(), want.Bytes())
			}
			back, err := Read(got.Bytes())
			if err != nil {
				t.Fatal(err)
			}
			if wrong := Contradictions(back, f, day, Told{Reports: true, Complaints: true}); len(wrong) > 0 {
				t.Errorf("it contradicts what it was made from: %q", wrong)
			}
		})
	}
}

func TestWhatIsNotInForceIsNotPublished(t *testing.T) {
	if _, err := Of(site(t, "observe until 2026-12-01\npromotions digest"), asked(), day); err == nil || !strings.Contains(err.Error(), "2026-12-01") {
		t.Errorf("a site that only observes publishes: %v", err)
	}
	if _, err := Of(nil, asked(), day); err != ErrNothing {
		t.Errorf("a site without statements publishes: %v", err)
	}
}

func TestAContradictionIsNamed(t *testing.T) {
	base := "promotions digest\ncap every brand 2 per week\nrefuse tracking by pixel\nterms proffer SD-BASE"
	for _, c := range []struct {
		name, site string
		change     func(d *Document)
		want       string // "" for none
	}{
		{"what is left out contradicts nothing", base, func(d *Document) { *d = Document{Version: "1.0", Domain: "example.net", ValidUntil: "2027-05-01"} }, ""},
		{"an own wish of the admin", base, func(d *Document) { d.Requires.OneClickSigned = true; d.Requires.StreamID = []string{"List-Id"} }, ""},
		{"a disposition that changed", strings.Replace(base, "promotions digest", "promotions inbox", 1), func(*Document) {}, "accepts.promotion says digest, and the site's statements come to inbox"},
		{"a cap that is gone", strings.Replace(base, "cap every brand 2 per week", "", 1), func(*Document) {}, "requires.max_per_week says 2, and the site's file says nothing of it"},
		{"a refusal that nobody stated", base, func(d *Document) { d.Declines["third_party_beacon"] = "refuse" }, "declines.third_party_beacon says refuse, and the site's file says nothing of it"},
		{"terms that are not proffered", base, func(d *Document) { d.Agreements[0].ID = "SD-BASE-A" }, "agreements: SD-BASE-A is proffered there, and the site's file has no `terms proffer SD-BASE-A`"},
		{"an agreement that is said to be made", base, func(d *Document) { d.Agreements[0].Status = "agreed" }, "agreements: SD-BASE is agreed there, and the site's file has no `terms proffer SD-BASE`"},
		{"terms that have ended", base, func(d *Document) { d.ValidUntil = "2026-11-23" }, "valid_until: it ended on 2026-11-23"},
		{"a statement that ends before", base + "\nrefuse unsigned until 2027-01-31", func(*Document) {}, "valid_until says 2027-05-01, and a statement that it is made from ends on 2027-01-31"},
		{"reports that nobody sends", base, func(d *Document) { d.Feedback.Reports = "_relevance" }, "feedback: this usher sends no reports at _relevance"},
		{"complaints that nobody sends", base, func(d *Document) { d.Feedback.Complaints = []string{"rfc9477"} }, "feedback: this usher sends no such complaints as it says"},
		{"a site that observes", base + "\nobserve until 2026-12-01", func(*Document) {}, "the site's file only observes until 2026-12-01: nothing that it states is in force before"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, err := Of(site(t, base), asked(), day)
			if err != nil {
				t.Fatal(err)
			}
			c.change(&d)
			if got := strings.Join(Contradictions(d, site(t, c.site), day, Told{}), "\n"); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestAFileOfTermsIsReadStrictly(t *testing.T) {
	good := string(Document{Version: "1.0", Domain: "example.net", ValidUntil: "2027-05-01"}.Bytes())
	for name, text := range map[string]string{
		"a name that nobody knows":   strings.Replace(good, `"version"`, `"versoin": 1, "version"`, 1),
		"another version":            strings.Replace(good, "1.0", "2.0", 1),
		"no domain":                  strings.Replace(good, "example.net", "", 1),
		"a domain in capitals":       strings.Replace(good, "example.net", "Example.NET", 1),
		"something behind its end":   good + "{}",
		"nothing":                    "",
		"more than anybody may read": good + strings.Repeat(" ", MaxBytes),
	} {
		if _, err := Read([]byte(text)); err == nil {
			t.Errorf("%s is read without an error", name)
		}
	}
	if _, err := Read([]byte(good)); err != nil {
		t.Error(err)
	}
}

func TestThePointerFitsTheDNS(t *testing.T) {
	d, _ := Of(site(t, "terms proffer SD-BASE"), asked(), day)
	text := d.Bytes()
	name, txt := d.Pointer(text, d.URL())
	if name != "_mail-terms.example.net" || txt != "v=MAILTERMS1; url=https://example.net/.well-known/mail-terms.json; sha256="+Sum(text)+"; agr=SD-BASE" {
		t.Errorf("%s %q", name, txt)
	}
	long := Zone("a.example", strings.Repeat("x", 300)+`"`)
	if long != `a.example. TXT "`+strings.Repeat("x", 255)+`" "`+strings.Repeat("x", 45)+`\""` {
		t.Errorf("a long record is written as %s", long)
	}
}
