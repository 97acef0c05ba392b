package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"time"

	"usher/classify"
	"usher/classify/mail"
	"usher/cmd/usher/web"
	"usher/corpus"
	"usher/rules"
	"usher/rules/intents"
	"usher/smtpd"
	"usher/smtpd/auth"
	"usher/smtpd/nexthop"
)

// daemon is everything that runs while mail is served.
type daemon struct {
	settings settings
	log      *slog.Logger
	store    *corpus.Store
	files    *intents.Dir
	verifier *auth.Verifier
	judge    *rules.Judge
	wire     *smtpd.Server
	api      *web.Server
	socket   net.Listener
}

// newDaemon starts in the order in which things are needed: the store, the
// judge, the listeners. resolver may be nil: the system's DNS.
func newDaemon(s settings, resolver auth.Resolver, log *slog.Logger) (*daemon, error) {
	d := &daemon{settings: s, log: log}
	err := socketError(s.socket)
	if err != nil { // before anything is written
		return nil, fmt.Errorf("command socket %s: %w", s.socket, err)
	}
	log.Info("starting", "version", version, "state", s.stateDir, "intents", s.intentsDir, "site", s.siteFile, "socket", s.socket)
	d.store, err = corpus.Open(corpus.Options{
		Dir: filepath.Join(s.stateDir, "store"), KeyDir: filepath.Join(s.stateDir, "keys"), MasterKey: s.masterKey,
		Delimiter: s.wire.Delimiter, Retention: s.retention, Bypass: bypass(s.wire), Log: log,
	})
	if err != nil {
		return nil, fmt.Errorf("open the store: %w", err)
	}
	d.files = intents.NewDir(s.intentsDir, s.siteFile, log)
	if !s.wire.LogAddresses {
		key := d.store.SiteKey("log")
		d.files.Shown = func(name string) string {
			mac := hmac.New(sha256.New, key)
			mac.Write([]byte(name))
			return hex.EncodeToString(mac.Sum(nil)[:8])
		}
	}
	d.files.Good = filepath.Join(s.stateDir, "good")
	d.files.For("") // a site file with mistakes is told at the start, not with the first message
	d.judge = &rules.Judge{Model: classify.New(), Statements: d.files, Delimiter: s.wire.Delimiter}
	d.verifier = &auth.Verifier{Resolver: resolver, TrustedIDs: s.authserv, Log: log}
	d.wire, err = smtpd.New(s.wire, smtpd.Deps{Judge: d.judge, Recorder: d.store, Identify: d.verifier, Log: log})
	if err != nil {
		return nil, errors.Join(err, d.store.Close())
	}
	if err := d.openSocket(); err != nil {
		return nil, errors.Join(err, d.store.Close())
	}
	return d, nil
}

// openSocket opens the socket on which commands are answered.
func (d *daemon) openSocket() error {
	owners, err := web.ParseOwners(d.settings.owners, d.settings.wire.Delimiter)
	if err != nil {
		return err
	}
	started := time.Now()
	d.api = &web.Server{
		Store: d.store, Intents: web.Files{Dir: d.files, Root: d.settings.intentsDir}, Owners: owners, Delimiter: d.settings.wire.Delimiter, Explain: d.explain, Log: d.log,
		Status: func() web.Status {
			st := web.Status{Version: version, Started: started, Store: "ok"}
			if err := d.store.Ready(); err != nil {
				st.Store = err.Error()
			}
			for _, h := range d.settings.wire.Hops {
				st.Hops = append(st.Hops, web.Hop{In: h.In.String(), Out: h.Out.String()})
			}
			return st
		},
	}
	d.socket, err = web.Listen(d.settings.socket)
	return err
}

// run serves until ctx ends, then drains: mail first, then questions, then the
// store.
func (d *daemon) run(ctx context.Context) error {
	jobs := newJobs(ctx)
	jobs.start("answer commands", func(ctx context.Context) error { return d.api.Serve(ctx, d.socket) })
	err := d.wire.Serve(ctx)
	return errors.Join(err, jobs.stop(), d.store.Close())
}

// explain gives the decision that a message would get now, for a person's
// question; nothing is stored.
func (d *daemon) explain(ctx context.Context, mailbox string, raw []byte) (*rules.Decision, error) {
	o := &mail.Object{Message: readAsWire(raw)}
	o.Envelope = mail.Envelope{From: returnPath(o.Message), To: []string{mailbox}, Arrived: time.Now()}
	o.Identity = d.verifier.Identify(ctx, reader(raw), &o.Envelope, o.Message)
	decisions, err := d.judge.Decide(ctx, o)
	if err != nil {
		return nil, err
	}
	return decisions[0], nil
}

// bypass is how an admin takes usher off the path of mail.
func bypass(w smtpd.Config) string {
	to := "inet:[127.0.0.1]:24"
	if len(w.Hops) > 0 {
		to = postfixTarget(w.Hops[0].Out)
	}
	return "postconf -e 'virtual_transport=lmtp:" + to + "' && postfix reload"
}

// postfixTarget writes an endpoint as Postfix does.
func postfixTarget(e nexthop.Endpoint) string {
	if e.Network == "unix" {
		return "unix:" + e.Address
	}
	host, port, err := net.SplitHostPort(e.Address)
	if err != nil {
		return "inet:" + e.Address
	}
	return "inet:[" + host + "]:" + port
}
