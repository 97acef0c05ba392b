package knows_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"usher/classify/knows"
	"usher/classify/mail"
	"usher/classify/words"
)

// letter is a message to Maria in a few lines: header fields, then markup.
func letter(header, markup string) *mail.Object {
	if header != "" {
		header += "\n"
	}
	raw := "From: Shop <news@shop.example>\nTo: Maria Koski <maria.koski@example.net>\n" + header + "Content-Type: text/html; charset=utf-8\n\n" + markup
	return &mail.Object{
		Envelope: mail.Envelope{From: "b@shop.example", To: []string{"Maria.Koski@example.net"}},
		Identity: mail.Identity{Domain: "shop.example", OrgDomain: "shop.example"},
		Message:  mail.Parse([]byte(raw)),
	}
}

func look(o *mail.Object, said knows.Said) []knows.Sign {
	said.Own, said.Subject = words.Fold(o.Message.Text), words.Fold(o.Message.Subject)
	return knows.Look(o, false).Signs(said)
}

// find gives the sign of a code as "level count/of vendor", "" where it is not.
func find(signs []knows.Sign, code string) string {
	i := slices.IndexFunc(signs, func(s knows.Sign) bool { return s.Code == code })
	if i < 0 {
		return ""
	}
	s := signs[i]
	return strings.TrimSpace(fmt.Sprintf("%s %d/%d %s", s.Level, s.Count, s.Of, s.Vendor))
}

func TestPicturesThatTellOfAnOpening(t *testing.T) {
	const remote = `src="https://t.shop.example/o?m=1"`
	for _, c := range []struct{ name, markup, want string }{
		{"none by none dots", `<img width=0 height=0 ` + remote + `>`, "seen 1/1"},
		{"one by one", `<img width=1 height=1 ` + remote + `>`, "seen 1/1"},
		{"two by two", `<img width="2" height="2px" ` + remote + `>`, "seen 1/1"},
		{"one by one by style", `<img style="width:1px;height:1px" ` + remote + `>`, "seen 1/1"},
		{"three by three", `<img width=3 height=3 ` + remote + `>`, ""},
		{"a line", `<img width=600 height=1 ` + remote + `>`, ""},
		{"of no size told", `<img ` + remote + `>`, ""},
		{"hidden by style", `<img style="display:none" ` + remote + `>`, "seen 1/1"},
		{"hidden by attribute", `<img hidden ` + remote + `>`, "seen 1/1"},
		{"in a hidden part", `<div style="visibility:hidden"><img ` + remote + `></div>`, "seen 1/1"},
		{"a large one for other screens", `<img style="display:none" width=600 height=300 ` + remote + `>`, ""},
		{"one for other screens, with words for it", `<img style="display:none" alt="Our winter" ` + remote + `>`, ""},
		{"embedded", `<img width=1 height=1 src="cid:a">`, ""},
		{"written out", `<img width=1 height=1 src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">`, ""},
		{"a spacer used twice", strings.Repeat(`<img width=1 height=1 `+remote+`>`, 2), ""},
		{"a spacer by its name", `<img width=1 height=1 src="https://www.shop.example/i/spacer.gif">`, ""},
		{"a spacer's name with a mark behind it", `<img width=1 height=1 src="https://www.shop.example/i/spacer.gif?u=1">`, "seen 1/1"},
		{"a spacer's name under a mark", `<img width=1 height=1 src="https://www.shop.example/3789e1ae1938aa2f0dfd/blank.gif">`, "seen 1/1"},
		{"a provider's, of any size", `<img src="https://t.shop.example/wf/open?upn=u001.a">`, "seen 1/1 SendGrid"},
		{"a provider's, used twice", strings.Repeat(`<img src="https://t.shop.example/wf/open?upn=u001.a">`, 2), "seen 2/2 SendGrid"},
		{"a set of sources", `<img width=1 height=1 srcset="https://t.shop.example/o?m=1 1x, https://t.shop.example/o?m=2 2x">`, "seen 2/2"},
		{"a background", `<td background="https://t.shop.example/wf/open?upn=u001.a">`, "seen 1/1 SendGrid"},
		{"a background by style, of a provider", `<div style="background:url(https://t.shop.example/wf/open?upn=u001.a)">`, "seen 1/1 SendGrid"},
		{"a background by style", `<div style="background:url(https://t.shop.example/winter)">`, ""},
		{"content of a style", `<style>p:after{content:url("https://t.shop.example/wf/open?upn=u001.a")}</style>`, "seen 1/1 SendGrid"},
		{"an import of a style", `<style>@import "https://t.shop.example/wf/open?upn=u001.a";</style>`, "seen 1/1 SendGrid"},
		{"a font", `<style>@font-face{font-family:a;src:url(https://t.shop.example/wf/open?upn=u001.a)}</style>`, "seen 1/1 SendGrid"},
		{"a style sheet", `<link rel=stylesheet href="https://t.shop.example/wf/open?upn=u001.a">`, "seen 1/1 SendGrid"},
		{"a link that loads", `<link rel="preload" href="https://t.shop.example/wf/open?upn=u001.a">`, "seen 1/1 SendGrid"},
		{"a video's poster", `<video poster="https://t.shop.example/wf/open?upn=u001.a"></video>`, "seen 1/1 SendGrid"},
		{"a button of pictures", `<input type=image width=1 height=1 ` + remote + `>`, "seen 1/1"},
		{"two of three", `<img width=1 height=1 ` + remote + `><img src="https://t.shop.example/wf/open?upn=u001.a"><img src="https://www.shop.example/a.png">`, "seen 2/3 SendGrid"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := find(look(letter("", c.markup), knows.Said{}), "open_pixel"); got != c.want {
				t.Errorf("open_pixel %q, want %q", got, c.want)
			}
		})
	}
}

