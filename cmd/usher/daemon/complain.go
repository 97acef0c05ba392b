package daemon

import (
	"time"

	"usher/classify/mail"
	"usher/corpus"
	"usher/corpus/complaints"
	"usher/rules"
	"usher/smtpd/nexthop"
)

// newComplaints makes the desk where people complain of messages to their senders; nil
// where the site has none.
func (d *Daemon) newComplaints() (*complaints.Desk, error) {
	if !d.settings.Complaints {
		return nil, nil
	}
	desk := &complaints.Desk{Store: d.store, Host: d.settings.Wire.Hostname, Delimiter: d.settings.Wire.Delimiter, Agent: "usher/" + d.settings.Version, Minimal: d.settings.Minimal, Now: time.Now, Wait: complaints.Later, Log: d.log}
	if d.settings.Relay != (nexthop.Endpoint{}) && d.signer != nil {
		desk.Send, desk.Answer = d.sendSigned, d.answerSigned
		desk.Alone = func(address string) bool { return !d.bounces.Until(address).IsZero() }
	} else {
		d.log.Warn("complaints are not taken", "why", complaints.ErrNoRelay)
	}
	return desk, desk.Begin()
}

// complaining keeps beside the decisions on a message to whom its sender wants
// complaints told.
func (d *Daemon) complaining(o *mail.Object, ds []*rules.Decision) error {
	for _, one := range ds {
		if one == nil || d.complaints == nil {
			continue
		}
		slip := complaints.SlipOf(o, one, d.store.SiteKey("redact"))
		if slip == nil {
			return nil
		}
		if err := one.Keep(corpus.PrefixComplainSlip, slip); err != nil {
			return err
		}
	}
	return nil
}

// tellable reports whether a person may complain of a message to its sender.
func (d *Daemon) tellable(mailbox, id string) bool {
	if d.complaints == nil {
		return false
	}
	c, err := d.complaints.Propose(mailbox, id, "")
	return err == nil && c.State == complaints.Proposed
}
