package main

import (
	"bytes"
	"context"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"usher/classify"
	"usher/classify/mail"
	"usher/cmd/letters"
	"usher/rules"
	"usher/rules/intents"
)

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && roles[os.Args[1]] != nil {
		main() // a part of the run below
		return
	}
	os.Exit(m.Run())
}

func TestEveryWayDeliversWhatIsSent(t *testing.T) {
	var out bytes.Buffer
	err := run([]string{"-time", "20ms", "-rounds", "1", "-connections", "8", "-sizes=false", "-stages=false", "-mail", "none"}, &out)
	if err != nil {
		t.Fatalf("%v\n%s", err, &out)
	}
	for _, want := range []string{"a straight", "b go-smtp", "c usher", "d wire", "Aims at 8 connections"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing from\n%s", want, &out)
		}
	}
}

func TestEveryStageIsMeasuredWithoutTheArchive(t *testing.T) {
	var out bytes.Buffer
	if err := run([]string{"-time", "1ms", "-wire=false", "-mail", "none"}, &out); err != nil {
		t.Fatalf("%v\n%s", err, &out)
	}
	if !strings.Contains(out.String(), "No archive of real mail at none: generated mail only.") {
		t.Errorf("it does not say that real mail is missing:\n%s", &out)
	}
	if !strings.Contains(out.String(), "against 1000 wants") {
		t.Errorf("what wants cost is missing:\n%s", &out)
	}
	if n := strings.Count(out.String(), "generated ("); n != len(generatedSizes) {
		t.Errorf("%d lines of %d sizes:\n%s", n, len(generatedSizes), &out)
	}
}

func TestTheSmallSetHasTheMeanItIsNamedFor(t *testing.T) {
	all, _, err := readLetters("none")
	if err != nil {
		t.Fatal(err)
	}
	_, told := sets(all)
	if small := told[0]; small.Name != setSmall || small.Mean > meanSmall || small.Mean < meanSmall*9/10 {
		t.Errorf("the set of 9 KB is %+v", small)
	}
	if whole := told[1]; whole.Mean < 25_000 || whole.Mean > 27_000 {
		t.Errorf("the mean of all messages is %d bytes, 26 KB in real mail", whole.Mean)
	}
}

// BenchmarkDecide reads one message and decides about it for one person: what c
// costs more than d, but for the proof of the sender and the record.
func BenchmarkDecide(b *testing.B) {
	raws, _, err := letters.Read("../../../shared/corpora/mail-dev.tar.gz")
	if err != nil {
		b.Fatal(err)
	}
	raws = slices.DeleteFunc(raws, func(raw []byte) bool { return len(raw) > 27254 })
	stated, errs := intents.Parse("bench", []byte(statements), time.Now())
	if len(errs) > 0 {
		b.Fatal(errs)
	}
	judge := &rules.Judge{Model: classify.New(), Statements: everybody{stated}}
	decide := func(raw []byte) {
		o := &mail.Object{Envelope: mail.Envelope{To: []string{"a@bench.example"}, Arrived: time.Now()}, Message: mail.Parse(raw)}
		if _, err := judge.Decide(context.Background(), o); err != nil {
			b.Fatal(err)
		}
	}
	decide(raws[0]) // what is loaded once
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		decide(raws[n%len(raws)])
		n++
	}
}
