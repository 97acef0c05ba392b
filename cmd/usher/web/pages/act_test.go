package pages

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"usher/corpus"
	"usher/corpus/complaints"
	"usher/corpus/digest/token"
	"usher/corpus/leaving"
	"usher/rules"
	"usher/rules/lessons"
)

// said is what corrections of Maria are in force.
func (r *rig) said() string {
	r.t.Helper()
	all, err := r.store.Labels(maria)
	if err != nil {
		r.t.Fatal(err)
	}
	var list []string
	for _, l := range lessons.Kept(all) {
		list = append(list, l.Way+" "+l.To)
	}
	return strings.Join(list, ", ")
}

// offerOf gives the path of a link to a decision, and its word.
func (r *rig) offerOf(id, to string) (path, word string) {
	r.t.Helper()
	path = strings.TrimPrefix(r.Act(token.Act{Mailbox: maria, Decision: id, To: to, Until: r.clock().Add(token.Lasts)}), r.base)
	u, err := url.Parse(path)
	if err != nil {
		r.t.Fatal(err)
	}
	return path, u.Query().Get("word")
}

func TestALinkOfADigestActsByItsButtonAlone(t *testing.T) {
	r := start(t)
	b := r.browser()
	path, word := r.offerOf(r.record(maria).ID, "inbox")
	quoted := regexp.MustCompile(`(?s)<h1>To your inbox\?</h1>.*<b>shop.example</b><br>“[^<]+”<br>`) // which mail, and what the link says
	for range 3 {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			if p := b.do(method, path, nil); p.status != http.StatusOK || method == http.MethodGet && !strings.Contains(p.body, "Promotions from shop.example go to the inbox") || method == http.MethodGet && !quoted.MatchString(p.body) {
				t.Fatalf("%s: %d %s", method, p.status, p.body)
			}
		}
	}
	if got := r.said(); got != "" {
		t.Fatalf("opened, it says %q", got)
	}
	done := b.do(http.MethodPost, "/do", url.Values{"word": {word}})
	if got := r.said(); got != "link inbox" || done.status != http.StatusOK || !strings.Contains(done.body, "Done") {
		t.Fatalf("pressed, it says %q: %d %s", got, done.status, done.body)
	}
	back := regexp.MustCompile(`name="word" value="([^"]+)"`).FindStringSubmatch(done.body)
	if back == nil {
		t.Fatalf("it cannot be taken back: %s", done.body)
	}
	if p := b.do(http.MethodPost, "/do", url.Values{"word": {back[1]}}); p.status != http.StatusOK || r.said() != "" {
		t.Errorf("taken back, it says %q: %d %s", r.said(), p.status, p.body)
	}
	for name, again := range map[string]string{"the link": word, "the way back": back[1]} {
		if p := b.do(http.MethodPost, "/do", url.Values{"word": {again}}); p.status != http.StatusGone || !strings.Contains(p.body, "was used") || r.said() != "" {
			t.Errorf("%s used again: %d %s", name, p.status, p.body)
		}
	}
}

