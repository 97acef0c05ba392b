package people

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"usher/classify"
	"usher/classify/mail"
	"usher/rules"
	"usher/rules/intents"
	"usher/rules/intents/shelf"
)

// mailbox is the nth of many.
func mailbox(n int) string { return fmt.Sprintf("person%d@example.org", n) }

// tenWants is a file of ten wants, of some 600 bytes.
func tenWants(n int) string {
	var b strings.Builder
	for i, thing := range []string{"winter running shoes", "coffee grinder", "road bike", "train trips", "wool socks", "garden tools", "theatre tickets", "yoga class", "flights to Japan", "tent"} {
		fmt.Fprintf(&b, "want \"%s %d\" under %d EUR until 2027-01-31\n", thing, n+i, 20+i)
	}
	return b.String()
}

// town writes the files of so many people, and returns a Dir of them.
func town(tb testing.TB, people int) *Dir {
	tb.Helper()
	root := tb.TempDir()
	if err := os.MkdirAll(filepath.Join(root, "intents/example.org"), 0o700); err != nil {
		tb.Fatal(err)
	}
	for n := range people {
		if err := os.WriteFile(filepath.Join(root, "intents", Path(mailbox(n))), []byte(tenWants(n)), 0o600); err != nil {
			tb.Fatal(err)
		}
	}
	return NewDir(filepath.Join(root, "intents"), "", nil)
}

// all is what a Dir holds, as it counts it.
func (d *Dir) all() (files, bytes int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.recent.Len(), d.held
}

// heap is what is in use, in bytes.
func heap() int {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

// copied asks for a file, and waits until its last good version is copied.
func (d *Dir) copied(mailbox string) {
	d.InForce(mailbox)
	d.Wait()
}

func TestMemoryIsBounded(t *testing.T) {
	const people = 400
	d := town(t, people)
	d.Budget = 4 << 20
	judge := &rules.Judge{Model: classify.New(), Statements: d}
	if _, err := judge.Decide(t.Context(), offer(mailbox(0))); err != nil { // what all share is read once
		t.Fatal(err)
	}
	before := heap()
	for n := range people {
		ds, err := judge.Decide(t.Context(), offer(mailbox(n)))
		if err != nil || len(ds[0].Relevance) != 10 {
			t.Fatalf("the file of %s is not in force: %v, %v", mailbox(n), ds[0], err)
		}
		if _, held := d.all(); held > d.Budget {
			t.Fatalf("%d bytes are held, more than %d", held, d.Budget)
		}
	}
	files, held := d.all()
	if files == 0 || files > people/4 || held < d.Budget/2 {
		t.Errorf("%d files and %d bytes are held", files, held)
	}
	if grown := heap() - before; grown > 2*d.Budget {
		t.Errorf("the heap grew by %d bytes for a budget of %d", grown, d.Budget)
	}
	runtime.KeepAlive(d)
}

func TestTheFileAskedForLastStays(t *testing.T) {
	d := town(t, 50)
	own, _ := d.InForce(mailbox(0))
	d.Wait()
	d.Budget = 10 * d.files[Path(mailbox(0))].cost
	for n := 1; n < 50; n++ {
		d.InForce(mailbox(n))
		if again, _ := d.InForce(mailbox(0)); again != own {
			t.Fatalf("after %d others the file was read again", n)
		}
	}
	if files, _ := d.all(); files < 8 || files > 10 { // some are a few bytes longer
		t.Errorf("%d files are kept, not 10", files)
	}
}

func TestAFileLargerThanTheBudgetServes(t *testing.T) {
	d := town(t, 2)
	d.Budget = 1
	for range 2 {
		for n := range 2 {
			if own, _ := d.InForce(mailbox(n)); own == nil {
				t.Fatal("not in force")
			}
			if files, _ := d.all(); files != 1 {
				t.Errorf("%d files are kept, not 1", files)
			}
		}
	}
}

func TestAFileThatLeftMemoryKeepsItsLastGoodVersion(t *testing.T) {
	h := newHouse(t)
	h.Good, h.Budget = filepath.Join(h.root, "good"), 1
	h.write(hers, "mute topic tea until 24 Dec\n")
	h.write("intents/example.org/otto.intents", "mute topic cars\n")
	h.copied(maria)
	h.copied("otto@example.org")
	if h.files[Path(maria)] != nil {
		t.Fatal("the file is still in memory")
	}
	h.write(hers, "mutes tea\n")
	own, _ := h.InForce(maria)
	if said(own) != `mute topic "tea" until 2026-12-24` || h.Fault(maria) == nil {
		t.Errorf("in force: %s; fault %v", said(own), h.Fault(maria))
	}
}

func TestACopyIsWrittenOnce(t *testing.T) {
	h := newHouse(t)
	h.Good, h.Budget = filepath.Join(h.root, "good"), 1
	h.write(hers, "mute topic tea\n")
	h.write("intents/example.org/otto.intents", "mute topic cars\n")
	folder := shelf.Folder{Path: filepath.Join(h.Good, "example.org")}
	h.copied(maria)
	first := folder.Look("maria.intents")
	h.copied("otto@example.org")
	h.copied(maria)
	if again := folder.Look("maria.intents"); again != first || again == (shelf.Stamp{}) {
		t.Errorf("the copy was %v, and is %v", first, again)
	}
	h.copied("otto@example.org")
	h.write(hers, "mute topic cup\n") // as long as before
	h.copied(maria)
	if again := folder.Look("maria.intents"); again == first {
		t.Error("the copy of another version was not written")
	}
}

func TestManyThatAskForOneFileReadItOnce(t *testing.T) {
	d := town(t, 1)
	files := make([]*intents.File, 64)
	var wg sync.WaitGroup
	for i := range files {
		wg.Go(func() { files[i], _ = d.InForce(mailbox(0)) })
	}
	wg.Wait()
	for _, f := range files {
		if f == nil || f != files[0] {
			t.Fatal("read twice, or not at all")
		}
	}
}

// hang has the look at a mailbox's file take until the test ends.
func hang(t *testing.T, d *Dir, mailbox string) {
	t.Helper()
	begun, end := make(chan bool), make(chan bool)
	var over sync.WaitGroup
	over.Go(func() {
		d.alone(Path(mailbox), func(w *watched) seen {
			close(begun)
			<-end
			return w.refresh()
		})
	})
	<-begun
	t.Cleanup(func() { close(end); over.Wait() })
}

func TestADiskThatHangsHoldsUpNobodyElse(t *testing.T) {
	d := town(t, 3)
	warm, _ := d.InForce(mailbox(0))
	hang(t, d, mailbox(0))
	hang(t, d, mailbox(1))
	ctx, cancel := context.WithTimeout(t.Context(), 2*staleAfter)
	defer cancel()
	if own, _, err := d.For(ctx, mailbox(0)); own != warm || err != nil {
		t.Errorf("what is in memory: %v, %v", own, err)
	}
	if own, _, err := d.For(ctx, mailbox(1)); own != nil || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("what is not: %v, %v", own, err)
	}
	if own, _, err := d.For(t.Context(), mailbox(2)); own == nil || err != nil {
		t.Errorf("another's: %v, %v", own, err)
	}
}

