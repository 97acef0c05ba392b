// Package first writes the file with which a person begins. It never reads one.
package first

import (
	"fmt"
	"strings"
	"unicode"
)

const text = `# What %s wants of marketing mail.
# A line says one thing; # begins a comment. "usher intents check" reads the file
# back to you, and "usher intents test MESSAGE.eml" shows what it would do.

# zone    Europe/Helsinki            # dates below are read in your zone
# speak   fi en                      # promotions in other languages go to the digest
# observe until 2030-01-31           # judge and record, touch nothing: a safe first week

# Always in the inbox, whatever follows.
protect  receipts, orders, invoices, delivery, security codes, travel, tax, appointments, people
# protect list <parents.school.example>
# protect from *@city.example

# Who may market to you, and on which terms. A grant names a domain.
# grant   shop.example for outdoor clothing, repair until 2030-12-31

# What you are in the market for. It reaches the inbox when it fits.
# want    "winter running shoes" not kids under 120 EUR until 2030-12-24
# want    newsletters about databases

# What you do not want. Refused mail is filed, never deleted.
# refuse  gambling, crypto
# refuse  tracking by behaviour      # "you left this in your basket"
# mute    "Some Shop" until 2030-01-07

# Everything else: inbox, promotions, digest or refuse.
promotions    promotions
newsletters   inbox
notifications inbox
unknown       digest
`

// File returns a first file for a mailbox: it parses without a mistake, and
// moves promotions alone.
func File(mailbox string) []byte {
	name := strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, mailbox)
	return fmt.Appendf(nil, text, name)
}
