// Package marks compares the id-like tokens of one mailing as it came to two
// mailboxes: where they differ, a suspicion is certain; where they are equal, it
// falls. It never keeps a token, an address or a URL, but hashes of them under a
// key of this process, in memory, for an hour.
package marks

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"usher/classify/knows"
	"usher/classify/mail"
	"usher/classify/trace"
)

// Bounds of a Memory, which then holds about 2 MB.
const (
	keep        = time.Hour // a mailing is remembered so long
	maxMailings = 10_000    // mailings remembered; the oldest is forgotten
	maxStreams  = 10_000    // streams remembered that mark their recipients
)

// code is the sign that is settled here.
const code = "recipient_id_in_url"

// sum is an HMAC-SHA256 cut to its first 16 bytes.
type sum [16]byte

// Memory remembers the mailings of the last hour. Any number of goroutines may
// share it.
type Memory struct {
	key [32]byte

	mu       sync.Mutex
	mailings map[sum]copied
	order    []sum        // of mailings, the oldest first
	streams  map[sum]bool // those that mark their recipients
}

// copied is the first copy of a mailing that came.
type copied struct {
	mailbox, tokens sum
	at              time.Time
}

// NewMemory returns an empty memory with a key of its own.
func NewMemory() *Memory {
	m := &Memory{mailings: map[sum]copied{}, streams: map[sum]bool{}}
	rand.Read(m.key[:]) // never fails: see crypto/rand
	return m
}

// Settle gives the signs with a suspected mark of one recipient made certain, or
// left out, or as it was where nothing is known. mailboxes are those whose copy
// this is; one copy for two of them tells neither from the other.
func (m *Memory) Settle(o *mail.Object, mailboxes []string, signs []knows.Sign) []knows.Sign {
	at := slices.IndexFunc(signs, func(s knows.Sign) bool { return s.Code == code && s.Level == knows.Suspected })
	if m == nil || at < 0 || len(mailboxes) == 0 {
		return signs
	}
	differ, known := m.compare(o, mailboxes)
	switch {
	case !known:
		return signs
	case !differ:
		return slices.Delete(slices.Clone(signs), at, at+1)
	}
	signs = slices.Clone(signs)
	signs[at].Level = knows.Seen
	signs[at].Text = strings.Replace(signs[at].Text, "that may be yours alone", "of your own: another mailbox here got another", 1)
	return signs
}

// compare reports whether the tokens of a mailing differ between mailboxes, or
// those of its stream did before, if that is known.
func (m *Memory) compare(o *mail.Object, mailboxes []string) (differ, known bool) {
	stream, mailing, tokens := m.stream(o), m.mailing(o), m.tokens(o)
	box := m.sum(mailboxes[0])
	if slices.ContainsFunc(mailboxes, func(b string) bool { return b != mailboxes[0] }) {
		return false, true
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.forget(o.Envelope.Arrived)
	first, met := m.mailings[mailing]
	switch {
	case !met:
		m.mailings[mailing] = copied{box, tokens, o.Envelope.Arrived}
		m.order = append(m.order, mailing)
	case first.mailbox == box:
	case first.tokens == tokens:
		return false, true
	default:
		m.learn(stream)
	}
	return m.streams[stream], m.streams[stream]
}

// learn keeps that a stream marks its recipients.
func (m *Memory) learn(stream sum) {
	if len(m.streams) >= maxStreams {
		for other := range m.streams { // any one: it will be learnt again
			delete(m.streams, other)
			break
		}
	}
	m.streams[stream] = true
}

// forget drops the mailings that are older than an hour, or too many.
func (m *Memory) forget(now time.Time) {
	for len(m.order) > 0 && (len(m.order) >= maxMailings || now.Sub(m.mailings[m.order[0]].at) > keep) {
		delete(m.mailings, m.order[0])
		m.order = m.order[1:]
	}
}

// stream is whose mail it is, as far as proven, and of which list. What merely
// claims a name is never compared with what is proven.
func (m *Memory) stream(o *mail.Object) sum {
	how := "claimed"
	if o.Identity.Proven() {
		how = "proven"
	}
	return m.sum("stream", how, o.Identity.Brand(), o.Message.Get("List-Id"))
}

// mailing is a stream and what all copies of one of its mailings have alike: the
// subject, and the hosts and words of links and pictures.
func (m *Memory) mailing(o *mail.Object) sum {
	stream := m.stream(o)
	return m.hash(func(add func(string)) {
		add(string(stream[:]))
		add(o.Message.Subject)
		for _, l := range o.Message.Links {
			add(l.Host)
			add(l.Text)
		}
		add("pictures")
		for _, i := range o.Message.Images {
			add(i.Host)
			add(i.Alt)
		}
	})
}

// tokens is what the links and pictures of one copy hold.
func (m *Memory) tokens(o *mail.Object) sum {
	return m.hash(func(add func(string)) {
		for _, l := range o.Message.Links {
			for token := range trace.IDs(l.URL) {
				add(token)
			}
		}
		for _, i := range o.Message.Images {
			for token := range trace.IDs(i.URL) {
				add(token)
			}
		}
	})
}

func (m *Memory) sum(parts ...string) sum {
	return m.hash(func(add func(string)) {
		for _, p := range parts {
			add(p)
		}
	})
}

// hash hashes the parts that write adds, each with its length before it.
func (m *Memory) hash(write func(add func(string))) (s sum) {
	h := hmac.New(sha256.New, m.key[:])
	write(func(part string) {
		var length [8]byte
		binary.BigEndian.PutUint64(length[:], uint64(len(part)))
		h.Write(length[:])
		io.WriteString(h, part)
	})
	copy(s[:], h.Sum(nil))
	return s
}
