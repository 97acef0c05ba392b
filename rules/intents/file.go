package intents

import (
	"slices"
	"sync"
	"time"

	"usher/classify"
	"usher/classify/mail"
	"usher/rules/intents/calendar"
	"usher/rules/intents/source"
)

// Bounds of a file. A file beyond them is an error, and judged by nothing.
const (
	MaxBytes      = 256 << 10 // bytes of one file
	MaxStatements = 2000      // statements of one file
)

// File is a file of statements as read. It does not change after reading and
// may be used by several goroutines.
type File struct {
	Name string         // as given to Parse; errors and notes begin with it
	At   time.Time      // the file's own date, against which "24 Dec" was read
	Sum  string         // first 16 hex digits of the SHA-256 of the text
	Zone *time.Location // nil if the file states none

	All []Statement // in the file's order; each also stands in one list below, where rules need it

	Protects []*Protect
	Grants   []*Grant
	Wants    []*Want
	Caps     []*Cap
	Refuses  []*Refuse
	Mutes    []*Mute
	Defaults []*Default // promotions, newsletters, notifications, unknown
	Speaks   []*Speak
	Observes []*Observe

	Lists []*List // the files that statements name, each once; read by ReadLists

	derived sync.Map // see Derived
}

// Default returns the first default of that kind ("promotions", "unknown"), or
// nil if the file states none.
func (f *File) Default(kind string) *Default {
	i := slices.IndexFunc(f.Defaults, func(d *Default) bool { return d.Verb == kind })
	if i < 0 {
		return nil
	}
	return f.Defaults[i]
}

// Days and windows of days, mistakes and changed lines, as others call them.
type (
	Date   = calendar.Date
	Window = calendar.Window
	Error  = source.Error
	Errors = source.Errors
	Change = source.Change
)

// DateOf returns the day of a time in the time's own zone.
func DateOf(t time.Time) Date { return calendar.DateOf(t) }

// Statement is one entry of a file: a *Protect, *Grant, *Want and so on. Its
// String is the statement as understood: dates absolute, money with its
// currency, topics quoted. Parsed again it gives the same statement.
type Statement interface {
	Source() *Head
	String() string
}

// Head is what every statement has.
type Head struct {
	Line    int      // first line, counted from 1: the N of intents:N
	End     int      // last line that belongs to it
	Verb    string   // lower case
	Text    string   // its first line as written, without comment, at most 200 characters
	Until   *Date    // last day on which it applies; nil: no end
	Notices []string // what of it is understood and not in force in this version, or read in a way worth saying
}

// Source returns the head itself, and so makes a Statement of what embeds it.
func (h *Head) Source() *Head { return h }

// Ended reports whether the statement's last day is before the day given.
func (h *Head) Ended(day Date) bool { return h.Until != nil && h.Until.Before(day) }

// Route is where a statement sends mail. The spellings are those of
// dispositions.
type Route string

// The routes that a person may write. Only "refuse … tell sender" goes further.
const (
	Inbox      Route = "inbox"
	Promotions Route = "promotions"
	Digest     Route = "digest"
	Refused    Route = "refuse"
)

// Brand names a sender. Domains are lower case A-labels, or whole addresses at
// freemail domains. A brand with a Name alone serves burdens only.
type Brand struct {
	Name    string
	Domains []string
}

// Topic is one item of a topic list, as written and as the classifier looks for it.
type Topic struct {
	Text   string
	Intent *classify.Intent
}

// Rate is a count in a sliding period.
type Rate struct {
	N      int
	Period string // "day", "week" or "month"
}

// Protect keeps mail in the inbox, always. One of its fields is filled.
type Protect struct {
	Head
	Kinds []string // words of Kinds
	Lists []string // List-Ids without brackets, lower case
	From  []string // patterns: "*@city.example" for an address, "city.example" for a domain and those below it
}

// Grant lets one brand market to the person.
type Grant struct {
	Head
	Brand   Brand
	For     []Topic // empty: anything
	AtMost  *Rate
	Because string // the person's own memory of the permission
	Terms   string
	Route   Route // inbox if not stated
}

// Want is something the person is in the market for.
type Want struct {
	Head
	Wanted      string   // the quoted text; "" for newsletters
	Newsletters bool     // it is about newsletters, else about promotions
	About, Not  []string // topics as written
	Intent      *classify.Intent
	Under, Over *mail.Money // both include their bound
	Off         int         // percent, 1 to 100; 0: not asked
	From        []string    // domains
	When        *Window
	Needs       []Need
	AtMost      *Rate
	Route       Route // inbox if not stated
	Unpublished bool  // publish no

	// What the quoted text asks for and no clause says.
	Names  []string // from one of these, or about it; nil: anybody
	Code   bool     // with a code
	Only   []Topic  // what the message must say of it as well
	Unread []string // what looks like a clause and was not understood, and why
}

// Need is a criterion that a sender must meet.
type Need struct {
	Kind string // "certificate", "disclosure" or "terms"
	Name string // the certificate's name, or the terms' ID
	List *List  // the list that the person or the admin chose; nil for terms
}

// Refuse sends mail among the refused. One of its first fields is filled.
type Refuse struct {
	Head
	Topics   []Topic
	Brands   []Brand
	BrandsIn *List    // a file that lists brands; Brands holds them once they are read
	Tracking []string // words of Trackings
	Unsigned bool

	Tell bool   // tell sender: reject, where the wire may
	Told string // the person's words to the sender
}

// Mute keeps mail among the promotions and out of the digest. One of its
// fields is filled.
type Mute struct {
	Head
	Brand  *Brand
	Topics []Topic
	List   string // a List-Id without brackets, lower case
}

// Cap bounds how many mails a brand sends to where it would go.
type Cap struct {
	Head
	Every bool   // every brand, each by itself
	All   bool   // all promotions together
	Brand *Brand // else
	Rate  Rate
	Then  Route // promotions if not stated
}

// Default routes everything else of a kind; the kind is the verb.
type Default struct {
	Head
	Route Route
}

// Times says when the digest is sent.
type Times struct {
	Head
	None bool
	At   []DayTime
}

// DayTime is a time of day on some days.
type DayTime struct {
	Days   string // "monday" to "sunday", "weekdays", "weekends" or "daily"
	Minute int    // since midnight
}

// Away lets the digest wait until the day after.
type Away struct {
	Head
	Window Window
}

// Observe judges and records, and touches nothing until its last day has passed.
type Observe struct{ Head }

// Zone is the person's time zone.
type Zone struct {
	Head
	Location *time.Location
}

// Speak lists the languages that the person reads, as ISO 639-1 codes.
type Speak struct {
	Head
	Languages []string
}

// Forget says how long decisions are kept; the site may have a limit.
type Forget struct {
	Head
	Days int
}

// Terms names the terms that the person proffers to senders. It is not yet in force.
type Terms struct {
	Head
	ID string
}

// Feedback says whether a mailbox counts in reports to senders, which tell of nobody.
type Feedback struct {
	Head
	Yes bool
}

// Derived gives what derive made when it was first asked for under a key. It is
// kept with the file, and goes with it: derive may look at nothing else.
func (f *File) Derived(key any, derive func() any) any {
	v, ok := f.derived.Load(key)
	if !ok {
		v, _ = f.derived.LoadOrStore(key, sync.OnceValue(derive))
	}
	return v.(func() any)()
}
