package names

import "testing"

func TestADomainIsToldFromWhatIsNone(t *testing.T) {
	cases := []struct{ name, text, want string }{
		{"a domain", "Shop.Example", "shop.example"},
		{"one with letters of its language", "bücher.example", "xn--bcher-kva.example"},
		{"an address", "Ann+News@Mail.Example", "ann+news@mail.example"},
		{"an underscore may stand within", "a_b.shop.example", "a_b.shop.example"},
		{"one label is none", "shop", ""},
		{"an address of the net is none", "192.0.2.1", ""},
		{"a hyphen at an edge is none", "-shop.example", ""},
		{"two dots in a row are none", "shop..example", ""},
		{"a name with a blank is none", "some shop.example", ""},
		{"an address without a name is none", "@shop.example", ""},
		{"two @ are none", "a@b@shop.example", ""},
	}
	for _, c := range cases {
		if got, ok := Domain(c.text); got != c.want || ok != (c.want != "") {
			t.Errorf("%s: %q is %q", c.name, c.text, got)
		}
	}
	for text, want := range map[string]string{
		"https://www.shop.example/sale?x=1": "shop.example", "*.shop.example": "shop.example", "@shop.example": "shop.example",
		"shop.example/": "shop.example", "www.shop.example": "shop.example", "Some Shop": "",
	} {
		if got := Within(text); got != want {
			t.Errorf("within %q stands %q", text, got)
		}
	}
}

func TestASenderIsAPattern(t *testing.T) {
	for text, want := range map[string]string{
		"*@City.example": "*@city.example", "city.example": "city.example", "*.city.example": "*.city.example",
		"news*@*.city.example": "news*@*.city.example", "Ann": "", "*": "", "a b@city.example": "", "*@*": "",
	} {
		if got, _ := Pattern(text); got != want {
			t.Errorf("%q is the pattern %q", text, got)
		}
	}
}

func TestFilesHaveNames(t *testing.T) {
	for text, want := range map[string]bool{"boycott.txt": true, "my list-2": true, "größe.txt": true, ".hidden": false, "a/b": false, "../b": false, "me.Intents": false, "": false} {
		if IsFile(text) != want {
			t.Errorf("IsFile(%q) is %v", text, !want)
		}
	}
}

func TestADomainMayBeNobodys(t *testing.T) {
	for domain, want := range map[string]string{
		"shop.example":      "",
		"shop.co.uk":        "",
		"gmail.com":         "anybody may have an address at gmail.com: name a whole one, as ann@gmail.com",
		"bo@gmail.com":      "",
		"substack.com":      "substack.com lends an address to each of its writers: name a whole one, as ann@substack.com",
		"bo@substack.com":   "",
		"co.uk":             "the domains below co.uk have many owners: name one of them",
		"sendgrid.net":      "sendgrid.net is a mail provider's, which many senders use: name the sender's own domain",
		"news@shop.example": "senders at shop.example are known by that domain: name it in place of an address",
	} {
		if got := Nobody(domain); got != want {
			t.Errorf("%s: %q", domain, got)
		}
	}
}
