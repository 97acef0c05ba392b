package smtpd

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strings"
	"time"

	"usher/classify/mail"
	"usher/smtpd/nexthop"
)

// What Config's zero fields stand for.
const (
	DefaultJudgeBudget  = 5 * time.Second   // judging one message, waiting for a turn included
	DefaultRecordBudget = 2 * time.Second   // making its decisions durable
	DefaultAnswerBudget = 540 * time.Second // final dot to last reply, in SMTP 85 s; Postfix gives up after 600 s (lmtp_data_done_timeout)
	DefaultDrain        = 30 * time.Second  // finishing messages under way when asked to stop

	DefaultMaxSize    = nexthop.MaxSize // bytes of a message, where the next hop states no size
	DefaultMaxRcpt    = 1000            // RCPT lines of a transaction
	DefaultMaxLine    = 4096            // bytes of a command line, CRLF included
	DefaultMaxConns   = 1000            // connections of one hop; a tenth is kept for this machine itself
	DefaultMaxPeer    = 50              // connections from one peer that is not on this machine
	DefaultMaxMemory  = 128 << 20       // bytes of all messages in memory
	DefaultMaxSpool   = 4 << 30         // bytes of all spool files
	DefaultJudgeBytes = 2 << 20         // bytes of a message that are judged; the rest passes on unread

	DefaultIdle      = 300 * time.Second // one whole command to the next
	DefaultDataRead  = 180 * time.Second // each read of DATA
	DefaultDataAll   = 600 * time.Second // all of DATA
	DefaultWriteTime = nexthop.WriteTime // each write to upstream, and to the next hop in DATA
	DefaultDialTime  = nexthop.DialTime  // reaching the next hop
	DefaultGreetTime = nexthop.GreetTime // the next hop's greeting, and its answer to LHLO
	DefaultHopTime   = nexthop.ReplyTime // the next hop's answer to MAIL, RCPT, RSET and DATA

	DefaultSocketMode = 0o660 // of unix sockets that usher makes
)

// Bounds that are no settings.
const (
	maxJudgeBudget = 30 * time.Second
	maxAbandoned   = 4                // judges past their budget that may still run before judging is skipped
	maxObserving   = 4                // messages shown to the observer at once, those counted with which it is late
	slowGrace      = 60 * time.Second // of DATA before its rate counts
	slowRate       = 100              // bytes a second below which DATA is too slow
	maxWrong       = 10               // wrong commands of one connection
	maxSMTPAnswer  = 85 * time.Second // of the answer budget, in SMTP; Postfix gives up after 100 s (smtpd_proxy_timeout)
	dotShare       = 20               // of the answer budget, 1/20 is kept for the answers to a final dot
)

// Values of Config.Stamp, Config.File, Config.Bare and Config.Because.
const (
	StampDecided = "decided" // headers on mail that was decided (default)
	StampAll     = "all"     // headers on untouched mail too, each recipient in a transaction of its own

	FileHeader     = "header"     // by the field Usher-Disposition (default)
	FileSubaddress = "subaddress" // by addressing user+Promotions or user+Refused as well

	BareNormalise = "normalise" // a bare LF becomes CRLF, a bare CR a space (default)
	BareRefuse    = "refuse"    // SMTP only: a message with either is refused

	BecauseText = "text" // Usher-Because: the source and a reason (default)
	BecauseCite = "cite" // the source alone
	BecauseOff  = "off"  // no Usher-Because
)

