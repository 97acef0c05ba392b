package settings

import (
	"github.com/urfave/cli/v2"

	"usher/cmd/usher/command"
	"usher/smtpd/nexthop"
)

// ownFlags are the settings of mail that usher itself sends, and of what it asks of
// senders.
func ownFlags() []cli.Flag {
	return []cli.Flag{
		text("digest-from", "", "`ADDRESS` that digests come from (default: usher@ and the hostname)"),
		text("digest-hop", "", "`PROTOCOL:HOST:PORT` or PROTOCOL:/path of the server by which digests go, such as the one that signs your mail: smtp:127.0.0.1:25 (default: the next hop that has the mailbox)"),
		yes("digest-answers", false, "people may answer a digest (3 inbox, 5 mute 30d): where your server signs with DKIM what they send, and that passes usher when they write to themselves"),
		text("relay", "", "`PROTOCOL:HOST:PORT` or PROTOCOL:/path of the server by which our mail goes to others than our people: smtp:127.0.0.1:25 (default: there is no such mail)"),
		yes("reports", false, "tell senders who ask in the DNS how relevant their mail is, by blurred counts about nobody: usher help senders; what they order by signed mail to relevance-reports@ and the hostname, a mailbox of your mail server, is read as it passes"),
		yes("reports-announced", false, "people here were told of reports: feedback yes in the site's file counts for those who say nothing"),
		yes("reports-web", false, "senders who prove their domain by the DNS read the reports on it at web-listen, below /relevance/v1/"),
		yes("complaints", false, "people may complain of a message to its sender, who asked for that by CFBL-Address: through the relay, signed by the keys of usher dkim; STOP, mailed to complaints@ and the hostname, is read as it passes"),
		yes("complaints-minimal", false, "a complaint names the message by its CFBL-Feedback-ID alone, where it has one"),
		yes("unsubscribe", false, "leave mailing lists for people who say so: by one POST to the host that the sender signed, or by a letter through the relay"),
		list("unsubscribe-deny", "`HOST` or CIDR that is never asked, beside what is not public: shop.example"),
	}
}

// ownHop is a server by which mail of our own goes, if one is set.
func ownHop(c *cli.Context, name string) (hop nexthop.Endpoint, err error) {
	text := c.String(name)
	if text == "" {
		return hop, nil
	}
	if hop, err = nexthop.ParseEndpoint(text); err != nil {
		return hop, command.Misuse("write it as smtp:127.0.0.1:25 or lmtp:/run/dovecot/lmtp", "%s: %w", name, err)
	}
	if !hop.Local() && !hop.TLS() && !c.Bool("plaintext") {
		return hop, command.Misuse("write "+hop.Protocol+"s for TLS, or say plaintext = true if that network is yours", "%s %s: mail would cross a network in plain text", name, hop)
	}
	return hop, nil
}
