package corpus

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"usher/corpus/kinds"
	"usher/rules"
)

func TestAnExportHasAllThatIsKeptOfOneMailbox(t *testing.T) {
	s := mustOpen(t, where(t))
	d := decision(maria, 1)
	d.Retry, d.Counts, d.Beside = "again", []rules.Count{{Of: "shop.example"}}, map[string][]byte{PrefixSlip: []byte(`{"brand":"shop.example"}`), PrefixDelivery: []byte(`{"brand":"shop.example"}`)}
	record(t, s, d, decision(pekka, 1))
	if _, err := s.Override(context.Background(), maria, "shop.example", time.Hour); err != nil {
		t.Fatal(err)
	}
	if err := s.Moved(context.Background(), maria, d.ID, Move{From: "Promotions", To: "INBOX", At: time.Now()}); err != nil {
		t.Fatal(err)
	}
	correct(t, s, d.ID, rules.Correction{To: "inbox"})
	if err := s.SentDigest(context.Background(), maria, Sent{Until: time.Now(), Numbered: []string{d.ID}}); err != nil {
		t.Fatal(err)
	}
	for _, prefix := range []string{PrefixUnsubscribe, PrefixComplaint, PrefixComplainSlip, PrefixRef, PrefixPermission} {
		if err := s.Note(context.Background(), maria, prefix, d.ID, map[string]string{"brand": "shop.example"}); err != nil {
			t.Fatal(err)
		}
	}
	for _, prefix := range []string{PrefixBudget, PrefixReport, PrefixRequest, PrefixProof, PrefixSilence} {
		if err := s.Note(context.Background(), maria, prefix, d.ID, map[string]string{"brand": "shop.example"}); err != nil {
			t.Fatal(err)
		}
	}
	lines := map[string][]string{}
	err := s.Export("Maria@example.org", func(k *kinds.Kind, line []byte) error {
		if !json.Valid(line) || strings.Contains(string(line), "\n") {
			t.Errorf("%s: no line of JSON: %s", k.Name, line)
		}
		if strings.Contains(string(line), pekka) {
			t.Errorf("another's: %s", line)
		}
		lines[k.Name] = append(lines[k.Name], string(line))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range kinds.All {
		if k.IsBox && (len(lines[k.Name]) == 0 || strings.Contains(lines[k.Name][0], `"value":`)) {
			t.Errorf("%s: no line that its owner can read: %s", k.Name, lines[k.Name])
		}
	}
	for kind, want := range map[string][]string{
		"decisions":  {d.ID, d.Subject, maria},
		"retry keys": {d.ID},
		"moves":      {d.ID, `"to":"INBOX"`, `"from":"Promotions"`},
		"overrides":  {"shop.example"},
		"times":      {d.ID},
	} {
		if len(lines[kind]) != 1 {
			t.Errorf("%s: %d lines", kind, len(lines[kind]))
			continue
		}
		for _, w := range want {
			if !strings.Contains(lines[kind][0], w) {
				t.Errorf("%s: %q is not in %s", kind, w, lines[kind][0])
			}
		}
	}
	full := errors.New("the disk is full")
	if err := s.Export(maria, func(*kinds.Kind, []byte) error { return full }); !errors.Is(err, full) {
		t.Errorf("an export that cannot be written: %v", err)
	}
	if err := s.Export("nobody@example.org", func(*kinds.Kind, []byte) error { return full }); err != nil {
		t.Errorf("of a mailbox without anything: %v", err)
	}
}

func TestAnExportIsLargerThanOneStep(t *testing.T) {
	s := mustOpen(t, Options{InMemory: true})
	for range 3 {
		ds := make([]*rules.Decision, step/2)
		for i := range ds {
			ds[i] = decision(maria, 1)
		}
		record(t, s, ds...)
	}
	seen := map[string]bool{}
	err := s.Export(maria, func(_ *kinds.Kind, line []byte) error {
		if seen[string(line)] {
			t.Errorf("twice: %s", line)
		}
		seen[string(line)] = true
		return nil
	})
	if want := 3*(step/2) + 1; err != nil || len(seen) != want { // the decisions, and one weekly total
		t.Errorf("%d lines, want %d; %v", len(seen), want, err)
	}
	if was, err := s.Erase(context.Background(), maria); err != nil || !was {
		t.Fatal(was, err)
	}
	if all, _ := entriesOf(t, s, maria); all != 0 {
		t.Errorf("%d entries are left", all)
	}
}