func TestTooManyLooksAreNotWaitedFor(t *testing.T) {
	d := town(t, maxLooks+1)
	for n := range maxLooks {
		hang(t, d, mailbox(n))
	}
	if _, _, err := d.For(t.Context(), mailbox(maxLooks)); !errors.Is(err, ErrBusy) {
		t.Errorf("the error is %v", err)
	}
}

func TestAddressesWithoutAFileLeaveNothing(t *testing.T) {
	d := town(t, 1)
	for n := range 100 {
		d.InForce(mailbox(n))
	}
	d.Wait()
	if len(d.files) != 1 || d.looks != 0 {
		t.Errorf("%d files are kept, %d looks under way", len(d.files), d.looks)
	}
}

// offer is a promotion for one mailbox, which serves one of the ten wants.
func offer(mailbox string) *mail.Object {
	raw := "From: Northwind <news@northwind.example>\r\nTo: " + mailbox + "\r\nSubject: Winter running shoes: 50% off until Sunday\r\n" +
		"List-Unsubscribe: <https://northwind.example/u>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\nX-Campaign: 7\r\n\r\n" +
		strings.Repeat("Our Frost winter running shoes: now 19.95 EUR instead of 39.95 EUR. Shop now, only this week.\r\n", 20)
	o := &mail.Object{Envelope: mail.Envelope{From: "b@northwind.example", To: []string{mailbox}, Arrived: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)}, Message: mail.Parse([]byte(raw))}
	o.Identity = mail.Identity{Name: "Northwind", Address: "news@northwind.example", Domain: "northwind.example", OrgDomain: "northwind.example", SenderKey: "northwind.example", How: mail.ByDKIM}
	return o
}

// BenchmarkHundredThousand decides for so many people, each with ten wants, and
// tells what a decision costs in time of the processor: cold, for whoever was asked
// about longest ago, and warm, for the same 100 people again and again. It also
// tells how long NewDir and the first file take, and what all of that leaves in
// memory.
func BenchmarkHundredThousand(b *testing.B) {
	for _, people := range []int{1000, 100_000} {
		d := town(b, people)
		judge := &rules.Judge{Model: classify.New(), Statements: d}
		decide := func(n int) time.Duration {
			o := offer(mailbox(n))
			began := cpu(b)
			ds, err := judge.Decide(context.Background(), o)
			if err != nil || ds[0].Category != classify.Promotion || len(ds[0].Relevance) != 10 {
				b.Fatal(ds[0], err)
			}
			return cpu(b) - began
		}
		before, began := heap(), time.Now()
		d.InForce(mailbox(0))
		start := time.Since(began)
		var cold time.Duration
		for n := range people {
			cold += decide(n)
		}
		grown := heap() - before
		files, held := d.all()
		b.Run(fmt.Sprint(people), func(b *testing.B) {
			for n := range 100 {
				decide(n)
			}
			var warm time.Duration
			for i := 0; b.Loop(); i++ {
				warm += decide(i % 100)
			}
			b.ReportMetric(float64(start.Microseconds()), "µs/start")
			b.ReportMetric(float64(grown)/(1<<20), "MB-heap")
			b.ReportMetric(float64(held)/(1<<20), "MB-held")
			b.ReportMetric(float64(files), "files")
			b.ReportMetric(float64(cold.Microseconds())/float64(people), "cpu-µs/cold")
			b.ReportMetric(float64(warm.Microseconds())/float64(b.N), "cpu-µs/warm")
		})
		runtime.KeepAlive(d)
	}
}

// cpu is what the process has used.
func cpu(tb testing.TB) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
