package terms

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"usher/rules/intents"
)

// Contradictions are the places in which a published document says other than the
// site's statements come to on a day, each as a sentence. What it leaves out
// contradicts nothing.
func Contradictions(d Document, site *intents.File, day intents.Date, told Told) (all []string) {
	until, err := d.Day()
	if err != nil {
		return []string{fmt.Sprintf("valid_until %q is no day: write it as 2027-05-01", d.ValidUntil)}
	}
	if last := intents.DateOf(until); last.Before(day) {
		all = append(all, "valid_until: it ended on "+d.ValidUntil)
	}
	is, err := Of(site, Asked{Domain: d.Domain, Until: intents.DateOf(until), Told: told}, day)
	if err != nil {
		return append(all, err.Error())
	}
	if is.ValidUntil != d.ValidUntil {
		all = append(all, fmt.Sprintf("valid_until says %s, and a statement that it is made from ends on %s", d.ValidUntil, is.ValidUntil))
	}
	all = append(all, d.Accepts.against(is.Accepts)...)
	all = append(all, d.Requires.against(is.Requires)...)
	for _, code := range slices.Sorted(maps.Keys(d.Declines)) {
		if got := is.Declines[code]; got != d.Declines[code] {
			all = append(all, differs("declines."+code, d.Declines[code], got))
		}
	}
	for _, a := range d.Agreements {
		if a.Status != "proffered" || !slices.Contains(proffered(site), a.ID) {
			all = append(all, fmt.Sprintf("agreements: %s is %s there, and the site's file has no `terms proffer %s`", a.ID, a.Status, a.ID))
		}
	}
	if d.Feedback.Reports != "" && (!told.Reports || d.Feedback.Reports != is.Feedback.Reports) {
		all = append(all, "feedback: this usher sends no reports at "+d.Feedback.Reports)
	}
	if other := func(way string) bool { return !told.Complaints || way != complaints }; slices.ContainsFunc(d.Feedback.Complaints, other) {
		all = append(all, "feedback: this usher sends no such complaints as it says")
	}
	return all
}

func (a Accepts) against(is Accepts) (all []string) {
	for _, c := range []struct {
		what     string
		says, is intents.Route
	}{
		{"transactional", a.Transactional, is.Transactional}, {"notification", a.Notification, is.Notification},
		{"list", a.List, is.List}, {"newsletter", a.Newsletter, is.Newsletter},
		{"promotion", a.Promotion, is.Promotion}, {"promotion_wanted", a.PromotionWanted, is.PromotionWanted},
	} {
		if c.says != "" && c.says != c.is {
			all = append(all, differs("accepts."+c.what, string(c.says), string(c.is)))
		}
	}
	return all
}

func (r Requires) against(is Requires) (all []string) {
	for _, c := range []struct {
		what     string
		says, is int
	}{
		{"max_per_day", r.MaxPerDay, is.MaxPerDay}, {"max_per_week", r.MaxPerWeek, is.MaxPerWeek}, {"max_per_month", r.MaxPerMonth, is.MaxPerMonth},
	} {
		if c.says != 0 && c.says != c.is {
			all = append(all, differs("requires."+c.what, fmt.Sprint(c.says), fmt.Sprint(c.is)))
		}
	}
	return all
}

func differs(what, says, is string) string {
	if is == "" || is == "0" {
		return fmt.Sprintf("%s says %s, and the site's file says nothing of it", what, says)
	}
	return fmt.Sprintf("%s says %s, and the site's statements come to %s", what, says, is)
}

// Today is the day at a moment in the zone that a site states, else in UTC.
func Today(site *intents.File, now time.Time) intents.Date {
	if site != nil && site.Zone != nil {
		return intents.DateOf(now.In(site.Zone))
	}
	return intents.DateOf(now.UTC())
}
