// Package health answers over HTTP how usher is: its metrics, whether it works,
// whether it serves. It never answers beyond this machine, and never tells
// anything of anyone's mail.
package health

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Bounds of a request.
const (
	requestTime = 10 * time.Second
	liveTime    = 2 * time.Second // for all parts to answer
	maxRequests = 8               // at a time
)

// live is what is answered while all parts are.
const live = "alive"

// Server answers. Its fields are set before Serve and not changed.
type Server struct {
	Metrics prometheus.Gatherer
	Live    func(context.Context) error // what of the program does not answer, nil if all does
	Ready   func() []string             // what keeps it from serving, in sentences; nothing if it serves
}

// CheckAddress says why metrics and health may not be answered at an address,
// nil if they may: only this machine may ask.
func CheckAddress(address string) error {
	host, port, err := net.SplitHostPort(address)
	if err != nil || port == "" {
		return fmt.Errorf("metrics-listen %q is no address: write 127.0.0.1:9925", address)
	}
	if addr, err := netip.ParseAddr(host); host != "localhost" && (err != nil || !addr.IsLoopback()) {
		return fmt.Errorf("metrics-listen %s could be asked from beyond this machine: write 127.0.0.1:%s, and let a proxy with a password stand before it", address, port)
	}
	return nil
}

// Listen opens the address, which must be of this machine alone.
func Listen(address string) (net.Listener, error) {
	if err := CheckAddress(address); err != nil {
		return nil, err
	}
	ln, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen for metrics and health: %w; choose another metrics-listen, or leave it empty", err)
	}
	return ln, nil
}

// Serve answers until ctx ends.
func (s *Server) Serve(ctx context.Context, ln net.Listener) error {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(s.Metrics, promhttp.HandlerOpts{MaxRequestsInFlight: maxRequests}))
	mux.HandleFunc("GET /healthz/live", s.live)
	mux.HandleFunc("GET /healthz/ready", s.ready)
	srv := &http.Server{Handler: mux, ReadTimeout: requestTime, WriteTimeout: requestTime, MaxHeaderBytes: 16 << 10}
	defer context.AfterFunc(ctx, func() { srv.Close() })()
	if err := srv.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("answer metrics and health: %w", err)
	}
	return nil
}

func (s *Server) live(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), liveTime)
	defer cancel()
	var why []string
	if err := s.Live(ctx); err != nil {
		why = strings.Split(err.Error(), "\n")
	}
	answer(w, live, why)
}

// Answers reports whether a usher answers at an address, whether or not it is well.
func Answers(ctx context.Context, address string) bool {
	ctx, cancel := context.WithTimeout(ctx, requestTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/healthz/live", nil)
	if err != nil {
		return false
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	said, err := io.ReadAll(io.LimitReader(resp.Body, 1<<10))
	first, _, _ := strings.Cut(string(said), "\n")
	return err == nil && (first == live || first == "not "+live)
}

func (s *Server) ready(w http.ResponseWriter, _ *http.Request) { answer(w, "ready", s.Ready()) }

// answer says that all is well, or 503 and line by line what is not.
func answer(w http.ResponseWriter, well string, why []string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	if len(why) == 0 {
		io.WriteString(w, well+"\n")
		return
	}
	w.WriteHeader(http.StatusServiceUnavailable)
	io.WriteString(w, "not "+well+"\n"+strings.Join(why, "\n")+"\n")
}
