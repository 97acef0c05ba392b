package daemon

import (
	"context"
	"io"
	"net"
	"net/netip"
	"strings"
	"testing"

	"github.com/emersion/go-smtp"

	"usher/smtpd/nexthop"
)

// breaking breaks off within the message.
type breaking struct{}

func (breaking) NewSession(c *smtp.Conn) (smtp.Session, error) { return &broken{c.Conn()}, nil }

type broken struct{ conn net.Conn }

func (*broken) Reset()                               {}
func (*broken) Logout() error                        { return nil }
func (*broken) Mail(string, *smtp.MailOptions) error { return nil }
func (*broken) Rcpt(string, *smtp.RcptOptions) error { return nil }
func (b *broken) Data(r io.Reader) error {
	io.ReadAll(r)
	return b.conn.Close()
}

func TestALetterToAListGoesByTheRelay(t *testing.T) {
	took := &relay{}
	letter := []byte("From: maria@example.org\r\nTo: out@shop.example\r\nSubject: stop\r\n\r\nstop\r\n")
	nobody, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody.Close()
	for _, c := range []struct {
		name, relay, to string
		asked, sent     bool
		reason          string
	}{
		{"it takes the letter", took.serve(t, false), "out@shop.example", true, true, ""},
		{"it refuses the address", took.serve(t, false), "nobody@shop.example", false, false, "it answers 550"},
		{"it is not there", nobody.Addr().String(), "out@shop.example", false, false, "the relay did not take it"},
		{"it breaks off within the letter", serve(t, breaking{}, false), "out@shop.example", false, true, "the relay did not take it"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := town(t, t.TempDir(), "lmtp:127.0.0.1:1")
			defer stopped(t, d)
			d.settings.Leave = true
			if desk, err := d.newDesk(); err != nil || desk.Letter != nil {
				t.Fatalf("without a relay letters are sent: %v", err)
			}
			if d.settings.Relay, err = nexthop.ParseEndpoint("smtp:" + c.relay); err != nil {
				t.Fatal(err)
			}
			desk, err := d.newDesk()
			if err != nil {
				t.Fatal(err)
			}
			o := desk.Letter(context.Background(), "maria@example.org", c.to, letter)
			if o.Asked != c.asked || o.Sent != c.sent || !strings.Contains(o.Reason, c.reason) || c.asked && o.Reason != "" {
				t.Errorf("%+v", o)
			}
			if got := took.took(c.to); c.asked && (len(got) != 1 || got[0] != string(letter)) {
				t.Errorf("it took %q", got)
			}
		})
	}
}

func TestNeitherThisMachineNorWhatTheOperatorNamesIsAsked(t *testing.T) {
	client, err := leaveClient([]string{"Shop.example.", "192.0.2.0/24"})
	if err != nil {
		t.Fatal(err)
	}
	if o := client.Post(context.Background(), "https://out.shop.example/u"); o.Sent || !strings.Contains(o.Reason, "this site does not let usher ask") {
		t.Errorf("%+v", o)
	}
	denied := func(a string) (is bool) {
		for _, p := range client.Deny {
			is = is || p.Contains(netip.MustParseAddr(a))
		}
		return is
	}
	if !denied("192.0.2.7") || !denied("127.0.0.1") || denied("198.51.100.1") {
		t.Errorf("denied: %v", client.Deny)
	}
}
