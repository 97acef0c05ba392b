package smtpd

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"usher/classify"
	"usher/classify/mail"
	"usher/rules"
	"usher/smtpd/nexthop"
)

// wordJudge decides by a word in the local part.
type wordJudge struct {
	release chan struct{} // ends the slow ones
	mu      sync.Mutex
	seen    []*mail.Object
}

func (j *wordJudge) Decide(ctx context.Context, o *mail.Object) ([]*rules.Decision, error) {
	j.mu.Lock()
	j.seen = append(j.seen, o)
	j.mu.Unlock()
	ds := make([]*rules.Decision, len(o.Envelope.To))
	for i, to := range o.Envelope.To {
		d := &rules.Decision{
			ID: fmt.Sprintf("01TEST%020d", i), Recipient: to, MessageID: o.Message.MessageID,
			Category: classify.Promotion, Because: "intents:31", Text: "the 4th since 15 Nov",
		}
		word := func(w string) bool { return strings.Contains(to, w) }
		switch {
		case word("unjudged"):
			continue
		case word("slow"):
			<-j.release // deliberately deaf to ctx
			return nil, errors.New("slow")
		case word("panic"):
			panic("judge")
		case word("error"):
			return nil, errors.New("judge: no")
		case word("unread"):
			d.Disposition, d.Because, d.Text = rules.Inbox, "error", "your intents were still being read"
		case word("mad"):
			d.Disposition = "nowhere"
		case word("promo"):
			d.Disposition = rules.Promotions
		case word("digest"):
			d.Disposition, d.Category = rules.Digest, classify.Newsletter
		case word("refuse"):
			d.Disposition = rules.Refuse
		case word("reject"):
			d.Disposition, d.Declined, d.TellSender = rules.Reject, mail.DeclinesMail, "no more of this"
			if word("tracking") {
				d.Declined, d.TellSender = mail.DeclinesTracking, ""
			}
			if word("unsigned") {
				d.Declined, d.TellSender = mail.DeclinesUnsigned, ""
			}
			if word("service") {
				d.Category = classify.Transactional
			}
			if word("other") {
				d.TellSender = "please write no more"
			}
		case word("observed"):
			d.Disposition, d.Observed = rules.Inbox, true
		case word("granted"):
			d.Disposition = rules.Inbox
		default:
			d.Disposition, d.Category = rules.Inbox, classify.Personal
		}
		ds[i] = d
	}
	return ds, nil
}

func (j *wordJudge) Judges(recipient string) bool { return !strings.Contains(recipient, "unjudged") }

// memory records decisions in memory; a recipient's word makes it fail.
type memory struct {
	mu       sync.Mutex
	recorded []rules.Decision
	outcomes map[string]rules.Outcome // by recipient
	unjudged int
	block    chan struct{}
	onRecord func()
}

func (m *memory) Record(ctx context.Context, ds []*rules.Decision) error {
	if m.onRecord != nil {
		m.onRecord()
	}
	for _, d := range ds {
		if strings.Contains(d.Recipient, "norecord") {
			return errors.New("store: disk full")
		}
		if strings.Contains(d.Recipient, "laterecord") {
			<-m.block
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, d := range ds {
		m.recorded = append(m.recorded, *d)
	}
	return nil
}

func (m *memory) Outcome(_ context.Context, ds []*rules.Decision) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, d := range ds {
		m.outcomes[d.Recipient] = *d.Outcome
	}
	return nil
}

func (m *memory) Unjudged(_ context.Context, n int) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.unjudged += n
	return nil
}

func (m *memory) outcome(t *testing.T, rcpt string) rules.Outcome {
	t.Helper()
	m.mu.Lock()
	defer m.mu.Unlock()
	o, ok := m.outcomes[rcpt]
	if !ok {
		t.Fatalf("no outcome was recorded for %s", rcpt)
	}
	return o
}

// rig is a server between a test and its next hop.
type rig struct {
	t     testing.TB
	srv   *Server
	sink  *sink
	judge *wordJudge
	mem   *memory
	log   *safeBuffer
	stop  context.CancelFunc
	done  chan error
}

type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

