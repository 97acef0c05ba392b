// Package settings reads what an operator sets: flags, the environment and a
// TOML file. It never starts anything.
package settings

import (
	"errors"
	"fmt"
	"io"
	"math"
	"net/netip"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/dustin/go-humanize"
	"github.com/urfave/cli/v2"
	"github.com/urfave/cli/v2/altsrc"

	"usher/cmd/usher/command"
	"usher/cmd/usher/daemon"
	"usher/cmd/usher/health"
	"usher/cmd/usher/show"
	"usher/smtpd"
	"usher/smtpd/auth/dns"
)

// Every setting is a flag, a key of the same name in the file of --config, and
// USHER_NAME in the environment; the flag wins, then the environment. Several
// values of one setting are given by repeating the flag, as a list in the file,
// or with blanks between them.

const (
	defaultState  = "/var/lib/usher"
	defaultSite   = "/etc/usher/site.intents"
	defaultConfig = "/etc/usher/usher.toml"
	defaultSocket = "/run/usher/usher.sock"
)

func env(name string) []string {
	return []string{"USHER_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))}
}

func text(name, value, usage string) cli.Flag {
	return altsrc.NewStringFlag(&cli.StringFlag{Name: name, Value: value, Usage: usage, EnvVars: env(name)})
}

func list(name, usage string) cli.Flag {
	return altsrc.NewStringSliceFlag(&cli.StringSliceFlag{Name: name, Usage: usage, EnvVars: env(name)})
}

func number(name string, value int, usage string) cli.Flag {
	return altsrc.NewIntFlag(&cli.IntFlag{Name: name, Value: value, Usage: usage, EnvVars: env(name)})
}

func span(name string, value time.Duration, usage string) cli.Flag {
	return altsrc.NewDurationFlag(&cli.DurationFlag{Name: name, Value: value, Usage: usage, EnvVars: env(name)})
}

func yes(name string, value bool, usage string) cli.Flag {
	return altsrc.NewBoolFlag(&cli.BoolFlag{Name: name, Value: value, Usage: usage, EnvVars: env(name)})
}

// ConfigFlag comes before the settings that it can hold.
func ConfigFlag() cli.Flag {
	return &cli.PathFlag{Name: "config", EnvVars: env("config"), TakesFile: true,
		Usage: "TOML `FILE` with any of these settings (read by default: " + defaultConfig + ", if it is there)"}
}

// SocketFlag names the socket on which the daemon answers.
func SocketFlag() cli.Flag {
	return text("socket", defaultSocket, "unix `SOCKET` on which the daemon answers commands")
}

// Ask are the flags of every command that asks the daemon.
func Ask() []cli.Flag { return []cli.Flag{ConfigFlag(), SocketFlag()} }

// FromFile fills what neither a flag nor the environment sets from the file of
// --config. A key that is no setting is an error: a typo must not be silent.
func FromFile(flags []cli.Flag) cli.BeforeFunc {
	return func(c *cli.Context) error {
		path, named := c.Path("config"), c.IsSet("config")
		if !named {
			path = defaultConfig
		}
		values := map[string]any{}
		text, err := readConfig(path)
		if err == nil {
			_, err = toml.Decode(text, &values)
		}
		if err != nil {
			if !named && os.IsNotExist(err) {
				return nil
			}
			if _, bad := errors.AsType[*os.PathError](err); bad {
				return show.Hint(fmt.Errorf("read settings: %w", err), "name a file that is there and that you may read, or leave --config out")
			}
			return show.Hint(fmt.Errorf("read settings %s: %w", path, err), "the file is TOML: `hop = [\"lmtp:127.0.0.1:10024=lmtp:127.0.0.1:24\"]`")
		}
		source, err := settled(path, values)
		if err != nil {
			return err
		}
		if err := altsrc.ApplyInputSourceValues(c, source, flags); err != nil {
			return show.Hint(fmt.Errorf("read settings %s: %w", path, err), "words are quoted, yes and no are true and false, a span of time is \"5s\"")
		}
		return nil
	}
}

// maxConfig bounds a settings file, in bytes: with every setting it has some 4 KB.
const maxConfig = 1 << 20

func readConfig(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxConfig+1))
	if err == nil && len(text) > maxConfig {
		err = errors.New("it is over 1 MiB")
	}
	return string(text), err
}

