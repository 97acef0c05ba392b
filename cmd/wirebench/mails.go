package main

import (
	"bytes"
	"crypto"
	"math/rand/v2"
	"slices"

	"usher/classify/mail"
	"usher/cmd/letters"
	"usher/smtpd/auth"
)

// letter is one message as it goes over the wire after DATA: signed, dots
// doubled, the last dot included.
type letter struct {
	size int // bytes of the message before it was signed
	wire []byte
}

// mailSet is some of the messages.
type mailSet struct {
	Name  string
	Count int
	Mean  int // bytes
}

// The sets of the main table.
const (
	setSmall = "9 KB"
	setAll   = "all"
)

// meanSmall is the mean in bytes of the set "9 KB": every message up to the
// largest size that keeps it so.
const meanSmall = 9 << 10

// bands are the sets of the table by size, in bytes.
var bands = []struct {
	name     string
	from, to int
}{
	{"to 4 KB", 0, 4 << 10},
	{"4 to 16 KB", 4 << 10, 16 << 10},
	{"16 to 64 KB", 16 << 10, 64 << 10},
	{"over 64 KB", 64 << 10, 1 << 30},
}

// readLetters gives the messages of the archive, or generated ones, each signed
// by the domain of its sender, and the record to publish for it.
func readLetters(archive string) (all []letter, record string, err error) {
	raws, _, err := letters.Read(archive)
	if err != nil {
		return nil, "", err
	}
	key, record, err := auth.NewRSAKey(2048)
	if err != nil {
		return nil, "", err
	}
	for _, raw := range raws {
		all = append(all, letter{len(raw), letters.Stuffed(sign(raw, mail.Parse(raw), key))})
	}
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all, record, nil
}

// sign gives a message with line ends of the wire, signed by the domain of its
// sender. A header that cannot be signed stays as it is.
func sign(raw []byte, m *mail.Message, key crypto.Signer) []byte {
	raw = bytes.ReplaceAll(bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n")), []byte("\n"), []byte("\r\n"))
	domain := "bench.example"
	if len(m.From) == 1 && m.From[0].Domain != "" {
		domain = m.From[0].Domain
	}
	var signed bytes.Buffer
	if auth.Sign(&signed, bytes.NewReader(raw), auth.SignOptions{Domain: domain, Selector: selector, Signer: key}) != nil {
		return raw
	}
	return signed.Bytes()
}

// selector names the client's key.
const selector = "wirebench"

// upToMean gives how many of n messages, the smallest first, have meanSmall as
// their mean size or less.
func upToMean(n int, size func(i int) int) (most int) {
	sum := 0
	for i := range n {
		if sum += size(i); sum <= meanSmall*(i+1) {
			most = i + 1
		}
	}
	return most
}

// sets sorts the messages into sets.
func sets(all []letter) (named map[string][]letter, told []mailSet) {
	named = map[string][]letter{setAll: all}
	sorted := slices.Clone(all)
	slices.SortFunc(sorted, func(a, b letter) int { return a.size - b.size })
	most := 0
	if n := upToMean(len(sorted), func(i int) int { return sorted[i].size }); n > 0 {
		most = sorted[n-1].size
	}
	within := func(name string, from, to int) {
		for _, l := range all {
			if l.size >= from && l.size < to {
				named[name] = append(named[name], l)
			}
		}
	}
	within(setSmall, 0, most+1)
	names := []string{setSmall, setAll}
	for _, b := range bands {
		within(b.name, b.from, b.to)
		names = append(names, b.name)
	}
	for _, name := range names {
		s := mailSet{Name: name, Count: len(named[name])}
		for _, l := range named[name] {
			s.Mean += l.size
		}
		s.Mean /= max(s.Count, 1)
		told = append(told, s)
	}
	return named, told
}
