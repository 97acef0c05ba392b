package main

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// mailing is one message on its way to its recipients.
type mailing struct {
	id    string
	sum   [sha256.Size]byte // of the message as sent
	wire  []byte            // nil once every recipient is settled
	rcpts []*destination
	begun int // kills before the attempt under way
}

// destination is one recipient of a mailing. The ledger's lock guards it.
type destination struct {
	address  string
	sent     bool   // a 2xx came
	refused  string // a 5xx came: nothing here deserves one
	underway bool   // its DATA has begun, its answer has not come
	risks    int    // attempts that a kill cut short: each may have delivered
	copies   int
	history  []string // of attempts without success
	decision string   // from the Usher-Decision field of a copy
}

func (d *destination) settled() bool { return d.sent || d.refused != "" }

// ledger counts what was sent and what arrived.
type ledger struct {
	mu       sync.Mutex
	all      map[string]*mailing
	underway int // deliveries whose DATA has begun and whose answer has not come
	kills    int
	atKills  int // deliveries under way at each kill, added up
	passed   int // deliveries answered with 2xx
	changed  []string
	strange  []string // what arrived and was never sent
}

// stamp is how moments are told.
const stamp = "15:04:05.000"

func newLedger() *ledger { return &ledger{all: make(map[string]*mailing)} }

func (l *ledger) enter(m *mailing) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all[m.id] = m
}

// begin notes that DATA begins for those recipients.
func (l *ledger) begin(m *mailing, rcpts []*destination) {
	l.mu.Lock()
	defer l.mu.Unlock()
	m.begun = l.kills
	for _, d := range rcpts {
		d.underway = true
	}
	l.underway += len(rcpts)
}

// answered notes one reply at the end of DATA as it comes, as Postfix does.
func (l *ledger) answered(m *mailing, d *destination, reply string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch reply[0] {
	case '2':
		d.sent = true
		l.passed++
	case '5':
		d.refused = reply
		l.end(m, d, reply)
	default:
		l.end(m, d, reply)
	}
	d.underway = false
	l.underway--
}

// end notes an attempt without success. With a kill in it, its copy may be in
// the mailbox all the same.
func (l *ledger) end(m *mailing, d *destination, how string) {
	d.history = append(d.history, fmt.Sprintf("%s: %s (%d kills)", time.Now().Format(stamp), how, l.kills-m.begun))
	if l.kills > m.begun {
		d.risks++
	}
}

// brokenOff notes the recipients that an attempt left without an answer.
func (l *ledger) brokenOff(m *mailing) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, d := range m.rcpts {
		if d.underway {
			d.underway = false
			l.underway--
			l.end(m, d, "no answer")
		}
	}
}

// open lists the recipients of m that still wait; with none left, its text is
// let go.
func (l *ledger) open(m *mailing) []*destination {
	l.mu.Lock()
	defer l.mu.Unlock()
	left := slices.DeleteFunc(slices.Clone(m.rcpts), (*destination).settled)
	if len(left) == 0 {
		m.wire = nil
	}
	return left
}

// kill does a kill, and counts what was under way at that moment.
func (l *ledger) kill(do func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.kills++
	l.atKills += l.underway
	do()
}

var (
	ours       = regexp.MustCompile(`^(?:Usher-[A-Za-z]+:[^\r\n]*\r\n(?:[ \t][^\r\n]*\r\n)*)*`)
	decisionID = regexp.MustCompile(`(?m)^Usher-Decision: (\S+)\r$`)
)

// errAmiss says that what arrived is not what was sent.
var errAmiss = errors.New("not as it was sent")

// arrived counts one message that lay in a mailbox: what stands below usher's
// own fields must be what was sent, byte for byte.
func (l *ledger) arrived(address string, raw []byte) error {
	above := ours.Find(raw)
	body := raw[len(above):]
	line, _, _ := bytes.Cut(body, []byte("\r\n"))
	id, sum := string(bytes.TrimPrefix(line, []byte("Message-ID: "))), sha256.Sum256(body)
	l.mu.Lock()
	defer l.mu.Unlock()
	m := l.all[id]
	if m == nil {
		l.strange = append(l.strange, fmt.Sprintf("%s: %d bytes, %.80q", address, len(raw), line))
		return errAmiss
	}
	for _, d := range m.rcpts {
		if d.address != address {
			continue
		}
		d.copies++
		if found := decisionID.FindSubmatch(above); found != nil {
			d.decision = string(found[1])
		}
		if sum != m.sum {
			l.changed = append(l.changed, id)
			return errAmiss
		}
		return nil
	}
	l.strange = append(l.strange, fmt.Sprintf("%s: %s was not for it", address, id))
	return errAmiss
}

// tally is what the ledger comes to.
type tally struct {
	Messages, Deliveries  int
	Once, Twice, Oftener  int // deliveries
	More                  int // copies beyond the first
	Excess                int // of them, copies that no kill explains
	Lost                  int // answered 2xx and not in the mailbox
	Waiting               int // never answered 2xx
	Refused               int
	Changed, Strange      int
	Kills, AtKills, Risks int
	Examples              []string
}

func (l *ledger) tally() (t tally) {
	l.mu.Lock()
	defer l.mu.Unlock()
	t = tally{Messages: len(l.all), Changed: len(l.changed), Strange: len(l.strange), Kills: l.kills, AtKills: l.atKills}
	example := func(format string, a ...any) {
		if len(t.Examples) < 10 {
			t.Examples = append(t.Examples, fmt.Sprintf(format, a...))
		}
	}
	for _, id := range l.changed {
		example("changed: %s", id)
	}
	for _, s := range l.strange {
		example("never sent: %s", s)
	}
	for id, m := range l.all {
		for _, d := range m.rcpts {
			t.Deliveries++
			t.Risks += d.risks
			switch {
			case d.refused != "":
				t.Refused++
				example("refused: %s for %s: %s", id, d.address, d.refused)
			case !d.sent:
				t.Waiting++
			case d.copies == 0:
				t.Lost++
				example("lost: %s for %s", id, d.address)
			}
			switch d.copies {
			case 0:
			case 1:
				t.Once++
			case 2:
				t.Twice++
			default:
				t.Oftener++
			}
			t.More += max(0, d.copies-1)
			if n := d.copies - 1 - d.risks; d.sent && n > 0 {
				t.Excess += n
				example("%d copies of %s for %s, and kills explain %d: %s", d.copies, id, d.address, 1+d.risks, strings.Join(d.history, "; "))
			}
		}
	}
	return t
}

// err says what does not hold.
func (t tally) err() error {
	var errs []error
	for _, c := range []struct {
		n    int
		text string
	}{
		{t.Lost, "lost"}, {t.Waiting, "never taken"}, {t.Refused, "refused for good"}, {t.Changed, "changed on the way"},
		{t.Strange, "never sent"}, {t.Excess, "delivered once more though no kill cut them short"}, {max(0, t.More-t.AtKills), "delivered once more beyond what was under way at the kills"},
	} {
		if c.n > 0 {
			errs = append(errs, fmt.Errorf("%d %s", c.n, c.text))
		}
	}
	return errors.Join(errs...)
}

// decisions gives up to n ids of decisions that copies name, by mailbox.
func (l *ledger) decisions(n int) map[string][]string {
	l.mu.Lock()
	defer l.mu.Unlock()
	ids := make(map[string][]string)
	for _, m := range l.all {
		for _, d := range m.rcpts {
			if d.decision != "" && n > 0 {
				ids[d.address] = append(ids[d.address], d.decision)
				n--
			}
		}
	}
	return ids
}
