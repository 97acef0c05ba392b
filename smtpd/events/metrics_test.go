package events

import (
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"usher/rules"
)

// value adds up the series of a metric whose labels hold all of these values; -1
// if there is none.
func value(t *testing.T, h *Hop, name string, labels ...string) float64 {
	t.Helper()
	families, err := h.Metrics().Gather()
	if err != nil {
		t.Fatal(err)
	}
	sum := -1.0
	for _, f := range families {
		if f.GetName() != name {
			continue
		}
		for _, m := range f.GetMetric() {
			var has []string
			for _, l := range m.GetLabel() {
				has = append(has, l.GetValue())
			}
			if slices.ContainsFunc(labels, func(l string) bool { return !slices.Contains(has, l) }) {
				continue
			}
			sum = max(sum, 0) + m.GetCounter().GetValue() + m.GetGauge().GetValue() + float64(m.GetHistogram().GetSampleCount())
		}
	}
	return sum
}

func silent() *Hop {
	l := New(slog.New(slog.DiscardHandler), nil)
	none := func() int64 { return 0 }
	l.Started("v1", Measures{Memory: none, Spool: none, Abandoned: none})
	return l.At(hopOne)
}

// documented are the metrics that admins build on, with their labels.
const documented = `
usher_build_info go version
usher_connections hop
usher_connections_total hop result
usher_draining
usher_fail_open_total reason
usher_judge_seconds hop
usher_judges_abandoned
usher_memory_bytes
usher_nexthop_seconds hop stage
usher_nexthop_up hop
usher_normalised_total hop
usher_panics_total where
usher_recipients_total category disposition hop
usher_record_seconds hop
usher_replies_total by class hop stage
usher_retries_recognised_total hop
usher_softened_total reason
usher_spool_bytes
usher_stripped_total hop
usher_transactions_total hop result
usher_wire_errors_total kind
`

func TestMetricsHaveTheNamesAndLabelsThatAreDocumented(t *testing.T) {
	h := silent()
	h.Up() // the one that begins with an event
	families, err := h.Metrics().Gather()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString("\n")
	for _, f := range families {
		words := []string{f.GetName()}
		for _, l := range f.GetMetric()[0].GetLabel() {
			words = append(words, l.GetName())
		}
		b.WriteString(strings.Join(words, " ") + "\n")
		if f.GetHelp() == "" {
			t.Errorf("%s says nothing of itself", f.GetName())
		}
	}
	if b.String() != documented {
		t.Errorf("metrics are%swant%s", b.String(), documented)
	}
}

func TestEveryEventCounts(t *testing.T) {
	d := &rules.Decision{Category: "promotion", Disposition: rules.Refuse}
	answer := func(code int, applied rules.Disposition) func(*Hop) {
		return func(h *Hop) {
			h.Answered("Q", []Answer{{Decision: d, Applied: applied, Code: code}}, false, 0)
		}
	}
	for _, c := range []struct {
		name   string
		tell   func(*Hop)
		metric string
		labels string
		want   float64
	}{
		{"a connection is open", func(h *Hop) { h.Accepted() }, "usher_connections", "", 1},
		{"and has left", func(h *Hop) { h.Accepted(); h.Left() }, "usher_connections", "", 0},
		{"it was accepted", func(h *Hop) { h.Accepted() }, "usher_connections_total", "accepted", 1},
		{"a peer is not trusted", func(h *Hop) { h.RefusedConnection("p", "untrusted", 554) }, "usher_connections_total", "untrusted", 1},
		{"connections are full", func(h *Hop) { h.RefusedConnection("p", "full", 421) }, "usher_connections_total", "full", 1},
		{"usher drains", func(h *Hop) { h.RefusedConnection("p", "draining", 421) }, "usher_connections_total", "draining", 1},
		{"which is a reply", func(h *Hop) { h.RefusedConnection("p", "full", 421) }, "usher_replies_total", "connect 4xx usher", 1},
		{"a message passed", answer(250, rules.Refuse), "usher_transactions_total", "passed", 1},
		{"it was deferred", answer(451, rules.Refuse), "usher_transactions_total", "deferred", 1},
		{"the next hop refused it", answer(552, rules.Refuse), "usher_transactions_total", "refused", 1},
		{"we rejected it", answer(550, rules.Reject), "usher_transactions_total", "rejected", 1},
		{"upstream left", func(h *Hop) { h.Aborted("Q", "p", "data", 1) }, "usher_transactions_total", "aborted", 1},
		{"it was too large", func(h *Hop) { h.TurnedAway(552) }, "usher_transactions_total", "refused", 1},
		{"there was no room for it", func(h *Hop) { h.TurnedAway(452) }, "usher_transactions_total", "deferred", 1},
		{"and no copy counts then", func(h *Hop) { h.TurnedAway(452) }, "usher_recipients_total", "", 0},
		{"a copy has its category", answer(250, rules.Refuse), "usher_recipients_total", "promotion refuse", 1},
		{"a copy at the end of data has a reply", answer(250, rules.Refuse), "usher_replies_total", "data 2xx nexthop", 1},
		{"usher failed open", func(h *Hop) { h.FailedOpen("Q", "", "overload", nil, 0) }, "usher_fail_open_total", "overload", 1},
		{"a decision is softened", func(h *Hop) { h.Softened("Q", "", "shared") }, "usher_softened_total", "shared", 1},
		{"the next hop answers MAIL", func(h *Hop) { h.Replied(AtMail, 250, ByNextHop) }, "usher_replies_total", "mail 2xx nexthop", 1},
		{"a code that is none counts nowhere", func(h *Hop) { h.Replied(AtMail, 99, ByNextHop) }, "usher_replies_total", "", 0},
		{"a line is too long", func(h *Hop) { h.WireError("line") }, "usher_wire_errors_total", "line", 1},
		{"the next hop is ourselves", func(h *Hop) { h.Loop() }, "usher_wire_errors_total", "loop", 1},
		{"a message is judged", func(h *Hop) { h.Judged(time.Millisecond) }, "usher_judge_seconds", "", 1},
		{"and recorded", func(h *Hop) { h.Recorded(time.Millisecond) }, "usher_record_seconds", "", 1},
		{"the next hop takes its time", func(h *Hop) { h.NextHopTook(AtRcpt, time.Millisecond) }, "usher_nexthop_seconds", "rcpt", 1},
		{"the next hop is down", func(h *Hop) { h.Up(); h.Down(errors.New("x")) }, "usher_nexthop_up", "", 0},
		{"usher is draining", func(h *Hop) { h.Draining(0) }, "usher_draining", "", 1},
		{"forged fields", func(h *Hop) { h.Stripped("Q", 3) }, "usher_stripped_total", "", 1},
		{"unsafe line ends", func(h *Hop) { h.Normalised("Q", 3) }, "usher_normalised_total", "", 1},
		{"a retry", func(h *Hop) { h.Recognised("Q", d, 0) }, "usher_retries_recognised_total", "", 1},
		{"a panic of the judge", func(h *Hop) { h.Panicked("judge", "") }, "usher_panics_total", "judge", 1},
		{"a panic that go-smtp caught", func(h *Hop) { h.Printf("panic serving x: y") }, "usher_panics_total", "wire", 1},
		{"a reset is no panic", func(h *Hop) { h.Printf("read: connection reset") }, "usher_panics_total", "", 0},
		{"the program has a version", func(*Hop) {}, "usher_build_info", "v1", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := silent()
			c.tell(h)
			if got := value(t, h, c.metric, strings.Fields(c.labels)...); got != c.want {
				t.Errorf("%s{%s} is %v, want %v", c.metric, c.labels, got, c.want)
			}
		})
	}
}

