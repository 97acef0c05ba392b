// Package maildir is a next hop that keeps Maildirs, for the demo and for tests.
// It never takes mail from another machine: that is for its listener to see to.
package maildir

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/textproto"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"github.com/emersion/go-smtp"

	"usher/classify/mail"
	"usher/rules"
	"usher/smtpd/replies"
	"usher/smtpd/splice"
)

// Maildir is a next hop for the demo and for tests: it speaks LMTP and keeps a
// Maildir for each recipient under Root, filing by Usher-Disposition as the
// Sieve script for Dovecot does: promotions and digest in .Promotions, refuse
// in .Refused, all else in the inbox. It takes mail for everybody.
type Maildir struct {
	Root     string
	Hostname string // its name in greetings; default "maildir.localhost"

	count atomic.Uint64
}

// Folders of a Maildir of ours, as Maildir++ names them.
const (
	folderInbox      = ""
	folderPromotions = ".Promotions"
	folderRefused    = ".Refused"
)

// Serve takes mail on l until ctx ends, then closes every connection.
func (m *Maildir) Serve(ctx context.Context, l net.Listener) error {
	s := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) {
		return &filing{m: m}, nil
	}))
	s.LMTP, s.EnableSMTPUTF8 = true, true
	s.MaxLineLength = 0
	s.ErrorLog = log.New(io.Discard, "", 0) // what breaks is told to the sender
	s.Domain = m.Hostname
	if s.Domain == "" {
		s.Domain = "maildir.localhost"
	}
	stop := context.AfterFunc(ctx, func() { s.Close() })
	defer stop()
	if err := s.Serve(l); err != nil && !errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("serve maildirs: %w", err)
	}
	return nil
}

// Folder gives the Maildir of a recipient and disposition.
func (m *Maildir) Folder(recipient string, d rules.Disposition) string {
	name := strings.ToLower(url.PathEscape(recipient))
	if strings.HasPrefix(name, ".") {
		name = "%2e" + name[1:]
	}
	folder := folderInbox
	switch d {
	case rules.Promotions, rules.Digest:
		folder = folderPromotions
	case rules.Refuse:
		folder = folderRefused
	}
	return filepath.Join(m.Root, name, folder)
}

// filing is one connection.
type filing struct {
	m     *Maildir
	rcpts []string
}

func (f *filing) Reset()                               { f.rcpts = nil }
func (f *filing) Logout() error                        { return nil }
func (f *filing) Mail(string, *smtp.MailOptions) error { return nil }
func (f *filing) Rcpt(to string, _ *smtp.RcptOptions) error {
	f.rcpts = append(f.rcpts, to)
	return nil
}
func (f *filing) Data(io.Reader) error { return replies.Ours }
func (f *filing) LMTPData(r io.Reader, st smtp.StatusCollector) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return replies.Ours
	}
	for _, to := range f.rcpts {
		if err := f.m.file(to, raw); err != nil {
			st.SetStatus(to, replies.Ours)
			continue
		}
		st.SetStatus(to, replies.Own(250, smtp.EnhancedCode{2, 0, 0}, "Saved"))
	}
	return nil
}

// file writes a message into the Maildir that its header says: into tmp, made
// durable, then renamed into new.
func (m *Maildir) file(recipient string, raw []byte) error {
	header, _ := textproto.NewReader(bufio.NewReader(strings.NewReader(firstField(raw)))).ReadMIMEHeader()
	dir := m.Folder(recipient, rules.Disposition(header.Get(mail.HeaderDisposition)))
	for _, sub := range []string{"tmp", "new", "cur"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o700); err != nil {
			return fmt.Errorf("keep a message: %w", err)
		}
	}
	name := fmt.Sprintf("%d.P%dQ%d.usher", time.Now().UnixMicro(), os.Getpid(), m.count.Add(1))
	tmp := filepath.Join(dir, "tmp", name)
	f, err := os.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("keep a message: %w", err)
	}
	_, err = f.Write(raw)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(tmp, filepath.Join(dir, "new", name))
	}
	if err != nil {
		os.Remove(tmp)
		return fmt.Errorf("keep a message: %w", err)
	}
	return nil
}

// firstField gives the first line of a message as a header of its own. Ours
// stands there and nowhere else.
func firstField(raw []byte) string {
	first, _, _ := strings.Cut(string(raw[:min(len(raw), splice.MaxField)]), "\r\n")
	return first + "\r\n\r\n"
}
