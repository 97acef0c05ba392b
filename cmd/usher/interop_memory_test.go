//go:build interop

package main

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// Bounds of resident memory, in kB.
const (
	mostAtOnce = 300 << 10 // of all, while 256 connections send 10 MB each
	mostLarge  = 16 << 10  // for one message of 100 MB, above what messages of 1 MB take one after another
)

// TestInteropMemory: what usher holds in memory at its worst, as the kernel
// counts it, with mail that is judged and filed.
func TestInteropMemory(t *testing.T) {
	a := newAlone(t, "lmtp=lmtp")
	a.judged()
	a.swallow()
	for range 20 { // what it needs once, for the first messages
		a.sends(large(10_000), "promo@y.test", func() {})
	}
	if log, err := os.ReadFile(filepath.Join(a.dir, "usher.log")); bytes.Count(log, []byte("disposition=promotions")) != 20 {
		t.Fatalf("the messages are not judged (%v):\n%s", err, log)
	}
	// What is resident right after a collection is less than what the collector
	// lets be used before the next: small messages show that peak.
	a.forgetPeak()
	small := large(1 << 20)
	for range 50 {
		a.sends(small, "promo@y.test", func() {})
	}
	usual := a.memory("VmHWM")
	t.Logf("messages of 1 MB, one after another: %d MB", usual>>10)

	a.forgetPeak()
	a.sends(large(100<<20), "promo@y.test", func() {})
	peak := a.memory("VmHWM")
	t.Logf("one message of 100 MB: %d MB, %d above that", peak>>10, (peak-usual)>>10)
	if peak-usual > mostLarge {
		t.Errorf("a message of 100 MB costs %d kB above what messages of 1 MB take, more than %d", peak-usual, mostLarge)
	}

	a.forgetPeak()
	raw := large(10 << 20)
	var senders, begun sync.WaitGroup
	started := time.Now()
	for range 256 {
		begun.Add(1)
		senders.Go(func() {
			a.sends(raw, "promo@y.test", func() { // when as much of it is here as may stay in memory
				begun.Done()
				begun.Wait()
			})
		})
	}
	senders.Wait()
	peak = a.memory("VmHWM")
	t.Logf("256 connections with 10 MB each at once: %d MB, in %s", peak>>10, time.Since(started).Round(time.Second))
	if peak > mostAtOnce {
		t.Errorf("256 connections with 10 MB each take %d kB, more than %d", peak, mostAtOnce)
	}
}

// large gives a promotion with an attachment, of about size bytes.
func large(size int) []byte {
	var b bytes.Buffer
	b.WriteString("From: Shop <news@shop.example>\r\nTo: promo@y.test\r\nSubject: SALE\r\nMessage-ID: <large@shop.example>\r\nMIME-Version: 1.0\r\n" +
		"List-Unsubscribe: <https://shop.example/u>\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>" +
		killWords + "</p>\r\n--b\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n")
	line := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("usher", 12)[:57])) + "\r\n"
	b.WriteString(strings.Repeat(line, size/len(line)))
	b.WriteString("--b--\r\n")
	return b.Bytes()
}

// sends sends one message in its own conversation, calling meanwhile after its
// first megabyte; it must be taken.
func (a *alone) sends(raw []byte, to string, meanwhile func()) {
	c := a.connect(a.in)
	if c == nil {
		a.t.Error("no connection")
		return
	}
	defer c.conn.Close()
	c.conn.SetDeadline(time.Now().Add(5 * time.Minute))
	for _, command := range []string{"LHLO client.test", "MAIL FROM:<news@shop.example>", "RCPT TO:<" + to + ">", "DATA"} {
		if r := c.say("%s", command); r == "" || r[0] != '2' && r[0] != '3' {
			a.t.Errorf("%s: %q", command, r)
			return
		}
	}
	first := min(len(raw), 1_000_000)
	c.conn.Write(raw[:first])
	meanwhile()
	c.conn.Write(raw[first:])
	if r := c.say("."); !strings.HasPrefix(r, "250") {
		a.t.Errorf("a message of %d bytes: %q", len(raw), r)
	}
}

// swallow is a next hop that takes everything and keeps nothing.
func (a *alone) swallow() {
	ln, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", a.out))
	if err != nil {
		a.t.Fatal(err)
	}
	a.t.Cleanup(func() { ln.Close() })
	go func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			go swallowing(conn)
		}
	}()
}

func swallowing(conn net.Conn) {
	defer conn.Close()
	r := bufio.NewReader(conn)
	io.WriteString(conn, "220 next.test LMTP\r\n")
	for inData := false; ; {
		l, err := r.ReadSlice('\n')
		switch {
		case err != nil && err != bufio.ErrBufferFull:
			return
		case inData && string(l) != ".\r\n":
			continue
		case bytes.HasPrefix(l, []byte("DATA")):
			inData = true
			io.WriteString(conn, "354 go on\r\n")
			continue
		}
		inData = false
		io.WriteString(conn, "250 2.0.0 ok\r\n")
	}
}

// memory reads a line of the kernel's account of usher, in kB.
func (a *alone) memory(name string) int {
	a.t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", a.usher.Process.Pid))
	if err != nil {
		a.t.Fatal(err)
	}
	m := regexp.MustCompile(`(?m)^` + name + `:\s+(\d+) kB`).FindSubmatch(status)
	if m == nil {
		a.t.Fatalf("no %s in %s", name, status)
	}
	n, _ := strconv.Atoi(string(m[1]))
	return n
}

// forgetPeak has the kernel count the peak of resident memory anew (proc(5),
// clear_refs).
func (a *alone) forgetPeak() {
	a.t.Helper()
	if err := os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", a.usher.Process.Pid), []byte("5"), 0); err != nil {
		a.t.Fatal(err)
	}
}
