package bounces

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/textproto"
	"strings"

	"usher/classify/mail"
)

// Why a letter to an address of ours leaves nobody alone.
var (
	errNoBounce  = errors.New("it has a reverse-path, and is no bounce")
	errNotFailed = errors.New("it is no delivery status notification (RFC 3464) with Action: failed")
)

// Bounds of what is read of a notice.
const (
	maxParts  = 8
	maxGroups = 100 // of fields
)

// failed reports whether a message tells that mail could not be delivered, for good. Of a
// message that was cut off what is there counts.
func failed(m *mail.Message, raw []byte) bool {
	kind, params, err := mime.ParseMediaType(m.Get("Content-Type"))
	if err != nil || kind != "multipart/report" || !strings.EqualFold(params["report-type"], "delivery-status") || params["boundary"] == "" {
		return false
	}
	parts := multipart.NewReader(bytes.NewReader(raw), params["boundary"])
	for range maxParts {
		part, err := parts.NextPart()
		if err != nil {
			return false
		}
		if kind, _, _ := mime.ParseMediaType(part.Header.Get("Content-Type")); kind == "message/delivery-status" || kind == "message/global-delivery-status" {
			return saysFailed(part)
		}
	}
	return false
}

// saysFailed reads groups of fields, of which the first is about the message and each
// other about one recipient.
func saysFailed(r io.Reader) bool {
	br := textproto.NewReader(bufio.NewReader(r))
	for range maxGroups {
		h, err := br.ReadMIMEHeader()
		if word, _, _ := strings.Cut(strings.TrimSpace(h.Get("Action")), " "); strings.EqualFold(word, "failed") {
			return true
		}
		if err != nil {
			return false
		}
	}
	return false
}
