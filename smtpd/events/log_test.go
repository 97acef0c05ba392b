package events

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"usher/classify/mail"
	"usher/rules"
)

// hostile is what a stranger would like to see in a log: lines of its own, a
// terminal's escapes, text that turns around, and no end.
var hostile = "x\r\nlevel=ERROR msg=forged\x1b[2J\x00\u202e\xff" + strings.Repeat("long ", 1000)

type hopName string

func (h hopName) String() string { return string(h) }

const hopOne = hopName("lmtp:127.0.0.1:10024=lmtp:127.0.0.1:24")

func hostileDecision() *rules.Decision {
	return &rules.Decision{
		ID: "01TEST", Recipient: hostile, MessageID: hostile, Category: "promotion", Disposition: rules.Refuse,
		Because: "intents:14", Subject: "a subject", Text: "the text of a reason", Statement: "refuse gambling", TellSender: "a text",
	}
}

func TestR57EveryEventIsOneLineWithItsKeys(t *testing.T) {
	o := &mail.Object{Envelope: mail.Envelope{From: hostile, Client: mail.Client{Queue: hostile}}, Message: &mail.Message{}}
	answer := func(code int, applied rules.Disposition) func(h *Hop) {
		return func(h *Hop) {
			h.Answered(hostile, []Answer{{Recipient: hostile, Decision: hostileDecision(), Applied: applied, Code: code}}, false, time.Second)
		}
	}
	cases := []struct {
		event, level, keys string
		tell               func(h *Hop)
	}{
		{"listening", "INFO", "hop", func(h *Hop) { h.Listening() }},
		{"draining", "INFO", "connections", func(h *Hop) { h.Draining(3) }},
		{"stopped", "INFO", "took", func(h *Hop) { h.Stopped(time.Second) }},
		{"refused connection", "WARN", "hop peer reason", func(h *Hop) { h.RefusedConnection("192.0.2.1:1", "full", 421) }},
		{"decided", "INFO", "id queue message_id sender recipient category disposition because took", func(h *Hop) { h.Decided(o, hostileDecision(), time.Second) }},
		{"recognised", "INFO", "id queue recipient category disposition because took", func(h *Hop) { h.Recognised(hostile, hostileDecision(), time.Second) }},
		{"passed", "INFO", "id queue recipient applied code took", answer(250, rules.Refuse)},
		{"deferred", "INFO", "id queue recipient applied code took", answer(451, rules.Inbox)},
		{"refused", "INFO", "id queue recipient applied code took", answer(550, rules.Inbox)},
		{"rejected", "INFO", "id queue recipient applied code took", answer(550, rules.Reject)},
		{"softened", "INFO", "id queue reason", func(h *Hop) { h.Softened(hostile, "01TEST", "conditions") }},
		{"stripped", "INFO", "queue count", func(h *Hop) { h.Stripped(hostile, 2) }},
		{"normalised", "INFO", "queue count", func(h *Hop) { h.Normalised(hostile, 2) }},
		{"failed open", "WARN", "id queue reason error took", func(h *Hop) { h.FailedOpen(hostile, "01TEST", "judge", errors.New(hostile), time.Second) }},
		{"aborted", "INFO", "queue peer stage bytes", func(h *Hop) { h.Aborted(hostile, "192.0.2.1:1", "data", 17) }},
		{"next hop down", "ERROR", "hop error", func(h *Hop) { h.Down(errors.New(hostile)) }},
		{"next hop up", "INFO", "hop", func(h *Hop) { h.state = Down; h.Up() }},
		{"loop", "ERROR", "hop", func(h *Hop) { h.Loop() }},
		{"panic", "ERROR", "where stack", func(h *Hop) { h.Panicked("judge", "goroutine 1 [running]:\nmain.main()") }},
		{"panic", "ERROR", "where error stack", func(h *Hop) { h.Printf("panic serving %s: %v\n%s", "192.0.2.1:1", hostile, "goroutine 1 [running]:") }},
		{"connection ended", "INFO", "error", func(h *Hop) { h.Println(hostile) }},
		{"spool", "ERROR", "error", func(h *Hop) { h.SpoolFailed(errors.New(hostile)) }},
		{"outcome not recorded", "WARN", "queue error", func(h *Hop) { h.OutcomeLost(hostile, errors.New(hostile)) }},
		{"retries are not recognised", "WARN", "queue error", func(h *Hop) { h.RecallFailed(hostile, errors.New(hostile)) }},
		{"control mail is not observed", "ERROR", "queue error", func(h *Hop) { h.ObserveFailed(hostile, errors.New(hostile)) }},
	}
	for _, c := range cases {
		t.Run(c.event+" "+c.keys, func(t *testing.T) {
			var asJSON, asText bytes.Buffer
			c.tell(New(slog.New(slog.NewJSONHandler(&asJSON, nil)), nil).At(hopOne))
			c.tell(New(slog.New(slog.NewTextHandler(&asText, nil)), nil).At(hopOne))
			for _, form := range []string{asJSON.String(), asText.String()} {
				if strings.Count(form, "\n") != 1 || strings.ContainsAny(strings.TrimSuffix(form, "\n"), "\r\n\x00\x1b") || strings.Contains(form, "\u202e") {
					t.Errorf("not one plain line: %q", form)
				}
				for _, never := range []string{"a subject", "the text of a reason", "refuse gambling", "a text"} {
					if strings.Contains(form, never) {
						t.Errorf("the log holds %q: %s", never, form)
					}
				}
			}
			level, event, keys, values := read(t, asJSON.Bytes())
			if level != c.level || event != c.event || keys != c.keys {
				t.Errorf("%s %q with keys %q, want %s %q with %q", level, event, keys, c.level, c.event, c.keys)
			}
			for key, v := range values {
				// Each byte of the text may be escaped as \x00, and quotes stand around.
				if n := len(v); key != "stack" && n > 4*maxLogged+2 {
					t.Errorf("%s takes %d bytes", key, n)
				}
			}
		})
	}
}

