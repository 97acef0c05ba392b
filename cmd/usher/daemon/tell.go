package daemon

import (
	"context"
	"fmt"
	"time"

	"usher/corpus/bounces"
	"usher/smtpd/nexthop"
)

// newBounces makes the desk where letters to senders come back that could not be
// delivered; nil where none are sent.
func (d *Daemon) newBounces() (*bounces.Desk, error) {
	if !d.settings.Reports && !d.settings.Complaints || d.signer == nil || d.settings.Relay == (nexthop.Endpoint{}) {
		return nil, nil
	}
	desk := &bounces.Desk{Store: d.store, Host: d.settings.Wire.Hostname, Delimiter: d.settings.Wire.Delimiter, Key: d.store.SiteKey("bounce"), Now: time.Now, Log: d.log}
	return desk, desk.Begin()
}

// sendSigned signs a letter of our own, and passes it to the relay, unless an earlier one
// to that address came back. sent is that it may have gone although there is an error.
func (d *Daemon) sendSigned(ctx context.Context, to string, letter []byte) (sent bool, err error) {
	if until := d.bounces.Until(to); !until.IsZero() {
		return false, fmt.Errorf("an earlier letter to %s came back: it is left alone until %s", to, until.UTC().Format("2 January 2006, 15:04 MST"))
	}
	return d.signedTo(ctx, d.bounces.From(to), to, letter)
}

// mailReport sends a report.
func (d *Daemon) mailReport(ctx context.Context, to string, letter []byte) error {
	_, err := d.sendSigned(ctx, to, letter)
	return err
}

// answerSigned signs an answer to a letter, and passes it to the relay. It comes from
// nobody, as RFC 3834 has it: nothing is to answer it.
func (d *Daemon) answerSigned(ctx context.Context, to string, letter []byte) error {
	_, err := d.signedTo(ctx, "", to, letter)
	return err
}

func (d *Daemon) signedTo(ctx context.Context, from, to string, letter []byte) (sent bool, err error) {
	letter, err = d.signer.Sign(letter)
	if err != nil {
		return false, err
	}
	ctx, cancel := context.WithTimeout(ctx, digestTime)
	defer cancel()
	return d.relayTo(ctx, from, to, letter)
}
