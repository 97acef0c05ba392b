package pages

import (
	"net/netip"
	"slices"
	"sync"
	"time"

	source "usher/cmd/usher/web/from"
)

// How many links may be asked for in an hour.
const (
	floodTime     = time.Hour
	maxOfMailbox  = 3 // at once; then one more whenever none that was mailed is still good
	maxOfNetwork  = 20
	maxOfAll      = 300 // beyond it, and up to twice as many, each network may ask once
	maxWaiting    = 64  // letters asked for and not yet mailed
	mailers       = 2   // letters mailed at a time
	mailTime      = 30 * time.Second
	tooManyOfAll  = "usher has mailed as many links as it does in an hour."
	tooManyOfYour = "Your network has asked for as many links as it may in an hour."
)

// flood holds what was asked for in the last hour, never more than twice maxOfAll: a few
// networks that ask for all they may keep nobody else out.
type flood struct {
	mu    sync.Mutex
	asked []ask
}

type ask struct {
	at      time.Time
	mailbox string
	network netip.Prefix
	mailed  bool
}

// enter notes that a link is asked for. It may be mailed if mail is true: whoever
// asks for links to somebody's mailbox fills it with few, and yet keeps nobody out,
// since one that is good is in there or can be had. Why, if it is not "", is what to
// tell whoever asked; it never depends on the mailbox.
func (f *flood) enter(mailbox string, from netip.Addr, now time.Time) (mail bool, why string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = slices.DeleteFunc(f.asked, func(a ask) bool { return now.Sub(a.at) >= floodTime })
	a := ask{at: now, mailbox: mailbox, network: source.Network(from)}
	ofMailbox, ofNetwork, isGood := 0, 0, false
	for _, b := range f.asked {
		if b.mailbox == a.mailbox && b.mailed {
			ofMailbox++
			isGood = isGood || now.Sub(b.at) < linkTime
		}
		if b.network == a.network {
			ofNetwork++
		}
	}
	switch {
	case ofNetwork >= maxOfNetwork:
		return false, tooManyOfYour
	case len(f.asked) >= maxOfAll && ofNetwork > 0, len(f.asked) >= 2*maxOfAll:
		return false, tooManyOfAll
	}
	a.mailed = ofMailbox < maxOfMailbox || !isGood
	f.asked = append(f.asked, a)
	return a.mailed, ""
}
