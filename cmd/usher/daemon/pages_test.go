package daemon

import (
	"context"
	"errors"
	"io"
	"log"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"usher/rules"
	"usher/smtpd"
)

// relay takes mail for everybody but those whose name begins with "no", over LMTP
// or SMTP, as servers do that pass mail on.
type relay struct {
	isForgetful bool // keeps nothing

	mu  sync.Mutex
	got []string // recipient and message
	by  string   // the last reverse-path
}

func (r *relay) from() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.by
}

func (r *relay) NewSession(*smtp.Conn) (smtp.Session, error) { return &handover{relay: r}, nil }

type handover struct {
	*relay
	to string
}

func (h *handover) Reset()        {}
func (h *handover) Logout() error { return nil }
func (h *handover) Mail(from string, _ *smtp.MailOptions) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.by = from
	return nil
}
func (h *handover) Rcpt(to string, _ *smtp.RcptOptions) error {
	if h.to = to; strings.HasPrefix(to, "no") {
		return &smtp.SMTPError{Code: 550, Message: "no such user"}
	}
	return nil
}
func (h *handover) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.isForgetful {
		h.got = append(h.got, h.to+" "+string(raw))
	}
	return err
}

func (r *relay) serve(t testing.TB, lmtp bool) (address string) {
	t.Helper()
	return serve(t, r, lmtp)
}

// serve answers until the test ends.
func serve(t testing.TB, r smtp.Backend, lmtp bool) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := smtp.NewServer(r)
	s.Domain, s.LMTP, s.ErrorLog = "relay.example", lmtp, log.New(io.Discard, "", 0)
	go s.Serve(l)
	t.Cleanup(func() { s.Close() })
	return l.Addr().String()
}

func TestALetterOfOursGoesToWhereTheMailboxIs(t *testing.T) {
	keeper, passer := &relay{}, &relay{}
	for _, c := range []struct {
		name, hop, mailbox string
		sent               bool
	}{
		{"to a mailbox of an LMTP server", "lmtp", "maria@example.org", true},
		{"not to one that it does not have", "lmtp", "nobody@example.org", false},
		{"over SMTP to a mailbox with intents", "smtp", "maria@example.org", true},
		{"over SMTP to a mailbox with a decision", "smtp", "pekka@example.org", true},
		{"never over SMTP to whom usher had no mail for", "smtp", "stranger@far.example", false},
		{"to nobody, where one server refuses and the other would pass on whatever comes", "both", "nofile@example.org", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			var hops []smtpd.Hop
			for kind, address := range map[string]string{"lmtp": keeper.serve(t, true), "smtp": passer.serve(t, false)} {
				if c.hop != kind && c.hop != "both" {
					continue
				}
				hop, err := smtpd.ParseHop("lmtp:" + filepath.Join(dir, kind) + "=" + kind + ":" + address)
				if err != nil {
					t.Fatal(err)
				}
				hops = append(hops, hop)
			}
			intents := filepath.Join(dir, "intents")
			file := filepath.Join(intents, "example.org", "maria.intents")
			if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o700), os.WriteFile(file, []byte("mute topic tea\n"), 0o600)); err != nil {
				t.Fatal(err)
			}
			d, err := New(Settings{
				StateDir: dir, IntentsDir: intents, MasterKey: filepath.Join(dir, "master.key"), Socket: filepath.Join(dir, "sock"),
				Wire: smtpd.Config{Hops: hops, Hostname: "usher.example", Delimiter: "+", StateDir: dir},
			}, nil, slog.New(slog.DiscardHandler))
			if err != nil {
				t.Fatal(err)
			}
			defer func() { d.socket.Close(); d.wire.Close(); d.store.Close() }()
			decision := &rules.Decision{ID: "01K000000000000000000000G1", At: time.Now(), Recipient: "pekka@example.org"}
			if err := d.store.Record(t.Context(), []*rules.Decision{decision}); err != nil {
				t.Fatal(err)
			}
			keeper.got, passer.got = nil, nil
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			err = d.post(ctx, c.mailbox, []byte("Subject: x\r\n\r\nx\r\n"))
			if got := append(keeper.got, passer.got...); (err == nil) != c.sent || (len(got) == 1) != c.sent {
				t.Errorf("%v; %q", err, got)
			}
		})
	}
}
