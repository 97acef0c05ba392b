package smtpd

import (
	"slices"
	"strings"
	"testing"
	"time"

	"usher/rules"
)

func TestR24OneOutcomeAMessageTheMostLenient(t *testing.T) {
	both := func(disposition, category string) string {
		h := "Usher-Disposition: " + disposition + "\r\n"
		if category != "" {
			h += "Usher-Category: " + category + "\r\n"
		}
		return h
	}
	for _, c := range []struct {
		name, to string
		above    string
		softened string // of those, who are softened to applied
		applied  rules.Disposition
	}{
		{"one who is untouched makes all untouched", "promo@y.test u@y.test refuse@y.test", "", "promo@y.test refuse@y.test", rules.Inbox},
		{"one who is not judged makes all untouched", "promo@y.test unjudged@y.test", "", "promo@y.test", rules.Inbox},
		{"one who only observes makes all untouched", "promo@y.test observed@y.test", "", "promo@y.test", rules.Inbox},
		{"a granted promotion is milder than a filed one", "promo@y.test granted@y.test", both("inbox", "promotion"), "promo@y.test", rules.Inbox},
		{"filed among the promotions is milder than refused", "refuse@y.test promo@y.test", both("promotions", "promotion"), "refuse@y.test", rules.Promotions},
		{"a digest is filed among the promotions", "digest@y.test promo@y.test", both("promotions", ""), "", ""},
		{"refused is milder than rejected", "reject@y.test refuse@y.test", both("refuse", "promotion"), "reject@y.test", rules.Refuse},
		{"two of one kind", "digest1@y.test digest2@y.test", both("digest", "newsletter"), "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := startSMTP(t)
			to := strings.Fields(c.to)
			if reply := r.pass(letter, to...)[0]; !strings.HasPrefix(reply, "250 2.0.0 queued") {
				t.Fatalf("reply is %q", reply)
			}
			for _, rcpt := range to {
				if got := r.sink.got(rcpt); len(got) != 1 || got[0] != c.above+letter {
					t.Errorf("R38 %s got %q, want %q above the letter", rcpt, got, c.above)
				}
				if strings.Contains(rcpt, "unjudged") {
					continue
				}
				o := r.mem.outcome(t, rcpt)
				soft := strings.Contains(c.softened, rcpt)
				if soft != strings.HasPrefix(o.Why, "shared") || soft && o.Applied != c.applied || o.Code != 250 {
					t.Errorf("the outcome of %s is %+v", rcpt, o)
				}
			}
			if n, want := strings.Count(r.log.String(), "msg=softened"), len(strings.Fields(c.softened)); n != want || want > 0 && !strings.Contains(r.log.String(), "reason=shared") {
				t.Errorf("the log says softened %d times, want %d", n, want)
			}
			if n := r.sink.asked("DATA"); n != 1 {
				t.Errorf("%d transactions carried the message", n)
			}
		})
	}
}

func TestR38InSMTPAOneRecipientSeesTheReason(t *testing.T) {
	r := startSMTP(t)
	r.pass(letter, "promo@y.test", "promo@y.test") // one recipient, named twice
	if got := r.sink.got("promo@y.test"); len(got) != 1 || got[0] != head("promotions", "promotion", 0)+letter {
		t.Errorf("got %q", got)
	}
}

func TestR25InSMTPStampAllStampsWhereAllAreJudged(t *testing.T) {
	for _, c := range []struct{ name, to, above string }{
		{"one", "u@y.test", "Usher-Disposition: inbox\r\nUsher-Category: personal\r\nUsher-Decision: 01TEST00000000000000000000\r\nUsher-Because: intents:31\r\n"},
		{"several", "u@y.test u2@y.test", "Usher-Disposition: inbox\r\nUsher-Category: personal\r\n"},
		{"several, of different minds", "u@y.test promo@y.test", "Usher-Disposition: inbox\r\n"},
		{"one who is not judged among them", "u@y.test unjudged@y.test", ""},
		{"a failure", "u@y.test error@y.test", "Usher-Disposition: inbox\r\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := startSMTP(t, func(c *Config) { c.Stamp, c.Because = StampAll, BecauseCite })
			r.pass(letter, strings.Fields(c.to)...)
			if got := r.sink.got("u@y.test"); len(got) != 1 || got[0] != c.above+letter {
				t.Errorf("got %q, want %q above", got, c.above)
			}
		})
	}
}

