// Package daemon runs usher while mail is served: it starts the store, the judge and
// the listeners in that order, and stops them in the other. It never decides
// anything about mail itself.
package daemon

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"usher/classify"
	"usher/classify/model"
	"usher/cmd/usher/setup"
	"usher/cmd/usher/web"
	"usher/cmd/usher/web/caller"
	"usher/cmd/usher/web/complain"
	"usher/cmd/usher/web/lists"
	"usher/cmd/usher/web/pages"
	"usher/cmd/usher/web/public"
	"usher/cmd/usher/web/quoted"
	"usher/cmd/usher/web/receipts"
	"usher/cmd/usher/web/reports"
	"usher/corpus"
	"usher/corpus/bounces"
	"usher/corpus/complaints"
	"usher/corpus/leaving"
	"usher/corpus/permission"
	"usher/corpus/proofs"
	"usher/corpus/refs"
	"usher/corpus/senders"
	"usher/rules"
	"usher/rules/marks"
	"usher/rules/moves"
	"usher/rules/people"
	"usher/smtpd"
	"usher/smtpd/auth"
	"usher/smtpd/auth/dns"
	"usher/smtpd/events"
	"usher/smtpd/nexthop"
	"usher/smtpd/sockets"
)

// Settings say what a Daemon serves and where it keeps what it remembers.
type Settings struct {
	Wire       smtpd.Config
	StateDir   string // decisions, keys and spool
	IntentsDir string // DOMAIN/LOCALPART.intents
	SiteFile   string // the site's own statements
	MasterKey  string // the file of the key that wraps all others
	Socket     string // where commands are answered
	Owners     []string
	AdminGroup string           // the system group whose members are admins beside root; "": root alone
	Delegate   string           // the one system user who may report moves, and nothing else; "": nobody
	Authserv   []string         // trusted Authentication-Results
	Forwarders []string         // whose ARC seals are believed
	Retention  time.Duration    // of decisions
	Version    string           // of the program
	DigestFrom string           // the address that digests come from; "": usher@ and the hostname
	DigestHop  nexthop.Endpoint // by which digests go; none: the next hop that has the mailbox
	Answers    bool             // digests may be answered
	Relay      nexthop.Endpoint // by which our mail goes to others than our people; none: there is no such mail
	Leave      bool             // lists are left for people who ask for it
	Complaints bool             // people may complain of a message to its sender
	Minimal    bool             // complaints name the message by its CFBL-Feedback-ID alone
	Reports    bool             // senders who ask are told how relevant their mail is
	Announced  bool             // people were told of that: the site's feedback yes counts for them
	ReportsWeb bool             // senders who prove their domain read its reports at web-listen
	LeaveNot   []string         // hosts and networks that are not asked
	Model      *model.Weights   // that mail is judged by; nil is the one compiled in

	MetricsListen string         // where metrics and health are answered, of this machine alone; "": nowhere
	Web           pages.Settings // where browsers are answered
	Terms         public.Settings
	Sockets       []sockets.Handed // open before the start
}

// Daemon is everything that runs while mail is served.
type Daemon struct {
	settings    Settings
	log         *slog.Logger
	store       *corpus.Store
	files       *people.Dir
	verifier    *auth.Verifier
	judge       *rules.Judge
	wire        *smtpd.Server
	api         *web.Server
	socket      net.Listener
	health      net.Listener  // nil: nobody may ask
	pages       *pages.Server // nil: browsers are not answered
	browsers    net.Listener  // the same
	terms       *public.Terms // nil: none are published
	permissions *permission.Ledger
	digests     *digests
	answers     *answers
	desk        *leaving.Desk    // nil: lists are left for nobody
	complaints  *complaints.Desk // nil: nobody complains to senders
	reports     *senders.Desk    // nil: senders are told nothing
	bounces     *bounces.Desk    // nil: nothing comes back
	proofs      *proofs.Desk     // nil: senders read nothing here
	signer      *auth.Signer     // nil: mail of our own is not signed here
	arrivals    moves.Arrivals
	asking      chan struct{}     // held while the store is asked whether it answers
	rotations   chan chan rotated // of keys, as they are asked for
}

