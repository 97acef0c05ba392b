package web

import (
	"net"
	"net/http"
	"os/user"
	"sync"
)

// callerKey is where a request's context holds its caller: a uid, or the Whoami of
// one who is known otherwise.
type callerKey struct{}

// knownListener accepts connections whose peer the kernel can name, at most
// maxCaller of one system user, so that nobody keeps others from asking.
type knownListener struct {
	net.Listener
	mu   sync.Mutex
	open map[uint32]int
}

func (l *knownListener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		uid, err := peerUID(c)
		if err != nil || !l.enter(uid) {
			c.Close()
			continue
		}
		return &knownConn{Conn: c, uid: uid, leave: sync.OnceFunc(func() { l.exit(uid) })}, nil
	}
}

func (l *knownListener) enter(uid uint32) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open[uid] >= maxCaller {
		return false
	}
	l.open[uid]++
	return true
}

func (l *knownListener) exit(uid uint32) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open[uid]--; l.open[uid] == 0 {
		delete(l.open, uid)
	}
}

// knownConn is a connection whose peer is known.
type knownConn struct {
	net.Conn
	uid   uint32
	leave func()
}

func (c *knownConn) Close() error {
	c.leave()
	return c.Conn.Close()
}

// caller says who asks and what is theirs.
func (s *Server) caller(r *http.Request) (Whoami, error) {
	var uid uint32
	switch caller := r.Context().Value(callerKey{}).(type) {
	case uint32:
		uid = caller
	case Whoami: // asked within this process
		return caller, nil
	default:
		return Whoami{}, &Error{Status: http.StatusForbidden, Text: "the caller is not known"}
	}
	who := Whoami{User: uidOf(uid), UID: uid}
	mailboxes := s.Owners[who.User]
	u, err := user.LookupId(who.User)
	if err == nil {
		who.User = u.Username
		mailboxes = append(mailboxes[:len(mailboxes):len(mailboxes)], s.Owners[u.Username]...)
	}
	who.Mailboxes = mailboxes
	who.Admin = s.admin(uid, u)
	who.Delegate = s.Delegate != "" && (s.Delegate == who.User || s.Delegate == uidOf(uid))
	return who, nil
}