func TestTheProviderThatHearsIsNamed(t *testing.T) {
	signs := look(letter("", `<img width=1 height=1 src="https://cl.shop.example/open.aspx?ffcb10-fe9">`), knows.Said{})
	if len(signs) == 0 || signs[0].Text != "tells Salesforce when you open this" {
		t.Errorf("%+v", signs)
	}
	signs = look(letter("X-SES-Outgoing: 1", `<img width=1 height=1 src="https://t.shop.example/o?m=1">`), knows.Said{})
	if len(signs) == 0 || signs[0].Text != "tells its sender when you open this" || signs[0].Vendor != "" {
		t.Errorf("who merely carried a mail does not hear of a picture on another host: %+v", signs)
	}
}

func TestMarksOfOneRecipient(t *testing.T) {
	link := func(url string, n int) string { return strings.Repeat(`<a href="`+url+`">x</a>`, n) }
	plain := `<a href="https://www.shop.example/a">a</a>`
	for _, c := range []struct{ name, markup, want string }{
		{"the same in three links of five", link("https://www.shop.example/?u=3789e1ae1938aa2f0dfd", 3) + plain + plain, "suspected 3/5"},
		{"the same in two links of five", link("https://www.shop.example/?u=3789e1ae1938aa2f0dfd", 2) + plain + plain + plain, ""},
		{"one link alone", link("https://www.shop.example/?u=3789e1ae1938aa2f0dfd", 1), ""},
		{"twice in one link", `<a href="https://www.shop.example/3789e1ae1938aa2f0dfd?u=3789e1ae1938aa2f0dfd">x</a>` + plain + plain, ""},
		{"another in each link", link("https://www.shop.example/3789e1ae1938aa2f0dfd", 1) + link("https://www.shop.example/4789e1ae1938aa2f0dfd", 1), ""},
		{"a campaign's number", link("https://www.shop.example/?utm_id=1234567890", 5), ""},
		{"the name of a sale", link("https://www.shop.example/blackweek2026?utm_campaign=spring26", 5), ""},
		{"in a picture's query", `<img src="https://www.shop.example/a.png?u=3789e1ae1938aa2f0dfd">`, "suspected 1/1"},
		{"in a pixel's path", `<img width=1 height=1 src="https://www.shop.example/3789e1ae1938aa2f0dfd.gif">`, "suspected 1/1"},
		{"in the path of what is no file", `<img src="https://www.shop.example/i/3789e1ae1938aa2f0dfd">`, "suspected 1/1"},
		{"a file named by its content", `<img src="https://www.shop.example/i/3789e1ae1938aa2f0dfd.png">`, ""},
		{"a file with its version", `<img src="https://www.shop.example/a.png?v=1601546568">`, ""},
		{"a font", `<style>@font-face{src:url(https://fonts.example/KFOmCnqEu92Fr1Mu4mxKKTU1Kg.woff2)}</style>`, ""},
		{"in both", link("https://www.shop.example/?u=3789e1ae1938aa2f0dfd", 2) + `<img src="https://www.shop.example/o?u=3789e1ae1938aa2f0dfd">`, "suspected 3/3"},
	} {
		t.Run(c.name, func(t *testing.T) {
			signs := look(letter("", c.markup), knows.Said{})
			if got := find(signs, "recipient_id_in_url"); got != c.want {
				t.Errorf("recipient_id_in_url %q, want %q", got, c.want)
			}
			for _, s := range signs {
				if strings.Contains(s.Text, "789e1ae1") {
					t.Errorf("%q shows the mark", s.Text)
				}
			}
		})
	}
}

