package replies

import (
	"crypto/rand"
	"encoding/base32"
	"fmt"
	"strings"

	"github.com/emersion/go-smtp"

	"usher/classify/mail"
)

// Declined is the one reply that tells a sender what a recipient states: the 550 for
// mail that is rejected. It names no address, statement or decision.
type Declined struct {
	Why   string // one of mail.Declines…; any other is read as mail.DeclinesMail
	Words string // the recipient's own, which intents.Sayable let pass; "": none
	Ref   string // by which the recipient, or an admin who is quoted it, finds the mail
	Terms string // URL of what this site asks of bulk mail; "": nothing is published
}

// fixed are the sentences for recipients who gave no words, or words that may not be
// said.
var fixed = map[string]string{
	mail.DeclinesMail:     "The recipient declines this mail.",
	mail.DeclinesTracking: "The recipient declines tracked mail.",
	mail.DeclinesUnsigned: "The recipient declines unsigned bulk mail.",
}

// Reply gives the reply in one line of at most 512 bytes (RFC 5321, section
// 4.5.3.1.5), of which taken bytes are somebody else's. Too long, it goes without the
// terms, then without the words.
func (d Declined) Reply(taken int) *smtp.SMTPError {
	sentence := fixed[d.Why]
	if sentence == "" {
		d.Why, sentence = mail.DeclinesMail, fixed[mail.DeclinesMail]
	}
	tag := fmt.Sprintf("[%s why=%s ref=%s] ", mail.TagDeclined, d.Why, d.Ref)
	terms, room := "", maxReplyLine-taken
	if d.Terms != "" {
		terms = " Terms: " + d.Terms
	}
	words := sentence
	if d.Words != "" {
		words = fmt.Sprintf(`The recipient declines this mail: "%s".`, printable(d.Words, maxWords))
	}
	text := tag + sentence
	for _, longer := range []string{tag + words + terms, tag + words, tag + sentence + terms} {
		if len(longer) <= room {
			text = longer
			break
		}
	}
	return Own(550, smtp.EnhancedCode{5, 7, 1}, printable(text, max(0, room)))
}

// maxWords bounds, in bytes, the recipient's words.
const maxWords = 200

// crockford is the alphabet of references: without I, L, O and U, since people read
// them out to each other (Douglas Crockford, "Base 32").
const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// NewRef gives a reference of 40 random bits, 8 letters and digits.
func NewRef() string {
	var bits [5]byte
	rand.Read(bits[:]) // never fails
	return base32.NewEncoding(crockford).EncodeToString(bits[:])
}

// Ref reads a reference as people write one: small letters, hyphens, O for 0, and I
// or L for 1. It is "" where that is none.
func Ref(text string) string {
	read := strings.NewReplacer("-", "", " ", "", "O", "0", "I", "1", "L", "1").Replace(strings.ToUpper(text))
	if len(read) != 8 || strings.Trim(read, crockford) != "" {
		return ""
	}
	return read
}
