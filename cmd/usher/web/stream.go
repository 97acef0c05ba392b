package web

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

// streamed is an answer that is too long for memory. What goes wrong once it has
// begun breaks the connection off, so that nobody takes a part for the whole.
type streamed func(w io.Writer) error

// stream writes such an answer. Time is short for each piece, not for the whole.
func (s *Server) stream(w http.ResponseWriter, r *http.Request, write streamed) {
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Cache-Control", "no-store")
	control := http.NewResponseController(w)
	piece := writerFunc(func(p []byte) (int, error) {
		if err := r.Context().Err(); err != nil {
			return 0, err
		}
		_ = control.SetWriteDeadline(time.Now().Add(answerTime)) // within the process there is none
		return w.Write(p)
	})
	if err := write(piece); err != nil {
		s.told(r, err)
		panic(http.ErrAbortHandler)
	}
}

type writerFunc func(p []byte) (int, error)

// Write implements io.Writer.
func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// take copies a long answer to w. It gives up where the daemon is silent for long.
func (c *Client) take(ctx context.Context, q Question, w io.Writer) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	silent := time.AfterFunc(answerTime, cancel)
	defer silent.Stop()
	req, err := http.NewRequestWithContext(ctx, q.Method, "http://usher/v1/"+q.Path+"?"+q.Query.Encode(), nil)
	if err != nil {
		return err
	}
	patient := c.http
	patient.Timeout = 0
	resp, err := patient.Do(req)
	if err != nil {
		return c.silent(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		body, err := io.ReadAll(resp.Body)
		e := &Error{Status: resp.StatusCode}
		if err != nil || json.Unmarshal(body, e) != nil || e.Text == "" {
			e.Text = fmt.Sprintf("ask usher at %s: %s", c.path, resp.Status)
		}
		return e
	}
	_, err = io.Copy(w, io.TeeReader(resp.Body, writerFunc(func(p []byte) (int, error) {
		silent.Reset(answerTime)
		return len(p), nil
	})))
	if err != nil {
		return fmt.Errorf("the answer of usher at %s broke off: %w", c.path, err)
	}
	return nil
}
