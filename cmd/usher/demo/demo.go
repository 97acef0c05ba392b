// Package demo shows usher at work: letters of its own through a daemon on loopback,
// to a next hop that keeps Maildirs. It never leaves anything behind.
package demo

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
	"path/filepath"
	"strings"
	"time"

	"usher/cmd/usher/daemon"
	"usher/cmd/usher/web"
	"usher/rules"
	"usher/smtpd"
	"usher/smtpd/auth"
	"usher/smtpd/auth/dns"
	"usher/smtpd/maildir"
	"usher/smtpd/nexthop"
)

//go:embed *.eml *.intents letters.txt
var files embed.FS

// letter is one line of letters.txt: a letter to one recipient, and what is to
// become of it.
type letter struct {
	file, from, to, signer string
	disposition, category  string
	because                string
	offer                  string // as it is to be read; "" where nothing is expected
}

// Options are what a demo needs.
type Options struct {
	Folder  string // an empty one
	Program string // how a person calls usher, for what to try next
	Out     io.Writer
	Log     *slog.Logger
}

// Run runs the whole of usher in one folder. Its error says which decision was
// not the expected one.
func Run(ctx context.Context, o Options) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	mails, err := readLetters()
	if err != nil {
		return err
	}
	hop, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("open the next hop: %w", err)
	}
	key, record := auth.NewKey()
	zone := dns.Zone{}
	for _, m := range mails {
		zone["demo._domainkey."+m.signer] = []string{record}
	}
	s, err := settle(o.Folder, hop.Addr().String())
	if err != nil {
		return err
	}
	d, err := daemon.New(s, zone, o.Log)
	if err != nil {
		return err
	}
	kept := make(chan error, 1)
	boxes := filepath.Join(o.Folder, "mail")
	behind, away := context.WithCancel(context.WithoutCancel(ctx)) // it stays for as long as mail drains
	go func() { kept <- (&maildir.Maildir{Root: boxes}).Serve(behind, hop) }()
	served := make(chan error, 1)
	running, stop := context.WithCancel(ctx)
	go func() { served <- d.Run(running) }()

	err = o.show(ctx, run{mails: mails, key: key, entry: d.Entry().String(), socket: s.Socket, boxes: boxes})
	stop()
	err = errors.Join(err, <-served)
	away()
	return errors.Join(err, <-kept)
}

// settle writes the files of a small site and gives its settings: three owners, all
// the caller.
func settle(folder, hop string) (daemon.Settings, error) {
	s := daemon.Settings{
		StateDir: filepath.Join(folder, "state"), IntentsDir: filepath.Join(folder, "intents"),
		SiteFile: filepath.Join(folder, "site.intents"), MasterKey: filepath.Join(folder, "master.key"),
		Socket: filepath.Join(folder, "usher.sock"), Retention: 24 * time.Hour,
	}
	me, err := user.Current()
	if err != nil {
		return s, fmt.Errorf("find out who runs this: %w", err)
	}
	s.Owners = []string{me.Username + "=maria@example.org,juho@example.org,noor@example.org"}
	parsed, err := smtpd.ParseHop("lmtp:127.0.0.1:0=lmtp:" + hop)
	if err != nil {
		return s, err
	}
	s.Wire = smtpd.Config{Hops: []smtpd.Hop{parsed}, Hostname: "usher.demo.example", Delimiter: "+", StateDir: folder, LogAddresses: true}
	for name, to := range map[string]string{
		"maria.intents": filepath.Join(s.IntentsDir, "example.org", "maria.intents"),
		"juho.intents":  filepath.Join(s.IntentsDir, "example.org", "juho.intents"),
		"noor.intents":  filepath.Join(s.IntentsDir, "example.org", "noor.intents"),
		"site.intents":  s.SiteFile,
	} {
		text, err := fs.ReadFile(files, name)
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

// readLetters reads letters.txt, whose head says what its columns are.
func readLetters() ([]letter, error) {
	text, err := fs.ReadFile(files, "letters.txt")
	if err != nil {
		return nil, err
	}
	var mails []letter
	for n, line := range strings.Split(string(text), "\n") {
		line, _, _ = strings.Cut(line, "#")
		f := strings.Fields(line)
		if len(f) == 0 {
			continue
		}
		if len(f) < 7 {
			return nil, fmt.Errorf("letters.txt:%d: 7 columns are wanted, %d found", n+1, len(f))
		}
		m := letter{file: f[0], from: f[1], to: f[2], signer: f[3], disposition: f[4], category: f[5], because: f[6], offer: strings.Join(f[7:], " ")}
		if m.from == "<>" {
			m.from = ""
		}
		mails = append(mails, m)
	}
	return mails, nil
}

// run is what the demo needs to send and to ask.
type run struct {
	mails  []letter
	key    crypto.Signer
	entry  string // where usher listens
	socket string
	boxes  string // the Maildirs
}

// send sends one letter, signed if it is to be.
func (r run) send(ctx context.Context, m letter) error {
	raw, err := fs.ReadFile(files, m.file)
	if err != nil {
		return err
	}
	raw = bytes.ReplaceAll(bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n")), []byte("\n"), []byte("\r\n"))
	var text io.Reader = bytes.NewReader(raw)
	if m.signer != "-" {
		var signed bytes.Buffer
		if err := auth.Sign(&signed, text, auth.SignOptions{Domain: m.signer, Selector: "demo", Signer: r.key}); err != nil {
			return fmt.Errorf("sign %s: %w", m.file, err)
		}
		text = &signed
	}
	to, err := nexthop.ParseEndpoint("lmtp:" + r.entry)
	if err != nil {
		return err
	}
	answers, err := nexthop.Send(ctx, to, m.from, []string{m.to}, text)
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
func (r run) decided(ctx context.Context, c *web.Client, m letter) (*rules.Decision, error) {
	found, err := c.Decisions(ctx, m.to, time.Time{}, time.Time{}, 1)
	if err != nil {
		return nil, fmt.Errorf("ask what was decided about %s: %w", m.file, err)
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("%s: no decision was stored", m.file)
	}
	return found[0], nil
}
