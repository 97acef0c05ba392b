package report

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"strings"
)

// Types of the parts of a report (the names of ours stand nowhere else).
const (
	TypeJSON = "application/vnd.usher.relevance-report+json"
	TypeGzip = "application/vnd.usher.relevance-report+gzip"
)

// maxJSON bounds a report, in bytes; of a hundred rows it has some 120 KB.
const maxJSON = 4 << 20

// Errors of Read.
var (
	ErrNoReport = errors.New("it is no relevance report")
	ErrVersion  = errors.New("it is of a version that this usher does not read")
)

// Read reads a report: the message as it came, its JSON, or that in gzip. Fields that it
// does not know it leaves out.
func Read(raw []byte) (*Report, error) {
	plain, err := jsonIn(raw)
	if err != nil {
		return nil, err
	}
	var r Report
	if err := json.Unmarshal(plain, &r); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoReport, err)
	}
	if major, _, _ := strings.Cut(r.Version, "."); r.Version == "" || len(r.Records) == 0 {
		return nil, ErrNoReport
	} else if ours, _, _ := strings.Cut(Version, "."); major != ours {
		return nil, fmt.Errorf("%w: %s", ErrVersion, r.Version)
	}
	return &r, nil
}

func jsonIn(raw []byte) ([]byte, error) {
	trimmed := bytes.TrimLeft(raw, " \t\r\n\ufeff")
	switch {
	case bytes.HasPrefix(raw, []byte{0x1f, 0x8b}):
		return unzipped(raw)
	case bytes.HasPrefix(trimmed, []byte("{")):
		return trimmed, nil
	}
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("%w: it is neither a message nor JSON", ErrNoReport)
	}
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || params["boundary"] == "" {
		return nil, fmt.Errorf("%w: the message has no parts", ErrNoReport)
	}
	parts := multipart.NewReader(m.Body, params["boundary"])
	for {
		p, err := parts.NextRawPart()
		if err != nil {
			return nil, fmt.Errorf("%w: none of the message's parts is one", ErrNoReport)
		}
		kind, _, _ := mime.ParseMediaType(p.Header.Get("Content-Type"))
		if kind != TypeGzip && kind != TypeJSON {
			continue
		}
		var body io.Reader = p
		if strings.EqualFold(p.Header.Get("Content-Transfer-Encoding"), "base64") {
			body = base64.NewDecoder(base64.StdEncoding, p)
		}
		content, err := io.ReadAll(io.LimitReader(body, maxJSON))
		if err != nil || kind == TypeJSON {
			return content, err
		}
		return unzipped(content)
	}
}

func unzipped(raw []byte) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoReport, err)
	}
	plain, err := io.ReadAll(io.LimitReader(z, maxJSON+1))
	if err != nil || len(plain) > maxJSON {
		return nil, fmt.Errorf("%w: what it holds is cut short, or too long", ErrNoReport)
	}
	return plain, nil
}
