package provider_test

import (
	"strings"
	"testing"

	"usher/classify/mail"
	"usher/classify/provider"
)

// letter is a message in a few lines: header fields, then markup.
func letter(header, markup string) *mail.Object {
	if header != "" {
		header += "\n"
	}
	raw := "From: Shop <news@shop.example>\n" + header + "Content-Type: text/html; charset=utf-8\n\n" + markup
	return &mail.Object{Message: mail.Parse([]byte(raw))}
}

func TestTheProviderIsNamedByItsHeader(t *testing.T) {
	for _, c := range []struct{ name, header, want string }{
		{"Mailchimp by its user", "X-MC-User: 1a2b", "Mailchimp"},
		{"Mailchimp by its mailer", "X-Mailer: Mailchimp Mailer - **CID1a2b**", "Mailchimp"},
		{"Mailchimp by its campaign", "X-Campaign: mailchimp1a2b.3c4d", "Mailchimp"},
		{"Mailchimp by where abuse is told", "X-Report-Abuse: Please report abuse here: http://www.mailchimp.com/abuse/abuse.phtml?u=1", "Mailchimp"},
		{"Mailchimp by its Feedback-ID", "Feedback-ID: 1:1.2:us1:mc", "Mailchimp"},
		{"Mailchimp by its list", "List-Id: 1a2bmc list <1a2b.3.list-id.mcsv.net>", "Mailchimp"},
		{"Mailchimp by who signs", "DKIM-Signature: v=1; a=rsa-sha256; s=k2; d=mcsv.net; h=from; bh=x; b=y", "Mailchimp"},
		{"Mandrill by its user", "X-Mandrill-User: md_1", "Mandrill"},
		{"Mandrill by its host", "Message-ID: <1.2@mandrillapp.com>", "Mandrill"},
		{"SendGrid by its mark", "X-SG-EID: abc=", "SendGrid"},
		{"SendGrid by where returns go", "Return-Path: <bounces+1-2-maria=example.org@em1.sendgrid.net>", "SendGrid"},
		{"Amazon SES by its address", "X-SES-Outgoing: 2026.11.21-192.0.2.1", "Amazon SES"},
		{"Amazon SES by its Feedback-ID", "Feedback-ID: ::1.eu-west-1.abc=:AmazonSES", "Amazon SES"},
		{"Mailgun by its mark", "X-Mailgun-Sid: WyJhIiwgImIiXQ==", "Mailgun"},
		{"Mailgun by its own Feedback-ID", "X-Feedback-Id: 1::2:mailgun", "Mailgun"},
		{"Postmark by its pool", "X-PM-MTA-Pool: transactional-3", "Postmark"},
		{"Postmark by whom it is for", "X-PM-RCPT: |bTB8MXwyfG1hcmlh|", "Postmark"},
		{"Postmark by its Feedback-ID", "Feedback-ID: s1-dGFn:s1:a2:postmark", "Postmark"},
		{"Postmark by a host of the customer's", "Return-Path: <pm_bounces@pm-bounces.shop.example>", "Postmark"},
		{"SparkPost by its mark", "X-MSFBL: eyJ0IjoiMSJ9", "SparkPost"},
		{"SparkPost by its reverse-path", "Return-Path: <msprvs1=18700abc=bounces-1@mail.shop.example>", "SparkPost"},
		{"SparkPost by its host", "Message-ID: <1@sparkpostmail2.com>", "SparkPost"},
		{"Brevo by its client", "X-Mailin-Client: 1234", "Brevo"},
		{"Brevo by its mark", "X-sib-id: abc", "Brevo"},
		{"Brevo by its Feedback-ID", "Feedback-ID: 192.0.2.1:1_2:1:Sendinblue", "Brevo"},
		{"Mailjet by its mark", "X-MJ-Mid: abc", "Mailjet"},
		{"Salesforce by its stack", "X-SFMC-Stack: 7", "Salesforce"},
		{"Salesforce by its list", "List-Id: <1234.xt.local>", "Salesforce"},
		{"Salesforce by its Feedback-ID", "Feedback-ID: 1:2:192.0.2.1:sfmktgcld", "Salesforce"},
		{"Klaviyo above SendGrid", "X-SG-EID: abc\nX-Kmail-Account: XyZ", "Klaviyo"},
		{"HubSpot by its client", "X-HS-Cid: abc", "HubSpot"},
		{"Marketo by its mark", "X-MarketoID: 1:2", "Marketo"},
		{"Marketo by any field of its own", "X-Mkto-Something: 1", "Marketo"},
		{"Constant Contact by its campaign", "X-Roving-Campaignid: 1", "Constant Contact"},
		{"ActiveCampaign by a host with a letter", "Return-Path: <b@s1.acemlnb.com>", "ActiveCampaign"},
		{"CleverReach by where complaints go", "CFBL-Address: fbl@cleverreach.com; report=arf", "CleverReach"},
		{"Inxmail by its mailer", "X-Mailer: Inxmail EE 4.8", "Inxmail"},
		{"Inxmail by its Feedback-ID", "Feedback-ID: 1:2:MAILING:inxmailde", "Inxmail"},
		{"rapidmail by its Feedback-ID", "Feedback-ID: 1:2:3:rm", "rapidmail"},
		{"rapidmail by where complaints go", "X-Complaints-To: abuse@rapidmail.de", "rapidmail"},
		{"rapidmail by a host with a number", "Return-Path: <b@t1.emailsys2a.net>", "rapidmail"},
		{"Campaign Monitor by its host", "Return-Path: <b@cmail20.com>", "Campaign Monitor"},
		{"a person at Proton, whose mark reads like Postmark's", "X-Pm-Message-ID: a\nFeedback-ID: 31210263:user:proton", ""},
		{"a person at Fastmail", "Feedback-ID: i197146af:Fastmail", ""},
		{"a person at Tencent QQ", "Feedback-ID: izesmtp:1:2", ""},
		{"a word that is no Feedback-ID", "Feedback-ID: mailgun", ""},
		{"a host that only ends alike", "Message-ID: <1@notsendgrid.net>", ""},
		{"nothing", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := provider.Of(letter(c.header, "<p>Hello</p>"), false); got != c.want {
				t.Errorf("provider %q, want %q", got, c.want)
			}
		})
	}
}