func TestR26InSMTPAMessageIsTriedAgainOnlyForAll(t *testing.T) {
	t.Run("lost once at DATA, all accepted again", func(t *testing.T) {
		r := newRig(t, smtpSink(t, func(k *sink) { k.dropDATA = 1 }), overSMTP)
		if reply := r.pass(letter, "u@y.test", "promo@y.test")[0]; !strings.HasPrefix(reply, "250 ") {
			t.Errorf("reply is %q", reply)
		}
		if n := r.sink.count(); n != 2 {
			t.Errorf("%d deliveries, want 2", n)
		}
	})
	t.Run("lost once at DATA, one refused now", func(t *testing.T) {
		r := newRig(t, smtpSink(t, func(k *sink) { k.dropDATA = 1 }), overSMTP)
		if reply := r.pass(letter, "u@y.test", "fickle@y.test")[0]; !strings.HasPrefix(reply, "451 4.3.0") {
			t.Errorf("reply is %q", reply)
		}
		if n := r.sink.count(); n != 0 || r.sink.asked("DATA") != 1 {
			t.Errorf("%d deliveries of a message that was not everyone's", n)
		}
		if o := r.mem.outcome(t, "u@y.test"); o.Code != 451 {
			t.Errorf("the outcome is %+v", o)
		}
	})
	t.Run("lost at every DATA", func(t *testing.T) {
		r := newRig(t, smtpSink(t, func(k *sink) { k.dropDATA = 10 }), overSMTP)
		if reply := r.pass(letter, "u@y.test")[0]; !strings.HasPrefix(reply, "451 4.4.2") || r.sink.asked("DATA") != 2 {
			t.Errorf("reply is %q after %d attempts", reply, r.sink.asked("DATA"))
		}
	})
	t.Run("after the dot never", func(t *testing.T) {
		r := startSMTP(t)
		if reply := r.pass(letter, "gone@y.test")[0]; !strings.HasPrefix(reply, "451 4.4.2") || r.sink.asked("DATA") != 1 {
			t.Errorf("reply is %q after %d attempts", reply, r.sink.asked("DATA"))
		}
	})
}

func TestR44AMessageThatAllRejectIsAnswered550(t *testing.T) {
	const tag, said = "550 5.7.1 [relevance=declined why=", "] The recipient declines this mail"
	for _, c := range []struct{ name, to, why, text string }{
		{"R46 one recipient, in the words of the statement", "reject@y.test", "not-wanted", said + `: "no more of this".`},
		{"R46 two with the same words", "reject1@y.test reject2@y.test", "not-wanted", said + `: "no more of this".`},
		{"R46 two with different words", "reject1@y.test rejectother@y.test", "not-wanted", said + "."},
		{"R46 one who declines tracking", "reject-tracking@y.test", "tracking", "] The recipient declines tracked mail."},
		{"R46 one who declines what is not signed", "reject-unsigned@y.test", "unsigned", "] The recipient declines unsigned bulk mail."},
		{"R46 two who decline for different reasons", "reject-unsigned@y.test reject-tracking@y.test", "not-wanted", said + "."},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := startSMTP(t)
			to := strings.Fields(c.to)
			reply := r.pass(letter, to...)[0]
			ref := r.mem.outcome(t, to[0]).Ref
			if want := tag + c.why + " ref=" + ref + c.text + " Terms: https://y.test/terms\r\n"; reply != want || len(ref) != 8 {
				t.Errorf("reply is %q, want %q", reply, want)
			}
			if heard := r.sink.transcript(); strings.Contains(heard, "DATA") || !strings.HasSuffix(heard, "RSET\r\nQUIT\r\n") {
				t.Errorf("the next hop heard %q", heard)
			}
			for _, rcpt := range to {
				if o := r.mem.outcome(t, rcpt); o.Applied != rules.Reject || o.Code != 550 || o.Why != "" || o.Ref != ref {
					t.Errorf("the outcome of %s is %+v", rcpt, o)
				}
			}
			if !strings.Contains(r.log.String(), "msg=rejected") {
				t.Error("the log does not say rejected")
			}
		})
	}
}

