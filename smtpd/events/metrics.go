package events

import (
	"runtime"

	"github.com/prometheus/client_golang/prometheus"

	"usher/classify"
	"usher/rules"
)

// Kinds of wire errors: a line too long, not ended by CRLF or not understood; a
// command out of order; a bad path or parameter; too slow; a connection lost
// within a message; a chunk that cannot be skipped; too many wrong commands; a
// next hop that is ourselves.
var Kinds = [...]string{"line", "sequence", "path", "parameter", "slow", "broken", "bdat", "flood", "loop"}

// uncategorised is the label of a copy that was not judged, or in vain.
const uncategorised = "none"

// buckets of seconds: a judge takes a few milliseconds, a next hop that writes
// to a slow disk seconds, and one that stalls a minute.
var buckets = []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60}

// metrics are all that is counted, in a registry of their own. Every series
// whose labels are known beforehand is there from the start, at 0, so that its
// first increase can be seen.
type metrics struct {
	registry *prometheus.Registry

	connections                          *prometheus.GaugeVec
	connectionResults, transactions      *prometheus.CounterVec
	recipients, replies                  *prometheus.CounterVec
	failOpen, softened, wireErrors       *prometheus.CounterVec
	stripped, normalised, retries        *prometheus.CounterVec
	panics                               *prometheus.CounterVec
	judgeSeconds, recordSeconds, nextHop *prometheus.HistogramVec
	up, build                            *prometheus.GaugeVec
	draining                             prometheus.Gauge
}

func newMetrics() *metrics {
	m := &metrics{registry: prometheus.NewRegistry()}
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		v := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
		m.registry.MustRegister(v)
		return v
	}
	gauge := func(name, help string, labels ...string) *prometheus.GaugeVec {
		v := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: name, Help: help}, labels)
		m.registry.MustRegister(v)
		return v
	}
	seconds := func(name, help string, labels ...string) *prometheus.HistogramVec {
		v := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: help, Buckets: buckets}, labels)
		m.registry.MustRegister(v)
		return v
	}
	m.connections = gauge("usher_connections", "Connections of upstream that are open.", "hop")
	m.connectionResults = counter("usher_connections_total", "Connections by what became of them: accepted, untrusted, full, draining.", "hop", "result")
	m.transactions = counter("usher_transactions_total", "Messages by what became of them: passed; deferred, refused or rejected for a recipient at least; aborted by upstream.", "hop", "result")
	m.recipients = counter("usher_recipients_total", "Recipients of whole messages by category (none: not judged, or failed open) and applied disposition.", "hop", "category", "disposition")
	m.replies = counter("usher_replies_total", "Replies to upstream by stage, class and who gave them.", "hop", "stage", "class", "by")
	m.failOpen = counter("usher_fail_open_total", "Messages that passed untouched because something of usher's failed.", "reason")
	m.softened = counter("usher_softened_total", "Decisions of which less was applied than was decided.", "reason")
	m.wireErrors = counter("usher_wire_errors_total", "What peers did against the protocol, by kind.", "kind")
	m.stripped = counter("usher_stripped_total", "Copies passed on without the Usher- fields that they brought.", "hop")
	m.normalised = counter("usher_normalised_total", "Messages with a bare CR or LF, which was made safe.", "hop")
	m.retries = counter("usher_retries_recognised_total", "Recipients' copies that came again and kept their decision.", "hop")
	m.panics = counter("usher_panics_total", "Panics, each confined to its connection or message.", "where")
	m.judgeSeconds = seconds("usher_judge_seconds", "Time to judge a message, the wait for a turn included.", "hop")
	m.recordSeconds = seconds("usher_record_seconds", "Time to make a message's decisions durable.", "hop")
	m.nextHop = seconds("usher_nexthop_seconds", "Time the next hop took, by stage.", "hop", "stage")
	m.up = gauge("usher_nexthop_up", "1 if the next hop was last seen up, 0 if down; absent until it was first asked.", "hop")
	m.build = gauge("usher_build_info", "1, with the versions of usher and of Go.", "version", "go")
	m.draining = gauge("usher_draining", "1 while usher takes no more connections.").WithLabelValues()
	for _, reason := range []string{"judge", "panic", "timeout", "record", "overload"} {
		m.failOpen.WithLabelValues(reason)
	}
	for _, reason := range []string{"shared", "conditions"} {
		m.softened.WithLabelValues(reason)
	}
	for _, kind := range Kinds {
		m.wireErrors.WithLabelValues(kind)
	}
	for _, where := range []string{"wire", "judge"} {
		m.panics.WithLabelValues(where)
	}
	return m
}

