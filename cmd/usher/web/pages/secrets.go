package pages

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"sync"
	"time"
)

// Bounds of links and sessions. A link for each letter that may be mailed in its
// time is less than maxLinks; a session beyond maxSessions ends the one that was
// idle longest.
const (
	linkTime    = 15 * time.Minute
	sessionIdle = 30 * time.Minute
	sessionAll  = 8 * time.Hour
	maxLinks    = 1000
	maxSessions = 10_000
	maxOfOne    = 10 // sessions of one mailbox
)

// secret is a name that nobody can guess. Who holds it is believed; it is never
// kept, but its hash is.
type secret string

type hash [sha256.Size]byte

// newSecret gives 256 random bits.
func newSecret() secret {
	var raw [32]byte
	rand.Read(raw[:]) // never fails: crypto/rand ends the program instead
	return secret(base64.RawURLEncoding.EncodeToString(raw[:]))
}

func (s secret) hash() hash { return sha256.Sum256([]byte(s)) }

// link is a way in that was mailed.
type link struct {
	mailbox string
	until   time.Time
}

// links are the ways in that may still be used, once each.
type links struct {
	mu sync.Mutex
	of map[hash]link
}

// add makes a link for a mailbox; "" if there are too many.
func (l *links) add(mailbox string, now time.Time) secret {
	l.mu.Lock()
	defer l.mu.Unlock()
	for h, k := range l.of {
		if !now.Before(k.until) {
			delete(l.of, h)
		}
	}
	if len(l.of) >= maxLinks {
		return ""
	}
	if l.of == nil {
		l.of = map[hash]link{}
	}
	s := newSecret()
	l.of[s.hash()] = link{mailbox, now.Add(linkTime)}
	return s
}

// look gives the mailbox of a link, "" if it is not, or no longer, one. It stays
// one: whatever opens links to look at them does not use them up.
func (l *links) look(s secret, now time.Time) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if k, is := l.of[s.hash()]; is && now.Before(k.until) {
		return k.mailbox
	}
	return ""
}

// use is look, for the one time that a link is good for.
func (l *links) use(s secret, now time.Time) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	k, is := l.of[s.hash()]
	delete(l.of, s.hash())
	if is && now.Before(k.until) {
		return k.mailbox
	}
	return ""
}

func (l *links) drop(s secret) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.of, s.hash())
}

func (l *links) end(mailbox string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for h, k := range l.of {
		if k.mailbox == mailbox {
			delete(l.of, h)
		}
	}
}

// session is a browser that came in.
type session struct {
	mailbox string
	form    secret // stands in every form, and is wanted with it
	began   time.Time
	used    time.Time
}

func (s session) over(now time.Time) bool {
	return now.Sub(s.used) >= sessionIdle || now.Sub(s.began) >= sessionAll
}

// sessions are the browsers that came in, by the hash of their cookie.
type sessions struct {
	mu sync.Mutex
	of map[hash]session
}

// add begins a session, always under a name of our own making.
func (l *sessions) add(mailbox string, now time.Time) secret {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.of == nil {
		l.of = map[hash]session{}
	}
	all, own, n := oldest{}, oldest{}, 0
	for h, k := range l.of {
		if k.over(now) {
			delete(l.of, h)
			continue
		}
		all.see(h, k)
		if k.mailbox == mailbox {
			n++
			own.see(h, k)
		}
	}
	if n >= maxOfOne {
		delete(l.of, own.hash)
	} else if len(l.of) >= maxSessions {
		delete(l.of, all.hash)
	}
	s := newSecret()
	l.of[s.hash()] = session{mailbox, newSecret(), now, now}
	return s
}

// oldest finds the session that was idle longest.
type oldest struct {
	hash hash
	used time.Time
}

func (o *oldest) see(h hash, k session) {
	if o.used.IsZero() || k.used.Before(o.used) {
		o.hash, o.used = h, k.used
	}
}

// find gives the session of a cookie, and notes that it is in use.
func (l *sessions) find(s secret, now time.Time) (session, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	h := s.hash()
	k, is := l.of[h]
	if !is || k.over(now) {
		delete(l.of, h)
		return session{}, false
	}
	k.used = now
	l.of[h] = k
	return k, true
}

func (l *sessions) drop(s secret) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.of, s.hash())
}

func (l *sessions) end(mailbox string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for h, k := range l.of {
		if k.mailbox == mailbox {
			delete(l.of, h)
		}
	}
}