// Config says how a Server listens, passes on and limits. A zero field stands
// for its documented default.
type Config struct {
	Hops            []Hop
	Hostname        string         // our name in greetings; default "usher." and the machine's name
	TrustedNetworks []netip.Prefix // peers that may hand us mail besides this machine itself
	OwnNetworks     []netip.Prefix // addresses that are this machine itself, for which a tenth of MaxConns is kept; default loopback
	Plaintext       bool           // mail may cross a network without TLS
	Delimiter       string         // between user and detail; default "+"
	StateDir        string         // where messages over 1 MiB are spooled; default the system's temporary folder
	SocketMode      os.FileMode    // of unix sockets
	SocketGroup     string         // of unix sockets, a name or number; default the group of the process
	TLSCert, TLSKey string         // files in PEM form: our certificate, for listeners with TLS
	TLSCA           string         // file in PEM form: who may vouch for a next hop with TLS; default the system's
	AllowLMTPReject bool           // a reject over LMTP is a 5xx, of which upstream writes a bounce
	File            string         // how decided mail is filed
	Stamp           string
	Because         string
	Bare            string
	SingleRecipient bool     // in SMTP, one recipient a message, so that each outcome is one person's
	Control         []string // control addresses: mail to them is shown to the observer, and never judged
	LogAddresses    bool     // write addresses in the log; keyed hashes otherwise

	JudgeBudget, RecordBudget, AnswerBudget, Drain  time.Duration
	Idle, DataRead, DataAll, WriteTime              time.Duration
	DialTime, GreetTime, HopTime                    time.Duration
	MaxSize, MaxMemory, MaxSpool                    int64
	MaxRcpt, MaxLine, MaxConns, MaxPeer, JudgeBytes int
}

// filled returns c with every zero field replaced by its default.
func (c Config) filled() Config {
	if c.Hostname == "" {
		name, err := os.Hostname()
		if err != nil {
			name = "localhost"
		}
		c.Hostname = "usher." + name
	}
	if c.OwnNetworks == nil {
		c.OwnNetworks = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	}
	or(&c.Delimiter, "+")
	or(&c.StateDir, os.TempDir())
	or(&c.SocketMode, DefaultSocketMode)
	or(&c.Stamp, StampDecided)
	or(&c.File, FileHeader)
	or(&c.Because, BecauseText)
	or(&c.Bare, BareNormalise)
	or(&c.JudgeBudget, DefaultJudgeBudget)
	or(&c.RecordBudget, DefaultRecordBudget)
	or(&c.AnswerBudget, DefaultAnswerBudget)
	or(&c.Drain, DefaultDrain)
	or(&c.Idle, DefaultIdle)
	or(&c.DataRead, DefaultDataRead)
	or(&c.DataAll, DefaultDataAll)
	or(&c.WriteTime, DefaultWriteTime)
	or(&c.DialTime, DefaultDialTime)
	or(&c.GreetTime, DefaultGreetTime)
	or(&c.HopTime, DefaultHopTime)
	or(&c.MaxSize, DefaultMaxSize)
	or(&c.MaxMemory, DefaultMaxMemory)
	or(&c.MaxSpool, DefaultMaxSpool)
	or(&c.MaxRcpt, DefaultMaxRcpt)
	or(&c.MaxLine, DefaultMaxLine)
	or(&c.MaxConns, DefaultMaxConns)
	or(&c.MaxPeer, DefaultMaxPeer)
	or(&c.JudgeBytes, DefaultJudgeBytes)
	return c
}

func or[T comparable](field *T, fallback T) {
	var zero T
	if *field == zero {
		*field = fallback
	}
}

