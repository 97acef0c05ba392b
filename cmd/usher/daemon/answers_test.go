package daemon

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"

	"usher/classify"
	"usher/classify/mail"
	"usher/corpus"
	"usher/corpus/digest/token"
	"usher/rules"
	"usher/rules/intents"
	"usher/rules/lessons"
	"usher/smtpd"
)

const maria = "maria@example.org"

// answered is a daemon that sent Maria a digest of three promotions.
type answered struct {
	*Daemon
	name string // of the digest
	log  *strings.Builder
	file string
}

func newAnswered(t *testing.T) *answered {
	t.Helper()
	dir := t.TempDir()
	a := &answered{log: &strings.Builder{}, file: filepath.Join(dir, "intents/example.org/maria.intents")}
	if err := os.MkdirAll(filepath.Dir(a.file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(a.file, []byte("promotions digest\ndigest daily 07:30\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	hop, err := smtpd.ParseHop("lmtp:127.0.0.1:0=lmtp:" + filepath.Join(dir, "hop"))
	if err != nil {
		t.Fatal(err)
	}
	a.Daemon, err = New(Settings{
		StateDir: dir, IntentsDir: filepath.Join(dir, "intents"), MasterKey: filepath.Join(dir, "master.key"), Socket: filepath.Join(dir, "sock"),
		Wire: smtpd.Config{Hops: []smtpd.Hop{hop}, Hostname: "usher.example.org", Delimiter: "+", StateDir: dir, LogAddresses: true},
	}, nil, slog.New(slog.NewTextHandler(a.log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		a.wire.Close()
		a.socket.Close()
		if err := a.store.Close(); err != nil {
			t.Error(err)
		}
	})
	until := time.Now().Truncate(time.Second)
	var ids []string
	for i := range 3 {
		at := until.Add(-time.Hour).UTC().Truncate(time.Minute)
		d := &rules.Decision{ID: ulid.MustNew(ulid.Timestamp(at), ulid.DefaultEntropy()).String(), At: at, Recipient: maria, MessageID: fmt.Sprintf("<%d@norlund.example>", i),
			Category: classify.Promotion, Disposition: rules.Digest, Because: "intents:1", Subject: "boots", Sender: rules.Sender{Brand: []string{"norlund.example", "skalla.example", "kvist.example"}[i], Aligned: true}}
		if err := a.store.Record(context.Background(), []*rules.Decision{d}); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, d.ID)
	}
	if err := a.store.SentDigest(context.Background(), maria, corpus.Sent{Until: until, Numbered: ids}); err != nil {
		t.Fatal(err)
	}
	a.name = token.Of(maria, until.Add(-24*time.Hour), until, ids).Name(a.digests.from.Key)
	return a
}

// of is an answer of Maria's; change makes it another.
func (a *answered) of(text string, change ...func(*mail.Object)) *mail.Object {
	o := &mail.Object{Envelope: mail.Envelope{From: maria, To: []string{"maria+x@example.org"}},
		Identity: mail.Identity{Address: maria, Domain: "example.org", How: mail.ByDKIM},
		Message:  &mail.Message{MessageID: "<a@example.org>", Date: time.Now(), InReplyTo: []string{"<digest." + a.name + "@usher.example.org>"}, Text: text}}
	for _, f := range change {
		f(o)
	}
	return o
}

// observe shows it an answer, and gives what is in force then and the letter, "" for
// none.
func (a *answered) observe(t *testing.T, o *mail.Object) (said, letter string) {
	t.Helper()
	a.answers.Observe(context.Background(), o, []byte("In-Reply-To: "+strings.Join(o.Message.InReplyTo, " ")+"\r\n"))
	all, err := a.store.Labels(maria)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, l := range lessons.Kept(all) {
		list = append(list, l.Way+" "+l.Brand+" "+l.To+" "+string(l.Scope))
	}
	slices.Sort(list)
	select {
	case r := <-a.answers.letters:
		letter = r.mailbox + ": " + string(r.letter)
	default:
	}
	return strings.Join(list, ", "), letter
}

func TestAnAnswerIsDone(t *testing.T) {
	a := newAnswered(t)
	said, letter := a.observe(t, a.of("3 receipt\n1 inbox\n9 inbox\nnice!\n\n> 2 inbox\n"))
	if said != "reply kvist.example transactional kind, reply norlund.example inbox kind" {
		t.Errorf("it says %q", said)
	}
	for _, want := range []string{maria + ": From: usher <usher@usher.example.org>", "Auto-Submitted: auto-replied", "Usher-Digest: ", "> 1 inbox", "Promotions from norlund.example go to the inbox", "no number 9", "> nice!", "This was not understood"} {
		if !strings.Contains(letter, want) {
			t.Errorf("the letter lacks %q:\n%s", want, letter)
		}
	}
	later := func(n int) func(*mail.Object) {
		return func(o *mail.Object) { o.Message.MessageID = fmt.Sprintf("<a%d@example.org>", n) }
	}
	if _, letter := a.observe(t, a.of("what?", later(1))); letter != "" {
		t.Errorf("what is not understood is quoted twice:\n%s", letter)
	}
	if said, letter := a.observe(t, a.of("undo", later(2))); said != "reply kvist.example transactional kind" && said != "reply norlund.example inbox kind" || !strings.Contains(letter, "Taken back") {
		t.Errorf("after an undo it says %q:\n%s", said, letter)
	}
	a.observe(t, a.of("1 undo\n3 undo\n2 mute 30d", later(3)))
	text, err := os.ReadFile(a.file)
	if want := "mute skalla.example until " + time.Now().AddDate(0, 0, 30).Format(time.DateOnly); err != nil || !strings.Contains(string(text), want) {
		t.Errorf("the file lacks %q: %s %v", want, text, err)
	}
	if said, _ := a.observe(t, a.of("2 unmute", later(4))); said != "" {
		t.Errorf("all is taken back, and yet it says %q", said)
	}
	if text, _ := os.ReadFile(a.file); strings.Contains(string(text), "mute") {
		t.Errorf("the mute stands: %s", text)
	}
}

func TestAMuteIsTakenBackAsACorrectionIs(t *testing.T) {
	a := newAnswered(t)
	written := "promotions digest\ndigest daily 07:30\nmute kvist.example until 2099-01-01 # too loud\n"
	if err := os.WriteFile(a.file, []byte(written), 0o600); err != nil {
		t.Fatal(err)
	}
	soon := time.Now().AddDate(0, 0, 30).Format(time.DateOnly)
	for i, c := range []struct{ answer, said, mutes, letter string }{
		{"1 inbox", "reply norlund.example inbox kind", "kvist.example until 2099-01-01", "go to the inbox"},
		{"2 mute 30d", "reply norlund.example inbox kind", "kvist.example until 2099-01-01, skalla.example until " + soon, "Your file has this line now: mute skalla.example until " + soon},
		{"3 mute 30d", "reply norlund.example inbox kind", "kvist.example until " + soon + ", skalla.example until " + soon, "Your file has this line now"},
		{"2 undo", "reply norlund.example inbox kind", "kvist.example until " + soon, "Taken back, and no longer so: Your file has the line: mute skalla.example"},
		{"undo", "reply norlund.example inbox kind", "kvist.example until 2099-01-01", "Your file has the line: mute kvist.example"},
		{"undo", "", "kvist.example until 2099-01-01", "Promotions from norlund.example"},
		{"undo", "", "kvist.example until 2099-01-01", "no such correction"},
		{"3 undo", "", "kvist.example until 2099-01-01", "no such correction"},
	} {
		said, letter := a.observe(t, a.of(c.answer, func(o *mail.Object) { o.Message.MessageID = fmt.Sprintf("<m%d@example.org>", i) }))
		text, err := os.ReadFile(a.file)
		f, errs := intents.Parse("intents", text, time.Now())
		if err != nil || errs != nil {
			t.Fatal(err, errs)
		}
		var mutes []string
		for _, m := range f.Mutes {
			mutes = append(mutes, strings.TrimPrefix(m.String(), "mute "))
		}
		slices.Sort(mutes)
		if got := strings.Join(mutes, ", "); said != c.said || got != c.mutes || !strings.Contains(strings.Join(strings.Fields(letter), " "), c.letter) {
			t.Errorf("%d, after %q: it says %q, mutes %q, and answers\n%s\n%s", i, c.answer, said, got, letter, text)
		}
	}
	if text, _ := os.ReadFile(a.file); string(text) != written {
		t.Errorf("all is taken back, and the file is\n%s", text)
	}
}

func TestAnAnswerThatIsNotThePersonsDoesNothing(t *testing.T) {
	a := newAnswered(t)
	old := token.Of(maria, time.Now().AddDate(0, 0, -60), time.Now().AddDate(0, 0, -59), nil).Name(a.digests.from.Key)
	others := token.Of("pekka@example.org", time.Now().Add(-time.Hour), time.Now(), nil).Name(a.digests.from.Key)
	unknown := token.Of(maria, time.Now().Add(-time.Hour), time.Now().Add(-time.Minute), nil).Name(a.digests.from.Key)
	as := func(name string) func(*mail.Object) {
		return func(o *mail.Object) { o.Message.InReplyTo = []string{"<digest." + name + "@usher.example.org>"} }
	}
	field := func(name, value string) func(*mail.Object) {
		return func(o *mail.Object) {
			o.Message.Fields = append(o.Message.Fields, mail.Field{Name: name, Value: value})
		}
	}
	for _, c := range []struct {
		name   string
		change func(*mail.Object)
		logged string
	}{
		{"from elsewhere, in the person's name", func(o *mail.Object) { o.Identity.How = mail.ByNone }, "not proven"},
		{"proven by SPF alone", func(o *mail.Object) { o.Identity.How = mail.BySPF }, "not proven"},
		{"from another of the same domain", func(o *mail.Object) { o.Identity.Address = "juho@example.org" }, "another address"},
		{"to the digest of another mailbox", as(others), "no word of ours"},
		{"to a digest that was made up", as(strings.Repeat("0", len(a.name))), "no word of ours"},
		{"to a digest of long ago", as(old), "too old"},
		{"to a digest that is not known", as(unknown), "no longer known"},
		{"from a program", field("Auto-Submitted", "auto-replied"), "a program sent it"},
		{"from a list", field("List-Id", "<x.example>"), "a program sent it"},
		{"a bounce", func(o *mail.Object) { o.Envelope.From = "" }, "a program sent it"},
		{"kept back for weeks", func(o *mail.Object) { o.Message.Date = time.Now().AddDate(0, 0, -14) }, "long ago"},
	} {
		a.log.Reset()
		if said, letter := a.observe(t, a.of("1 inbox", c.change)); said != "" || letter != "" {
			t.Errorf("%s: it says %q, and is answered %q", c.name, said, letter)
		}
		if !strings.Contains(a.log.String(), c.logged) {
			t.Errorf("%s: the log has no %q: %s", c.name, c.logged, a.log)
		}
	}
	if said, _ := a.observe(t, a.of("1 inbox")); said == "" {
		t.Error("after all these the person's own does nothing")
	}
	a.log.Reset()
	if _, letter := a.observe(t, a.of("1 inbox")); letter != "" || !strings.Contains(a.log.String(), "taken before") {
		t.Errorf("sent again it is answered %q: %s", letter, a.log)
	}
}
