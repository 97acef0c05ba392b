package events

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"usher/classify/mail"
	"usher/rules"
)

// Hop hears what happens on one hop, with the hop's counts at hand.
type Hop struct {
	*Log
	name string
	hopCounts

	mu    sync.Mutex
	state State
}

// State is how a next hop was last seen.
type State byte

const (
	Unseen State = iota // nothing was asked of it yet
	Up
	Down
)

// At gives what hears of one hop. Its name is what the settings call it, and the
// value of the label hop.
func (l *Log) At(hop fmt.Stringer) *Hop {
	return &Hop{Log: l, name: hop.String(), hopCounts: l.metrics.at(hop.String())}
}

// Stages of a conversation, as labels.
const (
	AtConnect = "connect" // the greeting, and the answer to LHLO or EHLO
	AtMail    = "mail"
	AtRcpt    = "rcpt"
	AtData    = "data"
)

// Who gave a reply, as a label.
const (
	ByNextHop = "nexthop"
	ByUsher   = "usher"
)

func (h *Hop) Listening() { h.log.Info("listening", "hop", h.name) }

// Accepted tells of a connection that is served, and Left of its end.
func (h *Hop) Accepted() { h.results["accepted"].Inc(); h.open.Inc() }
func (h *Hop) Left()     { h.open.Dec() }

// RefusedConnection tells of a connection that is not served, with the reply it
// gets: reason is untrusted, full or draining.
func (h *Hop) RefusedConnection(peer, reason string, code int) {
	h.results[reason].Inc()
	h.Replied(AtConnect, code, ByUsher)
	h.log.Warn("refused connection", "hop", h.name, "peer", peer, "reason", reason)
}

// Replied counts one reply to upstream.
func (h *Hop) Replied(stage string, code int, by string) {
	if c := h.replies[reply{stage, code / 100, by}]; c != nil {
		c.Inc()
	}
}

// NextHopTook counts how long the next hop took for a stage; for AtData that is
// the whole message and its last answer.
func (h *Hop) NextHopTook(stage string, took time.Duration) {
	h.nextHop[stage].Observe(took.Seconds())
}

// Judged and Recorded count how long a message took to be judged, the wait for a
// turn included, and its decisions to be durable.
func (h *Hop) Judged(took time.Duration)   { h.judge.Observe(took.Seconds()) }
func (h *Hop) Recorded(took time.Duration) { h.record.Observe(took.Seconds()) }

// Up and Down tell how the next hop answered. The log has it when that changes.
func (h *Hop) Up() {
	if h.turns(Up) == Down {
		h.log.Info("next hop up", "hop", h.name)
	}
}

func (h *Hop) Down(err error) {
	if h.turns(Down) != Down {
		h.log.Error("next hop down", "hop", h.name, "error", remoteError(err))
	}
}

func (h *Hop) turns(to State) (before State) {
	h.mu.Lock()
	defer h.mu.Unlock()
	before, h.state = h.state, to
	if before != to {
		h.metrics.up.WithLabelValues(h.name).Set(map[State]float64{Up: 1}[to])
	}
	return before
}

// State says how the next hop was last seen.
func (h *Hop) State() State {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.state
}

// Loop tells that the next hop is, by its name, ourselves.
func (h *Hop) Loop() {
	h.WireError("loop")
	h.log.Error("loop", "hop", h.name)
}

// Decided tells of one recipient's decision.
func (h *Hop) Decided(o *mail.Object, d *rules.Decision, took time.Duration) {
	h.log.Info("decided", "id", d.ID, "queue", remote(o.Envelope.Client.Queue), "message_id", remote(d.MessageID),
		"sender", h.address(o.Envelope.From), "recipient", h.address(d.Recipient), "category", string(d.Category),
		"disposition", string(d.Disposition), "because", remote(d.Because), "took", took)
}

// Recognised tells that one recipient's copy was decided before.
func (h *Hop) Recognised(queue string, d *rules.Decision, took time.Duration) {
	h.recognised.Inc()
	h.log.Info("recognised", "id", d.ID, "queue", remote(queue), "recipient", h.address(d.Recipient), "category", string(d.Category),
		"disposition", string(d.Disposition), "because", remote(d.Because), "took", took)
}

// Stripped tells how many fields of ours a message had brought.
func (h *Hop) Stripped(queue string, count int) {
	h.stripped.Inc()
	h.log.Info("stripped", "queue", remote(queue), "count", count)
}

// Normalised tells how many line ends of a message were made safe.
func (h *Hop) Normalised(queue string, count int) {
	h.normalised.Inc()
	h.log.Info("normalised", "queue", remote(queue), "count", count)
}

// Aborted tells that upstream left or stalled within a message.
func (h *Hop) Aborted(queue, peer, stage string, bytes int64) {
	h.transactions["aborted"].Inc()
	h.log.Info("aborted", "queue", remote(queue), "peer", peer, "stage", stage, "bytes", bytes)
}

// TurnedAway counts a message of which nothing is passed on, for its size or
// for want of room, with the reply it got.
func (h *Hop) TurnedAway(code int) {
	h.transactions[became(code, false)].Inc()
	h.Replied(AtData, code, ByUsher)
}

// Answer is what one recipient's copy of a message came to.
type Answer struct {
	Recipient string
	Decision  *rules.Decision   // nil: not judged
	Failed    bool              // something of ours failed, and the copy passed untouched
	Applied   rules.Disposition // what was done
	Code      int               // of the reply
	Own       bool              // the reply is ours, not the next hop's
}

// byWeight are results in the order in which one stands for a whole message: what will come
// again first, then what never came through.
var byWeight = [...]string{"deferred", "refused", "rejected", "passed"}

// became says what a reply's code makes of a copy.
func became(code int, rejected bool) string {
	switch {
	case code/100 == 2:
		return "passed"
	case code/100 != 5:
		return "deferred"
	case rejected:
		return "rejected"
	}
	return "refused"
}

// Answered tells what each recipient of a message got upstream. oneReply says
// that upstream heard one reply for all of them. Each counts once among the
// recipients, as of no category where something of ours failed or nobody judged.
func (h *Hop) Answered(queue string, answers []Answer, oneReply bool, took time.Duration) {
	var results [len(byWeight)]bool
	for i, a := range answers {
		id, category := "", uncategorised
		if a.Decision != nil {
			id = a.Decision.ID
			if !a.Failed {
				category = string(a.Decision.Category)
			}
		}
		h.recipient(category, string(a.Applied)).Inc()
		if by := ByNextHop; i == 0 || !oneReply {
			if a.Own {
				by = ByUsher
			}
			h.Replied(AtData, a.Code, by)
		}
		event := became(a.Code, a.Applied == rules.Reject)
		results[slices.Index(byWeight[:], event)] = true
		h.log.Info(event, "id", id, "queue", remote(queue), "recipient", h.address(a.Recipient), "applied", string(a.Applied), "code", a.Code, "took", took)
	}
	if first := slices.Index(results[:], true); first >= 0 {
		h.transactions[byWeight[first]].Inc()
	}
}
