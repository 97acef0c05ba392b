package caller

import (
	"fmt"
	"slices"
	"strings"

	"usher/classify/mail"
)

// Owners is the operator's map: system user, by name or by uid in digits, to
// normalised mailboxes. "*@example.org" stands for every mailbox of a domain.
type Owners map[string][]string

// ParseOwners reads settings of the form USER=MAILBOX[,MAILBOX...]. A user may
// occur in several. Delimiter stands between local part and detail.
func ParseOwners(settings []string, delimiter string) (Owners, error) {
	owners := Owners{}
	for _, setting := range settings {
		name, boxes, ok := strings.Cut(setting, "=")
		name = strings.TrimSpace(name)
		if !ok || name == "" || strings.ContainsAny(name, "@,* ") {
			return nil, fmt.Errorf("owner %q: write USER=MAILBOX, as in maria=maria@example.org,info@example.org", setting)
		}
		for box := range strings.SplitSeq(boxes, ",") {
			box, err := ownedBox(strings.TrimSpace(box), delimiter)
			if err != nil {
				return nil, fmt.Errorf("owner %q: %w", setting, err)
			}
			if !slices.Contains(owners[name], box) {
				owners[name] = append(owners[name], box)
			}
		}
	}
	return owners, nil
}

func ownedBox(box, delimiter string) (string, error) {
	if domain, ok := strings.CutPrefix(box, "*@"); ok {
		if _, domain, ok := mail.SplitAddress("x@" + domain); ok && !strings.Contains(domain, "*") {
			return "*@" + domain, nil
		}
		return "", fmt.Errorf("%q names no domain: *@example.org is every mailbox of example.org", box)
	}
	if strings.Contains(box, "*") {
		return "", fmt.Errorf("%q: a star stands for a whole local part only, as in *@example.org", box)
	}
	if _, domain, ok := mail.SplitAddress(box); !ok || domain == "" {
		return "", fmt.Errorf("%q is not a mailbox: maria@example.org is one", box)
	}
	return mail.Mailbox(box, delimiter), nil
}

// Owns reports whether a normalised mailbox is the caller's.
func (w Whoami) Owns(mailbox string) bool {
	at := strings.LastIndexByte(mailbox, '@')
	return mailbox != "" && (slices.Contains(w.Mailboxes, mailbox) && mailbox[0] != '*' ||
		at > 0 && slices.Contains(w.Mailboxes, "*"+mailbox[at:]))
}

// Single lists the mailboxes that are named one by one.
func (w Whoami) Single() []string {
	var boxes []string
	for _, box := range w.Mailboxes {
		if !strings.HasPrefix(box, "*@") {
			boxes = append(boxes, box)
		}
	}
	return boxes
}