func TestAListIsLeftByTheButtonAlone(t *testing.T) {
	r := start(t)
	b := r.browser()
	with := func(slip string) *rules.Decision {
		return r.record(maria, func(d *rules.Decision) {
			d.Beside = map[string][]byte{corpus.PrefixSlip: []byte(`{"brand":"shop.example","stream":"shop.example news","category":"promotion","address":"` + maria + `","decision":"` + d.ID + `",` + slip + `}`)}
		})
	}
	asked := func() int {
		list, err := corpus.Notes[leaving.Request](r.store, maria, corpus.PrefixUnsubscribe)
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	with(`"post":"https://out.shop.example/u"`)
	path, word := r.offerOf(with(`"post":"https://out.shop.example/u"`).ID, "unsubscribe")
	if p := b.get(path); p.status != http.StatusOK || !strings.Contains(p.body, "one POST to out.shop.example") || !strings.Contains(p.body, "Leave it") || asked() != 0 {
		t.Fatalf("opened: %d %s, %d asked", p.status, p.body, asked())
	}
	for i := range 2 {
		if p := b.do(http.MethodPost, "/do", url.Values{"word": {word}}); p.status != http.StatusOK || !strings.Contains(p.body, "You leave this list") || strings.Contains(p.body, "<button") || asked() != 1 {
			t.Errorf("pressed %d times: %d %s, %d asked", i+1, p.status, p.body, asked())
		}
	}
	path, _ = r.offerOf(with(`"fault":"it is a discussion list, which is left by hand"`).ID, "unsubscribe")
	if p := b.get(path); p.status != http.StatusOK || !strings.Contains(p.body, "You leave this list") { // the same list
		t.Errorf("%d %s", p.status, p.body)
	}
	path, _ = r.offerOf(r.record(maria).ID, "unsubscribe")
	if p := b.get(path); p.status != http.StatusNotFound || asked() != 1 {
		t.Errorf("of a message of which nothing is kept: %d %s", p.status, p.body)
	}
}

func TestAPageOfADecisionOffersToCorrectIt(t *testing.T) {
	r := start(t)
	b, _ := r.signIn(maria)
	d := r.record(maria)
	page := b.get("/decisions/" + d.ID)
	links := regexp.MustCompile(`href="([^"]+/do\?word=[^"]+)">It belongs in my inbox<`).FindStringSubmatch(page.body)
	if links == nil || strings.Contains(page.body, "It belongs among the promotions") {
		t.Fatalf("it offers what is, or not what is not: %s", page.body)
	}
	if p := b.get(strings.TrimPrefix(links[1], r.base)); p.status != http.StatusOK || !strings.Contains(p.body, "Yes, learn that") || r.said() != "" {
		t.Errorf("opened: %d %s", p.status, p.body)
	}
}

// unlike is a letter that is not this one.
func unlike(b byte) string {
	if b == 'x' {
		return "y"
	}
	return "x"
}

func TestALinkOfADigestThatIsNotGoodDoesNothing(t *testing.T) {
	r := start(t)
	d := r.record(maria)
	path, word := r.offerOf(d.ID, "inbox")
	signed, _ := r.signIn(pekka)
	late, err := token.Act{Mailbox: maria, Decision: d.ID, To: "inbox", Until: r.clock().Add(-time.Second)}.Seal(r.Key)
	if err != nil {
		t.Fatal(err)
	}
	others, err := token.Act{Mailbox: pekka, Decision: d.ID, To: "inbox", Until: r.clock().Add(time.Hour)}.Seal(r.Key)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		by     browser
		word   string
		status int
		want   string
	}{
		{"expired", r.browser(), late, http.StatusGone, "too old"},
		{"altered", r.browser(), word[:20] + unlike(word[20]) + word[21:], http.StatusBadRequest, "not whole"},
		{"cut short", r.browser(), word[:len(word)-1], http.StatusBadRequest, "not whole"},
		{"none", r.browser(), "", http.StatusBadRequest, "not whole"},
		{"opened by who came in for another mailbox", signed, word, http.StatusForbidden, "another mailbox"},
		{"of another mailbox, about this one's mail", r.browser(), others, http.StatusNotFound, "did not work"},
	} {
		for method, p := range map[string]page{
			"GET":  c.by.do(http.MethodGet, strings.Split(path, "?")[0]+"?"+url.Values{"word": {c.word}}.Encode(), nil),
			"POST": c.by.do(http.MethodPost, "/do", url.Values{"word": {c.word}}),
		} {
			if p.status != c.status || !strings.Contains(p.body, c.want) {
				t.Errorf("%s, %s: %d %s", c.name, method, p.status, p.body)
			}
		}
		if got := r.said(); got != "" {
			t.Fatalf("%s: it says %q", c.name, got)
		}
	}
	if p := r.browser().do(http.MethodPost, "/do", url.Values{"word": {word}}, "Sec-Fetch-Site", "cross-site"); p.status != http.StatusForbidden || r.said() != "" {
		t.Errorf("sent by another site: %d", p.status)
	}
}

func TestAComplaintIsMadeByTheButtonAlone(t *testing.T) {
	r := start(t)
	b, _ := r.signIn(maria)
	d := r.record(maria, func(d *rules.Decision) {
		d.Beside = map[string][]byte{corpus.PrefixComplainSlip: []byte(`{"brand":"shop.example","stream":"shop.example news","decision":"` + d.ID + `","from":"shop.example","message_id":"<1@shop.example>","to":[{"address":"fbl@shop.example","mode":"strict"}]}`)}
	})
	made := func() int {
		list, err := corpus.Notes[complaints.Complaint](r.store, maria, corpus.PrefixComplaint)
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	page := b.get("/decisions/" + d.ID)
	link := regexp.MustCompile(`href="([^"]+/do\?word=[^"]+)">Complain to the sender<`).FindStringSubmatch(page.body)
	if link == nil || made() != 0 {
		t.Fatalf("no complaint is offered: %s", page.body)
	}
	if p := b.get(strings.TrimPrefix(link[1], r.base)); p.status != http.StatusOK || !strings.Contains(p.body, "This tells shop.example (fbl@shop.example) which message it was, and so that it was you.") || made() != 0 {
		t.Errorf("opened: %d %s", p.status, p.body)
	}
	_, word := r.offerOf(d.ID, "complain")
	for range 2 {
		if p := b.do(http.MethodPost, "/do", url.Values{"word": {word}}); p.status != http.StatusOK || !strings.Contains(p.body, "leaves after") || strings.Contains(p.body, "<button>") || made() != 1 {
			t.Errorf("pressed: %d %s", p.status, p.body)
		}
	}
	if page := b.get("/decisions/" + d.ID); strings.Contains(page.body, "Complain to the sender") {
		t.Error("it is offered again")
	}
	if page := b.get("/decisions/" + r.record(maria).ID); strings.Contains(page.body, "Complain to the sender") {
		t.Error("it is offered where no sender asks for it")
	}
}
