package complain

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/textproto"
	"strings"
	"time"
)

// Letter is one complaint to one address.
type Letter struct {
	From, To string
	ID       string // Message-ID without brackets
	Host     string // that reports, and whose check of the signature it was
	Agent    string // what writes it: "usher/1.0"
	Reason   string
	Arrived  time.Time // only its day is told
	At       time.Time
	Minimal  bool // the message is named by its CFBL-Feedback-ID alone, where it has one
}

// Letter writes a complaint as RFC 5965 has it. The words are the same for everybody,
// but for the reason; nothing in it is of the recipient.
func (s *Slip) Letter(l Letter) ([]byte, error) {
	day := l.Arrived.UTC().Truncate(24 * time.Hour)
	about := [][2]string{
		{"Feedback-Type", "abuse"}, {"User-Agent", l.Agent}, {"Version", "1"}, {"Original-Mail-From", "<" + s.MailFrom + ">"},
		{"Arrival-Date", day.Format(time.RFC1123Z)}, {"Reporting-MTA", "dns; " + l.Host},
		{"Authentication-Results", l.Host + "; dkim=pass header.d=" + s.Signer}, {"Reported-Domain", s.From},
	}
	message := [][2]string{{"Message-ID", s.MessageID}, {"CFBL-Feedback-ID", s.ID}, {"Feedback-ID", s.Feedback}, {"List-Id", s.List}}
	if l.Minimal && s.ID != "" {
		message = [][2]string{{"CFBL-Feedback-ID", s.ID}}
	}
	boundary := "usher-" + strings.SplitN(l.ID, "@", 2)[0]
	var b bytes.Buffer
	b.WriteString(header([][2]string{
		{"From", l.From}, {"To", l.To}, {"Date", l.At.UTC().Format(time.RFC1123Z)}, {"Message-ID", "<" + l.ID + ">"},
		{"Subject", "Complaint about a message from " + s.From}, {"Auto-Submitted", "auto-generated"}, {"MIME-Version", "1.0"},
		{"Content-Type", `multipart/report; report-type=feedback-report; boundary="` + boundary + `"`},
	}) + "\r\n")
	w := multipart.NewWriter(&b)
	if err := w.SetBoundary(boundary); err != nil {
		return nil, fmt.Errorf("write a complaint: %w", err)
	}
	for _, p := range [][2]string{
		{"text/plain; charset=utf-8", "A recipient marked this message as unwanted. Reason: " + l.Reason + ".\r\nRecipient data is redacted. To receive no more, reply with Subject STOP.\r\n"},
		{"message/feedback-report", header(about)},
		{"text/rfc822-headers; charset=utf-8", header(message)},
	} {
		part, err := w.CreatePart(textproto.MIMEHeader{"Content-Type": {p[0]}})
		if err == nil {
			_, err = part.Write([]byte(p[1]))
		}
		if err != nil {
			return nil, fmt.Errorf("write a complaint: %w", err)
		}
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("write a complaint: %w", err)
	}
	return b.Bytes(), nil
}

// header writes fields; one without a value is left out.
func header(fields [][2]string) string {
	var b strings.Builder
	for _, f := range fields {
		if f[1] != "" {
			b.WriteString(f[0] + ": " + f[1] + "\r\n")
		}
	}
	return b.String()
}
