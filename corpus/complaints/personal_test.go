package complaints

import (
	"context"
	"strings"
	"testing"

	"usher/classify"
	"usher/classify/mail"
	"usher/corpus"
	"usher/rules"
)

func TestOfAPersonalLetterNoSenderIsKept(t *testing.T) {
	s := open(t)
	covers := []string{"cfbl-address"}
	o := &mail.Object{Message: mail.Parse([]byte("From: ann@clinic.example\r\nMessage-ID: <1@clinic.example>\r\nCFBL-Address: fbl@clinic.example\r\n\r\nhello\r\n")),
		Identity: mail.Identity{Address: "ann@clinic.example", Domain: "clinic.example", OrgDomain: "clinic.example", How: mail.ByDKIM, SenderKey: "clinic.example",
			Signatures: []mail.Signature{{Domain: "clinic.example", Valid: true, Aligned: true, Covers: covers, Listed: covers}}}}
	d := &rules.Decision{ID: rules.NewID(s.now), At: s.now, Recipient: maria, Category: classify.Personal, Disposition: rules.Inbox, Because: "default"}
	if slip := SlipOf(o, d, []byte("key")); slip != nil {
		d.Keep(corpus.PrefixComplainSlip, slip)
	}
	if err := s.Store.Record(context.Background(), []*rules.Decision{d}); err != nil {
		t.Fatal(err)
	}
	slips, _ := corpus.Notes[Slip](s.Store, maria, corpus.PrefixComplainSlip)
	for _, one := range slips {
		if strings.Contains(one.From, "clinic") {
			t.Errorf("of a letter that leaves a thin decision: %+v", one)
		}
	}
}
