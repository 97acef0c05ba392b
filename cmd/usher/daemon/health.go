package daemon

import (
	"context"
	"errors"
	"strings"
	"time"

	"usher/cmd/usher/health"
	"usher/cmd/usher/systemd"
)

// watchEvery is how often next hops that are not up are greeted, and how old
// what systemd shows of the daemon may be.
const watchEvery = 5 * time.Second

// alive says what does not answer: an accept loop, or the store. A store that
// answers with an error is alive: to restart would not mend it, and meanwhile
// mail passes untouched.
func (d *Daemon) alive(ctx context.Context) error {
	return errors.Join(d.wire.Alive(ctx), d.storeAnswers(ctx))
}

// storeAnswers has the store read something. Who asks while an earlier reading
// stands still waits for that one.
func (d *Daemon) storeAnswers(ctx context.Context) error {
	silent := errors.New("the store does not answer")
	select {
	case d.asking <- struct{}{}:
	case <-ctx.Done():
		return silent
	}
	answered := make(chan struct{})
	go func() {
		d.store.Counts(time.Now())
		<-d.asking
		close(answered)
	}()
	select {
	case <-answered:
		return nil
	case <-ctx.Done():
		return silent
	}
}

// unready says what keeps mail from being taken, decided and passed on.
func (d *Daemon) unready() []string {
	why := d.wire.Unready()
	if err := d.store.Ready(); err != nil {
		why = append(why, "the store cannot record, and mail passes untouched: "+err.Error())
	}
	return why
}

// openHealth opens the address at which metrics and health are answered, if one
// is set.
func (d *Daemon) openHealth() (err error) {
	if d.settings.MetricsListen == "" {
		return nil
	}
	d.health, err = health.Listen(d.settings.MetricsListen)
	return err
}

// tell starts what tells others how the daemon is: over HTTP, and systemd.
// serving ends when no more mail is taken.
func (d *Daemon) tell(serving context.Context, jobs *jobs) {
	if d.health != nil {
		d.log.Info("metrics and health", "address", d.health.Addr().String())
		answers := &health.Server{Metrics: health.All(d.wire.Metrics(), d.digests.counts), Live: d.alive, Ready: d.unready}
		jobs.start("metrics and health", func(ctx context.Context) error { return answers.Serve(ctx, d.health) })
	}
	manager := systemd.Notifier{Log: d.log}
	context.AfterFunc(serving, manager.Stopping)
	jobs.start("watch over next hops", func(context.Context) error {
		if d.wire.Alive(serving) == nil {
			manager.Ready()
			d.watch(serving, manager)
		}
		return nil
	})
	jobs.start("feed the watchdog", func(ctx context.Context) error { return manager.Feed(ctx, d.alive) })
}

// watch greets next hops that are not up, and tells systemd when something
// changes.
func (d *Daemon) watch(ctx context.Context, manager systemd.Notifier) {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for last := ""; ; {
		d.wire.Greet(ctx)
		status := "serving"
		if why := d.unready(); len(why) > 0 {
			status = strings.Join(why, "; ")
		}
		if status != last && ctx.Err() == nil {
			manager.Status(status)
			last = status
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}
