package report

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/textproto"
	"strings"
	"time"
)

// Fields of ours in a message that holds a report.
const (
	FieldDomain    = "Relevance-Report-Domain"
	FieldSubmitter = "Relevance-Report-Submitter"
)

// Message is the report as mail to an address: text for people, and the JSON in gzip. It
// is the same each time, but for the day it is sent.
func (r *Report) Message(to string, at time.Time) ([]byte, error) {
	var b bytes.Buffer
	id, sub := r.Metadata.ID, r.Metadata.Submitter
	boundary := "usher-" + strings.ReplaceAll(strings.SplitN(id, "@", 2)[0], ".", "-")
	stop := "" // who fetches it gets no mail
	if strings.Contains(to, "@") {
		stop = "<mailto:relevance-reports@" + sub + "?subject=STOP%20" + r.Policy.Domain + ">"
	}
	for _, f := range [][2]string{
		{"From", "relevance-reports@" + sub}, {"To", to}, {"Date", at.UTC().Format(time.RFC1123Z)}, {"Message-ID", "<" + id + ">"},
		{"Subject", fmt.Sprintf("Report Domain: %s Submitter: %s Report-ID: <%s>", r.Policy.Domain, sub, id)},
		{"Auto-Submitted", "auto-generated"}, {FieldDomain, r.Policy.Domain}, {FieldSubmitter, sub},
		{"List-Unsubscribe", stop}, {"MIME-Version", "1.0"}, {"Content-Type", `multipart/report; report-type=relevance-report; boundary="` + boundary + `"`},
	} {
		if f[1] != "" {
			fmt.Fprintf(&b, "%s: %s\r\n", f[0], f[1])
		}
	}
	b.WriteString("\r\n")
	packed, err := r.packed()
	if err != nil {
		return nil, err
	}
	w := multipart.NewWriter(&b)
	if err := w.SetBoundary(boundary); err != nil {
		return nil, fmt.Errorf("write a report: %w", err)
	}
	rg := r.Metadata.Range
	name := fmt.Sprintf("%s!%s!%d!%d!%s.json.gz", sub, r.Policy.Domain, rg.Begin.Unix(), rg.End.Unix(), strings.TrimPrefix(boundary, "usher-"))
	for _, part := range []struct {
		head textproto.MIMEHeader
		text string
	}{
		{textproto.MIMEHeader{"Content-Type": {"text/plain; charset=utf-8"}, "Content-Transfer-Encoding": {"8bit"}}, strings.ReplaceAll(r.Text(), "\n", "\r\n")},
		{textproto.MIMEHeader{"Content-Type": {TypeGzip}, "Content-Transfer-Encoding": {"base64"}, "Content-Disposition": {`attachment; filename="` + name + `"`}}, packed},
	} {
		p, err := w.CreatePart(part.head)
		if err == nil {
			_, err = p.Write([]byte(part.text))
		}
		if err != nil {
			return nil, fmt.Errorf("write a report: %w", err)
		}
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("write a report: %w", err)
	}
	return b.Bytes(), nil
}

// packed is the JSON in gzip, in lines of base64.
func (r *Report) packed() (string, error) {
	raw, err := json.Marshal(r)
	if err != nil {
		return "", fmt.Errorf("write a report: %w", err)
	}
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	if _, err = w.Write(raw); err == nil {
		err = w.Close()
	}
	if err != nil {
		return "", fmt.Errorf("write a report: %w", err)
	}
	const columns = 76
	var b strings.Builder
	for text := base64.StdEncoding.EncodeToString(z.Bytes()); text != ""; {
		n := min(columns, len(text))
		b.WriteString(text[:n] + "\r\n")
		text = text[n:]
	}
	return b.String(), nil
}