// settled checks the keys of a settings file and gives its values the types
// that flags take.
func settled(path string, values map[string]any) (*altsrc.MapInputSource, error) {
	known, lists := map[string]bool{}, map[string]bool{}
	for _, f := range Flags() {
		known[f.Names()[0]] = f.Names()[0] != "config" // a file names no other
		_, lists[f.Names()[0]] = f.(*altsrc.StringSliceFlag)
	}
	out := map[any]any{}
	for key, v := range values {
		if !known[key] {
			return nil, show.Hint(fmt.Errorf("read settings %s: unknown setting %q", path, key), "%s", nearest(key, known))
		}
		switch v := v.(type) {
		case int64:
			out[key] = int(v)
		case string:
			out[key] = v
			if lists[key] {
				out[key] = []any{v}
			}
		default:
			out[key] = v
		}
	}
	return altsrc.NewMapInputSource(path, out), nil
}

// nearest names the setting that was probably meant.
func nearest(key string, known map[string]bool) string {
	flat := strings.NewReplacer("_", "-").Replace(strings.ToLower(key))
	names := make([]string, 0, len(known))
	for name, may := range known {
		if !may {
			continue
		}
		if name == flat || strings.Contains(name, flat) || strings.Contains(flat, name) {
			return "did you mean " + name + "?"
		}
		names = append(names, name)
	}
	sort.Strings(names)
	return "settings are: " + strings.Join(names, " ")
}

// several gives the values of a repeatable setting.
func several(c *cli.Context, name string) []string {
	var out []string
	for _, v := range c.StringSlice(name) {
		out = append(out, strings.Fields(v)...)
	}
	return out
}

// Flags are the settings of the daemon.
func Flags() []cli.Flag {
	return append([]cli.Flag{
		ConfigFlag(),
		list("hop", "`IN=OUT`, where mail comes in and where it goes on: lmtp:127.0.0.1:10024=lmtp:127.0.0.1:24, or unix sockets: lmtp:/run/usher/lmtp=lmtp:/run/dovecot/usher; smtp on both sides stands before a queue, lmtp=smtp behind one"),
		text("hostname", "", "our `NAME` in greetings (default: usher. and the machine's name); must differ from both neighbours'"),
		list("trusted-networks", "`CIDR` of peers that may hand us mail, beside loopback and unix sockets"),
		text("state-dir", defaultState, "`FOLDER` for decisions, keys and spool"),
		text("intents-dir", "", "`FOLDER` of intents files, DOMAIN/LOCALPART.intents (default: intents in state-dir)"),
		text("site-file", defaultSite, "`FILE` of the site's own statements"),
		text("master-key", "", "`FILE` of the key that wraps all others (default: master.key in state-dir)"),
		SocketFlag(),
		list("owner", "`USER=MAILBOX`[,MAILBOX]: which system user sees which mailboxes: maria=maria@example.org"),
		text("admin-group", "", "the system `GROUP` whose members are admins beside root: they see counts, never one person's mail (default: root alone)"),
		text("delegate", "", "the one system `USER` who may report moves, and nothing else: Dovecot's vmail (default: nobody)"),
		text("delimiter", "+", "`CHARACTER` between an address's local part and its detail"),
		list("trusted-authserv-ids", "`ID` of Authentication-Results fields that our own servers write, believed above the border's Received; check-config prints how the border removes forged ones"),
		list("trusted-forwarders", "`DOMAIN` whose ARC seal is believed where a trusted Authentication-Results says arc=pass: lists.example.net"),
		text("resolver", "", "`ADDRESS` of the DNS server that is asked about senders: 127.0.0.1 or 127.0.0.1:5353 (default: those of /etc/resolv.conf)"),
		yes("plaintext", false, "mail may cross a network without TLS, since that network is ours"),
		text("tls-cert", "", "`FILE` of our certificate (PEM), for a hop that begins with lmtps or smtps"),
		text("tls-key", "", "`FILE` of its key (PEM)"),
		text("tls-ca", "", "`FILE` of the certificates (PEM) that vouch for a next hop with TLS (default: the system's)"),
		text("socket-mode", "0660", "`MODE` of the unix sockets on which mail comes in"),
		text("socket-group", "", "`GROUP` of those sockets"),
		text("file", smtpd.FileHeader, "how decided mail is filed, header (a Sieve script) or subaddress (user+Promotions): `HOW`"),
		yes("allow-lmtp-reject", false, "a reject over LMTP is a 5xx, of which Postfix writes a bounce to the proven sender"),
		span("judge-budget", smtpd.DefaultJudgeBudget, "`TIME` to judge a message; after it the message passes untouched (at most 30s)"),
		span("record-budget", smtpd.DefaultRecordBudget, "`TIME` to record decisions; after it the message passes untouched"),
		span("answer-budget", smtpd.DefaultAnswerBudget, "`TIME` from the final dot to our last reply; over SMTP at most 85s"),
		span("idle", smtpd.DefaultIdle, "`TIME` that upstream may take for its next command"),
		span("data-read", smtpd.DefaultDataRead, "`TIME` that upstream may be silent within a message"),
		span("drain", smtpd.DefaultDrain, "`TIME` that messages under way get to finish on SIGTERM"),
		text("max-size", humanize.IBytes(smtpd.DefaultMaxSize), "largest message in `BYTES`, if the next hop states none"),
		text("max-memory", humanize.IBytes(smtpd.DefaultMaxMemory), "messages in memory, all together, in `BYTES`; more goes to files in state-dir"),
		text("max-spool", humanize.IBytes(smtpd.DefaultMaxSpool), "such files, all together, in `BYTES`; with more, upstream is to come back later"),
		number("max-conns", smtpd.DefaultMaxConns, "`NUMBER` of connections on one hop, a tenth of them for this machine alone"),
		number("max-peer", smtpd.DefaultMaxPeer, "`NUMBER` of connections from one peer on another machine"),
		number("max-rcpt", smtpd.DefaultMaxRcpt, "`NUMBER` of recipients in one transaction"),
		text("stamp", "decided", "which mail gets our headers, decided or all: `WHICH`"),
		yes("single-recipient", false, "in SMTP, take one recipient a message, so that each outcome is one person's"),
		text("because", "text", "what Usher-Because says, text, cite or off: `WHAT`"),
		text("bare", "normalise", "what becomes of a bare CR or LF, normalise or (where mail comes in by SMTP) refuse: `WHAT`"),
		list("control-addresses", "`ADDRESS` whose mail is for usher to read as it passes, and is never judged: complaints@mail.example.net"),
		text("model", "", "`FILE` of a model that `usher train` wrote, to judge by (default: the one compiled in)"),
		number("retention", 30, "`DAYS` that a decision is kept, at most 180"),
		text("metrics-listen", "", "`ADDRESS` of this machine at which /metrics, /healthz/live and /healthz/ready are answered: 127.0.0.1:9925 (default: nowhere)"),
		text("web-listen", "", "`ADDRESS` at which people see their decisions and edit their intents, by a link mailed to them: 127.0.0.1:8025 (default: nowhere)"),
		text("web-url", "", "`URL` by which browsers reach it, through a web server with a certificate: https://usher.example.org"),
		text("web-from", "", "`ADDRESS` that the mailed links come from (default: usher@ and the hostname)"),
		text("terms-file", "", "`FILE` of what this site asks of bulk mail, as the command terms write makes it, to be published (default: nothing is)"),
		text("terms-url", "", "`URL` at which senders find it (default: https://DOMAIN/.well-known/mail-terms.json; web-listen answers there)"),
		text("log-format", "text", "`FORM` of the log, text or json"),
		yes("log-addresses", true, "write addresses to the log; with --log-addresses=false, keyed hashes"),
	}, ownFlags()...)
}