// read gives a line's level, its event, its keys in order, and its texts.
func read(t *testing.T, line []byte) (level, event, keys string, values map[string]string) {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(line))
	values = map[string]string{}
	var names []string
	if _, err := dec.Token(); err != nil {
		t.Fatalf("%v in %q", err, line)
	}
	for dec.More() {
		k, err := dec.Token()
		if err != nil {
			t.Fatal(err)
		}
		v, err := dec.Token()
		if err != nil {
			t.Fatal(err)
		}
		key, _ := k.(string)
		text, _ := v.(string)
		switch key {
		case "time":
		case "level":
			level = text
		case "msg":
			event = text
		default:
			names = append(names, key)
			values[key] = text
		}
	}
	return level, event, strings.Join(names, " "), values
}

func TestR57RemoteTextIsQuotedEscapedAndCut(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"plain text stays", "<a@x.test>", "<a@x.test>"},
		{"a quote is escaped", `a"b`, `"a\"b"`},
		{"a line end is escaped", "a\r\nb", `"a\r\nb"`},
		{"an escape is escaped", "\x1b[2J", `"\x1b[2J"`},
		{"what is not ASCII is escaped", "ä", `"\u00e4"`},
		{"200 bytes stay", strings.Repeat("x", 200), strings.Repeat("x", 200)},
		{"more are cut", strings.Repeat("x", 201), `"` + strings.Repeat("x", 200) + `"`},
		{"a cut within a character leaves no half of it", strings.Repeat("x", 199) + "ä", `"` + strings.Repeat("x", 199) + `\xc3"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := remote(c.in); got != c.want {
				t.Errorf("%q becomes %q, want %q", c.in, got, c.want)
			}
		})
	}
}

func TestR57HashesStandForAddressesInEveryEvent(t *testing.T) {
	var b bytes.Buffer
	h := New(slog.New(slog.NewTextHandler(&b, nil)), func(a string) string { return Pseudonym([]byte("key"), a, "+") }).At(hopOne)
	d := &rules.Decision{ID: "01", Recipient: "maria@example.org", Category: "promotion", Disposition: rules.Inbox}
	o := &mail.Object{Envelope: mail.Envelope{From: "shop@example.com"}, Message: &mail.Message{}}
	h.Decided(o, d, 0)
	h.Recognised("Q", d, 0)
	h.Answered("Q", []Answer{{Recipient: "Maria+shops@example.org", Decision: d, Applied: rules.Inbox, Code: 250}}, false, 0)
	if strings.Contains(b.String(), "@") || strings.Contains(strings.ToLower(b.String()), "maria") {
		t.Errorf("an address is in the log:\n%s", b.String())
	}
	if n := strings.Count(b.String(), "recipient="+Pseudonym([]byte("key"), "maria@example.org", "+")); n != 3 {
		t.Errorf("the mailbox has its hash in %d of 3 lines:\n%s", n, b.String())
	}
}

func TestTheNextHopIsToldOfOnlyWhenItChanges(t *testing.T) {
	var b bytes.Buffer
	h := New(slog.New(slog.NewTextHandler(&b, nil)), nil).At(hopOne)
	told := func() (events []string) {
		for l := range strings.Lines(b.String()) {
			_, after, _ := strings.Cut(l, `msg="next hop `)
			word, _, _ := strings.Cut(after, `"`)
			events = append(events, word)
		}
		b.Reset()
		return events
	}
	if up := value(t, h, "usher_nexthop_up"); up != -1 || h.State() != Unseen {
		t.Errorf("before anything was asked of it, usher_nexthop_up is there and says %v", up)
	}
	h.Up()
	h.Up()
	if got := told(); got != nil || value(t, h, "usher_nexthop_up") != 1 {
		t.Errorf("up from the start: told %q, metric %v", got, value(t, h, "usher_nexthop_up"))
	}
	h.Down(errors.New("refused"))
	h.Down(errors.New("refused"))
	if got := told(); !slices.Equal(got, []string{"down"}) || value(t, h, "usher_nexthop_up") != 0 {
		t.Errorf("down: told %q, metric %v", got, value(t, h, "usher_nexthop_up"))
	}
	h.Up()
	h.Up()
	if got := told(); !slices.Equal(got, []string{"up"}) || value(t, h, "usher_nexthop_up") != 1 {
		t.Errorf("up again: told %q, metric %v", got, value(t, h, "usher_nexthop_up"))
	}
}
