package slots

import (
	"testing"
	"time"

	"usher/rules/intents"
)

// read reads a person's file, and fails the test where it has a mistake.
func read(t *testing.T, text string) *intents.File {
	t.Helper()
	f, errs := intents.Parse("test", []byte(text), time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC))
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	return f
}

// at reads a moment as people in Helsinki do.
func at(t *testing.T, text string) time.Time {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Helsinki")
	if err != nil {
		t.Fatal(err)
	}
	m, err := time.ParseInLocation("2006-01-02 15:04", text, zone)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

const zone = "zone Europe/Helsinki\n"

func TestWhichDigestIsDue(t *testing.T) {
	const often = zone + "digest weekdays 07:30, saturday 10:00\n"
	for _, c := range []struct{ name, file, since, now, want string }{
		{"before the hour nothing is", often, "2026-11-23 07:30", "2026-11-24 07:29", ""},
		{"at the hour it is", often, "2026-11-23 07:30", "2026-11-24 07:30", "2026-11-24 07:30"},
		{"one that was sent is not due again", often, "2026-11-24 07:30", "2026-11-24 23:00", ""},
		{"one that was missed comes late", often, "2026-11-23 07:30", "2026-11-24 19:12", "2026-11-24 07:30"},
		{"of several that were missed the last one comes", often, "2026-11-18 07:30", "2026-11-22 12:00", "2026-11-21 10:00"},
		{"sunday is no weekday", often, "2026-11-21 10:00", "2026-11-22 23:59", ""},
		{"without a line there is none", zone, "2026-11-01 07:30", "2026-11-24 12:00", ""},
		{"digest none is none", zone + "digest none\n", "2026-11-01 07:30", "2026-11-24 12:00", ""},
		{"several lines add up", zone + "digest 07:00\ndigest friday 18:00\n", "2026-11-20 07:00", "2026-11-20 18:30", "2026-11-20 18:00"},
		{"an absence has it wait", often + "away 2026-11-23 .. 2026-11-27\n", "2026-11-21 10:00", "2026-11-27 12:00", ""},
		{"and it comes on return", often + "away 2026-11-23 .. 2026-11-27\n", "2026-11-21 10:00", "2026-11-28 10:00", "2026-11-28 10:00"},
		{"even on a day that has none", zone + "digest weekdays 07:30, friday 16:00\naway 2026-11-23 .. 2026-11-28\n", "2026-11-20 16:00", "2026-11-29 08:00", "2026-11-29 07:30"},
		{"an hour that the clock skips is an hour later", zone + "digest 03:30\n", "2027-03-27 12:00", "2027-03-28 05:00", "2027-03-28 04:30"},
		{"an hour that comes twice comes once", zone + "digest 03:30\n", "2026-10-25 03:30", "2026-10-25 12:00", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, is := Of(read(t, c.file), nil).Due(at(t, c.since), at(t, c.now))
			if is != (c.want != "") || is && !got.Equal(at(t, c.want)) {
				t.Errorf("due is %v (%v), not %q", got, is, c.want)
			}
		})
	}
}

func TestWhatASitesFileSaysHoldsWhereOnesOwnIsSilent(t *testing.T) {
	site := read(t, zone+"digest 08:00\n")
	now, since := at(t, "2026-11-24 09:00"), at(t, "2026-11-23 12:00")
	if _, is := Of(read(t, "promotions promotions\n"), site).Due(since, now); !is {
		t.Error("the site's digest is not due")
	}
	if _, is := Of(read(t, "digest none\n"), site).Due(since, now); is {
		t.Error("a person who wants none gets the site's")
	}
	if got, is := Of(read(t, "digest 06:00\n"), site).Due(since, now); !is || !got.Equal(at(t, "2026-11-24 06:00")) {
		t.Errorf("one's own time is not the one that holds: %v", got)
	}
}

func TestWhenTheNextOneComes(t *testing.T) {
	for _, c := range []struct{ file, after, want string }{
		{zone + "digest weekdays 07:30\n", "2026-11-20 07:30", "2026-11-23 07:30"},
		{zone + "digest weekdays 07:30\n", "2026-11-20 07:29", "2026-11-20 07:30"},
		{zone + "digest sunday 07:30\naway 2026-11-21 .. 2026-12-30\n", "2026-11-20 07:30", "2026-12-31 07:30"},
		{zone, "2026-11-20 07:30", ""},
	} {
		got, is := Of(read(t, c.file), nil).Next(at(t, c.after))
		if is != (c.want != "") || is && !got.Equal(at(t, c.want)) {
			t.Errorf("after %s comes %v (%v), not %q", c.after, got, is, c.want)
		}
	}
}

func TestWhetherSomethingWaited(t *testing.T) {
	p := Of(read(t, zone+"digest 07:30\naway 2026-11-23 .. 2026-11-27\n"), nil)
	if !p.Waited(at(t, "2026-11-22 07:30"), at(t, "2026-11-28 07:30")) || p.Waited(at(t, "2026-11-28 07:30"), at(t, "2026-11-29 07:30")) {
		t.Error("an absence is told where there was none, or not where there was one")
	}
}
