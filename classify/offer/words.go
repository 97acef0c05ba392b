package offer

import "usher/classify/offer/cue"

type role = cue.Role

// The roles of phrases, by the names they go by here.
const (
	was       = cue.Was
	wasPast   = cue.WasPast
	now       = cue.Now
	from      = cue.From
	upTo      = cue.UpTo
	off       = cue.Off
	save      = cue.Save
	over      = cue.Over
	spend     = cue.Spend
	never     = cue.Never
	other     = cue.Other
	code      = cue.Code
	password  = cue.Password
	ends      = cue.Ends
	endsSure  = cue.EndsSure
	endsPast  = cue.EndsPast
	sale      = cue.Sale
	checkout  = cue.Checkout
	ship      = cue.Ship
	monthly   = cue.Monthly
	lowest    = cue.Lowest
	beforeDay = cue.BeforeDay
	today     = cue.Today
	weekend   = cue.Weekend
	half      = cue.Half
	second    = cue.Second
	free      = cue.Free
	receipt   = cue.Receipt
	value     = cue.Value
	varan     = cue.Varan
	past      = cue.Past
)

// cue marks the tokens from i on with the role of the longest phrase that
// begins there, and gives how many tokens it took.
func (s *sentence) cue(i int) int {
	s.key = s.key[:0]
	best, taken := role(0), 0
	for k, words := i, 0; k < len(s.t) && words < cue.Longest; k++ {
		if s.t[k].kind != word {
			if words == 0 || !s.is(k, "'", "’", "-", "/", ".", "‘") || s.t[k].gap {
				break
			}
			continue
		}
		if words > 0 {
			s.key = append(s.key, ' ')
		}
		s.key = append(s.key, s.t[k].low...)
		words++
		r, ok := cue.Of(s.key)
		if !ok {
			break
		}
		if r != 0 {
			best, taken = r, k+1-i
		}
	}
	for k := i; k < i+taken; k++ {
		s.t[k].role = best
	}
	return max(taken, 1)
}
