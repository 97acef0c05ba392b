// Command wirebench measures what usher costs on the wire: in one run, in turns,
// it sends the same messages straight to a next hop, through a bare go-smtp
// pass-through, through usher as it serves people, and through usher with a
// judge that decides at once; then what each stage of reading and judging a
// message costs alone. It never leaves this machine and never writes a
// message to disk.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"
)

// options are what one run measures.
type options struct {
	time    time.Duration // of one measurement
	rounds  int
	loads   []int // connections
	archive string
	sizes   bool   // a second table, by size
	wires   bool   // the tables of the wire
	stages  bool   // the table of the stages
	profile string // folder for CPU profiles of the middles; "" for none
}

func main() {
	err := run(os.Args[1:], os.Stdout)
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "wirebench:", err)
		os.Exit(1)
	}
}

func run(args []string, out io.Writer) error {
	if len(args) > 0 && roles[args[0]] != nil {
		return play(args[0], args[1:])
	}
	var o options
	var loads string
	set := flag.NewFlagSet("wirebench", flag.ContinueOnError)
	set.DurationVar(&o.time, "time", 1500*time.Millisecond, "length of each measurement")
	set.IntVar(&o.rounds, "rounds", 3, "rounds of a, b, c, d; medians are printed")
	set.StringVar(&loads, "connections", "1,8,64,256", "connections at once, one table line each")
	set.StringVar(&o.archive, "mail", "../shared/corpora/mail-dev.tar.gz", "archive of real mail; generated mail of the same sizes if it is absent")
	set.BoolVar(&o.sizes, "sizes", true, "measure by size as well, at 8 connections")
	set.BoolVar(&o.wires, "wire", true, "measure the wire")
	set.BoolVar(&o.stages, "stages", true, "measure each stage of reading and judging a message, by size")
	set.StringVar(&o.profile, "profile", "", "folder for CPU profiles of b, c and d")
	if err := set.Parse(args); err != nil {
		return err
	}
	for word := range strings.SplitSeq(loads, ",") {
		n, err := strconv.Atoi(word)
		if err != nil || n < 1 || n > 1000 {
			return fmt.Errorf("connections %q: write numbers from 1 to 1000 with commas between them", loads)
		}
		o.loads = append(o.loads, n)
	}
	if o.rounds < 1 || o.time <= 0 {
		return errors.New("at least one round of some length is needed")
	}
	if o.wires {
		if err := measure(o, out); err != nil {
			return err
		}
	}
	if o.stages {
		if err := measureStages(o, out); err != nil {
			return err
		}
		return measureWants(o, out)
	}
	return nil
}
