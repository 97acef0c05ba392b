package bounces

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"usher/classify/mail"
	"usher/corpus"
	"usher/corpus/audit"
)

const fbl = "FBL@shop.example"

func open(t *testing.T, now *time.Time) *Desk {
	dir := t.TempDir()
	store, err := corpus.Open(corpus.Options{Dir: filepath.Join(dir, "store"), KeyDir: filepath.Join(dir, "keys"), MasterKey: filepath.Join(dir, "master.key"),
		Delimiter: "+", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	d := &Desk{Store: store, Host: "mail.example.org", Delimiter: "+", Key: store.SiteKey("bounce"), Now: func() time.Time { return *now }, Log: slog.New(slog.DiscardHandler)}
	return begun(t, d)
}

func begun(t *testing.T, d *Desk) *Desk {
	t.Helper()
	if err := d.Begin(); err != nil {
		t.Fatal(err)
	}
	return d
}

// notice is what a server writes back, as Postfix does.
func notice(action string) string {
	return strings.ReplaceAll(fmt.Sprintf(`From: MAILER-DAEMON@mx.shop.example
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
	boundary="b"

--b
Content-Type: text/plain

It is all over. Action: failed

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.shop.example
Arrival-Date: Mon, 23 Nov 2026 10:00:00 +0000

Final-Recipient: rfc822; fbl@shop.example
Action: %s
Status: 5.1.1

--b
Content-Type: text/rfc822-headers

Action: failed
--b--
`, action), "\n", "\r\n")
}

func (d *Desk) comes(from, to, raw string) {
	d.Observe(context.Background(), &mail.Object{Envelope: mail.Envelope{From: from, To: []string{to}}, Message: mail.Parse([]byte(raw))}, []byte(raw))
}

func TestWhoTookNoLetterIsLeftAlone(t *testing.T) {
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	d := open(t, &now)
	from := d.From(fbl)
	if !strings.HasPrefix(from, "bounce+") || !strings.HasSuffix(from, "@mail.example.org") || from != d.From("fbl@shop.example") || from == d.From("fbl@other.example") || strings.Contains(from, "shop") {
		t.Fatalf("letters come from %q", from)
	}
	d.comes("", strings.ToUpper(from), notice("failed (really)"))
	until := now.Add(Rest)
	if got := d.Until("fbl@SHOP.example"); !got.Equal(until) {
		t.Errorf("left alone until %v, want %v", got, until)
	}
	if got := d.Until("other@shop.example"); !got.IsZero() {
		t.Errorf("another is left alone, until %v", got)
	}
	d.comes("", from, notice("failed")) // of a second one nothing is kept
	if all, err := d.Store.Ledger(time.Time{}); err != nil || len(all) != 1 || all[0].Event != audit.Silenced || !strings.Contains(from, strings.TrimPrefix(all[0].Object, "bounce:")) {
		t.Errorf("the ledger says %+v, %v", all, err)
	}
	next := begun(t, &Desk{Store: d.Store, Host: d.Host, Delimiter: d.Delimiter, Key: d.Key, Now: d.Now, Log: d.Log}) // the next start
	if got := next.Until(fbl); !got.Equal(until) {
		t.Errorf("after the next start: left alone until %v, want %v", got, until)
	}
	now = until
	if got := d.Until(fbl); !got.IsZero() {
		t.Errorf("after 30 days: until %v", got)
	}
}

func TestWhatLeavesNobodyAlone(t *testing.T) {
	for name, c := range map[string]struct {
		from, to, raw string
	}{
		"a letter":                            {"fbl@shop.example", "", notice("failed")},
		"mail that is only late":              {"", "", notice("delayed")},
		"mail that has arrived":               {"", "", notice("delivered")},
		"an answer that somebody is away":     {"", "", "From: fbl@shop.example\r\nAuto-Submitted: auto-replied\r\nSubject: away\r\n\r\nAction: failed\r\n"},
		"another kind of report":              {"", "", strings.Replace(notice("failed"), "report-type=delivery-status", "report-type=feedback-report", 1)},
		"what has another address":            {"", "bounce+aaaaaaaaaaaaaaaa@mail.example.org", notice("failed")},
		"what has none":                       {"", "bounce@mail.example.org", notice("failed")},
		"what is for another host":            {"", "HOST", notice("failed")},
		"what is for another mailbox":         {"", "MAILBOX", notice("failed")},
		"what ends in the middle":             {"", "", notice("failed")[:len(notice("failed"))/2]},
		"a report of nothing":                 {"", "", "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b--\r\n"},
		"a report without a boundary":         {"", "", "Content-Type: multipart/report; report-type=delivery-status\r\n\r\nAction: failed\r\n"},
		"ten thousand empty groups of fields": {"", "", strings.Replace(notice("delayed"), "Reporting-MTA", strings.Repeat("A: b\r\n\r\n", 10000)+"Action: failed\r\nReporting-MTA", 1)},
	} {
		t.Run(name, func(t *testing.T) {
			now := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
			d := open(t, &now)
			to := d.From(fbl)
			switch c.to {
			case "":
			case "HOST":
				to = strings.Replace(to, "mail.", "web.", 1)
			case "MAILBOX":
				to = strings.Replace(to, "bounce", "bounced", 1)
			default:
				to = c.to
			}
			d.comes(c.from, to, c.raw)
			if got := d.Until(fbl); !got.IsZero() {
				t.Errorf("left alone until %v", got)
			}
		})
	}
}

// TestWithoutADelimiterNobodyIsLeftAlone: an address of ours could not tell whom it is for.
func TestWithoutADelimiterNobodyIsLeftAlone(t *testing.T) {
	now := time.Now()
	d := open(t, &now)
	d.Delimiter = ""
	if from := d.From(fbl); from != "" {
		t.Errorf("letters come from %q", from)
	}
	d.comes("", "bounce@mail.example.org", notice("failed"))
	var none *Desk
	if !d.Until(fbl).IsZero() || none.From(fbl) != "" || !none.Until(fbl).IsZero() {
		t.Error("somebody is left alone")
	}
}