func TestTheProviderIsNamedByItsURLsOnABrandsOwnHost(t *testing.T) {
	const ulid = "01HZX3QK7V5N2M8P4R6T9W1Y3B"
	for _, c := range []struct {
		want, picture string
		use           provider.Use
	}{
		{"Mailchimp", `https://t.shop.example/track/open.php?u=1a2b&id=3c4d&e=5e6f`, provider.Open},
		{"Mandrill", `https://t.shop.example/track/open.php?u=30001&id=3c4d`, provider.Open},
		{"SendGrid", `https://t.shop.example/wf/open?upn=u001.abc-2F`, provider.Open},
		{"Amazon SES", `https://t.shop.example/CI0/0102018f-abc/x=1`, provider.Open},
		{"Amazon SES", `https://t.shop.example/I0/0102018f-abc/x`, provider.Open},
		{"Mailgun", `https://t.shop.example/o/eJwVyTEO`, provider.Open},
		{"Postmark", `https://pstmrk.it/open?m=v3_1.abc`, provider.Open},
		{"SparkPost", `https://t.shop.example/q/abc~~/AAA~/xyz`, provider.Open},
		{"Brevo", `https://t.shop.example/tr/op/abc`, provider.Open},
		{"Brevo", `https://t.shop.example/mk/op/abc`, provider.Open},
		{"Mailjet", `https://t.shop.example/oo/abc/def/e.gif`, provider.Open},
		{"Salesforce", `https://cl.shop.example/open.aspx?ffcb10-fe9`, provider.Open},
		{"Klaviyo", `https://ctrk.shop.example/o/` + ulid, provider.Open},
		{"Customer.io", `https://e.shop.example/e/o/abc`, provider.Open},
		{"Customer.io", `https://e.shop.example/s/eo/abc`, provider.Open},
		{"HubSpot", `https://t.shop.example/e3t/Cto/abc`, provider.Open},
		{"Marketo", `https://t.shop.example/trk?t=1&mid=abc`, provider.Open},
		{"Constant Contact", `https://r20.shop.example/on.jsp?ca=1`, provider.Open},
		{"CleverReach", `https://t.shop.example/stats/mc_1_2.gif`, provider.Open},
		{"Inxmail", `https://t.shop.example/d/d.gif?p001`, provider.Open},
		{"rapidmail", `https://t.shop.example/o/1/2/abc.gif`, provider.Open},
		{"Emarsys", `https://t.shop.example/mo/abc.gif`, provider.Open},
		{"Adobe Campaign", `https://t.shop.example/r/?id=h1f2,3a4b,1`, provider.Open},
		{"Dynamics", `https://t.shop.example/api/orgs/1f2/i/abc`, provider.Open},
		{"Iterable", `https://links.shop.example/e/eo?_t=a&_m=b`, provider.Open},
		{"Campaign Monitor", `https://shop.example/t/i-o-abc-def/o.gif`, provider.Open},
		{"Bloomreach", `https://t.shop.example/e/abc/open`, provider.Open},
		{"Oracle Responsys", `https://t.shop.example/pub/as?_ri_=X0`, provider.Open},
		{"Substack", `https://eotrx.substackcdn.com/open?token=a`, provider.Open},
		{"ActiveCampaign", `https://t.shop.example/lt.php?nl=1&l=open`, provider.Open},
		{"ActiveCampaign", `https://t.shop.example/lt.php?x=4TZy`, provider.Open},
		{"ActiveCampaign", `https://t.shop.example/Prod/link-tracker?nl=1&l=open`, provider.Open},
		{"", `https://t.shop.example/open/house.gif`, provider.Other},
		{"", `https://t.shop.example/e/office.gif`, provider.Other},
		{"", `https://t.shop.example/o/Eject.png`, provider.Other},
		{"", `cid:track/open.php?u=1&e=1`, provider.Other},
	} {
		o := letter("", `<img width=1 height=1 src="`+c.picture+`">`)
		if got := provider.Of(o, false); got != c.want {
			t.Errorf("%s: carried by %q, want %q", c.picture, got, c.want)
		}
		if name, use := new(provider.Sight).Image(o.Message.Images[0]); name != c.want || use != c.use {
			t.Errorf("%s: %q with use %d, want %q and %d", c.picture, name, use, c.want, c.use)
		}
	}
	for _, c := range []struct{ want, link string }{
		{"Mailchimp", `https://t.shop.example/track/click?u=1a2b&id=3c4d&e=5e6f`},
		{"SendGrid", `https://t.shop.example/ls/click?upn=u001.abc`},
		{"SparkPost", `https://t.shop.example/f/a/abc~~/AAA~/xyz`},
		{"Brevo", `https://t.shop.example/tr/cl/abc`},
		{"Mailjet", `https://t.shop.example/lnk/abc/1/def/https`},
		{"Salesforce", `https://click.mail.shop.example/?qs=abc`},
		{"Klaviyo", `https://ctrk.shop.example/l/` + ulid + `_1`},
		{"HubSpot", `https://t.shop.example/e2t/c/abc`},
		{"Constant Contact", `https://r20.shop.example/tn.jsp?f=001`},
		{"ActiveCampaign", `https://t.shop.example/lt.php?x=3TZy`},
		{"ActiveCampaign", `https://t.shop.example/proc.php?nl=1&act=unsub`},
		{"Emarsys", `https://t.shop.example/u/nrd.php?p=1&ems_l=2`},
		{"Oracle Responsys", `https://t.shop.example/pub/acc?_ri_=X0&_ei_=E1`},
		{"Iterable", `https://links.shop.example/u/click?_t=a&_m=b`},
		{"Amazon SES", `https://t.shop.example/L0/https:%2F%2Fwww.shop.example/1/abc`},
		{"Mailgun", `https://t.shop.example/c/eJwVyTEO`},
		{"Cordial", `https://t.shop.example/click?EbWFyaWE/CeyJt`},
		{"Bloomreach", `https://t.shop.example/e/abc/click`},
		{"Braze", `https://shop.example/?utm_source=braze&utm_medium=email`},
		{"Marketo", `https://shop.example/?mkt_tok=abc`},
	} {
		if got := provider.Of(letter("", `<a href="`+c.link+`">Shop</a>`), false); got != c.want {
			t.Errorf("%s: carried by %q, want %q", c.link, got, c.want)
		}
	}
}

