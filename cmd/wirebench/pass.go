package main

import (
	"errors"
	"io"
	"net"

	"github.com/emersion/go-smtp"
)

// newPass is the measure of b: a pass-through of go-smtp's server and client and
// nothing else. It holds a message whole before it passes it on, and one
// connection to the next hop for each upstream, as usher does; it promises and
// checks nothing.
func newPass(args []string) (*part, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) {
		conn, err := net.Dial("tcp", args[0])
		if err != nil {
			return nil, err
		}
		p := &passing{next: smtp.NewClientLMTP(conn)}
		return p, p.next.Hello("pass.test")
	}))
	s.LMTP, s.Domain, s.MaxLineLength = true, "pass.test", 0
	go s.Serve(ln)
	return &part{ready: answer{Address: ln.Addr().String()}, end: s.Close}, nil
}

// passing is one upstream connection.
type passing struct{ next *smtp.Client }

func (p *passing) Reset()        {}
func (p *passing) Logout() error { return p.next.Quit() }

func (p *passing) Mail(from string, o *smtp.MailOptions) error { return p.next.Mail(from, o) }

func (p *passing) Rcpt(to string, o *smtp.RcptOptions) error { return p.next.Rcpt(to, o) }

func (p *passing) Data(io.Reader) error { return errors.New("never called in LMTP") }

func (p *passing) LMTPData(r io.Reader, status smtp.StatusCollector) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	w, err := p.next.Data()
	if err != nil {
		return err
	}
	if _, err := w.Write(raw); err != nil {
		return err
	}
	good, err := w.CloseWithLMTPResponse()
	for rcpt := range good {
		status.SetStatus(rcpt, nil)
	}
	return err // for whoever has no answer yet
}