func TestR44AfterARejectTheConnectionGoesOn(t *testing.T) {
	r := startSMTP(t)
	c := r.dial()
	c.begin("reject@y.test")
	c.send(letter + ".\r\n")
	c.expect("550 5.7.1")
	c.transaction("u@y.test")
	c.send(letter + ".\r\n")
	c.expect("250 2.0.0 queued")
	if got := r.sink.got("u@y.test"); len(got) != 1 {
		t.Errorf("the next message was delivered %d times", len(got))
	}
}

func TestR11InSMTPNothingIsRejectedWithoutARecord(t *testing.T) {
	r := startSMTP(t)
	if reply := r.pass(letter, "reject-norecord@y.test")[0]; !strings.HasPrefix(reply, "250 ") {
		t.Errorf("reply is %q", reply)
	}
	if got := r.sink.got("reject-norecord@y.test"); len(got) != 1 || got[0] != letter {
		t.Errorf("got %q, want the letter as it came", got)
	}
}

func TestR43WhatIsNeverRejected(t *testing.T) {
	for _, c := range []struct{ name, from, head, why string }{
		{"a bounce", "", "", "from the null sender"},
		{"a report", "a@x.test", "Content-Type: Multipart/Report; report-type=delivery-status; boundary=b\r\n", "a report"},
		{"an automatic answer", "a@x.test", "Auto-Submitted: auto-replied (vacation)\r\n", "sent automatically"},
		{"a member's mail to a list", "a@x.test", "list-post: <mailto:l@x.test>\r\n", "from a discussion list, which would strike its member off"},
		{"a list by its precedence", "a@x.test", "Precedence: List\r\n", "from a discussion list, which would strike its member off"},
		{"a list of announcements may be", "a@x.test", "List-Post: NO (posting is not allowed)\r\nPrecedence: bulk\r\n", ""},
		{"mail that says no machine sent it may be", "a@x.test", "Auto-Submitted: No\r\n", ""},
		{"personal mail", "a@x.test", "X: personal\r\n", "neither a promotion nor a newsletter"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := startSMTP(t)
			to := "reject@y.test"
			if strings.HasPrefix(c.why, "neither") {
				to = "reject-service@y.test"
			}
			k := r.dial()
			k.greet()
			k.send("MAIL FROM:<" + c.from + ">\r\nRCPT TO:<" + to + ">\r\nDATA\r\n")
			k.expect("250 ")
			k.expect("250 ")
			k.expect("354 ")
			k.send(c.head + letter + ".\r\n")
			reply := k.reply()
			k.send("QUIT\r\n")
			k.expect("221 ")
			o := r.mem.outcome(t, to)
			if c.why == "" {
				if !strings.HasPrefix(reply, "550 5.7.1") || o.Applied != rules.Reject {
					t.Errorf("reply is %q, the outcome %+v", reply, o)
				}
				return
			}
			if !strings.HasPrefix(reply, "250 ") || o.Applied != rules.Refuse || o.Why != "not rejected: "+c.why {
				t.Errorf("reply is %q, the outcome %+v", reply, o)
			}
			if got := r.sink.got(to); len(got) != 1 || !strings.HasPrefix(got[0], "Usher-Disposition: refuse\r\n") {
				t.Errorf("got %q", got)
			}
			if !strings.Contains(r.log.String(), "reason=conditions") {
				t.Error("the log does not say softened, reason=conditions")
			}
		})
	}
}

