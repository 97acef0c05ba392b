package web

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"usher/corpus/keys"
)

// takesBodies are the questions that have a body, each within a bound of its own.
var takesBodies = map[string]bool{"PUT /v1/intents": true, "POST /v1/test": true, "POST /v1/replay": true, movesPattern: true}

// TestWhatIsAskedStandsInTheAddress sends the beginning of a form of a gigabyte, and
// waits for the answer before the rest.
func TestWhatIsAskedStandsInTheAddress(t *testing.T) {
	var s *Server
	r := serveAs(t, func(made *Server) {
		s = made
		made.Rotate = func(context.Context) (keys.Rotated, error) { return keys.Rotated{}, nil }
	})
	for pattern := range s.answers() {
		method, path, is := strings.Cut(pattern, " ")
		if !is || takesBodies[pattern] || method != http.MethodPost {
			continue
		}
		for _, kind := range []string{"application/x-www-form-urlencoded", "multipart/form-data; boundary=b"} {
			t.Run(strings.ReplaceAll(path+" "+kind, "/", " "), func(t *testing.T) {
				c, err := net.Dial("unix", r.socket)
				if err != nil {
					t.Fatal(err)
				}
				defer c.Close()
				c.SetDeadline(time.Now().Add(answerTime / 10))
				fmt.Fprintf(c, "POST %s HTTP/1.1\r\nHost: usher\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n", path, kind, 1<<30)
				io.WriteString(c, "--b\r\nContent-Disposition: form-data; name=\"rcpt\"\r\n\r\n")
				resp, err := http.ReadResponse(bufio.NewReader(c), nil)
				if err != nil {
					t.Fatalf("it waits for the rest: %v", err)
				}
				resp.Body.Close()
			})
		}
	}
}
