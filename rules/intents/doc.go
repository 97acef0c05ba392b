// Package intents reads, checks and edits the file in which a person states
// what they want of marketing mail. It never judges mail, and nothing of a file
// leaves the server by it. What follows is the language's manual.
//
// # The file
//
// A line says one thing, beginning with a verb. Clauses follow on the same line
// or on indented lines beneath it. # begins a comment outside quotes. Verbs and
// clauses are written in lower case; capitals are understood. Smart quotes are
// quotes. A file has at most 256 KiB and 2,000 statements.
//
//	# in the market for shoes
//	want  "winter running shoes"
//	  not    kids, "shoes for men"
//	  under  120 EUR
//
// A list is split at commas, and goes on beneath a line that ends with one. An
// item in which a comma or a word of the grammar stands ("shoes for men") wants
// quotes. about and not have room for 50 topics each. What cannot be understood
// is an error with its place, and the last file that was understood stays in force.
//
// # What is never touched
//
//	protect  receipts, orders, invoices, delivery, security codes, travel, tax, appointments, people
//	protect  list <parents.school.example>
//	protect  from *@city.example, school.example
//
// Protected mail reaches the inbox. A list is named by its List-Id. A sender is
// an address, in which * stands for anything, or a domain with those below it.
// Personal mail, transactional mail and discussion lists reach the inbox
// whether they are protected or not. Travel means tickets, never offers.
//
// # Who may market to you
//
//	grant  shop.example  for outdoor clothing, repair  until 2027-06-30
//	grant  "Some Shop"  is shop.example, shop-mail.example  because "asked for it at the till"
//
// A grant lets one brand through to the inbox, or to its route. Off its for
// topics the mail goes to the digest. It needs a domain, since a name can be
// forged, and holds only for mail that proves its sender. Where anybody may have
// an address, as at a freemail provider, it names a whole one. Further clauses: at
// most N per PERIOD, terms ID, route ROUTE.
//
// # What you are in the market for
//
//	want  "flights to Japan"  off 20%  from polarair.example  until 31 March
//	want  newsletters about databases
//
// A want in quotes is about promotions, the other about newsletters. Its clauses must
// all be met: about and not (topics), under and over (MONEY, including the bound),
// off (percent or more), from (domains), when (WINDOW) and until (DATE, its last
// day). Of several offers one that meets them all suffices. Each clause is answered
// yes, no or unknown: a price that is not said, another currency, a discount with a
// condition are unknown. A want that answers unknown sends the mail where unknown
// says. Further clauses: route ROUTE, at most N per PERIOD, publish no. usher
// publishes no want: you may have one written as a request that names nobody (usher
// intents export) and post it where you like, and publish no keeps it from that.
//
//	want  "olive oil"  needs certificate "B Corp" in certified.txt
//	want  "olive oil"  needs disclosure disclosing.txt
//
// The words in quotes are yours: "flights to Lisbon or Porto, not via London, under
// 120 EUR, only direct" is read as clauses are. "only" asks for what the mail must
// say, "with a code" for a code, and a name behind "from" or "by" for the sender, or
// a mail that names it. Checking the file shows beneath each want how it was read.
//
// A criterion is met by whom a list names that you or the admin chose, and
// decisions cite the list with its date. needs terms ID is no where a mail was seen
// to do what would need more than those terms, else unknown: what its sender says of
// terms is shown, and decides nothing.
//
// # What you do not want
//
//	refuse  gambling, crypto  tell sender "not wanted here"
//	refuse  brand "Some Shop", other.example
//	refuse  brands in boycott.txt
//	refuse  tracking by pixel, link, address, behaviour, third party
//	refuse  unsigned
//	mute    "Some Shop"  until 2027-01-07
//	mute    topic perfume
//	mute    list <talk.example>
//
// Refused mail is filed among the refused; only with tell sender may it be answered
// with an error, and that confirms your address to the sender. The answer has your
// words, or a fixed sentence, and a reference by which you find the mail. Muted mail
// stays among the promotions, out of the digest. Both read what a mail sells or is
// mainly about, and fall on promotions, newsletters and notifications only, tracking
// on the first two; mute list is the one way for a discussion list to leave the
// inbox. A brand is a domain or a name, and here a claim of the name is enough.
//
// # Lists
//
// A FILE names a brand a line; # begins a comment. It stands beside this file or, if
// its name ends in .txt, beside the site's. For needs a brand is a domain: a name
// proves nobody. A list that cannot be read refuses nobody, and leaves needs unknown.
//
// # Everything else
//
//	promotions     promotions
//	newsletters    promotions
//	notifications  inbox
//	unknown        digest
//	cap   every brand 1 per week then promotions
//	cap   all promotions 5 per day then digest
//
// ROUTE is inbox, promotions, digest or refuse; unknown is never refused. These
// routes hold where nothing is stated. PERIOD is day, week or month.
//
// # How often
//
// A cap lets so many promotions and newsletters of a brand through, and sends the
// others to its route, promotions if it names none; a cap on all promotions counts
// those of all brands together. A brand's own cap is asked in place of that on
// every brand. A cap never lifts what would go lower without it. What wants and
// grants let in comes before caps; their own at most bounds it. Beyond it, a want
// lets the lines that follow decide, and a grant files among the promotions.
//
// A day is the day on which a mail arrives, in your zone; a week is that day with
// the six before, a month with the 29 before. What was over a number spends
// nothing: of a brand that writes daily, 1 per week lets one through every week.
// The domains of a grant count as one brand; addresses made for one use count as
// one. Mail that merely claims a brand is counted apart, and spends nothing of the
// brand's own. A cap counts what came before it was written; an at most counts
// what its line let through. Needed and protected mail, refused and muted mail, and
// what an override lets in count for nothing. Observed mail counts as it would.
//
// # Settings
//
//	zone     Europe/Helsinki                   your days begin there
//	speak    fi en                             promotions in other languages go to the digest
//	observe  until 2026-12-01                  judge and record, touch nothing
//	digest   weekdays 07:30, saturday 10:00    or none
//	away     2026-12-20 .. 2027-01-06
//	forget   decisions after 30 days           or later, up to the admin's limit
//	terms    proffer SD-BASE                   the site's own are published
//	feedback yes                               count me in reports to senders; no ends it
//
// # Days and money
//
// DATE is 2026-12-24, 24 Dec, end of June, spring, Christmas, today. Without a year
// it is the next such day after the date of the file; June and spring mean their
// first day. WINDOW is DATE .. DATE, both days in it, or one word as spring, June or
// Christmas, whole; without years the one under way, or the next. The day of a mail
// is that of its arrival. MONEY is a number and a currency, 120 EUR, €120, $120, 1
// 200 kr: never a bare number. $ is read as USD, kr by your zone, else as SEK.
//
// # Which line decides
//
// The first that applies: protect and needed mail; refuse, mute; your corrections;
// want; grant; cap; a want that answers unknown, and languages not read; then the
// routes above. Among lines of one verb the first decides. The site's file underlies
// yours: your own line beats it.
//
// The terms of a grant are read and not yet in force. Terms are named by the
// identifiers of MyTerms agreements (IEEE 7012); no mail forms an agreement.
//
// Reports to senders count mailboxes, with noise. Who knows the part of all others, and
// guesses whether you took part, is right 78 times in 100 from one report, and 90 times
// from three; 50 is chance (advantages of 0.56 and 0.81 over guessing). You count in 26 a
// year at most of one sender; without a line of yours, only where the site's file says
// feedback yes, and you were told.
//
// # Where usher was wrong
//
// usher correct ID inbox (or promotions, digest, refuse, receipt …) has mail of that kind
// from that brand follow, from the next one on. So does a move by hand between INBOX,
// Promotions and Refused, or into Usher/Want, Usher/Stop (all of a brand) or Usher/Only
// this one; a line in an answer to the digest (3 inbox, 5 mute 30d); a link in it: as
// far as your admin has set them up. usher corrections lists what you taught, usher undo
// takes the last back. A move to Trash teaches nothing; needed mail never goes lower.
package intents
