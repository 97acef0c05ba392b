//go:build interop

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"usher/corpus/proofs"
)

// TestInteropASenderProvesItsDomain by a record that a real DNS server has, from one
// moment to the next.
func TestInteropASenderProvesItsDomain(t *testing.T) {
	r := newResolved(t)
	at := fmt.Sprintf("127.0.0.1:%d", freePort(t))
	r.settings = []string{"--reports", "--reports-web", "--web-listen", at}
	r.start()
	ask := func(method, path, bearer string, body, answer any) int {
		t.Helper()
		raw, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		q, err := http.NewRequest(method, "http://"+at+"/relevance/v1/"+path, bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		q.Header.Set("Content-Type", "application/json")
		if bearer != "" {
			q.Header.Set("Authorization", "Bearer "+bearer)
		}
		got, err := http.DefaultClient.Do(q)
		if err != nil {
			t.Fatal(err)
		}
		defer got.Body.Close()
		if err := json.NewDecoder(got.Body).Decode(answer); err != nil {
			t.Fatal(err)
		}
		return got.StatusCode
	}
	var c proofs.Challenge
	if code := ask("POST", "enrol", "", map[string]string{"domain": "shop.example"}, &c); code != http.StatusOK {
		t.Fatalf("enrol: %d", code)
	}
	var said struct{ Error, Hint, Bearer, Domain string }
	with := map[string]string{"domain": c.Domain, "token": c.Token}
	if code := ask("POST", "enrol/confirm", "", with, &said); code != http.StatusConflict || said.Error != "the record is not there" {
		t.Errorf("before it is published: %d %+v", code, said)
	}
	r.Keys += fmt.Sprintf("%s. TXT %s\n", c.Name, inStrings(c.Text))
	r.fill("root.zone", strings.Replace(rootZone, "admin.test. 1 ", "admin.test. 2 ", 1), r)
	if err := r.nsd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	code := 0
	for range 9 { // ten tries an hour
		time.Sleep(time.Second)
		if code = ask("POST", "enrol/confirm", "", with, &said); code == http.StatusOK {
			break
		}
	}
	if code != http.StatusOK || said.Bearer == "" || said.Domain != "shop.example" {
		t.Fatalf("after it is published: %d %+v", code, said)
	}
	var list struct {
		Domain  string
		Reports []any
	}
	if code := ask("GET", "reports", said.Bearer, nil, &list); code != http.StatusOK || list.Domain != "shop.example" || len(list.Reports) != 0 {
		t.Errorf("the list: %d %+v", code, list)
	}
	if code := ask("GET", "reports?domain=other.example", said.Bearer, nil, &said); code != http.StatusNotFound {
		t.Errorf("another's: %d", code)
	}
	found(t, "usher → NSD", "a domain is proven by a record from one moment to the next, and its reports are its own")
}
