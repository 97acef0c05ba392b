package web

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"strings"
	"time"

	"usher/corpus/audit"
	"usher/rules"
	"usher/rules/intents"
	"usher/rules/intents/shelf"
)

func (s *Server) intentsRoutes() map[string]Answer {
	return map[string]Answer{
		"GET /v1/intents": s.getIntents,
		"PUT /v1/intents": s.putIntents,
		"POST /v1/test":   s.postTest,
	}
}

func (s *Server) getIntents(_ http.ResponseWriter, r *http.Request, who Whoami) (any, error) {
	box, err := s.Mailbox(r, who)
	if err != nil {
		return nil, err
	}
	return s.stated(box)
}

// stated reads the file of a mailbox as it stands.
func (s *Server) stated(box string) (Stated, error) {
	path, err := s.Intents.path(box)
	if err != nil {
		return Stated{}, Wrong("%s can have no intents file: %v", box, err)
	}
	st := Stated{Mailbox: box, Path: path}
	own, site := s.Intents.InForce(box)
	for _, f := range []*intents.File{site, own} {
		if f != nil && f.Zone != nil {
			st.Zone = f.Zone.String()
		}
	}
	text, err := s.Intents.read(box)
	if errors.Is(err, fs.ErrNotExist) {
		return st, nil
	}
	if errors.Is(err, shelf.ErrNotPlain) {
		return st, &Error{http.StatusConflict, path + " is a link, or no plain file of a size that is read", "edit it where it lies, with --file"}
	}
	if err != nil {
		return st, err
	}
	st.Exists, st.Text, st.Hash = true, string(text), hashOf(text)
	if fault := s.Intents.Fault(box); fault != nil {
		st.Fault = fault.Error()
	} else if own != nil {
		st.Unread = own.Unread()
	}
	return st, nil
}

// Where is the zone in force, this machine's if none is stated.
func (st Stated) Where() *time.Location {
	if zone, err := time.LoadLocation(st.Zone); err == nil && st.Zone != "" {
		return zone
	}
	return time.Local
}

// Whole reports whether Text is the file byte for byte: what is no UTF-8 does not
// come through JSON as it was.
func (st Stated) Whole() bool { return !st.Exists || hashOf([]byte(st.Text)) == st.Hash }

func hashOf(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

// putIntents replaces a file by a text that is free of mistakes, if the file is
// still the one that the caller read: If-Match names its hash. Without If-Match
// there must be no file yet.
func (s *Server) putIntents(w http.ResponseWriter, r *http.Request, who Whoami) (any, error) {
	box, err := s.Mailbox(r, who)
	if err != nil {
		return nil, err
	}
	text, err := read(w, r, intents.MaxBytes)
	if err != nil {
		return nil, err
	}
	s.edit.Lock()
	defer s.edit.Unlock()
	now, err := s.stated(box)
	if err != nil {
		return nil, err
	}
	if _, errs := intents.Parse(now.Path, text, time.Now()); len(errs) > 0 {
		return nil, &Error{http.StatusUnprocessableEntity, errs.Error(), "nothing was changed: mend the text and store it again"}
	}
	if read := strings.Trim(r.Header.Get("If-Match"), `"`); read != now.Hash {
		return nil, changed(now.Path)
	}
	err = s.Intents.replace(box, now, text)
	if errors.Is(err, shelf.ErrChanged) { // by hand, this very moment
		return nil, changed(now.Path)
	}
	if err != nil {
		return nil, fmt.Errorf("store intents: %w", err)
	}
	if !now.Exists {
		s.auditOften(r.Context(), who, audit.On, box, "ok")
	}
	if s.Stated != nil {
		if err := s.Stated(r.Context(), box); err != nil {
			s.log().Warn("permissions are not up to date", "error", err)
		}
	}
	return s.stated(box)
}

func changed(path string) *Error {
	return &Error{http.StatusPreconditionFailed, path + " was changed since it was read", "read it again, and make your change to that"}
}

// Tested is what a message would get.
type Tested struct {
	Judged   bool            `json:"judged"` // false: nothing is stated for the mailbox, its mail passes untouched
	Decision *rules.Decision `json:"decision,omitempty"`
}

func (s *Server) postTest(w http.ResponseWriter, r *http.Request, who Whoami) (any, error) {
	box, err := s.Mailbox(r, who)
	if err != nil {
		return nil, err
	}
	// A caller who leaves before the message is read is not noticed.
	wait, cancel := context.WithTimeout(r.Context(), answerTime/2)
	defer cancel()
	leave := s.testing(wait, who)
	if leave == nil {
		return nil, &Error{http.StatusServiceUnavailable, "other messages are being tested", "try again in a minute"}
	}
	defer leave()
	raw, err := readSoon(w, r, MaxMessage)
	if err != nil {
		return nil, err
	}
	d, err := s.Explain(r.Context(), box, raw)
	if err != nil {
		return nil, err
	}
	return Tested{d != nil, d}, nil
}
