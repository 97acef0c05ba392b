package keys

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
)

// Version is the first byte of every sealed value.
const Version = 1

// Tag is an HMAC-SHA256 cut to its first 16 bytes.
type Tag [16]byte

// Size is the length of every key, in bytes: AES-256 and HMAC-SHA256.
const Size = 32

// Labels keep the uses of one key apart.
const (
	labelBadger  = "usher badger v1"  // sub-key of K_master: Badger's own encryption, in stores of earlier versions
	labelWrap    = "usher wrap v1"    // sub-key of K_master: wraps the other keys
	labelSeal    = "usher seal v1"    // sub-key of K_mailbox: seals values
	labelMailbox = "usher mailbox v1" // pseudonyms under K_site
	labelSender  = "usher sender v1"  // pseudonyms under K_mailbox
	labelMessage = "usher message v1"
	labelRetry   = "usher retry v1"
	labelTomb    = "usher tomb v1"
)

// ErrOpen tells no more than GCM does: the key is another one, the value was
// changed, or it stands under a key where it was not written.
var ErrOpen = errors.New("the value does not open: it was changed, moved, or sealed with a key that is gone")

// New makes a random key.
func New() []byte {
	key := make([]byte, Size)
	rand.Read(key) // never fails: crypto/rand ends the program instead
	return key
}

// subKey derives a key for one use from another.
func subKey(key []byte, label string) []byte {
	sub, err := hkdf.Key(sha256.New, key, nil, label, Size)
	if err != nil {
		panic(err) // 32 bytes are far below HKDF's limit
	}
	return sub
}

// newAEAD prepares AES-256-GCM; the key is always Size bytes.
func newAEAD(key []byte) cipher.AEAD {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic(err)
	}
	return aead
}

// seal encrypts a value for the place where it will stand: version, nonce,
// ciphertext. Nonces are random, which is sound for 2^32 values under one key.
func seal(aead cipher.AEAD, place, plain []byte) []byte {
	value := make([]byte, 1+aead.NonceSize(), 1+aead.NonceSize()+len(plain)+aead.Overhead())
	value[0] = Version
	nonce := value[1:]
	rand.Read(nonce)
	return aead.Seal(value, nonce, plain, place)
}

// open is the reverse of seal. It fails on a value of another place.
func open(aead cipher.AEAD, place, value []byte) ([]byte, error) {
	if len(value) < 1+aead.NonceSize()+aead.Overhead() {
		return nil, ErrOpen
	}
	if value[0] != Version {
		return nil, fmt.Errorf("value of version %d: this usher reads version %d", value[0], Version)
	}
	nonce, cut := value[1:1+aead.NonceSize()], 1+aead.NonceSize()
	plain, err := aead.Open(nil, nonce, value[cut:], place)
	if err != nil {
		return nil, ErrOpen
	}
	return plain, nil
}

// pseudonym is HMAC-SHA256(key, label ‖ 0x00 ‖ text), its first 16 bytes.
func pseudonym(key []byte, label, text string) (t Tag) {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(label))
	mac.Write([]byte{0})
	mac.Write([]byte(text))
	copy(t[:], mac.Sum(nil))
	return t
}

// mailboxTag stands for a normalised mailbox in keys and file names.
func mailboxTag(site []byte, mailbox string) Tag { return pseudonym(site, labelMailbox, mailbox) }

// Box is K_mailbox, ready for use.
type Box struct {
	key  []byte      // for pseudonyms
	aead cipher.AEAD // for sealing
}

// NewBox makes a key of Size bytes ready for use.
func NewBox(key []byte) *Box { return &Box{key, newAEAD(subKey(key, labelSeal))} }

// Seal encrypts a value for the place where it will stand.
func (b *Box) Seal(place, plain []byte) []byte { return seal(b.aead, place, plain) }

// Open is the reverse of Seal. It fails with ErrOpen on a value of another place.
func (b *Box) Open(place, value []byte) ([]byte, error) { return open(b.aead, place, value) }

// Sender stands for a sender within one mailbox.
func (b *Box) Sender(senderKey string) Tag { return pseudonym(b.key, labelSender, senderKey) }

// Message stands for a Message-ID within one mailbox.
func (b *Box) Message(messageID string) Tag { return pseudonym(b.key, labelMessage, messageID) }

// Retry stands for a retry key within one mailbox.
func (b *Box) Retry(key string) Tag { return pseudonym(b.key, labelRetry, key) }

// windowTag stands for a mailbox in the report on one sender and window.
func windowTag(windowKey []byte, mailbox string) (t Tag) {
	mac := hmac.New(sha256.New, windowKey)
	mac.Write([]byte(mailbox))
	copy(t[:], mac.Sum(nil))
	return t
}