// reply names one count of replies.
type reply struct {
	stage string
	class int
	by    string
}

// hopCounts are the counts of one hop, found once so that counting is cheap.
type hopCounts struct {
	open                             prometheus.Gauge
	results, transactions            map[string]prometheus.Counter
	replies                          map[reply]prometheus.Counter
	copies                           map[[2]string]prometheus.Counter // by category and disposition
	stripped, normalised, recognised prometheus.Counter
	judge, record                    prometheus.Observer
	nextHop                          map[string]prometheus.Observer
}

// at finds, and so begins at 0, the counts of one hop.
func (m *metrics) at(hop string) hopCounts {
	c := hopCounts{
		open:    m.connections.WithLabelValues(hop),
		results: map[string]prometheus.Counter{}, transactions: map[string]prometheus.Counter{},
		replies: map[reply]prometheus.Counter{}, copies: map[[2]string]prometheus.Counter{},
		stripped: m.stripped.WithLabelValues(hop), normalised: m.normalised.WithLabelValues(hop), recognised: m.retries.WithLabelValues(hop),
		judge: m.judgeSeconds.WithLabelValues(hop), record: m.recordSeconds.WithLabelValues(hop),
		nextHop: map[string]prometheus.Observer{},
	}
	for _, result := range []string{"accepted", "untrusted", "full", "draining"} {
		c.results[result] = m.connectionResults.WithLabelValues(hop, result)
	}
	for _, result := range []string{"passed", "deferred", "refused", "rejected", "aborted"} {
		c.transactions[result] = m.transactions.WithLabelValues(hop, result)
	}
	for _, stage := range []string{AtConnect, AtMail, AtRcpt, AtData} {
		c.nextHop[stage] = m.nextHop.WithLabelValues(hop, stage)
		for class, name := range map[int]string{2: "2xx", 4: "4xx", 5: "5xx"} {
			for _, by := range []string{ByNextHop, ByUsher} {
				c.replies[reply{stage, class, by}] = m.replies.WithLabelValues(hop, stage, name, by)
			}
		}
	}
	for _, disposition := range []rules.Disposition{rules.Inbox, rules.Promotions, rules.Digest, rules.Refuse, rules.Reject} {
		for _, category := range classify.Categories {
			c.copies[[2]string{string(category), string(disposition)}] = m.recipients.WithLabelValues(hop, string(category), string(disposition))
		}
	}
	none := m.recipients.WithLabelValues(hop, uncategorised, string(rules.Inbox))
	c.copies[[2]string{uncategorised, string(rules.Inbox)}] = none
	return c
}

// recipient gives the count of copies; what was decided in words that are none
// of ours has failed, and counts so.
func (c *hopCounts) recipient(category, disposition string) prometheus.Counter {
	if n := c.copies[[2]string{category, disposition}]; n != nil {
		return n
	}
	return c.copies[[2]string{uncategorised, string(rules.Inbox)}]
}

// Measures are asked whenever metrics are read.
type Measures struct {
	Memory, Spool func() int64 // bytes of messages in memory, and in spool files
	Abandoned     func() int64 // judges past their budget that still run
}

// Started tells the version of the program, and what is to be measured. It is
// called once.
func (l *Log) Started(version string, measures Measures) {
	m := l.metrics
	m.build.WithLabelValues(version, runtime.Version()).Set(1)
	measure := func(name, help string, of func() int64) {
		m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, func() float64 { return float64(of()) }))
	}
	measure("usher_memory_bytes", "Bytes of messages that are held in memory.", measures.Memory)
	measure("usher_spool_bytes", "Bytes of messages that are held in spool files.", measures.Spool)
	measure("usher_judges_abandoned", "Judges past their budget that still run.", measures.Abandoned)
}

// Gatherer gives all metrics when it is asked.
type Gatherer = prometheus.Gatherer

// Metrics gives everything that is counted.
func (l *Log) Metrics() Gatherer { return l.metrics.registry }
