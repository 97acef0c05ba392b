// Package proofs keeps which senders have shown that a domain is theirs, by a record that
// only who runs its DNS can write, or by a letter that it signed. It never keeps a token, only its hash, and keeps
// nothing at all of whoever has proven nothing.
package proofs

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/oklog/ulid/v2"

	"usher/classify/mail"
	"usher/corpus"
	"usher/corpus/audit"
)

// Bounds.
const (
	day       = 24 * time.Hour
	good      = day      // that a challenge is
	again     = 30 * day // after which a domain's record is looked up again
	mostOfOne = 10       // tokens of a domain and kind; the oldest ends
	mostOfAll = 10_000
	askTime   = 10 * time.Second
	maxName   = 253 // bytes of a name in the DNS

	sizeRandom = 16 // bytes
	sizeMAC    = 16
	sizeBearer = 32
)

// Errors of a proof.
var (
	ErrDomain   = errors.New("that is no organisational domain")
	ErrToken    = errors.New("that token is none of ours for this domain, or it was altered")
	ErrExpired  = errors.New("that challenge is over: it is good for 24 hours")
	ErrUnproven = errors.New("the record is not there")
	ErrDNS      = errors.New("the DNS did not answer")
	ErrFull     = errors.New("there are too many proofs")
)

// DNS is asked for TXT records: none and no error where a name has none.
type DNS interface {
	TXT(ctx context.Context, name string) ([]string, error)
}

// Desk takes proofs. Its fields are set before Begin.
type Desk struct {
	Store *corpus.Store
	Site  string // the address for which proofs are kept
	Key   []byte // authenticates challenges
	DNS   DNS
	// OrgDomain is the organisational domain of a name.
	OrgDomain func(name string) string
	Now       func() time.Time
	Log       *slog.Logger

	mu     sync.Mutex
	proven map[string]Proof // by the hash of the token
}

// Proof is that somebody who runs a domain's DNS, or had it sign a letter, has a token.
type Proof struct {
	Domain  string    `json:"domain"`
	Hash    string    `json:"hash"`           // of the token
	Text    string    `json:"text,omitempty"` // that its record holds; "" where a letter proved it
	At      time.Time `json:"at"`
	Checked time.Time `json:"checked"` // when the record was last seen
}

// Challenge is what to publish, and the token that only who asked has: the record holds
// its hash, so that whoever reads the DNS proves nothing.
type Challenge struct {
	Domain string    `json:"domain"`
	Name   string    `json:"name"`  // of the TXT record
	Text   string    `json:"txt"`   // that it holds
	Token  string    `json:"token"` // to confirm with
	Until  time.Time `json:"until"`
}

// Begin reads the proofs that are kept.
func (d *Desk) Begin() error {
	list, err := corpus.Notes[Proof](d.Store, d.Site, corpus.PrefixProof)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.proven = map[string]Proof{}
	for _, p := range list {
		d.proven[p.Hash] = p
	}
	return err
}

// Enrol gives the challenge by which a domain is proven. Nothing is kept of it.
func (d *Desk) Enrol(domain string) (Challenge, error) {
	domain, err := d.domain(domain)
	if err != nil {
		return Challenge{}, err
	}
	until := d.Now().UTC().Truncate(time.Second).Add(good)
	raw := binary.BigEndian.AppendUint32(nil, uint32(until.Unix()))
	raw = append(raw, random(sizeRandom)...)
	token := base64.RawURLEncoding.EncodeToString(append(raw, d.mac(domain, raw)...))
	return Challenge{Domain: domain, Name: nameOf(domain), Text: textOf(token), Token: token, Until: until}, nil
}

// domain is an organisational domain as it is written.
func (d *Desk) domain(name string) (string, error) {
	name = mail.Domain(strings.TrimSpace(name))
	isOther := func(c rune) bool { return c != '-' && c != '.' && (c < '0' || c > '9') && (c < 'a' || c > 'z') }
	if !strings.Contains(name, ".") || len(nameOf(name)) > maxName || strings.ContainsFunc(name, isOther) || d.OrgDomain(name) != name {
		return "", ErrDomain
	}
	return name, nil
}

func nameOf(domain string) string { return mail.LabelChallenge + "." + domain }

// textOf is what the record of a challenge holds.
func textOf(token string) string {
	sum := sha256.Sum256([]byte("usher challenge v1\x00" + token))
	return "usher-challenge=" + base64.RawURLEncoding.EncodeToString(sum[:])
}

func (d *Desk) mac(domain string, raw []byte) []byte {
	h := hmac.New(sha256.New, d.Key)
	h.Write([]byte(domain + "\x00"))
	h.Write(raw)
	return h.Sum(nil)[:sizeMAC]
}

func random(n int) []byte {
	b := make([]byte, n)
	rand.Read(b) // never fails
	return b
}

// Confirm looks whether the record of a challenge is there, and gives a token by which
// the domain's reports are read. It returns when that is durable.
func (d *Desk) Confirm(ctx context.Context, domain, token string) (bearer string, err error) {
	domain, err = d.domain(domain)
	if err != nil {
		return "", err
	}
	raw, err := base64.RawURLEncoding.DecodeString(strings.TrimSpace(token))
	if err != nil || len(raw) != 4+sizeRandom+sizeMAC || !hmac.Equal(raw[4+sizeRandom:], d.mac(domain, raw[:4+sizeRandom])) {
		return "", ErrToken
	}
	now := d.Now().UTC().Truncate(time.Second)
	if now.After(time.Unix(int64(binary.BigEndian.Uint32(raw)), 0)) {
		return "", ErrExpired
	}
	text := textOf(strings.TrimSpace(token))
	if err := d.look(ctx, domain, text); err != nil {
		return "", err
	}
	return d.give(ctx, Proof{Domain: domain, Text: text, At: now, Checked: now})
}

