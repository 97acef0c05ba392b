package main

import (
	"bytes"
	"context"
	"crypto"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"os/user"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"usher/cmd/usher/web"
	"usher/rules"
	"usher/smtpd"
	"usher/smtpd/auth"
	"usher/smtpd/maildir"
	"usher/smtpd/nexthop"
)

//go:embed demo
var demoFiles embed.FS

func demoCommand(std streams) *cli.Command {
	return &cli.Command{
		Name:  "demo",
		Usage: "see usher at work: real mail over real LMTP on loopback, in under a minute",
		Description: "Starts a next hop that keeps a Maildir for two recipients, starts usher in front of it, sends\n" +
			"letters through it, and shows where each went and why. Everything lies in a temporary\n" +
			"folder that is gone at the end. Exit status 1 if any decision is not the expected one.",
		Flags: []cli.Flag{&cli.BoolFlag{Name: "log", Usage: "show the daemon's log as well"}},
		Action: func(c *cli.Context) error {
			folder, err := os.MkdirTemp("", "usher-demo-")
			if err != nil {
				return fmt.Errorf("make a temporary folder: %w", err)
			}
			log := slog.New(slog.DiscardHandler)
			if c.Bool("log") {
				log = newLog(std.err, false)
			}
			ctx, stop := untilTold(c.Context)
			defer stop()
			err = std.demo(ctx, folder, log)
			return errors.Join(err, os.RemoveAll(folder))
		},
	}
}

// demoMail is one line of demo/letters.txt: a letter to one recipient, and
// what is to become of it.
type demoMail struct {
	file, from, to, signer string
	disposition, category  string
	because                string
}

// demo runs the whole of usher in one folder.
func (std streams) demo(ctx context.Context, folder string, log *slog.Logger) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	mails, err := readDemoMails()
	if err != nil {
		return err
	}
	hop, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("open the next hop: %w", err)
	}
	key, record := auth.NewKey()
	zone := auth.Zone{}
	for _, m := range mails {
		zone["demo._domainkey."+m.signer] = []string{record}
	}
	s, err := demoSettings(folder, hop.Addr().String())
	if err != nil {
		return err
	}
	d, err := newDaemon(s, zone, log)
	if err != nil {
		return err
	}
	next := newJobs(ctx)
	boxes := filepath.Join(folder, "mail")
	next.start("next hop", func(ctx context.Context) error { return (&maildir.Maildir{Root: boxes}).Serve(ctx, hop) })
	served := make(chan error, 1)
	running, stop := context.WithCancel(ctx)
	go func() { served <- d.run(running) }()

	err = std.showDemo(ctx, demoRun{mails: mails, key: key, entry: d.wire.Addrs()[0].String(), socket: s.socket, boxes: boxes})
	stop()
	return errors.Join(err, <-served, next.stop())
}

// demoSettings are those of a small site: two owners, both the caller.
func demoSettings(folder, hop string) (settings, error) {
	s := settings{
		stateDir: filepath.Join(folder, "state"), intentsDir: filepath.Join(folder, "intents"),
		siteFile: filepath.Join(folder, "site.intents"), masterKey: filepath.Join(folder, "master.key"),
		socket: filepath.Join(folder, "usher.sock"), retention: 24 * time.Hour,
	}
	me, err := user.Current()
	if err != nil {
		return s, fmt.Errorf("find out who runs this: %w", err)
	}
	s.owners = []string{me.Username + "=maria@example.org,juho@example.org"}
	parsed, err := smtpd.ParseHop("lmtp:127.0.0.1:0=lmtp:" + hop)
	if err != nil {
		return s, err
	}
	s.wire = smtpd.Config{Hops: []smtpd.Hop{parsed}, Hostname: "usher.demo.example", Delimiter: "+", StateDir: folder, LogAddresses: true}
	for name, to := range map[string]string{
		"maria.intents": filepath.Join(s.intentsDir, "example.org", "maria.intents"),
		"juho.intents":  filepath.Join(s.intentsDir, "example.org", "juho.intents"),
		"site.intents":  s.siteFile,
	} {
		text, err := fs.ReadFile(demoFiles, path.Join("demo", name))
		if err != nil {
			return s, err
		}
		if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
			return s, err
		}
		if err := os.WriteFile(to, text, 0o600); err != nil {
			return s, err
		}
	}
	return s, nil
}

// readDemoMails reads demo/letters.txt, whose head says what its columns are.
func readDemoMails() ([]demoMail, error) {
	text, err := fs.ReadFile(demoFiles, "demo/letters.txt")
	if err != nil {
		return nil, err
	}
	var mails []demoMail
	for n, line := range strings.Split(string(text), "\n") {
		line, _, _ = strings.Cut(line, "#")
		f := strings.Fields(line)
		if len(f) == 0 {
			continue
		}
		if len(f) != 7 {
			return nil, fmt.Errorf("demo/letters.txt:%d: 7 columns are wanted, %d found", n+1, len(f))
		}
		m := demoMail{file: f[0], from: f[1], to: f[2], signer: f[3], disposition: f[4], category: f[5], because: f[6]}
		if m.from == "<>" {
			m.from = ""
		}
		mails = append(mails, m)
	}
	return mails, nil
}

// demoRun is what the demo needs to send and to ask.
type demoRun struct {
	mails  []demoMail
	key    crypto.Signer
	entry  string // where usher listens
	socket string
	boxes  string // the Maildirs
}

// send sends one letter, signed if it is to be.
func (r demoRun) send(ctx context.Context, m demoMail) error {
	raw, err := fs.ReadFile(demoFiles, "demo/"+m.file)
	if err != nil {
		return err
	}
	raw = bytes.ReplaceAll(bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n")), []byte("\n"), []byte("\r\n"))
	var letter io.Reader = bytes.NewReader(raw)
	if m.signer != "-" {
		var signed bytes.Buffer
		if err := auth.Sign(&signed, letter, auth.SignOptions{Domain: m.signer, Selector: "demo", Signer: r.key}); err != nil {
			return fmt.Errorf("sign %s: %w", m.file, err)
		}
		letter = &signed
	}
	to, err := nexthop.ParseEndpoint("lmtp:" + r.entry)
	if err != nil {
		return err
	}
	answers, err := nexthop.Send(ctx, to, m.from, []string{m.to}, letter)
	if err != nil {
		return fmt.Errorf("send %s: %w", m.file, err)
	}
	if a := answers[0]; a.Code/100 != 2 {
		return fmt.Errorf("send %s to %s: the answer was %d %s", m.file, m.to, a.Code, a.Text)
	}
	return nil
}

// decided finds what usher decided about a letter just sent: the newest
// decision of its recipient.
func (r demoRun) decided(ctx context.Context, c *web.Client, m demoMail) (*rules.Decision, error) {
	found, err := c.Decisions(ctx, m.to, time.Time{}, time.Time{}, 1)
	if err != nil {
		return nil, fmt.Errorf("ask what was decided about %s: %w", m.file, err)
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("%s: no decision was stored", m.file)
	}
	return found[0], nil
}
