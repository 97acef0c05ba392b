package train

import (
	"bytes"
	"errors"
	"os"
	"runtime"
	"strings"
	"testing"
	"unicode"

	"usher/classify"
	"usher/classify/mail"
	"usher/classify/model"
)

// realMail lies beside the repository, never in it: its text belongs to those
// who wrote it.
const realMail = "../../../shared/corpora/mail-dev.tar.gz"

// readReal gives the archive, and the written mail after it.
func readReal(t *testing.T) []Example {
	t.Helper()
	list, err := Read(realMail)
	if errors.Is(err, os.ErrNotExist) {
		t.Skip("the archive of labelled mail is not beside the repository, so nothing is measured")
	}
	if err != nil {
		t.Fatal(err)
	}
	written, err := Read("../../classify/testdata")
	if err != nil {
		t.Fatal(err)
	}
	return append(list, written...)
}

// TestArchivesThatAModelHasNotSeen judges each archive by a model trained
// without it, and keeps the floor.
func TestArchivesThatAModelHasNotSeen(t *testing.T) {
	m := Take(LeaveOut(readReal(t), Defaults))
	var lowered, found Count
	for _, name := range Names(m.Archives) {
		g := m.Archives[name]
		t.Logf("%-14s needed mail lowered %s (at most %.1f %%), found %s", name, g.Lowered, 100*g.LoweredUpper, g.Found)
		if g.Lowered.K > 1 {
			t.Errorf("%s: %s needed messages were called newsletter or promotion; 1 is the most", name, g.Lowered)
		}
		if g.Area != nil && *g.Area < 0.96 {
			t.Errorf("%s: the area under the curve is %.4f; 0.96 is the least", name, *g.Area)
		}
		if name != "written" {
			lowered = Count{lowered.K + g.Lowered.K, lowered.N + g.Lowered.N}
			found = Count{found.K + g.Found.K, found.N + g.Found.N}
		}
	}
	t.Logf("in all needed mail lowered %s (at most %.1f %%), found %s, calibration error %.3f", lowered, 100*lowered.Upper(), found, m.Gap)
	if lowered.K > 2 || lowered.N != 487 {
		t.Errorf("%s needed messages were lowered; 2 of 487 is the most", lowered)
	}
	if found.Share() < 0.92 {
		t.Errorf("%s newsletters and promotions were found; 92 %% is the least", found)
	}
	if m.Gap > 0.05 {
		t.Errorf("what P says and what is true differ by %.3f; 0.05 is the most", m.Gap)
	}
	if m.Spam.K > 0 || m.Spam.N == 0 {
		t.Errorf("spam with signs of bulk called personal above 0.9: %s", m.Spam)
	}
}

// TestTheShippedModelIsWhatItsCardSays trains it anew. The last bit of a sum
// may differ between kinds of processors, so only one kind is asked.
func TestTheShippedModelIsWhatItsCardSays(t *testing.T) {
	seen := Observe(readReal(t))
	if !bytes.Contains([]byte(model.Card()), []byte(DataHash(trainable(seen)))) {
		t.Error("the card names other data: run make model, and review the figures")
	}
	if runtime.GOARCH != "amd64" {
		t.Skip("the shipped model was trained on amd64")
	}
	var shipped, anew bytes.Buffer
	if err := errors.Join(model.Shipped().Write(&shipped), Train(seen, Defaults).Write(&anew)); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(shipped.Bytes(), anew.Bytes()) {
		t.Error("the shipped model is another than the trainer makes: run make model, and review the figures")
	}
}

// TestTheShippedModelKeepsItsFloor measures it on the mail that it learned
// from, where it must not be worse than on what it has not seen.
func TestTheShippedModelKeepsItsFloor(t *testing.T) {
	m := Take(Judge(classify.New(), readReal(t)))
	t.Logf("needed mail lowered %s, found %s", m.All.Lowered, m.All.Found)
	if m.All.Lowered.K > 2 || m.All.Found.Share() < 0.92 {
		t.Errorf("needed mail lowered %s, found %s", m.All.Lowered, m.All.Found)
	}
}

// TestThePublicListIsWhatTheArchiveAllows holds each hash against the archive:
// in it, trainable, and labelled the same.
func TestThePublicListIsWhatTheArchiveAllows(t *testing.T) {
	listed, err := readPublic(publicFile)
	if err != nil {
		t.Fatal(err)
	}
	if len(listed) != 309 {
		t.Errorf("%d messages are listed", len(listed))
	}
	for _, e := range readReal(t) {
		key := hash(e.Raw)
		l, ok := listed[key]
		if !ok {
			continue
		}
		if !e.Trainable || e.Category != l.Category || e.Ambiguous != l.Ambiguous || e.Source != l.Source {
			t.Errorf("%s is %s, %s, trainable %v; the list says %s, %s", e.Path, e.Category, e.Source, e.Trainable, l.Category, l.Source)
		}
		delete(listed, key)
	}
	if len(listed) > 0 {
		t.Errorf("%d listed messages are not in the archive: they may be kept apart", len(listed))
	}
}

// TestSummariesOfRealMailSayOnlyWhatItSays: every number and code of a summary
// stands in the subject or the text of its message.
func TestSummariesOfRealMailSayOnlyWhatItSays(t *testing.T) {
	model, said := classify.New(), 0
	for _, e := range readReal(t) {
		m := mail.Parse(e.Raw)
		summary := model.Classify(&mail.Object{Message: m}).Summary
		known := digitRuns(m.Subject + "\n" + m.Text)
		for from := range m.From {
			known += digitRuns(m.From[from].Name + " " + m.From[from].Domain)
		}
		for _, number := range strings.FieldsFunc(summary, func(c rune) bool { return !unicode.IsDigit(c) }) {
			said++
			if !strings.Contains(known, " "+strings.TrimLeft(number, "0")+" ") {
				t.Errorf("%s: the summary says %s, which the mail does not", e.Path, number)
			}
		}
		if _, code, ok := strings.Cut(summary, "code "); ok {
			if code, _, _ = strings.Cut(code, " "); !strings.Contains(m.Subject+m.Text, strings.TrimRight(code, "…")) {
				t.Errorf("%s: the summary says a code that the mail does not", e.Path)
			}
		}
	}
	if said < 100 {
		t.Errorf("only %d numbers are said: nothing is tested", said)
	}
}

// digitRuns gives the numbers of a text, each between blanks: its digits up to any
// other sign, and those of a number whose thousands are parted.
func digitRuns(s string) string {
	list, whole := " ", ""
	flush := func() {
		if whole != "" {
			list += whole + " "
		}
		whole = ""
	}
	for _, part := range strings.FieldsFunc(s, func(c rune) bool { return !unicode.IsDigit(c) && !strings.ContainsRune(" .,'’\u00a0\u202f", c) }) {
		flush()
		for _, n := range strings.FieldsFunc(part, func(c rune) bool { return !unicode.IsDigit(c) }) {
			list += strings.TrimLeft(n, "0") + " " + n + " "
			if len(n) != 3 {
				flush()
			}
			whole += n
		}
	}
	flush()
	return list
}
