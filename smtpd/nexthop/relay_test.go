package nexthop

import (
	"context"
	"io"
	"log"
	"net"
	"strings"
	"testing"

	"github.com/emersion/go-smtp"
)

// keeper is a server that has every mailbox but nobody's, and counts messages.
type keeper struct{ messages chan string }

func (k keeper) NewSession(*smtp.Conn) (smtp.Session, error) { return k, nil }
func (keeper) Mail(string, *smtp.MailOptions) error          { return nil }
func (keeper) Reset()                                        {}
func (keeper) Logout() error                                 { return nil }
func (k keeper) Data(io.Reader) error                        { k.messages <- ""; return nil }
func (keeper) Rcpt(to string, _ *smtp.RcptOptions) error {
	if strings.HasPrefix(to, "nobody@") {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user"}
	}
	return nil
}

func TestAServerIsAskedForAMailboxAndSentNothing(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	k := keeper{make(chan string, 9)}
	s := smtp.NewServer(k)
	s.Domain, s.LMTP, s.ErrorLog = "keeper.example", true, log.New(io.Discard, "", 0)
	go s.Serve(l)
	defer s.Close()
	next, err := ParseEndpoint("lmtp:" + l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	for mailbox, want := range map[string]int{"relevance-reports@mail.example.net": 250, "nobody@mail.example.net": 550} {
		if got, err := (Settings{}).Has(context.Background(), next, mailbox); err != nil || got.Code != want {
			t.Errorf("%s: %+v, %v", mailbox, got, err)
		}
	}
	if len(k.messages) != 0 {
		t.Error("something was sent")
	}
	s.Close()
	if got, err := (Settings{}).Has(context.Background(), next, "relevance-reports@mail.example.net"); err == nil {
		t.Errorf("a server that is gone answers %+v", got)
	}
}