func TestTheAddressInLinksPicturesAndHeader(t *testing.T) {
	for _, c := range []struct{ name, header, markup, want string }{
		{"in one link of two", "", `<a href="https://www.shop.example/?e=maria.koski%40example.net">a</a><a href="https://www.shop.example/">b</a>`, "seen 1/2"},
		{"in a picture, as a digest", "", `<img src="https://www.shop.example/?h=a7b9cf6fae9d2e4a2d2a6b0b3b1cbd2c">`, ""},
		{"in base64", "", `<a href="https://t.shop.example/click?EbWFyaWEua29za2lAZXhhbXBsZS5uZXQ/CeyJt">a</a>`, "seen 1/1"},
		{"the local part as a whole value", "", `<a href="https://www.shop.example/?user=maria.koski">a</a>`, "seen 1/1"},
		{"the local part in a longer value", "", `<a href="https://www.shop.example/?user=maria.koskinen">a</a>`, ""},
		{"in Postmark's field", "X-PM-RCPT: |bTB8MXwyfG1hcmlhLmtvc2tpQGV4YW1wbGUubmV0|", `<p>Hello</p>`, "seen 1/0"},
		{"in Mailgun's field", `X-Mailgun-Sid: WyI5IiwgIm1hcmlhLmtvc2tpQGV4YW1wbGUubmV0IiwgIjEiXQ==`, `<p>Hello</p>`, "seen 1/0"},
		{"in the link to unsubscribe", "List-Unsubscribe: <https://shop.example/u?email=maria.koski@example.net>", `<p>Hello</p>`, "seen 1/0"},
		{"in a field that every mail has", "Delivered-To: maria.koski@example.net", `<p>Hello</p>`, ""},
		{"to write to her", "", `<a href="mailto:maria.koski@example.net">a</a>`, ""},
		{"another's", "", `<a href="https://www.shop.example/?e=anna-maria.koski@example.net">a</a>`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			signs := look(letter(c.header, c.markup), knows.Said{})
			if got := find(signs, "recipient_address_in_url"); got != c.want {
				t.Errorf("recipient_address_in_url %q, want %q", got, c.want)
			}
			for _, s := range signs {
				if strings.Contains(s.Text, "koski") {
					t.Errorf("%q shows the address", s.Text)
				}
			}
		})
	}
}

func TestLinksThatLeadRound(t *testing.T) {
	click := func(n int) string {
		return strings.Repeat(`<a href="https://click.mail.shop.example/?qs=3789e1ae1938aa2f0dfd">x</a>`, n)
	}
	other := `<a href="https://www.shop.example/a">a</a>`
	for _, c := range []struct{ name, markup, want string }{
		{"all of a provider's shape", click(3), "suspected 3/3 Salesforce"},
		{"half of them", click(2) + other + other, "suspected 2/4 Salesforce"},
		{"fewer", click(1) + other + other, ""},
		{"all through one host that is not the shop's", strings.Repeat(`<a href="https://r.other.example/3789e1ae1938aa2f0dfd">x</a>`, 3), "suspected 3/3"},
		{"all through one host below the shop's", strings.Repeat(`<a href="https://r.shop.example/3789e1ae1938aa2f0dfd">x</a>`, 3), "suspected 3/3"},
		{"all to the shop itself", strings.Repeat(`<a href="https://www.shop.example/3789e1ae1938aa2f0dfd">x</a>`, 3), ""},
		{"all to one host, where one can read what they lead to", strings.Repeat(`<a href="https://blog.example/winter">x</a>`, 3), ""},
		{"a provider's page, which leads nowhere else", `<a href="https://mailchi.mp/shop/winter">x</a>`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := find(look(letter("", c.markup), knows.Said{}), "link_wrapper"); got != c.want {
				t.Errorf("link_wrapper %q, want %q", got, c.want)
			}
		})
	}
}

