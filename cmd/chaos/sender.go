package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"usher/cmd/letters"
)

// mailboxes is how many people get mail.
const mailboxes = 20

func mailbox(n int) string { return fmt.Sprintf("person%d@chaos.example", n) }

// Waits of a sender, as a queue has them, but in milliseconds.
const (
	backoffLeast = 50 * time.Millisecond
	backoffMost  = 400 * time.Millisecond
	patience     = 60 * time.Second // for each reply
	maxQueued    = 400              // messages not yet settled: no new ones beyond
	vanishing    = 200              // attempts: in one of them the sender vanishes before DATA, in one within it
)

// sender behaves as Postfix does: it keeps a message until there is a 2xx for
// each recipient, notes each reply as it comes, and tries the others again.
type sender struct {
	address string
	ledger  *ledger
	letters [][]byte
	seed    uint64

	serial atomic.Int64
	queued atomic.Int64  // messages not yet settled
	again  chan *mailing // due for another attempt
	ended  chan struct{} // no new messages
	rest   sync.WaitGroup
}

func newSender(address string, l *ledger, raws [][]byte, seed uint64) *sender {
	return &sender{address: address, ledger: l, letters: cleaned(raws), seed: seed,
		again: make(chan *mailing, maxQueued+512), ended: make(chan struct{})}
}

// another sends on where s, which has finished, ended.
func (s *sender) another() *sender {
	next := &sender{address: s.address, ledger: s.ledger, letters: s.letters, seed: s.seed,
		again: make(chan *mailing, cap(s.again)), ended: make(chan struct{})}
	next.serial.Store(s.serial.Load())
	return next
}

var (
	ownNames = regexp.MustCompile(`(?mi)^(message-id|dkim-signature|arc-[a-z-]+|usher-[a-z]+)([ \t]*:)`)
	bareCR   = regexp.MustCompile(`\r+\n?`)
)

// cleaned readies messages for the way: line ends that need no mending, a
// Message-ID of ours to find each copy by, and no signature, since checking one
// would ask the world's DNS.
func cleaned(raws [][]byte) [][]byte {
	out := make([][]byte, len(raws))
	for i, raw := range raws {
		raw = bytes.ReplaceAll(bareCR.ReplaceAll(raw, []byte("\n")), []byte("\n"), []byte("\r\n"))
		head, body, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
		head = ownNames.ReplaceAll(head, []byte("X-Was-$1$2"))
		out[i] = bytes.Join([][]byte{head, body}, []byte("\r\n\r\n"))
		if !bytes.HasSuffix(out[i], []byte("\r\n")) {
			out[i] = append(out[i], "\r\n"...)
		}
	}
	return out
}

// start opens n connections.
func (s *sender) start(n int) {
	for i := range n {
		s.rest.Go(func() { s.work(rand.New(rand.NewPCG(s.seed, uint64(i)))) })
	}
}

// finish makes no new messages and waits until all are settled, or time is up.
func (s *sender) finish(limit time.Duration) {
	close(s.ended)
	done := make(chan struct{})
	go func() { s.rest.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(limit):
	}
}

// work is one connection after another.
func (s *sender) work(r *rand.Rand) {
	var u *upstream
	defer func() {
		if u != nil {
			u.leave()
		}
	}()
	for {
		m := s.next(r)
		if m == nil {
			return
		}
		var err error
		if u == nil {
			u, err = dialUpstream(s.address)
		}
		if err == nil {
			err = u.deliver(s.ledger, m)
		}
		if err != nil && u != nil {
			u.conn.Close()
			u = nil
		}
		if err != nil { // nobody there: as a queue manager, not at once again
			time.Sleep(backoffLeast/2 + rand.N(backoffLeast))
		}
		if len(s.ledger.open(m)) == 0 {
			s.queued.Add(-1)
			continue
		}
		time.AfterFunc(backoffLeast+rand.N(backoffMost-backoffLeast), func() { s.again <- m })
	}
}

// next gives a message to deliver: one that is due again, else a new one; nil
// when all is done.
func (s *sender) next(r *rand.Rand) *mailing {
	for {
		select {
		case m := <-s.again:
			return m
		default:
		}
		select {
		case <-s.ended:
			if s.queued.Load() == 0 {
				return nil
			}
		default:
			if s.queued.Load() < maxQueued {
				s.queued.Add(1)
				return s.compose(r)
			}
		}
		select {
		case m := <-s.again:
			return m
		case <-time.After(backoffLeast):
		}
	}
}

