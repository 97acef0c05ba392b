package report

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"mime"
	"net/mail"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

var day = time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)

// one is a delivery that serves no want and is promoted nowhere.
func one(change ...func(*Delivery)) Delivery {
	d := Delivery{FeedbackID: "spring26:promo:shopexample", Accepted: true, Placement: "digest", Reason: "no_intent", Topic: "apparel"}
	for _, c := range change {
		c(&d)
	}
	return d
}

// window has the mail of so many mailboxes, one each.
func window(t testing.TB, boxes int, of func(i int) Delivery) *Window {
	t.Helper()
	w := &Window{Domain: "shop.example", Begin: day, End: day.AddDate(0, 0, 1)}
	for i := range boxes {
		if err := w.Add([]Delivery{of(i)}, true, Sampler{rand.Reader}); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

// drawing is a source whose first noise is x.
func drawing(t testing.TB, x int64) io.Reader {
	t.Helper()
	for seed := uint64(0); seed < 50_000_000; seed++ {
		if got, err := (Sampler{&fixed{i: seed << 20}}).noise(); err == nil && got == x {
			return &fixed{i: seed << 20}
		}
	}
	t.Fatalf("no seed draws %d", x)
	return nil
}

func TestWhatIsBelowTheThresholdsIsNotPublished(t *testing.T) {
	for _, c := range []struct {
		boxes int
		noise int64
		is    bool
	}{{9, 15, false}, {10, 19, true}, {10, 18, false}, {29, 0, true}, {29, -1, false}, {40, -11, true}} {
		rows := window(t, c.boxes, func(int) Delivery { return one() }).rows()
		rec, err := rows[0].seal(Sampler{drawing(t, c.noise)}, true)
		if err != nil || (rec != nil) != c.is {
			t.Errorf("%d mailboxes and noise %d: published %v, %v", c.boxes, c.noise, rec != nil, err)
		}
		if rec != nil && rec.Recipients != c.boxes+int(c.noise) {
			t.Errorf("it says %d", rec.Recipients)
		}
	}
	w := window(t, 9, func(int) Delivery { return one() })
	for range 1000 {
		if r, err := w.Seal(Sampler{rand.Reader}); err != nil || r != nil {
			t.Fatalf("nine mailboxes: %+v, %v", r, err)
		}
	}
}

func TestWhatIsDerived(t *testing.T) {
	if got := relevance(36, 118); got != (Relevance{0.31, 0.28, 0.33}) {
		t.Errorf("36 of 118: %+v", got)
	}
	if got := relevance(40, 30); got != (Relevance{1, 0.84, 1}) {
		t.Errorf("more than all: %+v", got)
	}
	rec := Record{Recipients: 100, Reason: Reason{IntentMatch: 36, Tracking: 4, OverFrequency: 10, Other: 3}, Facts: Facts{OpenPixel: true, OneClickOK: true, UnsubscribeSigned: true, StreamIDOK: true}}
	rec.derive()
	if rec.Reason.Tracking != 0 || rec.Reason.Other != 7 || !slices.Equal(rec.Advice, []string{"lower-frequency", "drop-open-pixel", "set-expires"}) {
		t.Errorf("%+v, %v", rec.Reason, rec.Advice)
	}
}

func TestWhatOnePersonAloneHadIsNoFact(t *testing.T) {
	for n, want := range map[int]bool{1: false, 20: false, 21: true} {
		w := window(t, 40, func(i int) Delivery { return one(func(d *Delivery) { d.Facts.OpenPixel = i < n }) })
		if got := w.rows()[0].all.majority().OpenPixel; got != want {
			t.Errorf("a pixel in %d of 40: %v", n, got)
		}
	}
}

func TestStreamsAreCalledByWhatNamesNobody(t *testing.T) {
	for _, c := range []struct {
		name string
		of   func(i int) []string // the Feedback-IDs and List-Ids of one mailbox's mail
		by   string
		want []Stream
	}{
		{"a part that differs for each", func(i int) []string { return []string{fmt.Sprintf("u%d:spring26:promo:shopexample", i), ""} }, "", []Stream{{"feedback-id", "*:spring26:promo:shopexample"}}},
		{"and comes three times to each", func(i int) []string {
			id := fmt.Sprintf("u%d:spring26:promo:shopexample", i)
			return []string{id, "", id, "", id, ""}
		}, "", []Stream{{"feedback-id", "*:spring26:promo:shopexample"}}},
		{"all parts differ", func(i int) []string { return []string{fmt.Sprintf("u%d:m%d", i, i), "news.shop.example"} }, "", []Stream{{"list-id", "news.shop.example"}}},
		{"all of both differ", func(i int) []string { return []string{fmt.Sprintf("u%d", i), fmt.Sprintf("l%d.shop.example", i)} }, "", nil},
		{"two campaigns", func(i int) []string { return []string{fmt.Sprintf("c%d:shop", i%2), ""} }, "", []Stream{{"feedback-id", "c0:shop"}, {"feedback-id", "c1:shop"}}},
		{"asked by list", func(int) []string { return []string{"c:shop", "news.shop.example"} }, "list-id", []Stream{{"list-id", "news.shop.example"}}},
		{"asked by domain", func(int) []string { return []string{"c:shop", "news.shop.example"} }, "domain", nil},
		{"five parts", func(int) []string { return []string{"a:b:c:d:e", ""} }, "", nil},
		{"not ASCII", func(int) []string { return []string{"kampagne-für-dich", ""} }, "", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := &Window{Domain: "shop.example", By: c.by}
			for i := range 40 {
				var mail []Delivery
				for at := c.of(i); len(at) > 0; at = at[2:] {
					mail = append(mail, one(func(d *Delivery) { d.FeedbackID, d.ListID = at[0], at[1] }))
				}
				if err := w.Add(mail, true, Sampler{rand.Reader}); err != nil {
					t.Fatal(err)
				}
			}
			var got []Stream
			for _, r := range w.rows()[1:] {
				got = append(got, r.Stream)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%v, want %v", got, c.want)
			}
		})
	}
}

func TestTooManyStreamsAreOne(t *testing.T) {
	w := &Window{Domain: "shop.example"}
	for i := range 2 * maxStreams {
		if err := w.Add([]Delivery{one(func(d *Delivery) { d.FeedbackID = fmt.Sprintf("c%d:shop", i) })}, i < 40, Sampler{rand.Reader}); err != nil {
			t.Fatal(err)
		}
	}
	if rows := w.rows(); len(w.streams) != 1 || len(rows) != 1 || rows[0].all.of() != 2*maxStreams || len(rows[0].chosen) != 40 {
		t.Errorf("%d streams, %d rows of %d", len(w.streams), len(rows), rows[0].all.of())
	}
}

func TestTheStrongestActCounts(t *testing.T) {
	acts := []string{"", "rescued", "unsubscribed", "demoted", ""}
	for range 50 {
		w := &Window{Domain: "shop.example"}
		var mail []Delivery
		for _, a := range acts {
			mail = append(mail, one(func(d *Delivery) { d.Act = a }))
		}
		if err := w.Add(mail, true, Sampler{rand.Reader}); err != nil || len(w.chosen) != 1 || w.chosen[0].act != "unsubscribed" {
			t.Fatalf("%+v, %v", w.chosen, err)
		}
	}
	picked := map[string]int{}
	for range 3000 {
		w := &Window{Domain: "shop.example"}
		mail := []Delivery{one(), one(func(d *Delivery) { d.Reason = "tracking" }), one(func(d *Delivery) { d.Reason = "refused" })}
		if err := w.Add(mail, true, Sampler{rand.Reader}); err != nil {
			t.Fatal(err)
		}
		picked[w.chosen[0].reason]++
	}
	for reason, n := range picked {
		if n < 800 || n > 1200 || len(picked) != 3 {
			t.Errorf("%s was chosen %d times of 3000", reason, n)
		}
	}
}

// TestOneMailboxChangesAHistogramByOne removes each mailbox in turn: at most two rows
// change, and in each of their histograms one cell, by one.
func TestOneMailboxChangesAHistogramByOne(t *testing.T) {
	mailOf := func(i int) []Delivery {
		return []Delivery{
			one(func(d *Delivery) {
				d.FeedbackID, d.Placement, d.Reason, d.Act = fmt.Sprintf("c%d:shop", i%3), Placements[i%5], Reasons[i%9], Acts[i%5]
				d.Topic, d.Matched = []string{"apparel", "books-media", Other}[i%3], i%2 == 0
			}),
		}
	}
	all := func(without int) map[string]int {
		w := &Window{Domain: "shop.example"}
		for i := range 60 {
			if err := w.Add(mailOf(i), i != without, Sampler{rand.Reader}); err != nil { // its mail is counted, it does not take part
				t.Fatal(err)
			}
		}
		cells := map[string]int{}
		for at, r := range w.rows() {
			rec := &Record{}
			r.fill(rec, at == 0)
			of := func(histogram string, list []*int) {
				for i, c := range list {
					cells[fmt.Sprintf("%s|%s|%d", r.Value, histogram, i)] = *c
				}
			}
			n := len(r.chosen)
			of("recipients", []*int{&n})
			of("placement", rec.Placement.cells())
			of("action", rec.Action.cells())
			of("reason", rec.Reason.cells())
			of("topics", topicCells(rec.Topics))
		}
		return cells
	}
	whole := all(-1)
	for without := range 60 {
		changed := map[string]int{}
		for cell, n := range all(without) {
			if diff := whole[cell] - n; diff != 0 {
				changed[cell[:strings.LastIndex(cell, "|")]] += int(math.Abs(float64(diff)))
			}
		}
		if len(changed) < 8 || len(changed) > 9 {
			t.Errorf("without %d: %d histograms change", without, len(changed))
		}
		for histogram, by := range changed {
			if by != 1 {
				t.Errorf("without %d: %s changes by %d", without, histogram, by)
			}
		}
	}
}

func TestTheTextSaysWhatTheJSONSays(t *testing.T) {
	for range 20 {
		r, err := Sample(Sampler{rand.Reader}, day)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		numbers := map[string]bool{"3": true, "80": true, "8058": true} // give or take 3; the names of advice
		for _, n := range regexp.MustCompile(`[0-9.]+`).FindAllString(string(raw), -1) {
			numbers[n] = true
			var f float64
			if _, err := fmt.Sscan(n, &f); err == nil && f <= 1 {
				numbers[fmt.Sprintf("%.0f", 100*f)] = true // a share
			}
		}
		p, did := r.Records[0].Placement, r.Records[0].Action
		for _, sum := range []int{p.Promotions + p.Digest, p.Refuse + p.Reject, did.Complained + did.Unsubscribed + did.Demoted, 550, 48} { // a reply, and hours
			numbers[strconv.Itoa(sum)] = true
		}
		text := r.Text()
		if n := strings.Count(text[:strings.Index(text, "\n\n  ")], "\n    "); len(r.Records[0].Figures()) > MostFigures || n < 2*len(r.Records[0].Figures()) {
			t.Errorf("%d figures, and %d lines about them:\n%s", len(r.Records[0].Figures()), n, text)
		}
		for _, line := range strings.Split(text, "\n") {
			if len(line) > Columns {
				t.Errorf("%d columns: %s", len(line), line)
			}
		}
		day := r.Metadata.Range.Begin.Format("2 Jan 2006")
		for _, n := range regexp.MustCompile(`[0-9]+`).FindAllString(strings.Replace(text, day, "", 1), -1) {
			if !numbers[n] {
				t.Errorf("%s stands in no field:\n%s", n, text)
			}
		}
		if !r.Starred() || !strings.Contains(strings.Join(strings.Fields(text), " "), Starred) {
			t.Errorf("nothing tells what * stands for:\n%s", text)
		}
		again, err := Read(raw)
		if err != nil || again.Text() != text {
			t.Errorf("read again it says otherwise: %v", err)
		}
	}
}

func TestTheMessageHoldsTheReport(t *testing.T) {
	r, err := Sample(Sampler{rand.Reader}, day)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := r.Message("rel@shop.example", day)
	if err != nil {
		t.Fatal(err)
	}
	if again, _ := r.Message("rel@shop.example", day); string(again) != string(raw) {
		t.Error("made twice, it is another")
	}
	m, err := mail.ReadMessage(strings.NewReader(string(raw)))
	if err != nil {
		t.Fatal(err)
	}
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/report" || params["report-type"] != "relevance-report" || m.Header.Get("Auto-Submitted") != "auto-generated" ||
		m.Header.Get(FieldDomain) != "shop.example" || m.Header.Get("Message-ID") != "<"+r.Metadata.ID+">" ||
		m.Header.Get("List-Unsubscribe") != "<mailto:relevance-reports@"+r.Metadata.Submitter+"?subject=STOP%20shop.example>" {
		t.Errorf("%s %v %v", kind, params, m.Header)
	}
	if fetched, err := r.Message("undisclosed-recipients:;", day); err != nil || strings.Contains(string(fetched), "List-Unsubscribe") {
		t.Errorf("whoever fetches a report leaves no list: %s, %v", fetched, err)
	}
	read, err := Read(raw)
	if err != nil || read.Text() != r.Text() {
		t.Errorf("read from the message it says otherwise: %v", err)
	}
	for _, line := range strings.Split(string(raw), "\r\n") {
		if len(line) > 200 || strings.Contains(line, "\n") {
			t.Errorf("a line of %d bytes: %q", len(line), line)
		}
	}
}

func TestWhatIsNoReport(t *testing.T) {
	for name, raw := range map[string]string{
		"nothing": "", "a letter": "From: a@b.example\r\n\r\nhello\r\n", "other JSON": `{"version":"1.0"}`, "a later version": `{"version":"2.0","records":[{}]}`,
		"cut short": `{"version":"1.0","records":[`, "no gzip": "\x1f\x8bxxxx", "a message of other parts": "Content-Type: multipart/report; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nx\r\n--b--\r\n",
	} {
		if r, err := Read([]byte(raw)); err == nil {
			t.Errorf("%s was read: %+v", name, r)
		}
	}
	r, err := Read([]byte(`{"version":"1.7","new_field":1,"records":[{"stream":{"kind":"domain","value":"a.example","x":2}}]}`))
	if err != nil || r.Records[0].Stream.Value != "a.example" {
		t.Errorf("what a later version adds: %v", err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"version":"1.0","records":[{}]}`))
	f.Add([]byte("Content-Type: multipart/report; boundary=b\r\n\r\n--b\r\nContent-Type: application/vnd.usher.relevance-report+gzip\r\n\r\nx\r\n--b--\r\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if r, err := Read(raw); err == nil {
			_ = r.Text() + r.Picture()
		}
	})
}

func TestARowHasTenFiguresAtMostEachWithWhatToDo(t *testing.T) {
	full := Record{Recipients: 40, Placement: Placement{9, 9, 9, 9, 9}, Action: Action{1, 2, 3, 4, 5}, Reason: Reason{9, 9, 9, 9, 9, 9, 9, 9, 9}, Relevance: Relevance{.225, .2, .25}}
	for name, rec := range map[string]Record{"all that may be said": full, "nothing": {Recipients: 29}} {
		figures := rec.Figures()
		if len(figures) == 0 || len(figures) > MostFigures || figures[0].Name != "asked for" {
			t.Errorf("%s: %d figures", name, len(figures))
		}
		for _, f := range figures {
			if f.Name == "" || f.Value == "" || f.Means == "" || f.Do == "" || f.N < 0 || f.N > f.Of || f.Of <= 0 {
				t.Errorf("%s: %+v", name, f)
			}
		}
	}
	if n := len(full.Figures()); n != MostFigures {
		t.Errorf("%d of %d figures are shown where there is all of them", n, MostFigures)
	}
}
