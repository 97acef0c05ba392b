package auth

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"usher/smtpd/auth/dns"
)

// keyBits is the size of our RSA key (RFC 8301 asks for 1024 at least, and advises this).
const keyBits = 2048

// ErrNoKeys is that there are no keys to sign with.
var ErrNoKeys = errors.New("there are no keys to sign mail of our own with")

// kinds are our keys: both sign, since not everybody verifies the newer (RFC 8463).
var kinds = []string{"rsa", "ed25519"}

// Signer signs mail of our own.
type Signer struct {
	Domain string // d=, that of From
	keys   []crypto.Signer
}

// Record is what DNS must say so that a key is found.
type Record struct{ Name, Text string }

// OpenSigner reads the keys in a folder: ErrNoKeys if there are none.
func OpenSigner(dir, domain string) (*Signer, error) {
	s := &Signer{Domain: domain}
	for _, kind := range kinds {
		path := filepath.Join(dir, kind+".pem")
		raw, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%w: %s is not there", ErrNoKeys, path)
		}
		if err != nil {
			return nil, fmt.Errorf("read a key: %w", err)
		}
		block, _ := pem.Decode(raw)
		if block == nil {
			return nil, fmt.Errorf("read the key %s: it is no PEM", path)
		}
		key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("read the key %s: %w", path, err)
		}
		signer, is := key.(crypto.Signer)
		if !is {
			return nil, fmt.Errorf("read the key %s: nothing can be signed with it", path)
		}
		s.keys = append(s.keys, signer)
	}
	return s, nil
}

// MakeSigner makes the keys that are not in a folder yet, for our eyes alone. It never
// replaces one.
func MakeSigner(dir, domain string) (*Signer, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make keys: %w", err)
	}
	for _, kind := range kinds {
		var key crypto.Signer
		var err error
		if kind == "rsa" {
			key, _, err = NewRSAKey(keyBits)
		} else {
			key, _ = NewKey()
		}
		if err != nil {
			return nil, err
		}
		raw, err := x509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			return nil, fmt.Errorf("make keys: %w", err)
		}
		f, err := os.OpenFile(filepath.Join(dir, kind+".pem"), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("make keys: %w", err)
		}
		err = pem.Encode(f, &pem.Block{Type: "PRIVATE KEY", Bytes: raw})
		if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
			return nil, fmt.Errorf("make keys: %w", err)
		}
	}
	return OpenSigner(dir, domain)
}

// Records are what DNS must say of the keys.
func (s *Signer) Records() (list []Record) {
	for i, key := range s.keys {
		text := ""
		switch public := key.Public().(type) {
		case ed25519.PublicKey:
			text = keyText("ed25519", public)
		case *rsa.PublicKey:
			raw, err := x509.MarshalPKIXPublicKey(public)
			if err != nil {
				continue // it was read from such a form
			}
			text = keyText("rsa", raw)
		}
		list = append(list, Record{selector(kinds[i]) + "._domainkey." + s.Domain, text})
	}
	return list
}

// Missing tells of which keys DNS does not say what it must: their records.
func (s *Signer) Missing(ctx context.Context, source dns.Source) (missing []Record, err error) {
	answers := &dns.Cache{Source: source}
	for _, r := range s.Records() {
		said, err := answers.Ask(ctx, dns.Question{Kind: dns.TXT, Name: r.Name})
		if err != nil {
			return nil, fmt.Errorf("ask for %s: %w", r.Name, err)
		}
		if len(said) != 1 || tag(said[0], "p") != tag(r.Text, "p") {
			missing = append(missing, r)
		}
	}
	return missing, nil
}

func selector(kind string) string { return "usher-" + kind }

// Sign gives a message with a signature of each key on top.
func (s *Signer) Sign(message []byte) ([]byte, error) {
	for i, key := range s.keys {
		var b bytes.Buffer
		if err := Sign(&b, bytes.NewReader(message), SignOptions{Domain: s.Domain, Selector: selector(kinds[i]), Signer: key}); err != nil {
			return nil, err
		}
		message = b.Bytes()
	}
	return message, nil
}
