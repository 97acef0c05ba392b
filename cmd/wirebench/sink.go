package main

import (
	"bufio"
	"bytes"
	"net"
	"sync/atomic"
)

// newSink is the next hop: it takes every message over LMTP, counts it and
// forgets it. It is as lean as can be, since its cost is in every figure.
func newSink([]string) (*part, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	var count atomic.Int64
	go func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			go (&taking{bufio.NewReaderSize(conn, 32<<10), bufio.NewWriter(conn), &count, 0}).serve(conn)
		}
	}()
	return &part{
		ready:  answer{Address: ln.Addr().String()},
		answer: func(request) answer { return answer{Messages: count.Load()} },
		end:    ln.Close,
	}, nil
}

// taking is one connection of the sink.
type taking struct {
	r     *bufio.Reader
	w     *bufio.Writer
	count *atomic.Int64
	rcpts int
}

func (t *taking) serve(conn net.Conn) {
	defer conn.Close()
	t.w.WriteString("220 sink.test LMTP\r\n")
	for t.w.Flush() == nil {
		for more := true; more; more = t.r.Buffered() > 0 { // answers to pipelined commands share a packet
			line, err := t.r.ReadSlice('\n')
			if err != nil || len(line) < 4 || !t.command(string(bytes.ToUpper(line[:4]))) {
				t.w.Flush()
				return
			}
		}
	}
}

// command answers one command and reports whether another may follow.
func (t *taking) command(verb string) bool {
	switch verb {
	case "LHLO":
		t.w.WriteString("250-sink.test\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-ENHANCEDSTATUSCODES\r\n250 SIZE 104857600\r\n")
	case "RCPT":
		t.rcpts++
		t.w.WriteString("250 2.1.5 OK\r\n")
	case "DATA":
		t.w.WriteString("354 Go ahead\r\n")
		if t.w.Flush() != nil || !t.message() {
			return false
		}
		for ; t.rcpts > 0; t.rcpts-- {
			t.w.WriteString("250 2.0.0 Saved\r\n")
		}
		t.count.Add(1)
	case "QUIT":
		t.w.WriteString("221 2.0.0 Bye\r\n")
		return false
	case "MAIL", "RSET", "NOOP":
		t.rcpts = 0
		t.w.WriteString("250 2.0.0 OK\r\n")
	default:
		t.w.WriteString("500 5.5.2 What?\r\n")
	}
	return true
}

// message reads to the line of one dot.
func (t *taking) message() bool {
	begin := true
	for {
		line, err := t.r.ReadSlice('\n')
		if begin && string(line) == ".\r\n" {
			return true
		}
		if err != nil && err != bufio.ErrBufferFull {
			return false
		}
		begin = err == nil
	}
}
