// Package within asks an HTTP server of this process, without a socket. It never
// tells who may ask what.
package within

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime/debug"
	"sync"
)

// Transport carries requests to routes. An answer is read while it is written, so that a
// long one is never in memory whole.
type Transport struct {
	Routes http.Handler
	With   func(context.Context) context.Context // what the routes are to know of the caller
}

// RoundTrip implements http.RoundTripper.
func (t Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body == nil {
		r.Body = http.NoBody
	}
	read, write := io.Pipe()
	a := &taken{head: http.Header{}, body: write, begun: make(chan struct{})}
	asked := r.WithContext(t.With(r.Context()))
	go func() {
		defer r.Body.Close()
		write.CloseWithError(a.serve(t.Routes, asked))
		a.begin.Do(func() { close(a.begun) }) // there is no answer
	}()
	select {
	case <-a.begun:
	case <-r.Context().Done():
		read.Close()
		return nil, r.Context().Err()
	}
	if a.status == 0 {
		_, err := read.Read(nil)
		return nil, errors.Join(errors.New("the question was not answered"), err)
	}
	return &http.Response{
		StatusCode: a.status, Status: http.StatusText(a.status), Header: a.head, Request: r,
		Proto: r.Proto, ProtoMajor: 1, ProtoMinor: 1, Body: read, ContentLength: -1,
	}, nil
}

// taken is an answer as it is written.
type taken struct {
	head   http.Header
	status int
	body   *io.PipeWriter
	begin  sync.Once
	begun  chan struct{} // closed when the status is known
}

// serve has a question answered. What breaks off is an error to whoever reads.
func (t *taken) serve(routes http.Handler, r *http.Request) (err error) {
	defer func() {
		if p := recover(); p == http.ErrAbortHandler {
			err = errors.New("the answer broke off")
		} else if p != nil {
			err = fmt.Errorf("answer %s: %v\n%s", r.URL.Path, p, debug.Stack())
		}
	}()
	routes.ServeHTTP(t, r)
	return nil
}

// Header implements http.ResponseWriter.
func (t *taken) Header() http.Header { return t.head }

// WriteHeader implements http.ResponseWriter.
func (t *taken) WriteHeader(status int) {
	t.begin.Do(func() {
		t.status = status
		close(t.begun)
	})
}

// Write implements http.ResponseWriter.
func (t *taken) Write(p []byte) (int, error) {
	t.WriteHeader(http.StatusOK)
	return t.body.Write(p)
}