// Settings are the daemon's settings and the form of its log, checked.
type Settings struct {
	daemon.Settings
	LogJSON  bool
	Resolver dns.Source // nil: the system's
}

// Read checks the settings of serve and check-config.
func Read(c *cli.Context) (Settings, error) {
	if c.Args().Present() {
		return Settings{}, command.Misuse("settings begin with --: --hop IN=OUT", "%q is no setting", c.Args().First())
	}
	s := Settings{Settings: daemon.Settings{
		StateDir: c.String("state-dir"), IntentsDir: c.String("intents-dir"), SiteFile: c.String("site-file"),
		MasterKey: c.String("master-key"), Socket: c.String("socket"),
		Owners: several(c, "owner"), Authserv: several(c, "trusted-authserv-ids"), Forwarders: several(c, "trusted-forwarders"),
		AdminGroup: c.String("admin-group"), Delegate: c.String("delegate"),
		DigestFrom: c.String("digest-from"), Answers: c.Bool("digest-answers"), Reports: c.Bool("reports"), Announced: c.Bool("reports-announced"), ReportsWeb: c.Bool("reports-web"), Leave: c.Bool("unsubscribe"), Complaints: c.Bool("complaints"), Minimal: c.Bool("complaints-minimal"), LeaveNot: several(c, "unsubscribe-deny"),
		Retention: time.Duration(c.Int("retention")) * 24 * time.Hour,
	}}
	var err error
	if s.Model, err = ReadModel(c.String("model")); err != nil {
		return s, show.Hint(err, "write one with `usher train`, or leave the setting out: a model is compiled in")
	}
	if len(s.Forwarders) > 0 && len(s.Authserv) == 0 {
		return s, command.Misuse("name the servers that check ARC in trusted-authserv-ids", "trusted-forwarders are believed only where a server of yours says arc=pass")
	}
	if s.IntentsDir == "" {
		s.IntentsDir = filepath.Join(s.StateDir, "intents")
	}
	if s.MasterKey == "" {
		s.MasterKey = filepath.Join(s.StateDir, "master.key")
	}
	if d := c.Int("retention"); d < 1 || d > 180 {
		return s, command.Misuse("the limit is 180 days", "retention %d: decisions are kept for 1 to 180 days", d)
	}
	if s.MetricsListen = c.String("metrics-listen"); s.MetricsListen != "" {
		if err := health.CheckAddress(s.MetricsListen); err != nil {
			return s, command.Misuse("see `usher serve --help`", "%w", err)
		}
	}
	if r := c.String("resolver"); r != "" {
		server, err := dns.Server(r)
		if err != nil {
			return s, command.Misuse("write it as 127.0.0.1, 127.0.0.1:5353 or [::1]:53", "%w", err)
		}
		s.Resolver = server
	}
	switch f := c.String("log-format"); f {
	case "json":
		s.LogJSON = true
	case "text":
	default:
		return s, command.Misuse("use text or json", "log-format %q is unknown", f)
	}
	if s.Web, s.Terms, err = webSettings(c); err != nil {
		return s, err
	}
	if s.Wire, err = wireSettings(c, s.StateDir); err != nil {
		return s, err
	}
	if s.DigestHop, err = ownHop(c, "digest-hop"); err != nil {
		return s, err
	}
	s.Relay, err = ownHop(c, "relay")
	return s, err
}