func TestAToolIsNamedBeforeItsCarrier(t *testing.T) {
	braze := `<img src="https://cdn.braze.eu/a.png"><a href="https://t.shop.example/ls/click?upn=u001.a">Shop</a>`
	if got := provider.Of(letter("X-SG-EID: abc", braze), false); got != "Braze" {
		t.Errorf("a campaign of Braze sent by SendGrid is named %q", got)
	}
	if got := provider.Of(letter("X-SG-EID: abc", `<a href="https://mailchi.mp/a">one</a><a href="https://a.example">two</a><a href="https://b.example">three</a>`), false); got != "SendGrid" {
		t.Errorf("a mail through SendGrid with one link of three to Mailchimp is named %q", got)
	}
}

func TestWhatIsPassedOnNamesNoProvider(t *testing.T) {
	campaign := `<p>Look at this.</p><a href="https://shop.us1.list-manage.com/track/click?u=1&e=2">Sale</a>`
	if got := provider.Of(letter("", campaign), true); got != "" {
		t.Errorf("a forwarded campaign is named %q", got)
	}
	if got := provider.Of(letter("In-Reply-To: <1@example.org>", campaign), false); got != "" {
		t.Errorf("a reply to a campaign is named %q", got)
	}
	if got := provider.Of(letter("X-PM-MTA-Pool: transactional-1", campaign), true); got != "Postmark" {
		t.Errorf("what carried the forwarded campaign itself is named %q", got)
	}
}