// compose writes the next message, for one to three people.
func (s *sender) compose(r *rand.Rand) *mailing {
	n := s.serial.Add(1)
	id := fmt.Sprintf("<%d.%d@chaos.example>", n, s.seed)
	raw := append([]byte("Message-ID: "+id+"\r\nX-Chaos: what follows is a letter\r\n"), s.letters[r.IntN(len(s.letters))]...)
	m := &mailing{id: id, sum: sha256.Sum256(raw), wire: letters.Stuffed(raw)}
	for _, to := range r.Perm(mailboxes)[:1+r.IntN(3)] {
		m.rcpts = append(m.rcpts, &destination{address: mailbox(to)})
	}
	s.ledger.enter(m)
	return m
}

// upstream is one connection to usher.
type upstream struct {
	conn net.Conn
	r    *bufio.Reader
}

func dialUpstream(address string) (*upstream, error) {
	conn, err := net.DialTimeout("tcp", address, 5*time.Second)
	if err != nil {
		return nil, err
	}
	u := &upstream{conn, bufio.NewReader(conn)}
	if _, err = u.expect("220"); err == nil {
		_, err = conn.Write([]byte("LHLO upstream.chaos.example\r\n"))
	}
	if err == nil {
		_, err = u.expect("250")
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	return u, nil
}

// deliver is one attempt for the recipients of m that still wait. After an error
// the connection is of no more use.
func (u *upstream) deliver(l *ledger, m *mailing) error {
	vanish := rand.IntN(vanishing)
	taken, err := u.invite(l.open(m), vanish == 0)
	if err != nil || len(taken) == 0 {
		return err
	}
	if vanish == 1 {
		u.conn.Write(m.wire[:rand.IntN(len(m.wire)-2)]) // not its dot
		return u.vanish()
	}
	l.begin(m, taken)
	defer l.brokenOff(m)
	if _, err := u.conn.Write(m.wire); err != nil {
		return err
	}
	for _, d := range taken {
		reply, err := u.reply()
		if err != nil {
			return err
		}
		l.answered(m, d, reply)
	}
	return nil
}

// invite says MAIL, RCPT and DATA in one packet, and gives the recipients that
// were taken. With none there is no transaction left.
func (u *upstream) invite(waiting []*destination, vanish bool) (taken []*destination, err error) {
	var say strings.Builder
	say.WriteString("MAIL FROM:<sender@world.example>\r\n")
	for _, d := range waiting {
		fmt.Fprintf(&say, "RCPT TO:<%s>\r\n", d.address)
	}
	say.WriteString("DATA\r\n")
	if _, err := u.conn.Write([]byte(say.String())); err != nil {
		return nil, err
	}
	if vanish {
		return nil, u.vanish()
	}
	if _, err := u.expect("250"); err != nil {
		return nil, err // with what was pipelined behind it: Postfix would go on, a fresh connection is simpler
	}
	for _, d := range waiting {
		reply, err := u.reply()
		switch {
		case err != nil:
			return nil, err
		case reply[0] == '2':
			taken = append(taken, d)
		case reply[0] == '5':
			return nil, fmt.Errorf("a recipient is refused: %s", reply)
		}
	}
	if len(taken) > 0 {
		_, err := u.expect("354")
		return taken, err
	}
	if _, err := u.reply(); err != nil { // to DATA: nobody to send it to
		return nil, err
	}
	if _, err := u.conn.Write([]byte("RSET\r\n")); err != nil {
		return nil, err
	}
	_, err = u.expect("250")
	return nil, err
}

// vanish ends an attempt in its middle, now and then with a reset: nothing of it
// may arrive.
func (u *upstream) vanish() error {
	if tcp, is := u.conn.(*net.TCPConn); is && rand.IntN(2) == 0 {
		tcp.SetLinger(0)
	}
	return errors.New("upstream vanished")
}

func (u *upstream) leave() {
	u.conn.Write([]byte("QUIT\r\n"))
	u.conn.Close()
}

func (u *upstream) expect(code string) (string, error) {
	reply, err := u.reply()
	if err == nil && !strings.HasPrefix(reply, code) {
		err = fmt.Errorf("%s was expected, the answer is %s", code, reply)
	}
	return reply, err
}

// reply reads one reply and gives its last line.
func (u *upstream) reply() (string, error) {
	u.conn.SetDeadline(time.Now().Add(patience))
	for {
		line, err := u.r.ReadString('\n')
		if err != nil {
			return "", err
		}
		if len(line) < 5 {
			return "", errors.New("that is no reply: " + line)
		}
		if line[3] != '-' {
			return strings.TrimSpace(line), nil
		}
	}
}
