package dns

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// serve answers on loopback, over UDP and TCP on one port.
func serve(t *testing.T, answer dns.HandlerFunc) *Client {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	u, err := net.ListenPacket("udp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []*dns.Server{{Listener: l, Handler: answer}, {PacketConn: u, Handler: answer}} {
		ready := make(chan struct{})
		s.NotifyStartedFunc = func() { close(ready) }
		go s.ActivateAndServe()
		<-ready
		t.Cleanup(func() { s.Shutdown() })
	}
	c, err := Server(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// replying answers every question with records as a zone file has them, TC set
// over UDP where they are too long for it.
func replying(t *testing.T, rcode int, records ...string) dns.HandlerFunc {
	return func(w dns.ResponseWriter, m *dns.Msg) {
		reply := new(dns.Msg).SetRcode(m, rcode)
		for _, r := range records {
			rr, err := dns.NewRR(r)
			if err != nil {
				t.Error(err)
			}
			if rr.Header().Rrtype == dns.TypeSOA {
				reply.Ns = append(reply.Ns, rr)
			} else {
				reply.Answer = append(reply.Answer, rr)
			}
		}
		if w.RemoteAddr().Network() == "udp" {
			reply.Truncate(1232)
		}
		w.WriteMsg(reply)
	}
}

func TestClientReadsReplies(t *testing.T) {
	long := strings.Repeat(`"`+strings.Repeat("x", 200)+`" `, 10)
	tests := []struct {
		name    string
		kind    Kind
		rcode   int
		records []string
		want    []string
		ttl     time.Duration
		fails   string
	}{
		{"the strings of one record are joined", TXT, 0, []string{`a.test. 300 TXT "v=spf1 " "-all"`}, []string{"v=spf1 -all"}, 5 * time.Minute, ""},
		{"quotes, backslashes and bytes come as they are", TXT, 0, []string{`a.test. 300 TXT "a\"b\\c\195\164"`}, []string{`a"b\cä`}, 5 * time.Minute, ""},
		{"an alias is followed, for the shorter time", TXT, 0, []string{`a.test. 60 CNAME b.test.`, `b.test. 300 TXT "v"`}, []string{"v"}, time.Minute, ""},
		{"an alias of an alias, in any order and case", TXT, 0, []string{`C.test. 300 TXT "v"`, `b.TEST. 60 CNAME c.test.`, `A.test. 90 CNAME B.test.`}, []string{"v"}, time.Minute, ""},
		{"aliases that lead round lead nowhere", TXT, 0, []string{`a.test. 60 CNAME b.test.`, `b.test. 60 CNAME a.test.`}, nil, time.Minute, ""},
		{"a record of a name that nobody asked for is none", TXT, 0, []string{`b.test. 9 TXT "forged"`, `a.test. 60 TXT "v"`}, []string{"v"}, time.Minute, ""},
		{"an address", A, 0, []string{`a.test. 1 A 192.0.2.7`}, []string{"192.0.2.7"}, time.Second, ""},
		{"an address of version 6", AAAA, 0, []string{`a.test. 1 AAAA 2001:db8::7`}, []string{"2001:db8::7"}, time.Second, ""},
		{"mail hosts", MX, 0, []string{`a.test. 9 MX 10 mx.a.test.`, `a.test. 9 MX 20 m2.a.test.`}, []string{"10 mx.a.test", "20 m2.a.test"}, 9 * time.Second, ""},
		{"a pointer", PTR, 0, []string{`a.test. 9 PTR mx.a.test.`}, []string{"mx.a.test"}, 9 * time.Second, ""},
		{"an answer too long for UDP comes over TCP", TXT, 0, []string{`a.test. 9 TXT ` + long}, []string{strings.Repeat("x", 2000)}, 9 * time.Second, ""},
		{"no such name is an answer, for as long as the zone says", TXT, dns.RcodeNameError, []string{`test. 900 SOA a. b. 1 2 3 4 600`}, nil, 10 * time.Minute, ""},
		{"no record of the kind is an answer", TXT, 0, []string{`test. 300 SOA a. b. 1 2 3 4 600`}, nil, 5 * time.Minute, ""},
		{"records of another kind are none", TXT, 0, []string{`a.test. 7 A 192.0.2.7`}, nil, 7 * time.Second, ""},
		{"a server that fails gives no answer", TXT, dns.RcodeServerFailure, nil, nil, 0, "SERVFAIL"},
		{"a server that refuses gives no answer", TXT, dns.RcodeRefused, nil, nil, 0, "REFUSED"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := serve(t, replying(t, test.rcode, test.records...))
			a, err := c.Ask(context.Background(), Question{test.kind, "a.test"})
			if test.fails != "" {
				if err == nil || !strings.Contains(err.Error(), test.fails) {
					t.Errorf("error %v; want %q in it", err, test.fails)
				}
				return
			}
			if err != nil || !slices.Equal(a.Records, test.want) || a.TTL != test.ttl {
				t.Errorf("%q for %s, error %v; want %q for %s", a.Records, a.TTL, err, test.want, test.ttl)
			}
		})
	}
}

func TestAnAnswerToAnotherQuestionIsNone(t *testing.T) {
	c := serve(t, func(w dns.ResponseWriter, m *dns.Msg) {
		m.Question[0].Name = "b.test."
		replying(t, 0, `b.test. 9 TXT "forged"`)(w, m)
	})
	if a, err := c.Ask(context.Background(), Question{TXT, "a.test"}); err == nil {
		t.Errorf("%q was taken", a.Records)
	}
}

func TestALostDatagramIsAskedForAgain(t *testing.T) {
	var asked atomic.Int32
	c := serve(t, func(w dns.ResponseWriter, m *dns.Msg) {
		if asked.Add(1) > 1 {
			replying(t, 0, `a.test. 9 TXT "v"`)(w, m)
		}
	})
	if a, err := c.Ask(context.Background(), Question{TXT, "a.test"}); err != nil || len(a.Records) != 1 {
		t.Errorf("%q, %v", a.Records, err)
	}
}

func TestTheNextServerIsAskedWhereOneFails(t *testing.T) {
	bad, good := serve(t, replying(t, dns.RcodeServerFailure)), serve(t, replying(t, 0, `a.test. 9 TXT "v"`))
	c := &Client{servers: slices.Concat(bad.servers, good.servers)}
	if a, err := c.Ask(context.Background(), Question{TXT, "a.test"}); err != nil || len(a.Records) != 1 {
		t.Errorf("%q, %v", a.Records, err)
	}
}

func TestServerTakesAnAddressOnly(t *testing.T) {
	for address, want := range map[string]string{
		"127.0.0.1:5353": "127.0.0.1:5353", "192.0.2.1": "192.0.2.1:53", "::1": "[::1]:53", "[2001:db8::1]:54": "[2001:db8::1]:54",
		"": "", "dns.example:53": "", "192.0.2.1:0": "", "0.0.0.0:53": "", "192.0.2.1:99999": "",
	} {
		c, err := Server(address)
		if (err == nil) != (want != "") || err == nil && c.servers[0] != want {
			t.Errorf("Server(%q) = %v, %v; want %q", address, c, err, want)
		}
	}
}

func TestTheSystemsServersAreReadAgainWhenTheyChange(t *testing.T) {
	file := filepath.Join(t.TempDir(), "resolv.conf")
	c := &Client{file: file}
	write := func(text string, at time.Time) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(file, at, at); err != nil {
			t.Fatal(err)
		}
		c.read = time.Time{}
	}
	if got := c.asked(); !slices.Equal(got, []string{"127.0.0.1:53"}) {
		t.Errorf("without a file: %q", got)
	}
	now := time.Now()
	for i, test := range []struct{ text, want string }{
		{"nameserver 192.0.2.1\nnameserver 2001:db8::1\n", "192.0.2.1:53 [2001:db8::1]:53"},
		{"nameserver 192.0.2.2\n", "192.0.2.2:53"},
		{"search a.test\n", "127.0.0.1:53"},
		{strings.Repeat("nameserver 192.0.2.1\nnameserver 192.0.2.2\n", 3), "192.0.2.1:53 192.0.2.2:53 192.0.2.1:53"},
	} {
		write(test.text, now.Add(time.Duration(i)*time.Minute))
		if got := strings.Join(c.asked(), " "); got != test.want {
			t.Errorf("%q: %q; want %q", test.text, got, test.want)
		}
	}
}

func TestARecordOf64KiBIsNoAnswer(t *testing.T) {
	part := `"` + strings.Repeat("x", 250) + `" `
	for name, records := range map[string][]string{
		"one of 60 KB":   {`a.test. 9 TXT ` + strings.Repeat(part, 240)},
		"500 of 60 each": slices.Collect(func(yield func(string) bool) { manyTXT(500, yield) }),
	} {
		c := &Cache{Source: serve(t, replying(t, 0, records...))}
		if got, err := c.Ask(context.Background(), Question{TXT, "a.test"}); err == nil {
			t.Errorf("%s: taken as %d records", name, len(got))
		}
		if len(c.failures) != 1 || len(c.answers) != 0 {
			t.Errorf("%s: %d failures and %d answers are kept", name, len(c.failures), len(c.answers))
		}
	}
}

func manyTXT(n int, yield func(string) bool) {
	for i := range n {
		if !yield(fmt.Sprintf(`a.test. 9 TXT "%060d"`, i)) {
			return
		}
	}
}
