package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto"
	"fmt"
	"io"
	"slices"
	"time"

	"usher/classify"
	"usher/classify/mail"
	"usher/cmd/letters"
	"usher/rules"
	"usher/rules/intents"
	"usher/smtpd/auth"
)

// stage is one step of what usher does with a message.
type stage int

const (
	parsing    stage = iota // bytes to a mail.Message, HTML to text
	judging                 // text, signals and model to a verdict
	deciding                // a verdict and one person's statements to a decision
	verifying               // one DKIM signature, its key at hand
	stages                  // how many there are
	lookedOver = 3          // rounds of the table; medians are printed
)

// generatedSizes are those of the generated messages of the table, in bytes.
var generatedSizes = []int{1 << 10, 9 << 10, 26 << 10, 100 << 10, 1 << 20, 2 << 20, 10 << 20}

// staged is one line of the table: messages, and what each stage is given.
type staged struct {
	name    string
	bytes   int // of all together
	raws    [][]byte
	objects []*mail.Object
	signed  []signedLetter // those whose one signature holds

	cost [stages]time.Duration // CPU a message
}

type signedLetter struct {
	raw     []byte
	message *mail.Message
}

// measureStages prints what each stage costs, by size.
func measureStages(o options, out io.Writer) error {
	lines, real, err := stageLines(o.archive)
	if err != nil {
		return err
	}
	person, errs := intents.Parse("bench", []byte(statements), time.Now())
	if len(errs) > 0 {
		return fmt.Errorf("statements: %w", errs[0])
	}
	key, record, err := auth.NewRSAKey(2048)
	if err != nil {
		return err
	}
	b := bench{&rules.Judge{Model: classify.New(), Statements: everybody{person}}, key, &auth.Verifier{Resolver: anySigner(record)}}
	fmt.Fprintf(out, "\nCPU of each stage, µs a message on one core, garbage collection included; medians of %d rounds.\n", lookedOver)
	if !real {
		fmt.Fprintf(out, "No archive of real mail at %s: generated mail only.\n", o.archive)
	}
	fmt.Fprintf(out, "  %-22s %8s %9s %9s %9s %9s %12s %8s\n", "messages", "KB mean", "parse", "judge", "decide", "one DKIM", "parse+judge", "ns/byte")
	for i := range lines {
		l := &lines[i]
		b.prepare(l)
		if err := b.run(o.time/3, l); err != nil {
			return err
		}
		l.print(out)
		*l = staged{name: l.name, cost: l.cost}
	}
	if real {
		printStageAims(out, lines)
	}
	return nil
}

// stageLines gives the messages of each line; real says that an archive was there.
func stageLines(archive string) (lines []staged, real bool, err error) {
	raws, real, err := letters.Read(archive)
	if err != nil {
		return nil, false, err
	}
	if real {
		slices.SortFunc(raws, func(a, b []byte) int { return cmp.Compare(len(a), len(b)) })
		n := upToMean(len(raws), func(i int) int { return len(raws[i]) })
		lines = append(lines, staged{name: "real, up to 9 KB mean", raws: raws[:n]}, staged{name: "real, all", raws: raws})
	}
	for _, size := range generatedSizes {
		lines = append(lines, staged{name: "generated", raws: letters.Sized(size, max(2, min(100, 1<<20/size)))})
	}
	return lines, real, nil
}

// prepare reads and signs the messages, so that each stage is measured alone.
// Signatures of others would fail at once and flatter: they are renamed.
func (b bench) prepare(l *staged) {
	for _, raw := range l.raws {
		l.bytes += len(raw)
		m := mail.Parse(raw)
		l.objects = append(l.objects, &mail.Object{Envelope: mail.Envelope{To: []string{mailbox(0)}, Arrived: time.Now()}, Message: m})
		raw = sign(bytes.ReplaceAll(raw, []byte("DKIM-Signature:"), []byte("Old-Signature:")), m, b.key)
		s := signedLetter{raw, mail.Parse(raw)}
		if id := b.identify(s); len(id.Signatures) == 1 && id.Signatures[0].Valid {
			l.signed = append(l.signed, s)
		}
	}
}

// bench is what the stages work with.
type bench struct {
	judge    *rules.Judge
	key      crypto.Signer
	verifier *auth.Verifier
}

func (b bench) identify(s signedLetter) mail.Identity {
	return b.verifier.Identify(context.Background(), bytes.NewReader(s.raw), &mail.Envelope{}, s.message)
}

// run measures a line: rounds of every stage, each for some time and over all
// messages at least once.
func (b bench) run(long time.Duration, l *staged) error {
	if len(l.signed) == 0 {
		return fmt.Errorf("%s: no signature holds", l.name)
	}
	var failed error
	work := [stages]func(i int){
		parsing: func(i int) { mail.Parse(l.raws[i]) },
		judging: func(i int) { b.judge.Model.Classify(l.objects[i]) },
		deciding: func(i int) {
			if _, err := b.judge.Decide(context.Background(), l.objects[i]); err != nil {
				failed = err
			}
		},
		verifying: func(i int) { b.identify(l.signed[i]) },
	}
	var rounds [stages][]time.Duration
	for range lookedOver {
		for s, do := range work {
			n := len(l.raws)
			if stage(s) == verifying {
				n = len(l.signed)
			}
			rounds[s] = append(rounds[s], cpuOf(long, n, do))
		}
	}
	for s := range l.cost {
		slices.Sort(rounds[s])
		l.cost[s] = rounds[s][lookedOver/2]
	}
	// A decision judges first: what is left is the decision's own.
	l.cost[deciding] = max(0, l.cost[deciding]-l.cost[judging])
	return failed
}

// cpuOf gives the CPU time of one call of do, over 0 to n-1 again and again.
func cpuOf(long time.Duration, n int, do func(int)) time.Duration {
	before, _ := used()
	for calls := 0; ; {
		for i := range n {
			do(i)
		}
		calls += n
		if now, _ := used(); now-before >= long {
			return (now - before) / time.Duration(calls)
		}
	}
}

func micros(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }

func (l *staged) print(out io.Writer) {
	n := len(l.raws)
	both := l.cost[parsing] + l.cost[judging]
	fmt.Fprintf(out, "  %-22s %8.1f %9.1f %9.1f %9.1f %9.1f %12.1f %8.1f\n", fmt.Sprintf("%s (%d)", l.name, n), float64(l.bytes)/float64(n)/1024,
		micros(l.cost[parsing]), micros(l.cost[judging]), micros(l.cost[deciding]), micros(l.cost[verifying]), micros(both), float64(both)*float64(n)/float64(l.bytes))
}

// printStageAims holds the lines of real mail against what usher aims at.
func printStageAims(out io.Writer, lines []staged) {
	fmt.Fprintln(out, "\nAims of the stages, ms of CPU a message of real mail:")
	small, all := lines[0].cost, lines[1].cost
	tell(out, "parse and judge, 9 KB", milliseconds(small[parsing]+small[judging]), "<=", 0.25)
	tell(out, "parse and judge, all", milliseconds(all[parsing]+all[judging]), "<=", 0.8)
	tell(out, "one DKIM signature, 9 KB", milliseconds(small[verifying]), "<=", 0.1)
}

// everybody states the same.
type everybody struct{ file *intents.File }

func (e everybody) For(context.Context, string) (own, site *intents.File, err error) {
	return e.file, nil, nil
}
