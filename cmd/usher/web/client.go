package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"

	"usher/rules"
)

// Client asks the daemon. Its errors are *Error where they say what to do.
type Client struct {
	path string
	http http.Client
}

// Dial gives a client for the socket at path; it connects with the first
// question.
func Dial(path string) *Client {
	c := &Client{path: path}
	c.http.Timeout = answerTime
	c.http.Transport = &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, "unix", path)
		},
		DisableKeepAlives: true,
	}
	return c
}

// Status asks how the daemon is.
func (c *Client) Status(ctx context.Context) (st Status, err error) {
	err = c.Ask(ctx, Question{Path: "status"}, &st)
	return st, err
}

// Whoami asks whom the daemon takes the caller for.
func (c *Client) Whoami(ctx context.Context) (who Whoami, err error) {
	err = c.Ask(ctx, Question{Path: "whoami"}, &who)
	return who, err
}

// Decisions lists decisions, newest first. With rcpt "" it asks for all of the
// caller's mailboxes; a zero time or limit is no bound.
func (c *Client) Decisions(ctx context.Context, rcpt string, since, until time.Time, limit int) ([]*rules.Decision, error) {
	query := url.Values{}
	set(query, "rcpt", rcpt)
	if !since.IsZero() {
		query.Set("since", since.Format(time.RFC3339))
	}
	if !until.IsZero() {
		query.Set("until", until.Format(time.RFC3339))
	}
	if limit > 0 {
		query.Set("limit", strconv.Itoa(limit))
	}
	var list Listing
	err := c.Ask(ctx, Question{Path: "decisions", Query: query}, &list)
	return list.Decisions, err
}

// Why gives the decisions with an id, or on a Message-ID: what holds an @ or
// begins with < is one.
func (c *Client) Why(ctx context.Context, what, rcpt string) ([]*rules.Decision, error) {
	query := url.Values{}
	set(query, "rcpt", rcpt)
	if strings.ContainsAny(what, "@<") {
		query.Set("message-id", what)
	} else {
		query.Set("id", what)
	}
	var list Listing
	err := c.Ask(ctx, Question{Path: "why", Query: query}, &list)
	return list.Decisions, err
}

// Intents reads a person's file. Rcpt may be "" for who has one mailbox.
func (c *Client) Intents(ctx context.Context, rcpt string) (st Stated, err error) {
	query := url.Values{}
	set(query, "rcpt", rcpt)
	err = c.Ask(ctx, Question{Path: "intents", Query: query}, &st)
	return st, err
}

// PutIntents replaces the file that Intents gave by st.Text. If the file was
// changed meanwhile, or the text has mistakes, nothing is.
func (c *Client) PutIntents(ctx context.Context, st Stated) (now Stated, err error) {
	query := url.Values{}
	set(query, "rcpt", st.Mailbox)
	err = c.Ask(ctx, Question{Method: http.MethodPut, Path: "intents", Query: query, Body: []byte(st.Text), Match: st.Hash}, &now)
	return now, err
}

// Test gives the decision that a message would get; nil if the mailbox is not
// judged.
func (c *Client) Test(ctx context.Context, rcpt string, raw []byte) (*rules.Decision, error) {
	query := url.Values{}
	set(query, "rcpt", rcpt)
	var t Tested
	err := c.Ask(ctx, Question{Method: http.MethodPost, Path: "test", Query: query, Body: raw}, &t)
	return t.Decision, err
}

func set(query url.Values, name, value string) {
	if value != "" {
		query.Set(name, value)
	}
}

// Question is one request.
type Question struct {
	Method string // "" is GET
	Path   string // behind /v1/
	Query  url.Values
	Body   []byte
	Match  string // "": whatever stands there
}

// Ask asks, and reads the answer into value.
func (c *Client) Ask(ctx context.Context, q Question, value any) error {
	target := "http://usher/v1/" + q.Path + "?" + q.Query.Encode()
	req, err := http.NewRequestWithContext(ctx, q.Method, target, bytes.NewReader(q.Body))
	if err != nil {
		return err
	}
	if q.Match != "" {
		req.Header.Set("If-Match", `"`+q.Match+`"`)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return c.silent(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return fmt.Errorf("ask usher at %s: %w", c.path, err)
	}
	if resp.StatusCode != http.StatusOK {
		e := &Error{Status: resp.StatusCode}
		if json.Unmarshal(body, e) != nil || e.Text == "" {
			e.Text = fmt.Sprintf("ask usher at %s: %s", c.path, resp.Status)
		}
		return e
	}
	if err := json.Unmarshal(body, value); err != nil {
		return fmt.Errorf("read the answer of usher at %s: %w", c.path, err)
	}
	return nil
}

// ErrNotRunning is the error of a question that no daemon answers.
var ErrNotRunning = errors.New("usher is not running")

// silent explains why nobody answers.
func (c *Client) silent(err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ECONNREFUSED):
		return &Error{0, ErrNotRunning.Error() + ": nobody answers at " + c.path,
			"start it with `systemctl start usher` or `usher serve`, or name its socket with --socket; `usher explain` and `usher classify` work without it"}
	case errors.Is(err, fs.ErrPermission):
		return &Error{0, "the socket " + c.path + " may not be opened",
			"every user may open it in the daemon's own folder: ask the operator for the mode of the socket and of the folder"}
	}
	return fmt.Errorf("ask usher at %s: %w", c.path, err)
}