// New starts in the order in which things are needed: the store, the
// judge, the listeners. resolver may be nil: the system's DNS.
func New(s Settings, resolver dns.Source, log *slog.Logger) (*Daemon, error) {
	d := &Daemon{settings: s, log: log, asking: make(chan struct{}, 1), rotations: make(chan chan rotated)}
	err := SocketError(s.Socket)
	if err != nil { // before anything is written
		return nil, fmt.Errorf("command socket %s: %w", s.Socket, err)
	}
	log.Info("starting", "version", s.Version, "state", s.StateDir, "intents", s.IntentsDir, "site", s.SiteFile, "socket", s.Socket)
	d.store, err = corpus.Open(corpus.Options{
		Dir: filepath.Join(s.StateDir, "store"), KeyDir: filepath.Join(s.StateDir, "keys"), MasterKey: s.MasterKey,
		Delimiter: s.Wire.Delimiter, Retention: s.Retention, Stated: d.stated, Bypass: setup.Bypass(s.Wire), Log: log,
	})
	if err != nil {
		return nil, fmt.Errorf("open the store: %w", err)
	}
	d.files = people.NewDir(s.IntentsDir, s.SiteFile, log)
	if !s.Wire.LogAddresses {
		d.files.Shown = pseudonym(d.store.SiteKey("log"), s.Wire.Delimiter)
	}
	d.files.Good = filepath.Join(s.StateDir, "good")
	d.files.InForce("") // a site file with mistakes is told at the start, not with the first message
	classify.Warm()     // before mail is taken: on a busy machine the first message would run out of its time
	d.judge = &rules.Judge{Model: classify.With(cmp.Or(s.Model, model.Shipped())), Statements: d.files, Delimiter: s.Wire.Delimiter, Marks: marks.NewMemory(), Overrides: d.store, Lessons: d.store, History: d.store.History(), Keep: true}
	d.verifier = &auth.Verifier{Resolver: resolver, TrustedIDs: s.Authserv, Networks: s.Wire.TrustedNetworks, Forwarders: s.Forwarders, Log: log}
	d.permissions = &permission.Ledger{Store: d.store, Now: time.Now}
	d.answers = newAnswers()
	if err = errors.Join(d.openTerms(), d.openSigner()); err == nil {
		d.bounces, err = d.newBounces()
	}
	if err == nil {
		d.reports, err = d.newReports(resolver)
	}
	if err == nil {
		d.complaints, err = d.newComplaints()
	}
	if err == nil {
		var answered func(recipient string, header []byte) bool
		if s.Answers {
			answered = d.answers.answersUs
		}
		d.wire, err = smtpd.New(d.controlled(), smtpd.Deps{
			Judge: noting{d.judge, d}, Recorder: recorder{d.store, &d.arrivals, d.acknowledged}, Memory: d.store, Identify: d.verifier, SiteKey: d.store.SiteKey,
			Observer: d.observers(), Answers: answered, Terms: d.termsLink,
			Log: log, Version: s.Version, Sockets: s.Sockets,
		})
	}
	if err != nil {
		return nil, errors.Join(err, d.store.Close())
	}
	if err := cmp.Or(d.openSocket(), d.openHealth(), d.openPages()); err != nil {
		return nil, errors.Join(err, d.wire.Close(), d.store.Close())
	}
	d.digests = d.newDigests()
	d.answers.digests = d.digests
	d.api.Digests = d.digests
	d.desk, err = d.newDesk()
	d.more()
	return d, err
}

// more lets the socket answer what packages above its own are asked.
func (d *Daemon) more() {
	d.api.More = lists.Routes(d.api, d.desk)
	maps.Copy(d.api.More, complain.Routes(d.api, d.complaints))
	maps.Copy(d.api.More, quoted.Routes(d.api, d.store))
	maps.Copy(d.api.More, reports.Routes(d.reports))
	maps.Copy(d.api.More, receipts.Routes(d.api, d.permissions, d.follow))
	d.api.Stated = d.follow
}

