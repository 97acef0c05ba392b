// Command chaos runs the real usher under a load of real mail while it and its
// neighbours are killed, stopped, slow, full and broken, and counts what arrives:
// every message once, and once more only where a kill cut its delivery short.
// It never leaves this machine, and never touches the machine's clock.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"time"
)

// options say what one run does.
type options struct {
	usher       string // the binary
	time        time.Duration
	seed        uint64
	connections int
	archive     string
	soak        bool
	only        string
	keep        bool
	store       int // MiB of the store's disk
}

func main() {
	err := run(os.Args[1:], os.Stdout)
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "chaos:", err)
		os.Exit(1)
	}
}

func run(args []string, out io.Writer) error {
	if len(args) > 0 && args[0] == "nexthop" {
		return playNextHop(args[1:])
	}
	var o options
	set := flag.NewFlagSet("chaos", flag.ContinueOnError)
	set.StringVar(&o.usher, "usher", "bin/usher", "the binary to run")
	set.DurationVar(&o.time, "time", 10*time.Minute, "length of the load")
	set.Uint64Var(&o.seed, "seed", 0, "of all that is drawn at random; 0 draws one")
	set.IntVar(&o.connections, "connections", 16, "connections to usher at once")
	set.StringVar(&o.archive, "mail", "../shared/corpora/mail-dev.tar.gz", "archive of real mail; generated mail of the same sizes if it is absent")
	set.BoolVar(&o.soak, "soak", false, "kill nothing: faults of the next hop only, a drain every minute, and memory and descriptors must stay flat")
	set.StringVar(&o.only, "only", "", "make only faults with this in their name")
	set.BoolVar(&o.keep, "keep", false, "keep the folder of the run")
	set.IntVar(&o.store, "store", 0, "`MiB` of the small disk that the store lies on; 0 is 256, and 64 more a minute")
	if err := set.Parse(args); err != nil {
		return err
	}
	if o.connections < 1 || o.connections > 500 || o.time <= 0 {
		return errors.New("1 to 500 connections and some time are needed")
	}
	if o.store == 0 {
		o.store = 256 + int(64*o.time.Minutes())
	}
	if o.seed == 0 {
		o.seed = rand.Uint64N(1e9) + 1
	}
	return stage(o, out)
}
