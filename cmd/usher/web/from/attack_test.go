package from

import (
	"net/http"
	"testing"
)

func TestWhatTheClientWroteNeverCounts(t *testing.T) {
	for _, last := range []string{"192.0.2.9:4711", "unknown", "[2001:db8::1]:99"} {
		r := &http.Request{RemoteAddr: "127.0.0.1:1", Header: http.Header{"X-Forwarded-For": {"203.0.113.5", last}}}
		if a := Address(r); a.String() == "203.0.113.5" {
			t.Errorf("%s: %v, which the client made up", last, a)
		}
	}
}
