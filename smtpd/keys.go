package smtpd

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"

	"usher/smtpd/events"
)

// Uses of the site's keys, as Deps.SiteKey is asked for them.
const (
	keyLog    = "log"    // hashes that stand for addresses in the log
	keyRetry  = "retry"  // recognises a message that comes again
	KeyDigest = "digest" // marks our own digests: imprint.DigestField
)

// ownKeys gives keys that live as long as this process, where the site has none.
func ownKeys() func(use string) []byte {
	secret := make([]byte, 32)
	rand.Read(secret) // never fails: crypto/rand ends the program instead
	return func(use string) []byte {
		key, err := hkdf.Key(sha256.New, secret, nil, use, len(secret))
		if err != nil {
			panic(err) // 32 bytes are far below HKDF's limit
		}
		return key
	}
}

// pseudonym says what stands for an address in the log; nil: itself.
func pseudonym(cfg Config, siteKey func(use string) []byte) func(string) string {
	if cfg.LogAddresses {
		return nil
	}
	key := siteKey(keyLog)
	return func(address string) string { return events.Pseudonym(key, address, cfg.Delimiter) }
}
