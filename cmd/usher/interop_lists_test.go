//go:build interop

package main

import (
	"os/exec"
	"strings"
	"testing"
)

// TestInteropUnsubscribe: what a real signature covers is what a list is left by, and
// what it does not cover leaves nothing.
func TestInteropUnsubscribe(t *testing.T) {
	r := newResolved(t)
	from := []string{"a@news.shop.example", "b@news.shop.example"}
	raws := [][]byte{r.signedBy("shop.example", from[0]), r.signedBy("shop.example", from[1])}
	forged := r.signedBy("other.example", "c@news.other.example")
	forged = append([]byte("List-Unsubscribe: <https://evil.example/u>\r\n"), forged...)
	r.settings = []string{"--unsubscribe"}
	r.start()
	for i, raw := range raws {
		r.send(raw, r.id("shop.example", from[i]), "b@esp.example", "192.0.2.7")
	}
	r.send(forged, r.id("other.example", "c@news.other.example"), "b@esp.example", "192.0.2.7")
	usher := func(args ...string) string {
		t.Helper()
		name := args[0]
		if name == "unsubscribe" && (args[1] == "list" || args[1] == "cancel") {
			name, args = name+" "+args[1], args[1:]
		}
		out, err := exec.Command(r.binary, append(append(strings.Fields(name), "--socket", r.socket(), "--rcpt", mailbox), args[1:]...)...).CombinedOutput()
		if err != nil {
			t.Fatalf("usher %s %q: %v\n%s", name, args[1:], err, out)
		}
		return string(out)
	}
	for _, step := range []struct {
		args []string
		want string
	}{
		{[]string{"unsubscribe", "--dry-run", "shop.example"}, "one POST to shop.example"},
		{[]string{"unsubscribe", "list"}, "You asked to leave no list"},
		{[]string{"unsubscribe", "other.example"}, "not by usher: no signature of the sender that usher verified covers"},
		{[]string{"unsubscribe", r.id("shop.example", from[0])}, "It is asked within a day"},
		{[]string{"unsubscribe", "shop.example"}, "goes out after"},
		{[]string{"unsubscribe", "list"}, "goes out after"},
		{[]string{"brand", "shop.example"}, "unsubscribed  goes out after"},
		{[]string{"unsubscribe", "cancel", "shop.example"}, "Taken back: shop.example"},
	} {
		if out := usher(step.args...); !strings.Contains(out, step.want) {
			t.Errorf("usher %s: want %q\n%s", strings.Join(step.args, " "), step.want, out)
		}
	}
	found(t, "swaks → Postfix → usher → NSD", "a list is left by what the sender signed; a field added above a valid signature leaves nothing")
}
