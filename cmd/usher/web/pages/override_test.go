package pages

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

func TestMailIsLetInForATime(t *testing.T) {
	r := start(t)
	b, form := r.signIn(maria)
	for _, c := range []struct {
		name       string
		lasts, who string
		want       int
		say        string // on the first page afterwards
	}{
		{"all mail", "2h", "", http.StatusSeeOther, "all mail, whatever is stated"},
		{"a brand", "24h", "shop.example", http.StatusSeeOther, "mail of shop.example"},
		{"a name, which proves nothing", "2h", "The <b>Shop", http.StatusBadRequest, ""},
		{"longer than may be", "9999h", "", http.StatusBadRequest, ""},
		{"no time", "soon", "", http.StatusBadRequest, ""},
	} {
		got := b.send("/override", url.Values{"form": {form}, "for": {c.lasts}, "brand": {c.who}})
		if got.status != c.want || strings.Contains(got.body, "<b>Shop") {
			t.Errorf("%s: %d %s", c.name, got.status, got.body)
		}
		if list := b.get("/"); !strings.Contains(list.body, c.say) {
			t.Errorf("%s: the list %s", c.name, list.body)
		}
	}
	ids := regexp.MustCompile(`name="id" value="([0-9A-Z]+)"`).FindAllStringSubmatch(b.get("/").body, -1)
	if len(ids) != 2 {
		t.Fatalf("%d are in force, want 2", len(ids))
	}
	other, otherForm := r.signIn(pekka)
	if got := other.send("/override/end", url.Values{"form": {otherForm}, "id": {ids[0][1]}}); got.status != http.StatusSeeOther {
		t.Errorf("ending another's: %d", got.status)
	}
	if got := b.send("/override/end", url.Values{"form": {form}}); got.status != http.StatusBadRequest {
		t.Errorf("ending none: %d", got.status)
	}
	if n := strings.Count(b.get("/").body, `name="id"`); n != 2 {
		t.Errorf("%d are in force after that, want 2", n)
	}
	for range 2 { // once more is no harm
		if got := b.send("/override/end", url.Values{"form": {form}, "id": {ids[0][1]}}); got.status != http.StatusSeeOther {
			t.Errorf("ending: %d", got.status)
		}
	}
	if n := strings.Count(b.get("/").body, `name="id"`); n != 1 {
		t.Errorf("%d are in force in the end, want 1", n)
	}
}
