package daemon

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// jobs is the background work of one process: started here, named here, stopped
// here, under one context.
type jobs struct {
	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup

	mu     sync.Mutex
	failed []error
}

// newJobs does not end with its parent: jobs outlive the wire's drain, so that
// a question asked while mail drains is still answered.
func newJobs(parent context.Context) *jobs {
	j := &jobs{}
	j.ctx, j.cancel = context.WithCancel(context.WithoutCancel(parent))
	return j
}

func (j *jobs) start(name string, work func(context.Context) error) {
	j.wg.Go(func() {
		if err := work(j.ctx); err != nil && !errors.Is(err, context.Canceled) {
			j.mu.Lock()
			j.failed = append(j.failed, fmt.Errorf("%s: %w", name, err))
			j.mu.Unlock()
		}
	})
}

// stop ends all jobs, waits for them and returns what went wrong.
func (j *jobs) stop() error {
	j.cancel()
	j.wg.Wait()
	return errors.Join(j.failed...)
}