func TestParametersOfOnePerson(t *testing.T) {
	for param, want := range map[string]string{
		"mc_eid=a": "seen 1/1", "_hsenc=a": "seen 1/1", "mkt_tok=a": "seen 1/1", "_kx=a": "seen 1/1", "vero_id=a": "seen 1/1",
		"ajs_uid=a": "seen 1/1", "sc_uid=a": "seen 1/1", "_ri_=a": "seen 1/1", "_esuh=a": "seen 1/1", "dm_i=a": "seen 1/1",
		"elqTrackId=a": "seen 1/1", "msdynmkt_trackingcontext=a": "seen 1/1", "a=1&amp;mc_eid=a": "seen 1/1",
		"mc_eid=": "", "mc_cid=a": "", "utm_source=a": "", "q=mc_eid": "", "_hsmi=1": "",
	} {
		if got := find(look(letter("", `<a href="https://www.shop.example/?`+param+`">a</a>`), knows.Said{}), "personal_params"); got != want {
			t.Errorf("%s: personal_params %q, want %q", param, got, want)
		}
	}
}

func TestThirdPartiesThatAreTold(t *testing.T) {
	for src, want := range map[string]string{
		"https://ad.doubleclick.net/x": "seen 1/1 Google DoubleClick", "https://www.facebook.com/tr?id=1": "seen 1/1 Facebook",
		"https://www.facebook.com/logo.png": "", "https://www.facebook.com/trips.png": "", "https://dpm.demdex.net/ibs": "seen 1/1 Adobe Audience Manager",
		"https://tags.bluekai.com/a": "seen 1/1 Oracle BlueKai", "https://p.liadm.com/a": "seen 1/1 LiveIntent",
		"https://pixel.everestengagement.com/a": "seen 1/1 Validity Everest", "https://x.emltrk.com/a": "seen 1/1 Litmus",
		"https://beacon.krxd.net/a": "seen 1/1 Salesforce Krux", "https://www.shop.example/doubleclick.net": "", "https://notdemdex.net/a": "",
	} {
		o := letter("", `<img width=9 height=9 src="`+src+`">`)
		if got := find(look(o, knows.Said{}), "third_party_beacon"); got != want {
			t.Errorf("%s: third_party_beacon %q, want %q", src, got, want)
		}
	}
	o := letter("", `<img src="https://ad.doubleclick.net/x">`)
	o.Identity.SenderKey = "doubleclick.net"
	if got := find(look(o, knows.Said{}), "third_party_beacon"); got != "" {
		t.Errorf("a collector's own mail tells no third party: %q", got)
	}
}

func TestWhatTheHeaderAsks(t *testing.T) {
	for _, field := range []string{"Disposition-Notification-To", "return-receipt-to", "X-Confirm-Reading-To"} {
		if got := find(look(letter(field+": a@shop.example", "<p>Hello</p>"), knows.Said{}), "read_receipt"); got != "seen 0/0" {
			t.Errorf("%s: read_receipt %q", field, got)
		}
	}
	raw := "From: a@shop.example\nContent-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\nHello\n--b\nContent-Type: text/x-amp-html\n\n<html amp4email></html>\n--b--\n"
	if got := find(look(&mail.Object{Message: mail.Parse([]byte(raw))}, knows.Said{}), "amp"); got != "seen 0/0" {
		t.Errorf("amp %q", got)
	}
}

