package dns

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/miekg/dns"
)

// attempt is how long one server may take. A recursive server that must ask
// others answers in less, or not in time for us.
const attempt = time.Second

const systemFile = "/etc/resolv.conf"

// Client is a Source that asks recursive servers, one after the other.
type Client struct {
	servers []string // host:port; none: those of the system
	file    string   // where the system names them

	mu      sync.Mutex
	read    time.Time // when the file was, as far as its servers are known
	changed time.Time
	system  []string
}

// System asks the servers of /etc/resolv.conf, which it reads again when it
// changes.
func System() *Client { return &Client{file: systemFile} }

// Server asks one recursive server, an IP address with or without a port.
func Server(address string) (*Client, error) {
	server, err := netip.ParseAddrPort(address)
	if err != nil {
		host, bad := netip.ParseAddr(strings.Trim(address, "[]"))
		if bad != nil {
			return nil, fmt.Errorf("resolver %q is no IP address with a port", address)
		}
		server = netip.AddrPortFrom(host, 53)
	}
	if server.Port() == 0 || !server.Addr().IsValid() || server.Addr().IsUnspecified() {
		return nil, fmt.Errorf("resolver %q is no address that can be asked", address)
	}
	return &Client{servers: []string{server.String()}}, nil
}

// Ask asks over UDP, and over TCP where an answer is too long for that.
func (c *Client) Ask(ctx context.Context, q Question) (Answer, error) {
	m := new(dns.Msg).SetQuestion(dns.Fqdn(q.Name), uint16(q.Kind))
	m.SetEdns0(1232, false)
	var last error
	servers := c.asked()
	if len(servers) == 1 { // a lost datagram is no failure yet
		servers = []string{servers[0], servers[0]}
	}
	for _, server := range servers {
		for _, network := range []string{"udp", "tcp"} {
			reply, err := exchange(ctx, network, server, m)
			if err == nil && reply.Truncated && network == "udp" {
				continue
			}
			if err == nil {
				var a Answer
				if a, err = read(reply, q.Kind); err == nil {
					return a, nil
				}
			}
			last = fmt.Errorf("%s: %w", server, err)
			break
		}
		if ctx.Err() != nil {
			break
		}
	}
	return Answer{}, fmt.Errorf("ask for %s %s: %w", q.Kind, q.Name, last)
}

func exchange(ctx context.Context, network, server string, m *dns.Msg) (*dns.Msg, error) {
	ctx, cancel := context.WithTimeout(ctx, attempt)
	defer cancel()
	client := &dns.Client{Net: network, Timeout: attempt}
	reply, _, err := client.ExchangeContext(ctx, m, server)
	if err != nil {
		return nil, err
	}
	if len(reply.Question) != 1 || !strings.EqualFold(reply.Question[0].Name, m.Question[0].Name) || reply.Question[0].Qtype != m.Question[0].Qtype {
		return nil, errors.New("the answer is to another question")
	}
	return reply, nil
}

// read takes the records of a kind from a reply. A recursive server puts them
// below the names that the one asked for is an alias of.
func read(reply *dns.Msg, kind Kind) (Answer, error) {
	if reply.Truncated {
		return Answer{}, errors.New("the answer is cut short")
	}
	if reply.Rcode != dns.RcodeSuccess && reply.Rcode != dns.RcodeNameError {
		return Answer{}, errors.New(dns.RcodeToString[reply.Rcode])
	}
	var a Answer
	var ttl uint32 = 1<<32 - 1
	names := aliases(reply)
	for _, r := range reply.Answer {
		if !names[strings.ToLower(r.Header().Name)] {
			continue // nobody asked
		}
		ttl = min(ttl, r.Header().Ttl)
		if text, ok := record(r); ok && Kind(r.Header().Rrtype) == kind {
			a.Records = append(a.Records, text)
		}
	}
	if len(a.Records) == 0 { // RFC 2308, section 5
		for _, r := range reply.Ns {
			if soa, ok := r.(*dns.SOA); ok {
				ttl = min(ttl, soa.Hdr.Ttl, soa.Minttl)
			}
		}
		if len(reply.Answer) == 0 && len(reply.Ns) == 0 {
			ttl = 0
		}
	}
	a.TTL = time.Duration(ttl) * time.Second
	return a, nil
}

// maxAliases bounds how many aliases lead from one name to another.
const maxAliases = 16

// aliases are the names, in lower case, whose records answer the question: the
// one asked for, and those that it is an alias of.
func aliases(reply *dns.Msg) map[string]bool {
	next := map[string]string{}
	for _, r := range reply.Answer {
		if c, ok := r.(*dns.CNAME); ok {
			next[strings.ToLower(c.Hdr.Name)] = strings.ToLower(c.Target)
		}
	}
	names := map[string]bool{}
	for _, q := range reply.Question {
		name := strings.ToLower(q.Name)
		for range maxAliases {
			names[name] = true
			if name = next[name]; name == "" {
				break
			}
		}
	}
	return names
}

func record(r dns.RR) (text string, ok bool) {
	switch r := r.(type) {
	case *dns.TXT:
		return plain(strings.Join(r.Txt, "")), true
	case *dns.A:
		return r.A.String(), true
	case *dns.AAAA:
		return r.AAAA.String(), true
	case *dns.MX:
		return strconv.Itoa(int(r.Preference)) + " " + strings.TrimSuffix(r.Mx, "."), true
	case *dns.PTR:
		return strings.TrimSuffix(r.Ptr, "."), true
	}
	return "", false
}

// plain undoes the escapes of zone files, in which miekg/dns gives the bytes of
// a TXT record: \" and \\, and \ddd for what does not print.
func plain(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			if i+3 < len(s) && s[i+1] >= '0' && s[i+1] <= '9' {
				if n, err := strconv.ParseUint(s[i+1:i+4], 10, 8); err == nil {
					b, i = append(b, byte(n)), i+3
					continue
				}
			}
			i++
		}
		b = append(b, s[i])
	}
	return string(b)
}

// asked are the servers that a question goes to, in order.
func (c *Client) asked() []string {
	if c.servers != nil {
		return c.servers
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	if now.Sub(c.read) < 5*time.Second {
		return c.system
	}
	c.read = now
	changed := time.Time{}
	if s, err := os.Stat(c.file); err == nil {
		changed = s.ModTime()
	}
	if c.system != nil && changed.Equal(c.changed) {
		return c.system
	}
	c.changed, c.system = changed, []string{"127.0.0.1:53"} // resolv.conf(5): where it names none
	if set, err := dns.ClientConfigFromFile(c.file); err == nil && len(set.Servers) > 0 {
		c.system = nil
		for _, server := range slices.Compact(set.Servers[:min(len(set.Servers), 3)]) {
			c.system = append(c.system, net.JoinHostPort(server, set.Port))
		}
	}
	return c.system
}
