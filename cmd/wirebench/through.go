package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"usher/classify/mail"
	"usher/cmd/usher/daemon"
	"usher/rules"
	"usher/smtpd"
	"usher/smtpd/auth/dns"
)

// mailboxes are the people whose mail is sent, each with a file of statements.
const mailboxes = 8

func mailbox(i int) string { return fmt.Sprintf("person%d@bench.example", i%mailboxes) }

// statements are one person's, much like those of the manual.
const statements = `zone     Europe/Helsinki
protect  receipts, orders, invoices, delivery, security codes, appointments
protect  from *@library.example
grant    shop.example
  for    hiking boots, rain jackets, tents
want     "winter running shoes" under 120 EUR
  about  running shoes, trail, studded
  not    kids, fashion sneakers
want     newsletters about databases
refuse   gambling, casino, betting, crypto
mute     topic perfume
unknown      digest
promotions   promotions
newsletters  digest
`

// newUsher is usher as it serves people, the whole daemon: DKIM, the judge of
// the day, durable records in a store on disk, a log.
func newUsher(args []string) (*part, error) {
	dir, err := os.MkdirTemp("", "wirebench-")
	if err != nil {
		return nil, err
	}
	gone := func() error { return os.RemoveAll(dir) }
	people := filepath.Join(dir, "intents", "bench.example")
	if err := os.MkdirAll(people, 0o700); err != nil {
		return nil, errors.Join(err, gone())
	}
	for i := range mailboxes {
		name, _, _ := strings.Cut(mailbox(i), "@")
		if err := os.WriteFile(filepath.Join(people, name+".intents"), []byte(statements), 0o600); err != nil {
			return nil, errors.Join(err, gone())
		}
	}
	cfg, err := wireConfig(args[0], dir)
	if err != nil {
		return nil, errors.Join(err, gone())
	}
	d, err := daemon.New(daemon.Settings{
		Wire: cfg, StateDir: filepath.Join(dir, "state"), IntentsDir: filepath.Join(dir, "intents"), MasterKey: filepath.Join(dir, "master.key"),
		Socket: filepath.Join(dir, "usher.sock"),
	}, anySigner(args[1]), quiet())
	if err != nil {
		return nil, errors.Join(err, gone())
	}
	return serving(d.Entry(), d.Run, gone), nil
}

// newWire is usher with a judge that decides at once and a recorder that keeps
// nothing: what remains is the wire's own.
func newWire(args []string) (*part, error) {
	cfg, err := wireConfig(args[0], os.TempDir())
	if err != nil {
		return nil, err
	}
	s, err := smtpd.New(cfg, smtpd.Deps{Judge: atOnce{}, Recorder: nowhere{}, Log: quiet()})
	if err != nil {
		return nil, err
	}
	return serving(s.Addrs()[0], s.Serve, func() error { return nil }), nil
}

func wireConfig(next, dir string) (smtpd.Config, error) {
	hop, err := smtpd.ParseHop("lmtp:127.0.0.1:0=lmtp:" + next)
	return smtpd.Config{Hops: []smtpd.Hop{hop}, Hostname: "usher.test", Delimiter: "+", StateDir: dir}, err
}

// quiet is a log that costs as much as a real one, but for the disk.
func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

// serving runs serve until the part ends.
func serving(at net.Addr, serve func(context.Context) error, gone func() error) *part {
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- serve(ctx) }()
	return &part{ready: answer{Address: at.String()}, end: func() error {
		stop()
		return errors.Join(<-ended, gone())
	}}
}

// atOnce decides at once: nobody has stated anything, so all mail passes as it
// is. The message is taken in, held and passed on like any other, but not read.
type atOnce struct{}

func (atOnce) Judges(string) bool { return false }

func (atOnce) Decide(_ context.Context, o *mail.Object) ([]*rules.Decision, error) {
	return make([]*rules.Decision, len(o.Envelope.To)), nil
}

// nowhere keeps nothing.
type nowhere struct{}

func (nowhere) Record(context.Context, []*rules.Decision) error  { return nil }
func (nowhere) Outcome(context.Context, []*rules.Decision) error { return nil }
func (nowhere) Unjudged(context.Context, int) error              { return nil }

// anySigner publishes the client's key for every domain.
type anySigner string

func (r anySigner) Ask(ctx context.Context, q dns.Question) (dns.Answer, error) {
	if q.Kind == dns.TXT && strings.HasPrefix(q.Name, selector+".") {
		return dns.Answer{Records: []string{string(r)}, TTL: time.Hour}, nil
	}
	return dns.Zone{}.Ask(ctx, q)
}
