package daemon

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

// Of a run that is killed again and again.
const (
	killedPeople = 30
	killedEnv    = "USHER_TEST_ROUND" // the folder, the hop and the moment of a round in a process of its own
)

// killing is a relay that has whoever talks to it killed, once, at a step of a
// conversation: at RCPT, within DATA, when it has the message, when it has answered.
type killing struct {
	relay
	mu   sync.Mutex
	at   string
	left int // such steps until then
	kill func()
}

func (k *killing) step(at string, nth int, kill func()) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.at, k.left, k.kill = at, nth, kill
}

// reached kills if this is the step.
func (k *killing) reached(at string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if at == k.at && k.left > 0 {
		if k.left--; k.left == 0 {
			k.kill()
		}
	}
}

func (k *killing) NewSession(*smtp.Conn) (smtp.Session, error) {
	return &killingly{handover{relay: &k.relay}, k}, nil
}

type killingly struct {
	handover
	k *killing
}

func (h *killingly) Rcpt(to string, o *smtp.RcptOptions) error {
	h.k.reached("rcpt")
	return h.handover.Rcpt(to, o)
}

func (h *killingly) Data(r io.Reader) error {
	h.k.reached("data")
	raw, err := io.ReadAll(r)
	if err != nil { // half a message is none
		return err
	}
	err = h.handover.Data(bytes.NewReader(raw))
	h.k.reached("answer")
	return err
}

func (h *killingly) Logout() error { // QUIT, or nobody is there any more
	h.k.reached("answered")
	return nil
}

// TestOneRound is a round in a process of its own, which TestADigestOutlivesKills kills.
func TestOneRound(t *testing.T) {
	words := strings.Fields(os.Getenv(killedEnv))
	if len(words) != 3 {
		t.Skip("this is run by TestADigestOutlivesKills")
	}
	unix, err := strconv.ParseInt(words[2], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	d := town(t, words[0], words[1])
	round := d.digests.round(t.Context(), time.Unix(unix, 0))
	fmt.Println("sent", round.sent.Load(), "failed", round.failed.Load())
	stopped(t, d)
	if round.failed.Load() > 0 {
		t.Error("a digest failed")
	}
}

// once runs a round that is killed at the nth such step, if it comes to that; it reports
// whether it was.
func (k *killing) once(t *testing.T, round, at string, nth int) (killed bool) {
	t.Helper()
	c := exec.Command(os.Args[0], "-test.run=^TestOneRound$", "-test.count=1")
	c.Env = append(os.Environ(), killedEnv+"="+round)
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, &out
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	k.step(at, nth, func() { c.Process.Kill() })
	err := c.Wait()
	if c.ProcessState.ExitCode() == -1 {
		return true
	}
	if err != nil {
		t.Fatalf("a round: %v\n%s", err, out.String())
	}
	return false
}

func TestADigestOutlivesKills(t *testing.T) {
	now := time.Now()
	dir := t.TempDir()
	k := &killing{}
	hop := "lmtp:" + serve(t, k, true)
	round := fmt.Sprintf("%s %s %d", dir, hop, now.Unix())
	d := town(t, dir, hop)
	for n := range killedPeople {
		mailbox := fmt.Sprintf("p%d@example.org", n)
		states(t, dir, mailbox, daily(now), now)
		got(t, d, mailbox, 5, now)
	}
	stopped(t, d)
	kills := 0
	for _, at := range []string{"rcpt", "data", "answer", "answered"} {
		for _, nth := range []int{1, 2, 3} {
			if k.once(t, round, at, nth) {
				kills++
			}
		}
	}
	for range 2 { // what a broken round left, and nothing any more
		if k.once(t, round, "", 0) {
			t.Fatal("killed by another")
		}
	}
	twice, id := 0, regexp.MustCompile(`(?m)^Message-ID: .*$`)
	for n := range killedPeople {
		letters := k.took(fmt.Sprintf("p%d@example.org", n))
		if len(letters) == 0 {
			t.Errorf("person %d got none", n)
			continue
		}
		twice += len(letters) - 1
		for _, l := range letters {
			if id.FindString(l) != id.FindString(letters[0]) {
				t.Errorf("person %d got one of another Message-ID: %s, %s", n, id.FindString(l), id.FindString(letters[0]))
			}
		}
	}
	if kills < 10 || twice > kills {
		t.Errorf("%d kills, %d came once more", kills, twice)
	}
	t.Logf("%d people, %d kills: %d came once more, nobody got none", killedPeople, kills, twice)
}
