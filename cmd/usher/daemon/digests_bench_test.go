package daemon

import (
	"fmt"
	"runtime/metrics"
	"syscall"
	"testing"
	"time"
)

// BenchmarkDigests is a run that is due for everybody at once, each with 50 promotions,
// over LMTP on loopback to a server that keeps nothing. peak-MB is how much the heap
// held at most, over what it held before; cpu-s what the run took of the processors,
// which unlike its time does not hang on what else the machine does.
func BenchmarkDigests(b *testing.B) {
	for _, people := range []int{1_000, 10_000} {
		b.Run(fmt.Sprint(people, " people"), func(b *testing.B) {
			for range b.N {
				b.StopTimer()
				now, dir := time.Now(), b.TempDir()
				d := town(b, dir, "lmtp:"+serve(b, &relay{isForgetful: true}, true))
				for n := range people {
					mailbox := fmt.Sprintf("p%d@example.org", n)
					states(b, dir, mailbox, daily(now), now)
					got(b, d, mailbox, 50, now)
				}
				before, stop, peak := heap(), make(chan bool), make(chan uint64)
				go func() { peak <- highest(stop) }()
				busy := spent(b)
				b.StartTimer()
				round := d.digests.round(b.Context(), now)
				b.StopTimer()
				close(stop)
				b.ReportMetric((spent(b) - busy).Seconds(), "cpu-s")
				b.ReportMetric(float64(max(<-peak, before)-before)/1e6, "peak-MB")
				b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s/run")
				if round.sent.Load() != int64(people) {
					b.Fatalf("%d were sent", round.sent.Load())
				}
				stopped(b, d)
				b.StartTimer()
			}
		})
	}
}

// heap is what live and not yet swept things take, in bytes.
func heap() uint64 {
	s := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64()
}

// highest watches the heap until stop.
func highest(stop <-chan bool) (most uint64) {
	for tick := time.NewTicker(5 * time.Millisecond); ; {
		most = max(most, heap())
		select {
		case <-tick.C:
		case <-stop:
			tick.Stop()
			return most
		}
	}
}

// spent is the time that this process took of the processors.
func spent(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
