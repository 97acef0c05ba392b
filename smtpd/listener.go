package smtpd

import (
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/emersion/go-smtp"

	"usher/smtpd/events"
	"usher/smtpd/guard"
	"usher/smtpd/replies"
	"usher/smtpd/sockets"
)

// listener accepts the connections of one hop, refuses those it may not take,
// and knows the rest, so that they can be drained and cut off.
type listener struct {
	*sockets.Listener
	srv  *Server
	hop  Hop
	log  *events.Hop
	smtp *smtp.Server

	mu      sync.Mutex
	conns   map[*guard.Conn]bool
	peers   map[string]int // connections from each foreign peer
	foreign int
	stopped bool
	idle    sync.WaitGroup // open connections
}

// Accept implements net.Listener for go-smtp.
func (l *listener) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if g := l.admit(conn); g != nil {
			return g, nil
		}
	}
}

// admit wraps a connection that may be served, or answers it and gives nil.
func (l *listener) admit(conn net.Conn) *guard.Conn {
	host := ""
	if tcp, ok := conn.RemoteAddr().(*net.TCPAddr); ok {
		addr := tcp.AddrPort().Addr().Unmap().WithZone("")
		if !belongs(addr, l.srv.cfg.OwnNetworks) {
			host = addr.String()
		}
		if host != "" && !belongs(addr, l.srv.cfg.TrustedNetworks) {
			return l.refuse(conn, replies.Untrusted, "untrusted")
		}
	}
	raw := conn
	if l.hop.In.TLS() {
		conn = guard.Within(raw, l.srv.tls, l.srv.cfg.GreetTime)
	}
	var g *guard.Conn
	g = guard.New(conn, &l.srv.guard, func() { l.forget(g, host) })
	l.mu.Lock()
	refused := ""
	reply := replies.Full
	switch cfg := &l.srv.cfg; {
	case l.stopped:
		refused, reply = "draining", replies.Draining
	case len(l.conns) >= cfg.MaxConns,
		host != "" && (l.foreign >= cfg.MaxConns-cfg.MaxConns/10 || l.peers[host] >= cfg.MaxPeer):
		refused = "full"
	default:
		l.conns[g] = true
		l.idle.Add(1)
		if host != "" {
			l.peers[host]++
			l.foreign++
		}
	}
	l.mu.Unlock()
	if refused != "" {
		return l.refuse(raw, reply, refused)
	}
	l.log.Accepted()
	return g
}

func belongs(addr netip.Addr, networks []netip.Prefix) bool {
	for _, n := range networks {
		if n.Contains(addr) {
			return true
		}
	}
	return false
}

// refuse answers a connection that is not served, and closes it.
func (l *listener) refuse(conn net.Conn, reply *smtp.SMTPError, reason string) *guard.Conn {
	l.log.RefusedConnection(conn.RemoteAddr().String(), reason, reply.Code)
	conn.SetWriteDeadline(time.Now().Add(time.Second))
	if l.hop.In.TLS() { // a handshake first would keep the others waiting
		conn.Close()
		return nil
	}
	conn.Write([]byte(replies.Text(reply)))
	conn.Close()
	return nil
}

// forget lets go of a connection that has closed.
func (l *listener) forget(g *guard.Conn, host string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.conns[g] {
		return
	}
	delete(l.conns, g)
	l.log.Left()
	if host != "" {
		l.foreign--
		if l.peers[host]--; l.peers[host] == 0 {
			delete(l.peers, host)
		}
	}
	l.idle.Done()
}

// stop accepts no more, and ends connections at their next command. It gives
// the number of those still open.
func (l *listener) stop() int {
	l.mu.Lock()
	l.stopped = true
	open := make([]*guard.Conn, 0, len(l.conns))
	for g := range l.conns {
		open = append(open, g)
	}
	l.mu.Unlock()
	l.Listener.Close() // before anyone is told to go: they may come back at once
	for _, g := range open {
		g.Drain()
	}
	return len(open)
}

// cut closes every connection as it stands.
func (l *listener) cut() {
	l.mu.Lock()
	open := make([]*guard.Conn, 0, len(l.conns))
	for g := range l.conns {
		open = append(open, g)
	}
	l.mu.Unlock()
	for _, g := range open {
		g.Conn.Close()
	}
}
