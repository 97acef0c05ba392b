// Package sockets opens the sockets on which mail comes in, takes over those
// that were opened for us before the start, and knows whether they are accepted
// on. It never reads from a connection.
package sockets

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/user"
	"strconv"
	"sync"
	"time"

	"usher/smtpd/nexthop"
)

// Owner says who may connect to a unix socket of ours.
type Owner struct {
	Mode  os.FileMode
	Group string // a name or a number; "": the group of the process
}

// Listener is a listening socket that can be asked whether somebody accepts on
// it.
type Listener struct {
	net.Listener

	mu      sync.Mutex
	waiting []chan struct{} // closed when the accept loop comes round
}

// Open listens at e. A unix socket on which nobody answers is removed first, and
// the new one belongs to own.
func Open(e nexthop.Endpoint, own Owner) (*Listener, error) {
	if e.Network == "unix" {
		if err := removeStale(e.Address); err != nil {
			return nil, fmt.Errorf("listen on %s: %w", e, err)
		}
	}
	ln, err := net.Listen(e.Network, e.Address)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", e, err)
	}
	if e.Network == "unix" {
		if err := own.take(e.Address); err != nil {
			ln.Close()
			return nil, fmt.Errorf("listen on %s: %w", e, err)
		}
	}
	return &Listener{Listener: ln}, nil
}

// take gives a unix socket of ours its mode and its group.
func (o Owner) take(path string) error {
	if err := os.Chmod(path, o.Mode); err != nil || o.Group == "" {
		return err
	}
	id, err := strconv.Atoi(o.Group)
	if err != nil {
		g, err := user.LookupGroup(o.Group)
		if err != nil {
			return fmt.Errorf("socket-group %q is no group of this machine: %w", o.Group, err)
		}
		if id, err = strconv.Atoi(g.Gid); err != nil {
			return err
		}
	}
	if err := os.Lchown(path, -1, id); err != nil {
		return fmt.Errorf("give the socket to group %s: %w; the user that runs usher must be a member", o.Group, err)
	}
	return nil
}

// removeStale removes a unix socket on which nobody answers.
func removeStale(path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if info.Mode().Type() != fs.ModeSocket {
		return fmt.Errorf("%s is there and is no socket: move it away", path)
	}
	conn, err := net.DialTimeout("unix", path, time.Second)
	if err == nil {
		conn.Close()
		return fmt.Errorf("another server answers on %s: stop it first", path)
	}
	return os.Remove(path)
}

// waker is a listener whose Accept can be woken, as those of TCP and unix
// sockets.
type waker interface{ SetDeadline(time.Time) error }

// Accept implements net.Listener.
func (l *Listener) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		woken := errors.Is(err, os.ErrDeadlineExceeded)
		if err == nil || woken {
			l.answer()
		}
		if !woken {
			return conn, err
		}
	}
}

// Ask waits until somebody comes to accept, or ctx ends, which is an error. The
// accept loop is woken by a deadline in the past, and answers from where it next
// takes a connection: none is made for it, and none is lost.
func (l *Listener) Ask(ctx context.Context) error {
	w, ok := l.Listener.(waker)
	if !ok {
		return nil // nothing can be asked of it
	}
	answered := make(chan struct{})
	l.mu.Lock()
	l.waiting = append(l.waiting, answered)
	err := w.SetDeadline(time.Unix(1, 0))
	l.mu.Unlock()
	if err != nil {
		return err
	}
	select {
	case <-answered:
		return nil
	case <-ctx.Done():
		return errors.New("nobody accepts connections: the accept loop does not answer")
	}
}

// answer tells all who ask that the accept loop goes round.
func (l *Listener) answer() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.waiting) == 0 {
		return
	}
	if w, ok := l.Listener.(waker); ok {
		w.SetDeadline(time.Time{})
	}
	for _, answered := range l.waiting {
		close(answered)
	}
	l.waiting = nil
}
