package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"syscall"
)

const nextHopName = "the next hop"

func (r *trial) boxes() string  { return filepath.Join(r.dir, "mail") }
func (r *trial) socket() string { return filepath.Join(r.dir, "run", "usher.sock") }

// build makes the folders and files of a run.
func (r *trial) build(raws [][]byte) (err error) {
	if r.dir, err = os.MkdirTemp("", "usher-chaos-"); err != nil {
		return err
	}
	if err := os.Chmod(r.dir, 0o711); err != nil {
		return err
	}
	if r.diary, err = newDiary(r.dir); err != nil {
		return err
	}
	for _, sub := range []string{"state", "run", "mail", "intents"} {
		if err := os.Mkdir(filepath.Join(r.dir, sub), 0o755); err != nil {
			return err
		}
	}
	if r.noDisk = mountDisk(r.state(), r.o.store); r.noDisk != nil {
		r.noDisk = fmt.Errorf("%w: %v", errImpossible, r.noDisk)
	}
	program, err := os.ReadFile(r.o.usher)
	if err != nil {
		return fmt.Errorf("%w (make build makes it)", err)
	}
	site := "unknown     digest\npromotions  promotions\nnewsletters digest\n"
	err = errors.Join(
		os.WriteFile(filepath.Join(r.dir, "usher"), program, 0o755),
		os.WriteFile(filepath.Join(r.dir, "site.intents"), []byte(site), 0o644))
	if err != nil {
		return err
	}
	if os.Geteuid() == 0 {
		if err := errors.Join(os.Chown(r.state(), nobody, nobody), os.Chown(filepath.Join(r.dir, "run"), nobody, nobody)); err != nil {
			return err
		}
	}
	return r.cast(raws)
}

// nobody is the user that usher runs as where this program runs as root.
const nobody = 65534

// cast says how each process is run.
func (r *trial) cast(raws [][]byte) error {
	in, err1 := freeAddress(r.rand)
	next, err2 := freeAddress(r.rand)
	self, err3 := os.Executable()
	me, err4 := user.Current()
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		return err
	}
	r.entry = in
	help, _ := exec.Command(filepath.Join(r.dir, "usher"), "serve", "--help").Output()
	if strings.Contains(string(help), "--metrics-listen") {
		if r.metrics, err1 = freeAddress(r.rand); err1 != nil {
			return err1
		}
	}
	r.sender = newSender(in, r.ledger, raws, r.o.seed)
	r.hop = &ward{name: nextHopName, byInput: true, heed: r.diary.keep, refused: func(last string) { r.fail(errors.New("the next hop does not start: " + last)) },
		make:  func() *exec.Cmd { return exec.Command(self, "nexthop", next, r.boxes()) },
		ready: func() bool { return greets(next) }}
	boxes := make([]string, mailboxes)
	for i := range boxes {
		boxes[i] = mailbox(i)
	}
	r.usher = &ward{name: "usher", pardon: "nothing recorded is lost", heed: r.diary.heed, refused: r.refused, ready: func() bool { return greets(in) },
		make: func() *exec.Cmd {
			cmd := exec.Command(filepath.Join(r.dir, "usher"), "serve", "--hop", "lmtp:"+in+"=lmtp:"+next,
				"--hostname", "usher.chaos.example", "--state-dir", r.state(), "--intents-dir", filepath.Join(r.dir, "intents"),
				"--site-file", filepath.Join(r.dir, "site.intents"), "--socket", r.socket(),
				"--owner", me.Username+"="+strings.Join(boxes, ","), "--log-format", "json")
			if r.metrics != "" {
				cmd.Args = append(cmd.Args, "--metrics-listen", r.metrics)
			}
			cmd.Dir = r.dir
			cmd.Env = []string{"PATH=/usr/bin:/bin"}
			if os.Geteuid() == 0 {
				cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
			}
			return cmd
		}}
	return nil
}

// refused does what usher says when it does not start: wait for room, or put a
// damaged store away.
func (r *trial) refused(said string) {
	if !strings.Contains(said, "is damaged") {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.anew++
	if !r.damaged {
		r.wrong = append(r.wrong, fmt.Errorf("nobody damaged the store, and usher says: %s", firstSentence(said)))
	}
	store := filepath.Join(r.state(), "store")
	if err := os.Rename(store, fmt.Sprintf("%s.%d", store, r.anew)); err != nil {
		r.wrong = append(r.wrong, err)
	}
}

// freeAddress finds a port on which nobody listens, and which the system gives
// to no outgoing connection while its owner is down.
func freeAddress(r *rand.Rand) (string, error) {
	for range 100 {
		address := fmt.Sprintf("127.0.0.1:%d", 20000+r.IntN(12000))
		if ln, err := net.Listen("tcp", address); err == nil {
			ln.Close()
			return address, nil
		}
	}
	return "", errors.New("no free port was found")
}

// clear takes away what a run made; what went wrong is kept for who asks why.
func (r *trial) clear(keep bool) error {
	if r.dir == "" {
		return nil
	}
	if r.diary != nil {
		r.diary.file.Close()
	}
	if keep || r.o.keep {
		fmt.Fprintln(r.out, "kept:", r.dir)
	}
	var err error
	if r.noDisk == nil && !r.o.keep {
		err = unmountDisk(r.state())
	}
	if keep || r.o.keep {
		return err
	}
	return errors.Join(err, os.RemoveAll(r.dir))
}