func TestHostsOfProvidersAreFoundBySuffix(t *testing.T) {
	for host, want := range map[string]string{
		"u1.ct.sendgrid.net": "SendGrid", "sendgrid.net": "SendGrid", "klclick3.com": "Klaviyo", "list-manage1.com": "Mailchimp",
		"sparkpostmail.com": "SparkPost", "bnc3.mailjet.com": "Mailjet", "xsendgrid.net": "", "sendgrid.net.example": "",
		"klclicker.example": "", "shop.example": "", "": "", strings.Repeat("a.", 300) + "sendgrid.net": "",
	} {
		if got := provider.OfHost(host); got != want {
			t.Errorf("OfHost(%.40q) = %q, want %q", host, got, want)
		}
	}
}

func FuzzOf(f *testing.F) {
	f.Add("X-Mailer: mailchimp", `<img src="//a/r/?id=h,1" width=1 height=1>`)
	f.Add("Feedback-ID: :", `<a href="http://ctrk/o/01#">`)
	f.Fuzz(func(t *testing.T, header, markup string) {
		o := letter(header, markup)
		if a, b := provider.Of(o, false), provider.Of(o, false); a != b {
			t.Errorf("named %q, then %q", a, b)
		}
	})
}

func BenchmarkOf(b *testing.B) {
	o := letter("X-Something: 1\nMessage-ID: <1@shop.example>", strings.Repeat(`<a href="https://www.shop.example/path/of/it?a=1&amp;b=2">x</a>`, 40))
	b.ReportAllocs()
	for b.Loop() {
		provider.Of(o, false)
	}
}

func TestFreemail(t *testing.T) {
	for _, c := range []struct {
		why, domain string
		want        bool
	}{
		{"a large one", "gmail.com", true},
		{"one whose users have a subdomain", "pp.inet.fi", true},
		{"what stands below one is the operator's own", "news.yahoo.com", false},
		{"a shop", "shop.example", false},
		{"no domain", "", false},
		{"a comment of the list is no domain", "#", false},
	} {
		if got := provider.IsFreemail(c.domain); got != c.want {
			t.Errorf("%s: %q is %v", c.why, c.domain, got)
		}
	}
}

func TestAProviderMayLendAddresses(t *testing.T) {
	for _, c := range []struct {
		why, host, name string
		want            bool
	}{
		{"where each writer has an address", "substack.com", "Substack", true},
		{"a host below it is the provider's own", "mg.substack.com", "Substack", false},
		{"a carrier has no writers", "sendgrid.net", "SendGrid", false},
		{"a shop", "shop.example", "", false},
	} {
		if got := provider.LendsAddresses(c.host); got != c.want || provider.OfHost(c.host) != c.name {
			t.Errorf("%s: %q lends: %v, of %q", c.why, c.host, got, provider.OfHost(c.host))
		}
	}
}

func TestAHostIsAProvidersOrFreemailNeverBoth(t *testing.T) {
	for _, domain := range provider.FreemailDomains() {
		if name := provider.OfHost(domain); name != "" {
			t.Errorf("%s belongs to %s and is freemail", domain, name)
		}
		if domain != strings.ToLower(domain) || !strings.Contains(domain, ".") {
			t.Errorf("%q is no domain in lower case", domain)
		}
	}
}
