package classify

import (
	"strings"

	"usher/classify/mail"
	"usher/classify/provider"
)

// Fields of the header that speak for themselves; names in lower case.
var (
	// campaignFields are written by tools for campaigns and by nothing else.
	campaignFields = []string{
		"x-campaign", "x-campaignid", "x-campaign-id", "x-mc-user", "x-mailer-lid", "x-mailer-recptid", "x-mailer-sid",
		"x-mailer-sent-by", "x-kmail-account", "x-kmail-message", "x-sfmc-stack", "x-mailin-campaign", "x-roving-id",
		"x-roving-campaignid", "x-csa-complaints", "x-rpcampaign",
	}
	complaintFields  = []string{"x-report-abuse", "x-report-abuse-to", "x-complaints-to", "x-job", "cfbl-address"}
	discussionFields = []string{"x-mailman-version", "x-beenthere", "mailing-list", "x-google-group-id", "x-google-loop"}
	// robotFields are written by trackers, build servers and monitors.
	robotFields = []string{
		"x-github-reason", "x-github-sender", "x-gitlab-project", "x-gitlab-pipeline-id", "x-jira-fingerprint", "x-bugzilla-reason",
		"x-launchpad-message-rationale", "x-phabricator-mail-tags", "x-redmine-project", "x-cron-env", "x-trac-project",
		"x-jenkins-job", "x-nagios-notification", "x-gerrit-messagetype", "x-travis-ci", "x-discourse-topic-id", "tls-report-domain",
	}
	// clients are programs in which people write: parts of X-Mailer or User-Agent.
	clients = []string{
		"outlook", "apple mail", "iphone mail", "ipad mail", "thunderbird", "mutt", "k-9", "evolution", "kmail", "claws",
		"sylpheed", "gnus", "emacs", "pine", "eudora", "mozilla", "the bat", "geary", "lotus notes", "roundcube", "squirrelmail",
		"yahoomailwebservice", "aol", "mh", "exmh", "entourage", "zimbra", "internet mail service", "foxmail", "mailmate", "git-send-email",
		"vm ", "novell groupwise", "microsoft-macoutlook", "alpine", "neomutt", "airmail", "opera mail", "horde", "becky",
	}
)

// headers finds what the header says of the kind of mail.
func (r *reading) headers() {
	fields := r.fields
	r.listHeaders(fields)
	r.threadHeaders(fields)
	for _, name := range campaignFields {
		if _, ok := fields[name]; ok {
			r.find("campaign", name)
			r.bulkHeader = true
			break
		}
	}
	for _, name := range complaintFields {
		if _, ok := fields[name]; ok {
			r.find("complaints_to", "")
			break
		}
	}
	for _, name := range robotFields {
		if _, ok := fields[name]; ok {
			r.find("robot_header", name)
			break
		}
	}
	if v := r.lower("auto-submitted"); v != "" && !strings.HasPrefix(v, "no") {
		r.find("auto_submitted", clip(v, 30))
	}
	_, suppress := fields["x-auto-response-suppress"]
	r.findIf(suppress, "auto_suppress", "")
	_, expires := fields["expires"]
	r.findIf(expires, "expires", "")
	r.findIf(strings.HasPrefix(r.lower("x-pm-mta-pool"), "transactional"), "transactional_stream", "")
	high := strings.HasPrefix(r.lower("x-priority"), "1") || r.lower("importance") == "high"
	r.findIf(high && r.bulkHeader, "urgent_bulk", "")
	r.clientHeader(fields)
	r.findIf(!r.bulkHeader, "no_bulk", "")
}

// named gives the first value of each field by its name in lower case. Fields
// of our own prefix are no signs: anybody can write them.
func named(m *mail.Message) map[string]string {
	fields := make(map[string]string, len(m.Fields))
	for _, f := range m.Fields {
		name := strings.ToLower(f.Name)
		if strings.HasPrefix(name, "usher-") {
			continue
		}
		if _, ok := fields[name]; !ok {
			fields[name] = f.Value
		}
	}
	return fields
}

// lower gives the value of a field as it is compared: in lower case, without
// blanks around it, and not more than 2,000 bytes of it.
func (r *reading) lower(name string) string {
	return strings.ToLower(strings.TrimSpace(clip(r.fields[name], 2000)))
}

func (r *reading) listHeaders(fields map[string]string) {
	if v := r.lower("list-unsubscribe-post"); strings.Contains(v, "one-click") {
		r.find("one_click", "")
		r.bulkHeader = true
	}
	if _, ok := fields["list-unsubscribe"]; ok {
		r.find("list_unsubscribe", "")
		r.bulkHeader = true
	}
	if _, ok := fields["list-id"]; ok {
		r.find("list_id", "")
		r.bulkHeader = true
	}
	for _, name := range []string{"list-help", "list-owner", "list-subscribe"} {
		if _, ok := fields[name]; ok {
			r.find("list_help", "")
			r.bulkHeader = true
			break
		}
	}
	switch v := r.lower("precedence"); v {
	case "bulk", "list", "junk":
		r.find("precedence", v)
		r.bulkHeader = true
	}
	// A list to which nobody writes names a page, or NO (RFC 2369, section 3.4).
	if strings.Contains(r.lower("list-post"), "mailto:") {
		r.find("discussion", "List-Post")
		return
	}
	for _, name := range discussionFields {
		if _, ok := fields[name]; ok {
			r.find("discussion", name)
			return
		}
	}
}

func (r *reading) threadHeaders(fields map[string]string) {
	report := r.m.ContentType == "multipart/report"
	null := r.lower("return-path") == "<>" || r.o.Envelope.From == "" && len(r.o.Envelope.To) > 0
	_, failed := fields["x-failed-recipients"]
	r.findIf(report || null || failed, "bounce", "")
	if len(r.m.InReplyTo) == 0 {
		return
	}
	for _, id := range r.m.InReplyTo[:min(len(r.m.InReplyTo), 50)] {
		if _, domain, ok := strings.Cut(strings.Trim(id, "<>"), "@"); ok && r.isRecipientDomain(domain) {
			r.find("reply", "")
			return
		}
	}
	r.find("in_thread", "")
}

// isRecipientDomain reports whether one of the recipients is at the domain; a
// public mail service's domain is nobody's own.
func (r *reading) isRecipientDomain(domain string) bool {
	domain = strings.ToLower(domain)
	if domain == "" || provider.IsFreemail(domain) {
		return false
	}
	for _, to := range r.o.Envelope.To[:min(len(r.o.Envelope.To), 20)] {
		if _, d, ok := mail.SplitAddress(to); ok && strings.EqualFold(d, domain) {
			return true
		}
	}
	if len(r.o.Envelope.To) > 0 {
		return false
	}
	for _, to := range r.m.To[:min(len(r.m.To), 20)] {
		if to.Domain == domain {
			return true
		}
	}
	return false
}

func (r *reading) clientHeader(fields map[string]string) {
	for _, name := range []string{"x-mailer", "user-agent"} {
		v := r.lower(name)
		if v == "" {
			continue
		}
		for _, c := range clients {
			if strings.HasPrefix(v, c) || strings.Contains(v, " "+c) || strings.Contains(v, c+"/") {
				r.find("mail_client", clip(strings.TrimSpace(r.m.Get(name)), 30))
				return
			}
		}
	}
}
