package command

import (
	"fmt"
	"time"
)

// Span reads a span of time as people write it: 30m, 12h, 7d, 2w.
func Span(s string) (time.Duration, error) {
	var n int
	var unit string
	if _, err := fmt.Sscanf(s, "%d%s", &n, &unit); err == nil && n > 0 && n < 10_000 {
		switch unit {
		case "d":
			return time.Duration(n) * 24 * time.Hour, nil
		case "w":
			return time.Duration(n) * 7 * 24 * time.Hour, nil
		}
	}
	d, err := time.ParseDuration(s)
	if err != nil || d <= 0 {
		return 0, Misuse("write it as 7d, 2w, 12h or 30m", "cannot read the span %q", s)
	}
	return d, nil
}
