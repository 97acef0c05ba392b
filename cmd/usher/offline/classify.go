package offline

import (
	"bytes"
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"usher/classify"
	"usher/classify/mail"
	"usher/classify/plain"
	"usher/cmd/usher/command"
	"usher/cmd/usher/daemon"
	"usher/cmd/usher/settings"
	"usher/cmd/usher/show"
	"usher/rules"
	"usher/rules/intents"
	"usher/smtpd/auth"
	"usher/smtpd/auth/dns"
)

func classifyCommand(std streams) *cli.Command {
	return &cli.Command{
		Name:      "classify",
		Usage:     "say what kind of mail each message is; one line a message",
		ArgsUsage: "PATH...",
		Description: "A path is a message, an mbox, a maildir, or a folder with messages. Nothing is looked up in\n" +
			"DNS and no intents are asked: this is the classifier's opinion alone.",
		Flags: []cli.Flag{settings.ModelFlag(), command.JSONFlag()},
		Action: func(c *cli.Context) error {
			if c.NArg() == 0 {
				return command.Misuse("for example: usher classify --json ~/Maildir", "no message is given")
			}
			weights, err := settings.ReadModel(c.String("model"))
			if err != nil {
				return err
			}
			return std.classify(classify.With(weights), c.Args().Slice(), c.Bool("json"))
		},
	}
}

// unproven reads who a message claims to be from, and asks no DNS.
var unproven = &auth.Verifier{Resolver: dns.Zone{}}

// judged is one message of `usher classify`.
type judged struct {
	letter letter
	line   *judgedLine
}

// judgedLine is what is printed of it: the decision's fields without a recipient's.
type judgedLine struct {
	Path       string              `json:"path"`
	MessageID  string              `json:"message_id,omitempty"`
	Sender     rules.Sender        `json:"sender"`
	Category   classify.Category   `json:"category"`
	Confidence float64             `json:"confidence"`
	Offers     []rules.Offer       `json:"offers,omitempty"`
	Knows      []classify.Knows    `json:"knows,omitempty"`
	Evidence   []classify.Evidence `json:"evidence,omitempty"`
	Summary    string              `json:"summary,omitempty"`
	Topic      string              `json:"topic,omitempty"`
}

// classify judges the messages on all cores and prints them in their order.
func (std streams) classify(model *classify.Model, paths []string, inJSON bool) error {
	nothing, _ := intents.Parse("", nil, time.Time{})
	judge := &rules.Judge{Model: model, Statements: fixed{own: nothing}, Delimiter: "+"}
	workers := runtime.GOMAXPROCS(0)
	// Each message has a channel of its own, queued in order: at most a few
	// are in memory at once, however large the folder is.
	queue := make(chan chan judged, workers)
	go func() {
		defer close(queue)
		letters(paths, func(l letter) bool {
			result := make(chan judged, 1)
			queue <- result
			go func() { result <- judgeLetter(judge, l) }()
			return true
		})
	}()
	total, failed, width := 0, 0, 0
	for result := range queue {
		j := <-result
		if j.line == nil {
			failed++
			fmt.Fprintf(std.Err, "usher: %v\n", j.letter.err)
			continue
		}
		total++
		if inJSON {
			if err := std.JSONLine(j.line); err != nil {
				return err
			}
			continue
		}
		width = max(width, plain.Columns(j.line.Path)) // of the paths so far: lines are not held back
		fmt.Fprintf(std.Out, "%-13s %4s  %s%*s  %s\n", j.line.Category, show.Sureness(j.line.Confidence),
			j.line.Path, width-plain.Columns(j.line.Path), "", plain.Clip(strongest(j.line), 72))
	}
	if failed > 0 {
		return show.Hint(fmt.Errorf("%d of %s could not be read", failed, show.Count(total+failed, "path")), "a path is a message, an mbox, a maildir or a folder with messages")
	}
	return nil
}

// strongest is what speaks most for the kind that was found, or says that the
// kind was chosen to be safe.
func strongest(l *judgedLine) string {
	for _, e := range l.Evidence {
		if e.Code == classify.Unsure || e.For == l.Category && e.Weight > 0 {
			return e.Text
		}
	}
	for _, e := range l.Evidence { // nothing speaks for it, so what speaks against the others
		if e.For != l.Category && e.Weight < 0 {
			return e.Text
		}
	}
	return ""
}

// judgeLetter gives the classifier's opinion of one message. It is the wire's
// own code, asked for someone who states nothing.
func judgeLetter(judge *rules.Judge, l letter) judged {
	if l.err != nil {
		return judged{letter: l}
	}
	o := &mail.Object{Message: daemon.Read(l.raw)}
	if !isMail(o.Message) {
		l.err = errNoMail(l.path)
		return judged{letter: l}
	}
	o.Envelope = mail.Envelope{From: daemon.ReturnPath(o.Message), To: []string{firstTo(o.Message)}}
	o.Identity = unproven.Identify(context.Background(), bytes.NewReader(l.raw), &o.Envelope, o.Message)
	decisions, err := judge.Decide(context.Background(), o)
	if err != nil {
		l.err = err
		return judged{letter: l}
	}
	d := decisions[0]
	return judged{letter: letter{path: l.path}, line: &judgedLine{
		Path: l.path, MessageID: d.MessageID, Sender: d.Sender, Category: d.Category, Confidence: d.Confidence,
		Offers: d.Offers, Knows: d.Knows, Evidence: d.Evidence, Summary: d.Summary, Topic: d.Topic,
	}}
}

// isMail tells a message from any other file, in which a line with a colon may
// look like a header field.
func isMail(m *mail.Message) bool {
	return slices.ContainsFunc(m.Fields, func(f mail.Field) bool {
		switch strings.ToLower(f.Name) {
		case "from", "to", "cc", "subject", "date", "message-id", "received", "return-path", "mime-version", "content-type":
			return true
		}
		return false
	})
}

func errNoMail(name string) error {
	return fmt.Errorf("%s is no message: it has no header fields of mail", name)
}
