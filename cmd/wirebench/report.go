package main

import (
	"fmt"
	"io"
	"time"
)

var wayNames = [ways]string{"a straight", "b go-smtp", "c usher", "d wire"}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// ratio gives the median of how many messages pass by one way for one that
// passes by another.
func ratio(rounds []round, of, to int) float64 {
	return median(rounds, func(r round) float64 { return r[of].rate / r[to].rate })
}

// added gives the median of what one way costs more than another, in
// milliseconds.
func added(rounds []round, of, to int, cost func(figure) time.Duration) float64 {
	return median(rounds, func(r round) float64 { return milliseconds(cost(r[of]) - cost(r[to])) })
}

func cpu(f figure) time.Duration { return f.cpu }
func p50(f figure) time.Duration { return f.p50 }
func p99(f figure) time.Duration { return f.p99 }

// printRounds prints the table of one load.
func printRounds(out io.Writer, connections int, set mailSet, rounds []round) {
	fmt.Fprintf(out, "\n%d connections, messages %s (%d of %.1f KB mean)\n", connections, set.Name, set.Count, float64(set.Mean)/1024)
	fmt.Fprintf(out, "  %-10s %10s %8s %8s %9s %9s %6s %6s\n", "", "messages/s", "p50 ms", "p99 ms", "CPU ms", "memory MB", "/a", "/b")
	for w, name := range wayNames {
		rate := median(rounds, func(r round) float64 { return r[w].rate })
		ms := func(cost func(figure) time.Duration) float64 {
			return median(rounds, func(r round) float64 { return milliseconds(cost(r[w])) })
		}
		fmt.Fprintf(out, "  %-10s %10.0f %8.2f %8.2f", name, rate, ms(p50), ms(p99))
		if w != straight {
			memory := median(rounds, func(r round) float64 { return float64(r[w].resident) / (1 << 20) })
			fmt.Fprintf(out, " %9.3f %9.0f %6.2f", ms(cpu), memory, ratio(rounds, w, straight))
		}
		if w > pass {
			fmt.Fprintf(out, " %6.2f", ratio(rounds, w, pass))
		}
		fmt.Fprintln(out)
	}
}

// printAims holds one load of the main table against what usher aims at.
func printAims(out io.Writer, connections int, rounds []round) {
	fmt.Fprintf(out, "\nAims at %d connections, messages %s:\n", connections, setSmall)
	tell(out, "c/b", ratio(rounds, usher, pass), ">=", 0.5)
	tell(out, "d/b", ratio(rounds, wire, pass), ">=", 0.8)
	tell(out, "CPU that c adds to b, ms", added(rounds, usher, pass, cpu), "<=", 0.3)
	if connections == 8 {
		tell(out, "p50 that c adds to b, ms", added(rounds, usher, pass, p50), "<=", 2)
		tell(out, "p99 that c adds to b, ms", added(rounds, usher, pass, p99), "<=", 10)
	}
}

// tell says whether a figure reaches its aim.
func tell(out io.Writer, what string, got float64, relation string, aim float64) {
	reached := "reached"
	if relation == ">=" && got < aim || relation == "<=" && got > aim {
		reached = "missed"
	}
	fmt.Fprintf(out, "  %-28s %7.3f  %s %5.2f  %s\n", what, got, relation, aim, reached)
}
