// Package systemd tells the service manager how usher is, and takes the sockets
// that it holds for us. It never does anything where systemd did not start us.
package systemd

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/coreos/go-systemd/v22/activation"
	"github.com/coreos/go-systemd/v22/daemon"

	"usher/smtpd/sockets"
)

// Sockets gives the listening sockets that systemd handed over, once: they are
// not passed on to other processes.
func Sockets() ([]sockets.Handed, error) {
	named, err := activation.ListenersWithNames()
	if err != nil {
		return nil, fmt.Errorf("take the sockets that systemd holds: %w", err)
	}
	var out []sockets.Handed
	for name, listeners := range named {
		for _, ln := range listeners {
			if ln == nil {
				return nil, fmt.Errorf("take the socket %s that systemd holds: it is no stream socket; write ListenStream in the socket unit", name)
			}
			out = append(out, sockets.Handed{Name: name, Listener: ln})
		}
	}
	return out, nil
}

// Notifier tells systemd of the service's state. What cannot be told is logged:
// mail does not wait for it.
type Notifier struct{ Log *slog.Logger }

func (n Notifier) tell(state ...string) {
	if _, err := daemon.SdNotify(false, strings.Join(state, "\n")); err != nil {
		n.Log.Warn("systemd was not told", "state", state[0], "error", err)
	}
}

// Ready tells that mail is taken from now on.
func (n Notifier) Ready() { n.tell(daemon.SdNotifyReady) }

// Stopping tells that no more mail is taken.
func (n Notifier) Stopping() {
	n.tell(daemon.SdNotifyStopping, "STATUS=stopping: finishing what is under way")
}

// Status tells in words how the service is, for systemctl status.
func (n Notifier) Status(text string) { n.tell("STATUS=" + strings.ReplaceAll(text, "\n", "; ")) }

// Feed feeds the watchdog until ctx ends, as long as alive answers nil in time.
// It returns at once where systemd watches nothing.
func (n Notifier) Feed(ctx context.Context, alive func(context.Context) error) error {
	limit, err := daemon.SdWatchdogEnabled(false)
	if err != nil {
		return fmt.Errorf("feed systemd's watchdog: %w", err)
	}
	if limit == 0 {
		return nil
	}
	tick := time.NewTicker(limit / feeds)
	defer tick.Stop()
	for {
		asked, cancel := context.WithTimeout(ctx, limit/feeds)
		err := alive(asked)
		cancel()
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			n.Log.Error("the watchdog is not fed", "error", err)
		default:
			n.tell(daemon.SdNotifyWatchdog)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// feeds is how often the watchdog is fed in the time after which it bites: one
// answer that is late does no harm, and neither does the next.
const feeds = 4