func TestNamesThatAreSpokenTo(t *testing.T) {
	for _, c := range []struct {
		name, subject, text string
		want                bool
	}{
		{"a greeting", "Sale", "Hi Maria, our winter is here.", true},
		{"a greeting in German", "Angebot", "Liebe Maria,\nunser Winter ist da.", true},
		{"a greeting in Greek", "Προσφορά", "Γεια Maria!", true},
		{"a greeting in Japanese", "セール", "Maria様", true},
		{"a name alone at the beginning", "Sale", "Maria, our winter is here.", true},
		{"the family name", "Sale", "Dear Koski,", true},
		{"at the end of the subject", "Your basket waits, Maria!", "Our winter.", true},
		{"at the beginning of the subject", "Maria, your basket waits", "Our winter.", true},
		{"in the midst of a sentence", "Sale", "We met Maria in the shop.", false},
		{"far below", "Sale", strings.Repeat("Our winter is here. ", 30) + "Hi Maria,", false},
		{"a part of another word", "Sale", "Hi Mariann,", false},
		{"nowhere", "Sale", "Our winter is here.", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := letter("Subject: "+c.subject, c.text)
			if got := find(look(o, knows.Said{}), "knows.name") != ""; got != c.want {
				t.Errorf("knows.name %v, want %v", got, c.want)
			}
		})
	}
	o := letter("Subject: Mark your calendar", "Mark the date.")
	o.Envelope.To = []string{"mark@example.net"}
	if got := find(look(o, knows.Said{}), "knows.name"); got != "" {
		t.Errorf("a name that is a word of a sentence is no name: %q", got)
	}
	o = letter("Subject: x", "Hi Maria,")
	o.Envelope.To = append(o.Envelope.To, "otto@example.net")
	if got := find(look(o, knows.Said{}), "knows.name"); got != "" {
		t.Errorf("of two recipients none is known by name: %q", got)
	}
}

func TestWhatWordsSay(t *testing.T) {
	signs := look(letter("", "<p>Hello</p>"), knows.Said{Behaviour: "left in your cart", Date: true, Place: true})
	for code, want := range map[string]string{"knows.behaviour": "seen 0/0", "knows.date": "suspected 0/0", "knows.place": "suspected 0/0", "knows.segment": ""} {
		if got := find(signs, code); got != want {
			t.Errorf("%s %q, want %q", code, got, want)
		}
	}
}

func TestGroupsThatOneWasPutInto(t *testing.T) {
	for _, c := range []struct{ header, param, want string }{
		{"Feedback-ID: 1:winback_90d:3:shop", "", "“winback”"},
		{"Feedback-ID: 1:win-back:3:shop", "", "“win-back”"},
		{"", "utm_campaign=2026_inactive_90d", "“inactive”"},
		{"", "utm_content=VIP", "“vip”"},
		{"", "pk_campaign=a-90d", "“90d”"},
		{"", "utm_campaign=winter", ""},
		{"", "q=vip", ""},
		{"Feedback-ID: 1:viper:3:shop", "", ""},
	} {
		got := ""
		for _, s := range look(letter(c.header, `<a href="https://www.shop.example/?`+c.param+`">a</a>`), knows.Said{}) {
			if s.Code == "knows.segment" {
				got = s.Text[strings.Index(s.Text, "“"):]
			}
		}
		if got != c.want {
			t.Errorf("%s %s: group %q, want %q", c.header, c.param, got, c.want)
		}
	}
}

func TestPlacesLeftUnfilled(t *testing.T) {
	for text, want := range map[string]string{
		"Hi {{first_name}},": "seen 0/0", "Hi *|FNAME|*,": "seen 0/0", "Hi %%FIRSTNAME%%,": "seen 0/0", "Hi [Contact.Name],": "seen 0/0",
		"Hi [first_name],": "seen 0/0", "Hi [name],": "", "Hi [Subscriber.City],": "seen 0/0", "see [1] and [note]": "", "[PATCH] fix": "", "an [Array.Map] of it": "", "Hi Maria,": "",
	} {
		if got := find(look(letter("", text), knows.Said{}), "merge_field"); got != want {
			t.Errorf("%q: merge_field %q, want %q", text, got, want)
		}
	}
}

func TestPlainMailShowsNothing(t *testing.T) {
	o := letter("Subject: Lunch?", `<p>See you at noon?</p><a href="https://maps.example/cafe">the café</a><img src="cid:photo">`)
	if got := look(o, knows.Said{}); len(got) != 0 {
		t.Errorf("%+v", got)
	}
	if got := knows.Look(&mail.Object{}, false).Signs(knows.Said{}); len(got) != 0 {
		t.Errorf("no message: %+v", got)
	}
}