// Hostname is our name: the setting, else usher. and the machine's.
func Hostname(c *cli.Context) (string, error) {
	if set := c.String("hostname"); set != "" {
		return set, nil
	}
	name, err := os.Hostname()
	if err != nil {
		return "", show.Hint(fmt.Errorf("find this machine's name: %w", err), "set --hostname")
	}
	return "usher." + name, nil
}

func wireSettings(c *cli.Context, stateDir string) (smtpd.Config, error) {
	w := smtpd.Config{
		Delimiter:   c.String("delimiter"),
		JudgeBudget: c.Duration("judge-budget"), RecordBudget: c.Duration("record-budget"),
		AnswerBudget: c.Duration("answer-budget"), Drain: c.Duration("drain"),
		Idle: c.Duration("idle"), MaxConns: c.Int("max-conns"), MaxPeer: c.Int("max-peer"),
		MaxRcpt: c.Int("max-rcpt"), Stamp: c.String("stamp"), Because: c.String("because"),
		Bare: c.String("bare"), Control: several(c, "control-addresses"),
		LogAddresses: c.Bool("log-addresses"), StateDir: stateDir,
		DataRead:  c.Duration("data-read"),
		Plaintext: c.Bool("plaintext"), TLSCert: c.String("tls-cert"), TLSKey: c.String("tls-key"), TLSCA: c.String("tls-ca"),
		SocketGroup: c.String("socket-group"), File: c.String("file"), AllowLMTPReject: c.Bool("allow-lmtp-reject"),
		SingleRecipient: c.Bool("single-recipient"),
	}
	for _, network := range several(c, "trusted-networks") {
		prefix, err := netip.ParsePrefix(network)
		if err != nil {
			return w, command.Misuse("write it as 192.0.2.0/24 or 2001:db8::/32", "trusted-networks %q is no network", network)
		}
		w.TrustedNetworks = append(w.TrustedNetworks, prefix)
	}
	mode, err := strconv.ParseUint(c.String("socket-mode"), 8, 32)
	if err != nil || mode > 0o777 {
		return w, command.Misuse("write it as chmod does: 0660", "socket-mode %q is no mode", c.String("socket-mode"))
	}
	w.SocketMode = os.FileMode(mode)
	for name, to := range map[string]*int64{"max-size": &w.MaxSize, "max-memory": &w.MaxMemory, "max-spool": &w.MaxSpool} {
		size, err := humanize.ParseBytes(c.String(name))
		if err != nil || size > math.MaxInt64 {
			return w, command.Misuse("write it as 256MiB or as a number of bytes", "%s %q is no size", name, c.String(name))
		}
		*to = int64(size)
	}
	if w.Hostname, err = Hostname(c); err != nil {
		return w, err
	}
	hops := several(c, "hop")
	if len(hops) == 0 {
		return w, command.Misuse("for example --hop lmtp:127.0.0.1:10024=lmtp:127.0.0.1:24", "no hop is set: usher does not know where mail comes in and where it goes on")
	}
	for _, h := range hops {
		hop, err := smtpd.ParseHop(h)
		if err != nil {
			return w, command.Misuse("a hop is IN=OUT: lmtp:127.0.0.1:10024=lmtp:127.0.0.1:24", "%w", err)
		}
		w.Hops = append(w.Hops, hop)
	}
	if err := w.Check(); err != nil {
		return w, command.Misuse("see `usher serve --help`", "%w", err)
	}
	return w, nil
}
