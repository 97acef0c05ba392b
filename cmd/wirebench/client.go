package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// newClient sends as Postfix does: connections are kept for many transactions,
// and MAIL, RCPT and DATA go in one packet. It is told what to send by requests.
func newClient(args []string) (*part, error) {
	all, record, err := readLetters(args[0])
	if err != nil {
		return nil, err
	}
	named, told := sets(all)
	var sent atomic.Int64
	return &part{
		ready: answer{Record: record, Sets: told},
		answer: func(q request) answer {
			if len(named[q.Set]) == 0 {
				return answer{Error: "no messages in the set " + q.Set}
			}
			a, err := load(q, named[q.Set], &sent)
			if err != nil {
				a.Error = err.Error()
			}
			return a
		},
		end: func() error { return nil },
	}, nil
}

// load keeps q.Load connections busy for q.Time. sent counts all messages ever
// sent, so that no two are from the same sender: usher would know the second
// again, and not judge it.
func load(q request, letters []letter, sent *atomic.Int64) (answer, error) {
	conns := make([]*upstream, q.Load)
	for i := range conns {
		c, err := dial(q.Address, mailbox(i))
		if err != nil {
			return answer{}, err
		}
		defer c.conn.Close()
		conns[i] = c
	}
	var (
		failed = make([]error, q.Load)
		all    sync.WaitGroup
		begun  = time.Now()
		until  = begun.Add(q.Time)
	)
	for i, c := range conns {
		all.Go(func() {
			for now := time.Now(); now.Before(until) && failed[i] == nil; {
				n := sent.Add(1)
				failed[i] = c.send(n, letters[n%int64(len(letters))].wire)
				before := now
				now = time.Now()
				c.took = append(c.took, now.Sub(before))
			}
		})
	}
	all.Wait()
	elapsed := time.Since(begun)
	var took []time.Duration
	for i, c := range conns {
		took = append(took, c.took...)
		if failed[i] == nil {
			failed[i] = c.say("QUIT\r\n", "221")
		}
	}
	slices.Sort(took)
	return answer{Messages: int64(len(took)), Elapsed: elapsed, P50: took[len(took)/2], P99: took[len(took)*99/100]}, errors.Join(failed...)
}

// upstream is one connection of the client.
type upstream struct {
	conn  net.Conn
	r     *bufio.Reader
	rcpt  string
	start []byte // the commands of a transaction
	took  []time.Duration
}

// patience bounds each answer.
const patience = 30 * time.Second

func dial(address, rcpt string) (*upstream, error) {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	u := &upstream{conn: conn, r: bufio.NewReader(conn), rcpt: rcpt}
	if err = u.expect("220"); err == nil {
		err = u.say("LHLO client.test\r\n", "250")
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	return u, nil
}

// send is one transaction, the nth of all.
func (u *upstream) send(n int64, wire []byte) error {
	u.start = fmt.Appendf(u.start[:0], "MAIL FROM:<sender%d@bench.test> BODY=8BITMIME SIZE=%d\r\nRCPT TO:<%s>\r\nDATA\r\n", n, len(wire), u.rcpt)
	u.conn.SetDeadline(time.Now().Add(patience))
	if _, err := u.conn.Write(u.start); err != nil {
		return err
	}
	for _, code := range []string{"250", "250", "354"} {
		if err := u.expect(code); err != nil {
			return err
		}
	}
	if _, err := u.conn.Write(wire); err != nil {
		return err
	}
	return u.expect("250")
}

func (u *upstream) say(command, code string) error {
	u.conn.SetDeadline(time.Now().Add(patience))
	if _, err := u.conn.Write([]byte(command)); err != nil {
		return err
	}
	return u.expect(code)
}

// expect reads one reply.
func (u *upstream) expect(code string) error {
	for {
		line, err := u.r.ReadSlice('\n')
		if err != nil {
			return err
		}
		if !bytes.HasPrefix(line, []byte(code)) {
			return fmt.Errorf("%s was expected, the answer is %q", code, line)
		}
		if len(line) > 3 && line[3] != '-' {
			return nil
		}
	}
}