func newRig(t testing.TB, k *sink, change ...func(*Config)) *rig {
	t.Helper()
	return newRigWith(t, k, func(*Deps) {}, change...)
}

// newRigWith is newRig with other things to work with.
func newRigWith(t testing.TB, k *sink, depend func(*Deps), change ...func(*Config)) *rig {
	t.Helper()
	cfg := Config{
		Hops:         []Hop{{In: nexthop.Endpoint{Protocol: "lmtp", Network: "tcp", Address: "127.0.0.1:0"}, Out: k.endpoint()}},
		Hostname:     "usher.test",
		StateDir:     t.TempDir(),
		JudgeBudget:  2 * time.Second,
		Drain:        5 * time.Second,
		LogAddresses: true,
	}
	for _, c := range change {
		c(&cfg)
	}
	r := &rig{
		t: t, sink: k, log: new(safeBuffer), done: make(chan error, 1),
		judge: &wordJudge{release: make(chan struct{})},
		mem:   &memory{outcomes: make(map[string]rules.Outcome), block: make(chan struct{})},
	}
	deps := Deps{Judge: r.judge, Recorder: r.mem, Log: slog.New(slog.NewTextHandler(r.log, nil)), Terms: func() string { return "https://y.test/terms" }}
	depend(&deps)
	srv, err := New(cfg, deps)
	if err != nil {
		t.Fatal(err)
	}
	r.srv = srv
	ctx, cancel := context.WithCancel(context.Background())
	r.stop = cancel
	serving.Add(1)
	go func() { r.done <- srv.Serve(ctx) }()
	t.Cleanup(func() {
		close(r.judge.release)
		close(r.mem.block)
		cancel()
		srv.Close()
		select {
		case <-r.done:
		case <-time.After(10 * time.Second):
			t.Error("Serve did not return")
		}
		if serving.Add(-1) > 0 {
			return // the last server of this test looks
		}
		if left := lingering(); left != "" {
			t.Errorf("R61 goroutines are left:\n%s", left)
		}
	})
	return r
}

func start(t testing.TB, change ...func(*Config)) *rig {
	t.Helper()
	return newRig(t, newSink(t), change...)
}

// starter starts a server and its next hop in one of the three shapes.
type starter func(t testing.TB, change ...func(*Config)) *rig

func startSMTP(t testing.TB, change ...func(*Config)) *rig {
	t.Helper()
	return newRig(t, smtpSink(t), append([]func(*Config){overSMTP}, change...)...)
}

func startMixed(t testing.TB, change ...func(*Config)) *rig {
	t.Helper()
	return newRig(t, smtpSink(t), change...)
}

// eachShape runs a test of what must hold in every shape.
func eachShape(t *testing.T, test func(*testing.T, starter)) {
	for name, start := range map[string]starter{"LMTP to LMTP": start, "SMTP to SMTP": startSMTP, "LMTP to SMTP": startMixed} {
		t.Run(name, func(t *testing.T) { test(t, start) })
	}
}

// serving counts the servers of the test that runs.
var serving atomic.Int32

// ours begins the names of what runs only for a Server.
var ours = regexp.MustCompile(`usher/smtpd(\.\(\*(Server|listener|session|message)\)|/guard\.|/nexthop\.)`)

// lingering gives the stacks of goroutines of the wire, if some are left after
// a while.
func lingering() string {
	for limit := time.Now().Add(5 * time.Second); ; runtime.Gosched() {
		if left := lingeringNow(); left == "" || time.Now().After(limit) {
			return left
		}
	}
}

func lingeringNow() string {
	buf, left := make([]byte, 1<<20), ""
	for g := range strings.SplitSeq(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
		if ours.MatchString(g) {
			left += g + "\n\n"
		}
	}
	return left
}

func TestR61NoGoroutineOutlivesItsTest(t *testing.T) {
	r := start(t)
	c := r.dial()
	c.begin("slow@y.test")
	if left := lingeringNow(); !ours.MatchString(left) {
		t.Errorf("what serves a connection is not seen to run:\n%s", left)
	}
}

// overSMTP makes a rig take mail in by SMTP.
func overSMTP(c *Config) { c.Hops[0].In.Protocol = "smtp" }

