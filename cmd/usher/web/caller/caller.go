// Package caller knows who asks over a unix socket: the kernel names the system
// user, the operator's map says what is theirs. It never answers them.
package caller

import (
	"fmt"
	"net"
	"os/user"
	"slices"
	"strconv"
	"sync"
)

// MaxOfOne is how many connections one system user may have at a time, so that
// nobody keeps others from asking.
const MaxOfOne = 32

// NoUID is the uid of a caller who is no system user: it names nobody (it is
// what chown takes for "leave it").
const NoUID = ^uint32(0)

// Whoami is whom the daemon takes the caller for.
type Whoami struct {
	User      string   `json:"user"` // the uid in digits if it has no name
	UID       uint32   `json:"uid"`
	Mailboxes []string `json:"mailboxes"`          // "*@example.org" stands for a whole domain
	Admin     bool     `json:"admin,omitempty"`    // sees counts of the site, and no one's mail
	Delegate  bool     `json:"delegate,omitempty"` // may report moves, and nothing else
	Way       string   `json:"-"`                  // how: "page"; "" for a command
}

// Rights are what the operator says of system users.
type Rights struct {
	Owners     Owners
	AdminGroup string // id of the system group whose members are admins beside root; "": root alone
	Delegate   string // the one user, by name or uid, who may report moves, and nothing else; "": nobody
}

// Know says who a system user is, and what is theirs.
func (r Rights) Know(uid uint32) Whoami {
	digits := strconv.FormatUint(uint64(uid), 10)
	who := Whoami{User: digits, UID: uid}
	who.Mailboxes = r.Owners[digits]
	u, err := user.LookupId(digits)
	if err == nil {
		who.User = u.Username
		who.Mailboxes = append(who.Mailboxes[:len(who.Mailboxes):len(who.Mailboxes)], r.Owners[u.Username]...)
	}
	who.Admin = r.isAdmin(uid, u)
	who.Delegate = r.Delegate != "" && (r.Delegate == who.User || r.Delegate == digits)
	return who
}

// isAdmin reports whether a system user administers the site: root, or a member of
// the admin group by the system's own list. u is nil where the uid has no name.
func (r Rights) isAdmin(uid uint32, u *user.User) bool {
	if uid == 0 {
		return true
	}
	if u == nil || r.AdminGroup == "" {
		return false
	}
	of, err := u.GroupIds()
	return err == nil && slices.Contains(of, r.AdminGroup)
}

// Group gives the id of the system group whose members are admins beside root;
// "" if name is "".
func Group(name string) (gid string, err error) {
	if name == "" {
		return "", nil
	}
	g, err := user.LookupGroup(name)
	if err != nil {
		g, err = user.LookupGroupId(name)
	}
	if err != nil {
		return "", fmt.Errorf("admin-group: this machine knows no group %q", name)
	}
	return g.Gid, nil
}

// Listener gives a listener that accepts the connections of l whose peer the
// kernel can name, at most MaxOfOne of one system user.
func Listener(l net.Listener) net.Listener {
	return &knownListener{Listener: l, open: map[uint32]int{}}
}

// UID gives the system user at the other end of a connection that such a listener
// accepted.
func UID(c net.Conn) (uid uint32, ok bool) {
	k, ok := c.(*knownConn)
	if !ok {
		return 0, false
	}
	return k.uid, true
}

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
	if l.open[uid] >= MaxOfOne {
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