// ByLetter gives a token to who proved a domain by a letter that it signed. It is good
// until the day given: there is no record that could be looked up again.
func (d *Desk) ByLetter(ctx context.Context, domain string) (bearer string, until time.Time, err error) {
	if domain, err = d.domain(domain); err != nil {
		return "", until, err
	}
	now := d.Now().UTC().Truncate(time.Second)
	bearer, err = d.give(ctx, Proof{Domain: domain, At: now, Checked: now})
	return bearer, now.Add(again), err
}

// give gives a token for a proof.
func (d *Desk) give(ctx context.Context, p Proof) (bearer string, err error) {
	bearer = base64.RawURLEncoding.EncodeToString(random(sizeBearer))
	p.Hash = hashOf(bearer)
	if err := d.add(ctx, p); err != nil {
		return "", err
	}
	way := "by DNS"
	if p.Text == "" {
		way = "by letter"
	}
	d.Log.Info("a sender proved its domain", "domain", p.Domain, "way", way)
	audit.Keep(ctx, d.Store, d.Log, audit.Itself(audit.Enrolment, p.Domain, way))
	return bearer, nil
}

// look is nil where a domain's record holds a text.
func (d *Desk) look(ctx context.Context, domain, text string) error {
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	records, err := d.DNS.TXT(ctx, nameOf(domain))
	switch {
	case err != nil:
		return fmt.Errorf("%w: %w", ErrDNS, err)
	case !slices.ContainsFunc(records, func(r string) bool { return strings.TrimSpace(r) == text }):
		return ErrUnproven
	}
	return nil
}

func hashOf(bearer string) string {
	sum := sha256.Sum256([]byte("usher proof v1\x00" + bearer))
	return hex.EncodeToString(sum[:])
}

// add keeps a proof; of too many of one domain and kind the oldest ends: whoever may send
// mail of a domain takes no token from who runs its DNS.
func (d *Desk) add(ctx context.Context, p Proof) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	var same []Proof
	for _, o := range d.proven {
		if o.Domain == p.Domain && (o.Text == "") == (p.Text == "") {
			same = append(same, o)
		}
	}
	if len(d.proven) >= mostOfAll { // what is over is gone from the store already
		maps.DeleteFunc(d.proven, func(_ string, o Proof) bool {
			since := p.At.Sub(o.Checked)
			return since >= 2*again || o.Text == "" && since >= again
		})
	}
	if len(d.proven) >= mostOfAll {
		return ErrFull
	}
	if err := d.note(ctx, p); err != nil {
		return err
	}
	d.proven[p.Hash] = p
	slices.SortFunc(same, func(a, b Proof) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Hash, b.Hash)) })
	if len(same) >= mostOfOne {
		return d.drop(ctx, same[0])
	}
	return nil
}

func (d *Desk) note(ctx context.Context, p Proof) error {
	sum, err := hex.DecodeString(p.Hash)
	if err == nil {
		err = d.Store.Note(ctx, d.Site, corpus.PrefixProof, ulid.ULID(sum[:16]).String(), p)
	}
	if err != nil {
		return fmt.Errorf("keep a proof: %w", err)
	}
	return nil
}

// ended is a proof that ends now.
type ended struct{ Proof }

// Ends implements what corpus.Store.Note asks.
func (e ended) Ends() time.Time { return e.Checked }

// drop ends a proof; d.mu is held.
func (d *Desk) drop(ctx context.Context, p Proof) error {
	delete(d.proven, p.Hash)
	sum, err := hex.DecodeString(p.Hash)
	if err == nil {
		p.Checked = d.Now().Add(-time.Second)
		err = d.Store.Note(ctx, d.Site, corpus.PrefixProof, ulid.ULID(sum[:16]).String(), ended{p})
	}
	if err != nil {
		return fmt.Errorf("end a proof: %w", err)
	}
	return nil
}

// Who tells which domain a token is for; ErrToken if for none. Once in 30 days the
// domain's record is looked up again; where the DNS does not answer it counts a while on.
func (d *Desk) Who(ctx context.Context, bearer string) (string, error) {
	d.mu.Lock()
	p, is := d.proven[hashOf(bearer)]
	d.mu.Unlock()
	if !is {
		return "", ErrToken
	}
	now := d.Now().UTC().Truncate(time.Second)
	if now.Sub(p.Checked) < again {
		return p.Domain, nil
	}
	var err error
	if p.Text != "" {
		err = d.look(ctx, p.Domain, p.Text)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, is := d.proven[p.Hash]; !is { // ended meanwhile
		return "", ErrToken
	}
	switch {
	case p.Text == "":
		return "", cmp.Or(d.drop(ctx, p), ErrToken)
	case errors.Is(err, ErrUnproven):
		return "", cmp.Or(d.drop(ctx, p), ErrUnproven)
	case err != nil && now.Sub(p.Checked) >= 2*again:
		return "", err
	case err != nil:
		return p.Domain, nil
	}
	p.Checked = now
	d.proven[p.Hash] = p
	return p.Domain, d.note(ctx, p)
}

// End ends a token: who has it reads no more by it.
func (d *Desk) End(ctx context.Context, bearer string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	p, is := d.proven[hashOf(bearer)]
	if !is {
		return ErrToken
	}
	return d.drop(ctx, p)
}