// Check says what must be changed before c can be served, or nil.
func (c Config) Check() error {
	c = c.filled()
	if len(c.Hops) == 0 {
		return errors.New("no hop is set: say where mail comes in and goes, for example --hop lmtp:127.0.0.1:10024=lmtp:127.0.0.1:24")
	}
	if strings.ContainsFunc(c.Hostname, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return fmt.Errorf("hostname %q is no name for a greeting: use letters, digits, dots and hyphens", c.Hostname)
	}
	if c.Stamp != StampDecided && c.Stamp != StampAll {
		return fmt.Errorf("stamp %q: write decided or all", c.Stamp)
	}
	if c.Because != BecauseText && c.Because != BecauseCite && c.Because != BecauseOff {
		return fmt.Errorf("because %q: write text, cite or off", c.Because)
	}
	if c.File != FileHeader && c.File != FileSubaddress {
		return fmt.Errorf("file %q: write header or subaddress", c.File)
	}
	if c.Bare != BareNormalise && c.Bare != BareRefuse {
		return fmt.Errorf("bare %q: write normalise or refuse", c.Bare)
	}
	if c.Bare == BareRefuse && !slices.ContainsFunc(c.Hops, Hop.takesSMTP) {
		return errors.New("bare = refuse holds where mail comes in by SMTP, and no hop does so; leave it at normalise")
	}
	for _, a := range c.Control {
		if local, domain, ok := mail.SplitAddress(a); !ok || local == "" || domain == "" {
			return fmt.Errorf("control address %q: write it as complaints@mail.example.net", a)
		}
	}
	for _, limit := range []struct {
		name string
		n    int64
	}{
		{"max-conns", int64(c.MaxConns)}, {"max-peer", int64(c.MaxPeer)}, {"max-rcpt", int64(c.MaxRcpt)},
		{"max-size", c.MaxSize}, {"max-memory", c.MaxMemory}, {"max-spool", c.MaxSpool},
		{"max-line", int64(c.MaxLine)}, {"judge-bytes", int64(c.JudgeBytes)},
		{"judge-budget", int64(c.JudgeBudget)}, {"record-budget", int64(c.RecordBudget)}, {"answer-budget", int64(c.AnswerBudget)},
		{"idle", int64(c.Idle)}, {"data-read", int64(c.DataRead)}, {"data-all", int64(c.DataAll)}, {"drain", int64(c.Drain)},
		{"write-time", int64(c.WriteTime)}, {"dial-time", int64(c.DialTime)}, {"greet-time", int64(c.GreetTime)}, {"hop-time", int64(c.HopTime)},
	} {
		if limit.n < 0 {
			return fmt.Errorf("%s: a limit is below zero: write a number, a size or a time", limit.name)
		}
	}
	if c.JudgeBudget > maxJudgeBudget {
		return fmt.Errorf("judge-budget %s is too long: at most %s, since upstream waits", c.JudgeBudget, maxJudgeBudget)
	}
	for i, h := range c.Hops {
		if err := c.checkHop(h); err != nil {
			return err
		}
		if slices.ContainsFunc(c.Hops[:i], func(o Hop) bool { return h.In.Meets(o.In) }) {
			return fmt.Errorf("hop %s: another hop listens at %s already; give each its own", h, h.In)
		}
	}
	return nil
}

func (c Config) checkHop(h Hop) error {
	if err := h.speakable(); err != nil {
		return err
	}
	if !h.In.Local() && len(c.TrustedNetworks) == 0 {
		return fmt.Errorf("hop %s listens beyond this machine while trusted-networks is empty: name the servers that may hand us mail, or listen on 127.0.0.1", h)
	}
	for _, e := range []nexthop.Endpoint{h.In, h.Out} {
		if !e.Local() && !e.TLS() && !c.Plaintext {
			return fmt.Errorf("hop %s: mail would cross a network in plain text at %s; write %ss for TLS, keep it on this machine, or say plaintext = true if that network is yours", h, e, e.Protocol)
		}
	}
	if h.In.TLS() && (c.TLSCert == "" || c.TLSKey == "") {
		return fmt.Errorf("hop %s listens with TLS: name the files of its certificate with tls-cert and tls-key", h)
	}
	if c.File == FileSubaddress && !h.Out.LMTP() {
		return fmt.Errorf("hop %s: filing by sub-address wants a next hop that keeps mailboxes and speaks LMTP; say file = \"header\"", h)
	}
	for _, other := range c.Hops {
		if h.Out.Meets(other.In) {
			return fmt.Errorf("hop %s: the next hop is our own listener %s, and mail would go in circles; name the server behind usher", h, other.In)
		}
	}
	return nil
}
