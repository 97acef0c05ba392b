package pages

import (
	"context"
	"fmt"
	"strings"
	"time"

	"usher/classify/mail"
)

// request is a link that somebody asked for.
type request struct {
	mailbox string
	client  string // who asked, as the letter says it
	at      time.Time
}

// mail posts letters until ctx ends.
func (s *Server) mail(ctx context.Context) {
	for {
		select {
		case r := <-s.letters:
			s.post(ctx, r)
		case <-ctx.Done():
			return
		}
	}
}

// post mails one link. Whoever asked hears nothing of what becomes of it: that
// would tell which mailboxes there are.
func (s *Server) post(ctx context.Context, r request) {
	shown := s.shown(r.mailbox)
	link := s.links.add(r.mailbox, s.now())
	if link == "" {
		s.Log.Warn("a link was not mailed", "mailbox", shown, "error", "too many links are waiting to be used")
		return
	}
	ctx, cancel := context.WithTimeout(ctx, mailTime)
	defer cancel()
	if err := s.Post(ctx, r.mailbox, s.letter(r, link, s.zone(ctx, r.mailbox))); err != nil {
		s.links.drop(link)
		s.Log.Info("a link was not mailed", "mailbox", shown, "error", err)
		return
	}
	s.Log.Info("a link was mailed", "mailbox", shown)
}

// shown is a mailbox as the log has it.
func (s *Server) shown(mailbox string) string {
	if s.Shown == nil {
		return mailbox
	}
	return s.Shown(mailbox)
}

// letter is the mail that carries a link: nothing in it but the link was chosen by
// whoever asked, save the mailbox.
func (s *Server) letter(r request, link secret, zone *time.Location) []byte {
	id := "<" + string(newSecret())[:22] + "@" + s.host + ">"
	var b strings.Builder
	field := func(name, value string) { fmt.Fprintf(&b, "%s: %s\r\n", name, value) }
	field("From", "usher <"+s.from+">")
	field("To", "<"+r.mailbox+">")
	field("Subject", "Your link to usher")
	field("Date", r.at.Format(time.RFC1123Z))
	field("Message-ID", id)
	field("Auto-Submitted", "auto-generated")
	field(mail.HeaderDigest, s.Mark(r.mailbox, id))
	field("MIME-Version", "1.0")
	field("Content-Type", "text/plain; charset=utf-8")
	field("Content-Transfer-Encoding", "8bit")
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\r\n", args...) }
	line("")
	line("On %s somebody at %s", r.at.In(zone).Format("Mon 2 Jan 2006 15:04 MST"), r.client)
	line("asked to see what usher does with the mail of")
	line("%s.", r.mailbox)
	line("")
	line("If that was you, open this link. It works once, for %d minutes:", int(linkTime.Minutes()))
	line("")
	line("%s/in?link=%s", s.url, link)
	line("")
	line("If it was not you, do nothing: without this link nobody comes in.")
	return []byte(b.String())
}