// smtpSink is a next hop that speaks SMTP.
func smtpSink(t testing.TB, change ...func(*sink)) *sink {
	return newSink(t, append([]func(*sink){func(k *sink) { k.smtp = true }}, change...)...)
}

// client speaks raw LMTP, or SMTP.
type client struct {
	smtp bool
	t    testing.TB
	conn net.Conn
	r    *bufio.Reader
}

func (r *rig) dial() *client {
	r.t.Helper()
	c := dialTo(r.t, new(net.Dialer), r.srv.Addrs()[0].Network(), r.srv.Addrs()[0].String())
	c.smtp = r.smtp()
	return c
}

// dialFrom is dial from one of this machine's addresses.
func (r *rig) dialFrom(addr string) *client {
	r.t.Helper()
	return dialTo(r.t, &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(addr)}}, "tcp", r.srv.Addrs()[0].String())
}

// dialTo connects to any server.
func dialTo(t testing.TB, d *net.Dialer, network, addr string) *client {
	t.Helper()
	conn, err := d.Dial(network, addr)
	if err != nil {
		t.Fatal(err)
	}
	conn.SetDeadline(time.Now().Add(2 * time.Minute))
	t.Cleanup(func() { conn.Close() })
	return &client{false, t, conn, bufio.NewReader(conn)}
}

// smtp reports whether mail comes in by SMTP.
func (r *rig) smtp() bool { return len(r.srv.cfg.Hops) > 0 && r.srv.cfg.Hops[0].takesSMTP() }

func (c *client) send(s string) {
	c.t.Helper()
	if _, err := io.WriteString(c.conn, s); err != nil {
		c.t.Fatalf("send %.60q: %v", s, err)
	}
}

// reply reads one reply, all its lines.
func (c *client) reply() string {
	c.t.Helper()
	var b strings.Builder
	for {
		l, err := c.r.ReadString('\n')
		if err != nil {
			return b.String() + "<" + err.Error() + ">"
		}
		b.WriteString(l)
		if len(l) < 4 || l[3] != '-' {
			return b.String()
		}
	}
}

func (c *client) expect(prefix string) string {
	c.t.Helper()
	got := c.reply()
	if !strings.HasPrefix(got, prefix) {
		c.t.Fatalf("reply is %q, want %q", got, prefix)
	}
	return got
}

// closed reports whether the server has closed, reading what it still says.
func (c *client) closed() bool {
	_, err := io.Copy(io.Discard, c.r)
	var timeout net.Error
	return !(errors.As(err, &timeout) && timeout.Timeout())
}

// begin greets and opens a transaction up to the 354.
func (c *client) begin(to ...string) {
	c.t.Helper()
	c.greet()
	c.transaction(to...)
}

// greet waits for the greeting and answers it.
func (c *client) greet() {
	c.t.Helper()
	c.expect("220 ")
	if c.smtp {
		c.send("EHLO client.test\r\n")
	} else {
		c.send("LHLO client.test\r\n")
	}
	c.expect("250")
}

func (c *client) transaction(to ...string) {
	c.t.Helper()
	c.send("MAIL FROM:<a@x.test>\r\n")
	c.expect("250 ")
	for _, rcpt := range to {
		c.send("RCPT TO:<" + rcpt + ">\r\n")
		c.expect("250 ")
	}
	c.send("DATA\r\n")
	c.expect("354 ")
}

const letter = "From: A <a@x.test>\r\nTo: u@y.test\r\nMessage-ID: <1@x.test>\r\nSubject: hello\r\n\r\nHello.\r\n"

// pass sends one message to several recipients and gives their replies, in SMTP
// the one.
func (r *rig) pass(raw string, to ...string) []string {
	r.t.Helper()
	c := r.dial()
	c.begin(to...)
	c.send(strings.ReplaceAll("\r\n"+raw, "\r\n.", "\r\n..")[2:] + ".\r\n")
	replies := make([]string, len(to))
	if c.smtp {
		replies = replies[:1]
	}
	for i := range replies {
		replies[i] = c.reply()
	}
	c.send("QUIT\r\n")
	c.expect("221 ") // after it, the outcome is on record
	return replies
}
