// Package token makes the words by which a digest is answered: the one in its
// Message-ID, and those of its links. It never keeps one, and never believes one that
// was altered, is another mailbox's or is too old.
package token

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Lasts is how long a digest may be answered: a holiday long.
const Lasts = 30 * 24 * time.Hour

// Errors of a word.
var (
	ErrAltered = errors.New("that is no word of ours for this mailbox, or it was altered")
	ErrExpired = errors.New("that is too old")
)

// Sizes within the word that names a digest, in bytes.
const (
	sizeTime  = 4 // seconds since 1970, good until 2106
	sizeShown = 6
	sizeMAC   = 12
	sizeName  = 2*sizeTime + sizeShown + sizeMAC
)

// letters are such as a Message-ID may have, whoever changes their case.
var letters = base32.HexEncoding.WithPadding(base32.NoPadding)

// Digest is one digest of one mailbox.
type Digest struct {
	Mailbox     string // normalised
	From, Until time.Time
	shown       [sizeShown]byte
}

// Of names the digest of a span in which these decisions are numbered, from 1 on.
func Of(mailbox string, from, until time.Time, numbered []string) Digest {
	return Digest{mailbox, from, until, sum(numbered)}
}

// Shows reports whether the digest numbered these decisions, in this order.
func (d Digest) Shows(numbered []string) bool { return d.shown == sum(numbered) }

func sum(numbered []string) (s [sizeShown]byte) {
	h := sha256.Sum256([]byte(strings.Join(numbered, " ")))
	copy(s[:], h[:])
	return s
}

// Name gives the word for a digest: the same for the same digest. It tells when, and
// of whom nothing.
func (d Digest) Name(key []byte) string {
	word := make([]byte, 0, sizeName)
	word = binary.BigEndian.AppendUint32(word, uint32(d.From.Unix()))
	word = binary.BigEndian.AppendUint32(word, uint32(d.Until.Unix()))
	word = append(word, d.shown[:]...)
	return strings.ToLower(letters.EncodeToString(append(word, d.mac(key, word)...)))
}

func (d Digest) mac(key, word []byte) []byte {
	h := hmac.New(sha256.New, derived(key, "digest"))
	fmt.Fprintf(h, "%s\x00", d.Mailbox)
	h.Write(word)
	return h.Sum(nil)[:sizeMAC]
}

// Read finds the digest of a mailbox that a word names: ErrAltered where it names
// none, ErrExpired where it may no longer be answered.
func Read(key []byte, mailbox, name string, now time.Time) (Digest, error) {
	word, err := letters.DecodeString(strings.ToUpper(name))
	if err != nil || len(word) != sizeName {
		return Digest{}, ErrAltered
	}
	word, mac := word[:sizeName-sizeMAC], word[sizeName-sizeMAC:]
	moment := func(at int) time.Time { return time.Unix(int64(binary.BigEndian.Uint32(word[at:])), 0).UTC() }
	d := Digest{Mailbox: mailbox, From: moment(0), Until: moment(sizeTime)}
	copy(d.shown[:], word[2*sizeTime:])
	if !hmac.Equal(mac, d.mac(key, word)) {
		return Digest{}, ErrAltered
	}
	if now.After(d.Until.Add(Lasts)) {
		return d, ErrExpired
	}
	return d, nil
}

// Act is what a link does, once. Nothing else is done by it.
type Act struct {
	Mailbox  string    `json:"m"`
	Digest   string    `json:"d,omitempty"` // name of the digest that it stands in
	Decision string    `json:"i"`           // the mail that it is about; of an undoing, the label
	To       string    `json:"t"`           // as lessons.Target reads it, answer.Leave, or one of those below
	Scope    string    `json:"s,omitempty"` // "": the default
	Until    time.Time `json:"u"`
}

// What a link does besides correcting: take a correction back, and complain of a mail to
// its sender.
const (
	Undo     = "undo"
	Complain = "complain"
)

// Seal gives the word for a link: the same for the same act. It shows nothing of what
// it holds.
func (a Act) Seal(key []byte) (string, error) {
	a.Until = a.Until.UTC().Truncate(time.Second)
	plain, err := json.Marshal(a)
	if err != nil {
		return "", fmt.Errorf("make a link: %w", err)
	}
	gcm := sealing(key)
	return base64.RawURLEncoding.EncodeToString(gcm.Seal(nonce(key, plain), nonce(key, plain), plain, nil)), nil
}

// Open reads the word of a link: ErrAltered, or with the act ErrExpired.
func Open(key []byte, word string, now time.Time) (a Act, err error) {
	gcm := sealing(key)
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(word)
	if err != nil || len(sealed) < gcm.NonceSize() {
		return a, ErrAltered
	}
	plain, err := gcm.Open(nil, sealed[:gcm.NonceSize()], sealed[gcm.NonceSize():], nil)
	if err != nil || !bytes.Equal(sealed[:gcm.NonceSize()], nonce(key, plain)) || json.Unmarshal(plain, &a) != nil {
		return Act{}, ErrAltered
	}
	if !now.Before(a.Until) {
		return a, ErrExpired
	}
	return a, nil
}

// nonce is made of what it is for: a digest that is made twice is the same, and no
// two acts share one.
func nonce(key, plain []byte) []byte {
	h := hmac.New(sha256.New, derived(key, "nonce"))
	h.Write(plain)
	return h.Sum(nil)[:12]
}

func sealing(key []byte) cipher.AEAD {
	block, err := aes.NewCipher(derived(key, "link"))
	if err != nil {
		panic(err) // the key has 32 bytes
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		panic(err)
	}
	return gcm
}

// derived keeps the uses of one key apart.
func derived(key []byte, use string) []byte {
	sub, err := hkdf.Key(sha256.New, key, nil, "usher token v1 "+use, 32)
	if err != nil {
		panic(err) // 32 bytes are far below HKDF's limit
	}
	return sub
}