func TestR48InSMTPTheAnswerComesBeforeUpstreamGivesUp(t *testing.T) {
	r := startSMTP(t)
	s := r.srv.listeners[0].session(nil)
	if got := s.budget(); got != 85*time.Second {
		t.Errorf("the budget in SMTP is %s by default", got)
	}
	k := smtpSink(t)
	r = newRig(t, k, overSMTP, func(c *Config) { c.AnswerBudget = 200 * time.Millisecond })
	if reply := r.pass(letter, "silent@y.test")[0]; !strings.HasPrefix(reply, "451 4.4.2") {
		t.Errorf("reply is %q", reply)
	}
}

func TestR36InSMTPForgedFieldsAreGoneOnEveryPath(t *testing.T) {
	forged := "usher-disposition: refuse\r\n folded\r\nFrom: a@x.test\r\n\r\nx\r\n"
	clean := "From: a@x.test\r\n\r\nx\r\n"
	r := startSMTP(t)
	for to, above := range map[string]string{"u@y.test": "", "promo@y.test": head("promotions", "promotion", 0), "error@y.test": ""} {
		r.pass(forged, to)
		if got := r.sink.got(to); len(got) != 1 || got[0] != above+clean {
			t.Errorf("%s got %q, want %q", to, got, above+clean)
		}
	}
}

func TestR4InSMTPANextHopThatGreetsWithOurNameIsALoop(t *testing.T) {
	r := newRig(t, smtpSink(t, func(k *sink) { k.name = "USHER.test" }), overSMTP)
	c := r.dial()
	c.expect("220 ")
	c.send("EHLO c.test\r\n")
	c.expect("421 4.3.2")
	if !c.closed() || !strings.Contains(r.log.String(), "msg=loop") {
		t.Errorf("the connection is open, or the log does not say loop:\n%s", r.log)
	}
}

func TestR41InSMTPADigestOfOursKeepsItsMarkWhereItIsEverybodys(t *testing.T) {
	r := startSMTP(t)
	raw := digest(r, "promo@y.test")
	r.pass(raw, "promo@y.test")
	if got := r.sink.got("promo@y.test"); len(got) != 1 || got[0] != raw {
		t.Errorf("alone it is %q", got)
	}
	r.pass(raw, "promo@y.test", "other@y.test")
	for _, got := range append(r.sink.got("promo@y.test")[1:], r.sink.got("other@y.test")...) {
		if strings.Contains(got, "Usher-") {
			t.Errorf("with another recipient it is %q", got)
		}
	}
}

func TestR31XFORWARDInSeveralLinesAndWhereItIsNotHeard(t *testing.T) {
	for _, c := range []struct{ name, answer, want string }{
		{"noted", "250 ok\r\n", "250 "},
		{"refused: mail passes without", "550 5.7.0 not you\r\n", "250 "},
		{"the next hop closes at it", "421 4.3.2 bye\r\n", "451 4.4.2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var heard []string
			s := &script{say: func(line string, n int) string {
				switch verb, _, _ := strings.Cut(line, " "); verb {
				case "LHLO":
					return "250-hop.test\r\n250 XFORWARD NAME ADDR HELO IDENT\r\n"
				case "XFORWARD":
					heard = append(heard, line)
					return c.answer
				}
				return ""
			}}
			k := s.rig(t).dial()
			k.greet()
			name, helo := strings.Repeat("n", 250), strings.Repeat("h", 250)
			k.send("XFORWARD NAME=" + name + " HELO=" + helo + "\r\nXFORWARD ADDR=" + strings.Repeat("a", 256) + " IDENT=Q\r\nMAIL FROM:<a@x.test>\r\n")
			k.expect("250 ")
			k.expect("250 ")
			k.expect(c.want)
			s.mu.Lock()
			defer s.mu.Unlock()
			want := []string{"XFORWARD NAME=" + name, "XFORWARD HELO=" + helo + " IDENT=Q"}
			if c.want == "250 " && !slices.Equal(heard, want) {
				t.Errorf("the next hop heard %q", heard)
			}
			for _, line := range heard {
				if len(line) > 510 {
					t.Errorf("a line of %d bytes", len(line))
				}
			}
		})
	}
}
