package show

import (
	"testing"

	"usher/rules"
)

func TestWhoAnsweredIsNamed(t *testing.T) {
	for _, c := range []struct {
		decided, applied rules.Disposition
		code             int
		want             string
	}{
		{rules.Refuse, rules.Refuse, 250, "the next hop answered 250"},
		{rules.Reject, rules.Refuse, 250, "the next hop answered 250; refuse was applied instead"},
		{rules.Reject, rules.Reject, 550, "no: usher itself answered 550"},
	} {
		d := rules.Decision{Disposition: c.decided}
		d.Outcome = &rules.Outcome{Applied: c.applied, Code: c.code}
		if got := outcome(&d); got != c.want {
			t.Errorf("%s, applied as %s: %q, want %q", c.decided, c.applied, got, c.want)
		}
	}
}
