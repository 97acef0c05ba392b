package smtpd

import (
	"strings"

	"usher/rules"
)

// Folders of mail that is filed by sub-address.
const (
	detailPromotions = "Promotions"
	detailRefused    = "Refused"
)

// filed gives the address by which a next hop files a message for path as a
// disposition says: user+Promotions@domain. It is path itself where the mailbox
// is meant, and where path has a detail already: that is the person's own filing.
func filed(path, delimiter string, d rules.Disposition) string {
	detail := ""
	switch d {
	case rules.Promotions, rules.Digest:
		detail = detailPromotions
	case rules.Refuse:
		detail = detailRefused
	default:
		return path
	}
	at := strings.LastIndexByte(path, '@')
	if at <= 0 || delimiter == "" {
		return path
	}
	local, end := path[:at], ""
	if strings.HasSuffix(local, `"`) {
		local, end = local[:len(local)-1], `"`
	}
	if strings.Contains(local, delimiter) {
		return path
	}
	return local + delimiter + detail + end + path[at:]
}
