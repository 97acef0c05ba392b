package daemon

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"

	"usher/classify/mail"
	"usher/cmd/usher/web"
	"usher/cmd/usher/web/lists"
	"usher/corpus"
	"usher/corpus/digest/slots"
	"usher/corpus/leaving"
	"usher/rules"
	"usher/smtpd/leave"
	"usher/smtpd/nexthop"
)

// noting is a judge that keeps beside its decisions what is known of a message on
// arrival alone: how its list may be left, to whom one may complain, and what reports
// will count.
type noting struct {
	*rules.Judge
	beside *Daemon
}

// Decide implements smtpd.Judge. What cannot be noted keeps no message from its decision.
func (n noting) Decide(ctx context.Context, o *mail.Object) ([]*rules.Decision, error) {
	ds, err := n.Judge.Decide(ctx, o)
	if err != nil {
		return ds, err
	}
	for _, d := range ds {
		if !n.beside.settings.Leave || d == nil {
			continue
		}
		if slip := leaving.SlipOf(o, d); slip != nil {
			err = errors.Join(err, d.Keep(corpus.PrefixSlip, slip))
		}
	}
	if err = errors.Join(err, n.beside.complaining(o, ds), n.beside.reporting(o, ds)); err != nil {
		n.beside.log.Warn("not all is kept of how a message may be answered", "error", err)
	}
	return ds, nil
}

// newDesk makes the desk where people ask to leave lists; nil where the site has none.
func (d *Daemon) newDesk() (*leaving.Desk, error) {
	if !d.settings.Leave {
		return nil, nil
	}
	client, err := leaveClient(d.settings.LeaveNot)
	if err != nil {
		return nil, err
	}
	desk := &leaving.Desk{Store: d.store, Post: client.Post, Host: d.settings.Wire.Hostname, Now: time.Now, Wait: leaving.Later, Log: d.log}
	if d.settings.Relay != (nexthop.Endpoint{}) {
		desk.Letter = d.leaveByLetter
	}
	return desk, nil
}

// leaveClient asks no host and no network that the operator names, nor this machine.
func leaveClient(not []string) (*leave.Client, error) {
	c := &leave.Client{}
	for _, n := range not {
		if p, err := netip.ParsePrefix(n); err == nil {
			c.Deny = append(c.Deny, p)
		} else {
			c.DenyHosts = append(c.DenyHosts, strings.ToLower(strings.TrimSuffix(n, ".")))
		}
	}
	own, err := net.InterfaceAddrs()
	if err != nil {
		return nil, fmt.Errorf("learn the addresses of this machine: %w", err)
	}
	for _, a := range own {
		if p, err := netip.ParsePrefix(a.String()); err == nil {
			c.Deny = append(c.Deny, netip.PrefixFrom(p.Addr().Unmap(), p.Addr().Unmap().BitLen()))
		}
	}
	return c, nil
}

// leaveByLetter sends a letter from a person's address to a list.
func (d *Daemon) leaveByLetter(ctx context.Context, from, to string, letter []byte) leave.Outcome {
	ctx, cancel := context.WithTimeout(ctx, digestTime)
	defer cancel()
	sent, err := d.relayTo(ctx, from, to, letter)
	o := leave.Outcome{Host: to, Asked: err == nil, Sent: sent}
	if err != nil {
		o.Reason = err.Error()
	}
	return o
}

// leaveList asks to leave the list of a decision, as an answer to a digest said.
func (a *answers) leaveList(ctx context.Context, as *web.Client, mailbox, id string) (string, error) {
	own, site, err := a.files.For(ctx, mailbox)
	if err != nil {
		return "", err
	}
	list, err := lists.Ask(ctx, as, mailbox, id, true)
	if err != nil {
		return "", err
	}
	told := list[0].Sentence(slots.Of(own, site).Zone())
	if list[0].State == leaving.Waiting {
		told += " `usher unsubscribe cancel` takes it back until then."
	}
	return told, nil
}
