package sockets

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"usher/smtpd/nexthop"
)

func listening(t *testing.T, network, address string) net.Listener {
	t.Helper()
	ln, err := net.Listen(network, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	return ln
}

func TestR51HandedSocketsFindTheirHops(t *testing.T) {
	tcp, wide := listening(t, "tcp", "127.0.0.1:0"), listening(t, "tcp", "0.0.0.0:0")
	path := filepath.Join(t.TempDir(), "in")
	unix := listening(t, "unix", path)
	at := func(network, address string) nexthop.Endpoint {
		return nexthop.Endpoint{Protocol: "lmtp", Network: network, Address: address}
	}
	_, port, err := net.SplitHostPort(tcp.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		handed []Handed
		places []nexthop.Endpoint
		want   []net.Listener // by place
		err    string
	}{
		{"none, and every place is ours to open", nil, []nexthop.Endpoint{at("tcp", "127.0.0.1:1")}, []net.Listener{nil}, ""},
		{"by address", []Handed{{"usher.socket", tcp}}, []nexthop.Endpoint{at("unix", path), at("tcp", tcp.Addr().String())}, []net.Listener{nil, tcp}, ""},
		{"by an address written with a name", []Handed{{"usher.socket", tcp}}, []nexthop.Endpoint{at("tcp", "localhost:"+port)}, []net.Listener{tcp}, ""},
		{"by the path of a unix socket", []Handed{{"usher.socket", unix}, {"usher.socket", tcp}}, []nexthop.Endpoint{at("unix", path), at("tcp", tcp.Addr().String())}, []net.Listener{unix, tcp}, ""},
		{"by the name of its hop", []Handed{{"hop2", tcp}}, []nexthop.Endpoint{at("tcp", "127.0.0.1:1"), at("tcp", "127.0.0.1:2")}, []net.Listener{nil, tcp}, ""},
		{"the address counts before the name", []Handed{{"hop1", tcp}}, []nexthop.Endpoint{at("tcp", "127.0.0.1:1"), at("tcp", tcp.Addr().String())}, []net.Listener{nil, tcp}, ""},
		{"one that belongs nowhere", []Handed{{"usher.socket", tcp}}, []nexthop.Endpoint{at("tcp", "127.0.0.1:1")}, nil, "belongs to no hop"},
		{"two for one hop", []Handed{{"hop1", unix}, {"hop1", tcp}}, []nexthop.Endpoint{at("tcp", "127.0.0.1:1")}, nil, "is the second for lmtp:127.0.0.1:1"},
		{"one that the whole network reaches, for a hop of this machine", []Handed{{"hop1", wide}}, []nexthop.Endpoint{at("tcp", "127.0.0.1:1")}, nil, "write ListenStream=127.0.0.1:1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := Match(c.handed, c.places)
			if c.err != "" {
				if err == nil || !strings.Contains(err.Error(), c.err) {
					t.Errorf("error is %v, want %q", err, c.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			for i, want := range c.want {
				if want == nil != (got[i] == nil) || want != nil && got[i].Listener != want {
					t.Errorf("place %d has %v", i, got[i])
				}
			}
		})
	}
}

func TestR51ASocketOfOursHasItsMode(t *testing.T) {
	path := filepath.Join(t.TempDir(), "in")
	for range 2 { // the second time over the stale one of the first
		ln, err := Open(nexthop.Endpoint{Protocol: "lmtp", Network: "unix", Address: path}, Owner{Mode: 0o640})
		if err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o640 {
			t.Errorf("%v, %v", info, err)
		}
		ln.Listener.(*net.UnixListener).SetUnlinkOnClose(false)
		ln.Close()
	}
}

func TestR54WhoAcceptsAnswersAndNoConnectionIsLost(t *testing.T) {
	ln := &Listener{Listener: listening(t, "tcp", "127.0.0.1:0")}
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	if err := ln.Ask(ended); err == nil {
		t.Error("a socket on which nobody accepts answers")
	}
	accepted, done := make(chan net.Conn), make(chan error, 1)
	go func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				done <- err
				return
			}
			accepted <- conn
		}
	}()
	for range 100 {
		asked := make(chan error, 1)
		go func() { asked <- ln.Ask(context.Background()) }()
		conn, err := net.Dial("tcp", ln.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		(<-accepted).Close()
		conn.Close()
		if err := <-asked; err != nil {
			t.Fatal(err)
		}
	}
	ln.Close()
	if err := <-done; err == nil {
		t.Error("no error at the end")
	}
}