func TestR56EachRecipientCountsOnce(t *testing.T) {
	d := func(c string) *rules.Decision { return &rules.Decision{Category: "promotion"} }
	all := []Answer{
		{Decision: d("promotion"), Applied: rules.Promotions, Code: 250},
		{Decision: d("promotion"), Applied: rules.Inbox, Code: 250, Failed: true},
		{Decision: nil, Applied: rules.Inbox, Code: 451},
		{Decision: &rules.Decision{Because: "error"}, Applied: rules.Inbox, Code: 250, Failed: true},
		{Decision: &rules.Decision{Category: "no such kind"}, Applied: "nowhere", Code: 250},
	}
	h := silent()
	h.Answered("Q", all, false, 0)
	for labels, want := range map[string]float64{"": 5, "promotion promotions": 1, "none inbox": 4} {
		if got := value(t, h, "usher_recipients_total", strings.Fields(labels)...); got != want {
			t.Errorf("recipients{%s}: %v, want %v", labels, got, want)
		}
	}
	if got := value(t, h, "usher_transactions_total"); got != 1 {
		t.Errorf("one message counts %v times", got)
	}
	if got := value(t, h, "usher_replies_total", "data"); got != 5 {
		t.Errorf("%v replies, want one a recipient", got)
	}
	h = silent()
	h.Answered("Q", all, true, 0)
	if got := value(t, h, "usher_replies_total", "data"); got != 1 {
		t.Errorf("%v replies, want one for all", got)
	}
}

func TestNoLabelComesFromAMessage(t *testing.T) {
	h := silent()
	h.Answered(hostile, []Answer{{Recipient: hostile, Decision: &rules.Decision{Category: "forged"}, Applied: rules.Disposition(hostile), Code: 250}}, false, 0)
	h.Aborted(hostile, hostile, hostile, 0)
	h.Stripped(hostile, 1)
	families, err := h.Metrics().Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			for _, l := range m.GetLabel() {
				if strings.Contains(l.GetValue(), "forged") || strings.Contains(l.GetValue(), "long") {
					t.Errorf("%s has a label %s=%q", f.GetName(), l.GetName(), l.GetValue())
				}
			}
		}
	}
}

// BenchmarkAnswered is what counting and logging to nowhere costs a recipient.
func BenchmarkAnswered(b *testing.B) {
	h := silent()
	answers := []Answer{{Recipient: "a@x.test", Decision: &rules.Decision{ID: "01", Category: "promotion"}, Applied: rules.Inbox, Code: 250}}
	b.ReportAllocs()
	for b.Loop() {
		h.Answered("Q", answers, false, time.Second)
	}
}
