package nexthop

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"usher/smtpd/guard"
)

func TestR55AStrayReplyIsSeenWithinTLSToo(t *testing.T) {
	certified := httptest.NewUnstartedServer(nil)
	certified.StartTLS() // for its certificate, which is made for 127.0.0.1
	defer certified.Close()
	ln, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: certified.TLS.Certificates})
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	heard := make(chan string, 10)
	stray := make(chan struct{})
	go func() {
		defer close(heard)
		conn, err := ln.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		in := bufio.NewReader(conn)
		for _, say := range []string{"220 next.test LMTP\r\n", "250 next.test\r\n", "250 ok\r\n"} {
			conn.Write([]byte(say))
			l, err := in.ReadString('\n')
			if err != nil {
				return
			}
			heard <- l
			if l == "MAIL FROM:<a@x.test>\r\n" {
				conn.Write([]byte("250 ok\r\n"))
				<-stray
				conn.Write([]byte("250 stray\r\n"))
			}
		}
	}()
	set := Settings{Hostname: "usher.test", RootCAs: x509.NewCertPool()}.Filled()
	set.RootCAs.AddCert(certified.Certificate())
	h, err := Dial(context.Background(), Endpoint{Protocol: "lmtps", Network: "tcp", Address: ln.Addr().String()}, &set, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	if err := h.Mail("a@x.test", &smtp.MailOptions{}, nil); err != nil {
		t.Fatal(err)
	}
	close(stray)
	under := h.conn.Conn.(*ahead)
	for limit := time.Now().Add(10 * time.Second); !under.Unread(); {
		if time.Now().After(limit) {
			t.Fatal("what nobody asked for is not seen")
		}
	}
	if err := h.Rcpt("u@y.test", nil); !errors.Is(err, guard.ErrOutOfStep) {
		t.Errorf("a recipient was put to a next hop that is out of step: %v", err)
	}
	h.Close()
	for l := range heard {
		if l == "RCPT TO:<u@y.test>\r\n" {
			t.Errorf("it heard %q", l)
		}
	}
}
