// Package classify gives a verdict: what kind of mail a message is, whether it
// serves a want, and why. It is pure: it never reads a disk, a clock or a
// network.
package classify

import (
	"usher/classify/knows"
	"usher/classify/mail"
	"usher/classify/match"
	"usher/classify/topic"
)

// Category is the kind of mail.
type Category string

// The six categories.
const (
	Personal      Category = "personal"
	Transactional Category = "transactional"
	Notification  Category = "notification"
	List          Category = "list"
	Newsletter    Category = "newsletter"
	Promotion     Category = "promotion"
)

// Categories lists the six in a fixed order; indexes of Verdict.P follow it.
var Categories = [6]Category{Personal, Transactional, Notification, List, Newsletter, Promotion}

// Needed reports whether mail of this category never goes lower than the inbox.
func (c Category) Needed() bool { return c == Personal || c == Transactional || c == List }

// Answer is a three-valued truth: what a mail does not say is Unknown, never No.
type Answer string

// The three answers.
const (
	Yes     Answer = "yes"
	No      Answer = "no"
	Unknown Answer = "unknown"
)

// Verdict is the classifier's opinion of one message. It does not depend on
// the recipient; Serves and Sells answer for one person's intents.
type Verdict struct {
	Category   Category
	Confidence float64    // P of Category, 0 to 1
	P          [6]float64 // by Categories; sums to 1
	Kinds      []string   // transactional kinds, in the words of protect: "receipts", "security codes"
	Evidence   []Evidence // strongest first, for and against
	Knows      []Knows    // what the sender does and seems to know
	Tagged     bool       // a link counts the campaign that it is of
	Offers     []mail.Offer
	Language   string // ISO 639-1, "" if not told
	Provider   string // mail provider that carried it: "Mailchimp"; "" if none was seen
	Summary    string // one line, at most 120 characters; every fact in it occurs in the mail

	terms terms         // what the message is about, for Relevance
	topic func() string // likewise, in one word
}

// Topic is what the message is mainly about, one of topic.All. It is topic.Other where
// that is not sure, and where the message itself is gone. The first call reads the
// message, which takes time linear in it.
func (v *Verdict) Topic() string {
	if v.topic == nil {
		return topic.Other
	}
	return v.topic()
}

// Lowering is P(newsletter) + P(promotion): how often mail of this score was
// found to be one of the two.
func (v *Verdict) Lowering() float64 { return v.P[4] + v.P[5] }

// Low reports whether the verdict is sure enough to file the message below the
// inbox: a needed mail lowered costs more than a hundred promotions missed.
func (v *Verdict) Low() bool { return v.Category == Newsletter || v.Category == Promotion }

// Evidence is one reason for or against the verdict.
type Evidence struct {
	Code   string   `json:"code"` // "one_click"
	For    Category `json:"for"`  // the category spoken for (or, with a negative weight, against)
	Weight float64  `json:"weight"`
	Text   string   `json:"text"` // a sentence for a person
}

// Knows is something that the sender does, or seems to know of the recipient.
type Knows = knows.Sign

// Relevance is how well a message serves one intent.
type Relevance struct {
	Score float64  // 0 to 1
	Terms []string // words of the message that answer it: those of the intent, or others that mean much the same
	Alike []Alike  // the latter

	WordsOnly bool // of the message's language it is not known what words mean
}

// Alike is a word of an intent, and the word of the message that stands for it.
type Alike = match.Alike