// recorder is the store, and notes what is delivered.
type recorder struct {
	*corpus.Store
	arrivals *moves.Arrivals
	told     func(context.Context, []*rules.Decision) error // of outcomes
}

func (r recorder) Outcome(ctx context.Context, ds []*rules.Decision) error {
	for _, d := range ds {
		senders.Became(d)
	}
	for _, d := range ds {
		r.arrivals.Note(d.ID, time.Now())
	}
	return errors.Join(r.Store.Outcome(ctx, ds), refs.Keep(ctx, r.Store, ds), r.told(ctx, ds))
}

// openSocket opens the socket on which commands are answered.
func (d *Daemon) openSocket() error {
	owners, err := caller.ParseOwners(d.settings.Owners, d.settings.Wire.Delimiter)
	if err != nil {
		return err
	}
	admins, err := caller.Group(d.settings.AdminGroup)
	if err != nil { // mail is not to wait for a group that comes later, or is gone
		d.log.Warn("root alone is admin", "error", err)
	}
	started := time.Now()
	d.api = &web.Server{
		Store: d.store, Overrides: d.store, Corrections: d.store, Moves: d.store, Arrivals: &d.arrivals, Kept: d.store, Ledger: d.store, Site: d.store, Rotate: d.askRotation,
		Intents: web.Files{Dir: d.files, Root: d.settings.IntentsDir},
		Owners:  owners, AdminGroup: admins, Delegate: d.settings.Delegate, Delimiter: d.settings.Wire.Delimiter, Explain: d.explain, Log: d.log,
		Status: func() web.Status {
			st := web.Status{Version: d.settings.Version, Started: started, Store: "ok"}
			if err := d.store.Ready(); err != nil {
				st.Store = err.Error()
			}
			st.Unready = d.unready()
			for _, h := range d.settings.Wire.Hops {
				st.Hops = append(st.Hops, web.Hop{In: h.In.String(), Out: h.Out.String()})
			}
			return st
		},
	}
	d.socket, err = web.Listen(d.settings.Socket)
	return err
}

// Run serves until ctx ends, then drains: mail first, then questions, then the
// store.
func (d *Daemon) Run(ctx context.Context) error {
	jobs := newJobs(ctx)
	jobs.start("answer commands", func(ctx context.Context) error { return d.api.Serve(ctx, d.socket) })
	jobs.start("end what is over", d.tend)
	jobs.start("keep the audit ledger", d.keepLedger)
	jobs.start("rotate keys", d.rotateKeys)
	d.showPages(jobs)
	jobs.start("follow permissions", d.followAll)
	jobs.start("send digests", d.digests.run)
	jobs.start("answer those who answered a digest", d.answers.run)
	if d.desk != nil {
		jobs.start("leave lists", d.desk.Run)
	}
	if d.complaints != nil {
		jobs.start("send complaints", d.complaints.Run)
	}
	if d.reports != nil {
		jobs.start("report to senders", d.reports.Run)
	}
	d.tell(ctx, jobs)
	err := d.wire.Serve(ctx)
	err = errors.Join(err, jobs.stop())
	d.files.Wait()
	return errors.Join(err, d.store.Close())
}

// pseudonym names a person's file, DOMAIN/LOCALPART.intents, by what stands for
// its mailbox in the log of mail.
func pseudonym(key []byte, delimiter string) func(file string) string {
	return func(file string) string {
		domain, local, _ := strings.Cut(strings.TrimSuffix(file, ".intents"), "/")
		return events.Pseudonym(key, local+"@"+domain, delimiter)
	}
}

// Entry is the address of the first listener.
func (d *Daemon) Entry() net.Addr { return d.wire.Addrs()[0] }

// SocketError is what would keep the command socket from being opened.
func SocketError(path string) error {
	if _, err := os.Stat(filepath.Dir(path)); err != nil {
		return fmt.Errorf("its folder is not there: systemd's RuntimeDirectory makes it; by hand, install -d -o usher %s, or set --socket", filepath.Dir(path))
	}
	return nil
}
