package complaints

import (
	"strings"
	"time"

	"usher/smtpd/complain"
)

// Warning says what a complaint tells, and whom, before it is made.
func (c *Complaint) Warning() string {
	said := "This tells " + c.From + " (" + addresses(c.To) + ") which message it was, and so that it was you."
	for _, t := range c.To {
		if _, host, _ := strings.Cut(t.Address, "@"); t.Mode == complain.PreSigned {
			said += " It goes to " + host + ", which " + c.From + " did not name itself."
		}
	}
	return said
}

// Stands tells in a few words what became of a complaint, with times as in the zone.
func (c *Complaint) Stands(zone *time.Location) string {
	at := func(t time.Time) string { return t.In(zone).Format("2 Jan 15:04") }
	switch {
	case c.State == Sent:
		return "sent " + at(c.Done)
	case c.State == Waiting && c.Fault != "":
		return "tried again after " + at(c.Due) + ": " + c.Fault
	case c.State == Waiting:
		return "leaves after " + at(c.Due)
	case c.Fault != "":
		return string(c.State) + ": " + c.Fault
	}
	return string(c.State)
}

func addresses(to []complain.Target) string {
	var all []string
	for _, t := range to {
		all = append(all, t.Address)
	}
	return strings.Join(all, ", ")
}
