package web

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
)

// NoUID is the uid of a caller who is no system user: it names nobody (it is
// what chown takes for "leave it").
const NoUID = ^uint32(0)

// As gives a client that asks within this process, for a caller who is known by
// other means than a system user: by a link that was mailed to the mailbox. What
// such a caller may ask is told by the same code as for all others.
func (s *Server) As(who Whoami) *Client {
	c := &Client{path: "this process"}
	c.http.Transport = within{s.routes(), who}
	return c
}

// within carries requests to the routes, without a socket.
type within struct {
	routes http.Handler
	who    Whoami
}

// RoundTrip implements http.RoundTripper.
func (t within) RoundTrip(r *http.Request) (resp *http.Response, err error) {
	if r.Body == nil {
		r.Body = http.NoBody
	}
	defer r.Body.Close()
	w := &taken{head: http.Header{}}
	defer func() {
		if p := recover(); p == http.ErrAbortHandler {
			resp, err = nil, errors.New("the answer broke off")
		} else if p != nil {
			panic(p)
		}
	}()
	t.routes.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), callerKey{}, t.who)))
	if w.status == 0 {
		return nil, errors.New("the question was not answered")
	}
	return &http.Response{
		StatusCode: w.status, Status: http.StatusText(w.status), Header: w.head, Request: r,
		Proto: r.Proto, ProtoMajor: 1, ProtoMinor: 1, Body: io.NopCloser(&w.body), ContentLength: int64(w.body.Len()),
	}, nil
}

// taken is an answer as it is written.
type taken struct {
	head   http.Header
	status int
	body   bytes.Buffer
}

// Header implements http.ResponseWriter.
func (t *taken) Header() http.Header { return t.head }

// WriteHeader implements http.ResponseWriter.
func (t *taken) WriteHeader(status int) {
	if t.status == 0 {
		t.status = status
	}
}

// Write implements http.ResponseWriter.
func (t *taken) Write(p []byte) (int, error) {
	t.WriteHeader(http.StatusOK)
	return t.body.Write(p)
}
