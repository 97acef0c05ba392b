package web

import (
	"archive/zip"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"usher/classify/mail"
	"usher/corpus/audit"
	"usher/corpus/kinds"
	"usher/rules/intents"
	"usher/rules/intents/shelf"
)

// Kept is what is kept, as the API exports, ends and destroys it; *corpus.Store is
// one.
type Kept interface {
	Erase(ctx context.Context, mailbox string) (was bool, err error)
	Forget(ctx context.Context, mailbox string, brand ...string) (decisions int, err error)
	Export(mailbox string, see func(k *kinds.Kind, line []byte) error) error
	Backup(ctx context.Context, w io.Writer) error
	Retention() []kinds.Retention
	SetRetention(ctx context.Context, kind string, days int) error
	KeptFor(ctx context.Context, mailbox string) (days int)
}

func (s *Server) keptRoutes() map[string]Answer {
	return map[string]Answer{
		"GET /v1/export":     s.getExport,
		"POST /v1/erase":     s.postErase,
		"POST /v1/forget":    s.postForget,
		"GET /v1/retention":  s.getRetention,
		"POST /v1/retention": ForAdmin(s.postRetention),
		"GET /v1/backup":     ForAdmin(s.getBackup),
	}
}

// Erased is what an erasing did.
type Erased struct {
	Mailbox  string `json:"mailbox"`
	Was      bool   `json:"was"`     // something was kept of it
	Intents  string `json:"intents"` // "kept", "removed" or "none": the person's file
	IsJudged bool   `json:"judged"`  // the next mail begins anew
}

func (s *Server) postErase(_ http.ResponseWriter, r *http.Request, who Whoami) (any, error) {
	box, err := s.mailboxToErase(r, who)
	if err != nil {
		return nil, err
	}
	isWhole := r.FormValue("intents") == "yes"
	if err := s.audit(r.Context(), who, audit.Erase, box, ""); err != nil {
		return nil, err
	}
	e := Erased{Mailbox: box, Intents: "none"}
	ctx := context.WithoutCancel(r.Context())
	e.Was, err = s.Kept.Erase(ctx, box)
	if s.Ended != nil {
		s.Ended(box)
	}
	if err == nil {
		var was bool
		if was, err = s.forgetFile(box, isWhole); was {
			e.Intents = "removed"
		}
	}
	if err != nil {
		s.auditOften(ctx, who, audit.Erase, box, "failed; the next start ends it")
		return nil, err
	}
	if _, is, _ := s.textOf(box); is {
		e.Intents = "kept"
	}
	own, site := s.Intents.InForce(box)
	e.IsJudged = own != nil || site != nil
	if e.Intents == "removed" && !e.IsJudged {
		s.auditOften(ctx, who, audit.Off, box, "ok")
	}
	return e, nil
}

// forgetFile removes the daemon's copy of a person's file, and the file if isWhole;
// no edit comes between.
func (s *Server) forgetFile(box string, isWhole bool) (was bool, err error) {
	s.edit.Lock()
	defer s.edit.Unlock()
	return s.Intents.Dir.Forget(box, isWhole)
}

// mailboxToErase is one of the caller's, or for an admin any that is named.
func (s *Server) mailboxToErase(r *http.Request, who Whoami) (string, error) {
	rcpt := r.FormValue("rcpt")
	if !who.Admin || rcpt == "" {
		return s.Mailbox(r, who)
	}
	if _, domain, ok := mail.SplitAddress(rcpt); !ok || domain == "" {
		return "", Wrong("%q is no mailbox: maria@example.org is one", rcpt)
	}
	return mail.Mailbox(rcpt, s.Delimiter), nil
}

// Forgotten is what forgetting a brand did.
type Forgotten struct {
	Mailbox   string   `json:"mailbox"`
	Brand     []string `json:"brand"` // by which it was looked for
	Decisions int      `json:"decisions"`
}

func (s *Server) postForget(_ http.ResponseWriter, r *http.Request, who Whoami) (any, error) {
	box, err := s.Mailbox(r, who)
	if err != nil {
		return nil, err
	}
	brand := strings.Trim(strings.TrimSpace(r.FormValue("brand")), `"`)
	if brand == "" {
		return nil, &Error{http.StatusBadRequest, "no brand is named", "for example: usher forget shop.example"}
	}
	if err := s.audit(r.Context(), who, audit.Forget, box, ""); err != nil {
		return nil, err
	}
	own, site := s.Intents.InForce(box)
	f := Forgotten{Mailbox: box, Brand: namesOf(brand, own, site)}
	f.Decisions, err = s.Kept.Forget(context.WithoutCancel(r.Context()), box, f.Brand...)
	return f, err
}

// namesOf adds to what a person calls a brand what the statements of it say: its
// name and its domains.
func namesOf(brand string, files ...*intents.File) []string {
	names := []string{strings.ToLower(brand)}
	add := func(b *intents.Brand) {
		its := append([]string{strings.ToLower(b.Name)}, b.Domains...)
		if slices.Contains(its, names[0]) {
			names = append(names, its...)
		}
	}
	for _, f := range files {
		if f == nil {
			continue
		}
		for _, st := range f.All {
			switch st := st.(type) {
			case *intents.Grant:
				add(&st.Brand)
			case *intents.Mute:
				if st.Brand != nil {
					add(st.Brand)
				}
			case *intents.Cap:
				if st.Brand != nil {
					add(st.Brand)
				}
			case *intents.Refuse:
				for i := range st.Brands {
					add(&st.Brands[i])
				}
			}
		}
	}
	slices.Sort(names)
	return slices.DeleteFunc(slices.Compact(names), func(n string) bool { return n == "" })
}

// Retentions says how long everything is kept.
type Retentions struct {
	Kinds []kinds.Retention `json:"kinds"`
	Yours map[string]int    `json:"yours,omitempty"` // of a mailbox of the caller's: the days that its decisions are kept
}

func (s *Server) getRetention(_ http.ResponseWriter, r *http.Request, who Whoami) (any, error) {
	all := Retentions{Kinds: s.Kept.Retention(), Yours: map[string]int{}}
	for _, box := range who.Single() {
		all.Yours[box] = s.Kept.KeptFor(r.Context(), box)
	}
	return all, nil
}

func (s *Server) postRetention(_ http.ResponseWriter, r *http.Request, who Whoami) (any, error) {
	kind := r.FormValue("kind")
	days, err := strconv.Atoi(r.FormValue("days"))
	if err != nil {
		return nil, Wrong("%q is no number of days", r.FormValue("days"))
	}
	const table = "`usher retention` shows the kinds and their limits"
	if _, err := kinds.Shorten(kind, days); err != nil {
		return nil, &Error{http.StatusBadRequest, err.Error(), table}
	}
	result := strings.ReplaceAll(strings.ToLower(strings.TrimSpace(kind)), " ", "-") + " " + strconv.Itoa(days) + " days"
	if err := s.audit(r.Context(), who, audit.Retention, "", result); err != nil {
		return nil, err
	}
	if err := s.Kept.SetRetention(r.Context(), kind, days); err != nil {
		return nil, err
	}
	return s.getRetention(nil, r, who)
}

func (s *Server) getBackup(_ http.ResponseWriter, r *http.Request, who Whoami) (any, error) {
	if err := s.audit(r.Context(), who, audit.Backup, "", ""); err != nil {
		return nil, err
	}
	return streamed(func(w io.Writer) error { return s.Kept.Backup(r.Context(), w) }), nil
}

func (s *Server) getExport(_ http.ResponseWriter, r *http.Request, who Whoami) (any, error) {
	boxes, err := s.Mailboxes(r, who)
	if err != nil {
		return nil, err
	}
	if len(boxes) > 1 && r.FormValue("all") != "yes" {
		return nil, Wrong("you have %s: say which mailbox, with --rcpt, or --all", strings.Join(boxes, ", "))
	}
	for _, box := range boxes {
		if err := s.audit(r.Context(), who, audit.Export, box, ""); err != nil {
			return nil, err
		}
	}
	return streamed(func(w io.Writer) error {
		z := zip.NewWriter(w)
		for _, box := range boxes {
			if err := s.export(z, box); err != nil {
				return err
			}
		}
		return z.Close()
	}), nil
}

// export writes a folder of one mailbox: a file of lines for each kind of which
// there is something, the intents, and a page that says what is in them.
func (s *Server) export(z *zip.Writer, box string) error {
	now := time.Now()
	create := func(name string) (io.Writer, error) {
		return z.CreateHeader(&zip.FileHeader{Name: strings.ReplaceAll(box, "/", "_") + "/" + name, Method: zip.Deflate, Modified: now})
	}
	lines := map[string]int{}
	var current io.Writer
	err := s.Kept.Export(box, func(k *kinds.Kind, line []byte) (err error) {
		if lines[k.Name] == 0 {
			current, err = create(fileOf(k.Name))
		}
		if err == nil {
			lines[k.Name]++
			_, err = current.Write(append(line, '\n'))
		}
		return err
	})
	if err != nil {
		return err
	}
	text, isStated, err := s.textOf(box)
	if err == nil && isStated {
		if current, err = create("intents.txt"); err == nil {
			_, err = current.Write(text)
		}
	}
	if err != nil {
		return err
	}
	page, err := create("README.txt")
	if err == nil {
		_, err = io.WriteString(page, s.page(box, now, isStated, lines))
	}
	return err
}

// textOf gives the text of a mailbox's file, if there is one; that of a link, which
// may lead to another's, is empty.
func (s *Server) textOf(box string) (text []byte, is bool, err error) {
	if _, err := s.Intents.path(box); err != nil {
		return nil, false, nil
	}
	text, err = s.Intents.read(box)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, false, nil
	}
	if errors.Is(err, shelf.ErrNotPlain) {
		return nil, true, nil
	}
	return text, true, err
}

// fileOf is the file of a kind in an export.
func fileOf(kind string) string { return strings.ReplaceAll(kind, " ", "-") + ".jsonl" }

// page says what an export holds.
func (s *Server) page(box string, now time.Time, isStated bool, lines map[string]int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "What usher keeps of %s, on %s.\n\n", box, now.UTC().Format("2006-01-02 15:04 UTC"))
	row := func(file, count, ends, holds string) {
		fmt.Fprintf(&b, "%-20s %8s  %-22s %s\n", file, count, ends, holds)
	}
	row("FILE", "LINES", "KEPT FOR", "HOLDS")
	for _, k := range s.Kept.Retention() {
		if k.OfPersons {
			days := k.Days
			if own := s.Kept.KeptFor(context.Background(), box); k.Owned || k.Follows {
				days = min(own, k.Limit)
			}
			row(fileOf(k.Kind), strconv.Itoa(lines[k.Kind]), cmp.Or(map[bool]string{true: "until it is deleted"}[days == 0], fmt.Sprintf("%d days", days)), k.Holds)
		}
	}
	if isStated {
		row("intents.txt", "", "as long as you like", "your own file of statements")
	}
	b.WriteString("\nA kind without a file has no lines. A line is JSON (jsonlines.org), its names are those of\n" +
		"`usher why --json`. Message-IDs are kept as keyed hashes only, and so are not here. usher\n" +
		"keeps no message, no attachment, no link but what is shown here, and not whether you\n" +
		"opened, read or answered anything. `usher erase` destroys all of it.\n")
	return b.String()
}

// Export writes all that is kept of a mailbox, or with isAll of all of the
// caller's, to w: a zip archive.
func (c *Client) Export(ctx context.Context, rcpt string, isAll bool, w io.Writer) error {
	query := url.Values{}
	set(query, "rcpt", rcpt)
	if isAll {
		query.Set("all", "yes")
	}
	return c.take(ctx, Question{Path: "export", Query: query}, w)
}

// Backup writes a backup of the store to w.
func (c *Client) Backup(ctx context.Context, w io.Writer) error {
	return c.take(ctx, Question{Path: "backup"}, w)
}

// Erase destroys what is kept of a mailbox; isWhole: the intents file too.
func (c *Client) Erase(ctx context.Context, rcpt string, isWhole bool) (e Erased, err error) {
	query := url.Values{}
	set(query, "rcpt", rcpt)
	if isWhole {
		query.Set("intents", "yes")
	}
	err = c.Ask(ctx, Question{Method: http.MethodPost, Path: "erase", Query: query}, &e)
	return e, err
}

// Forget deletes what is kept of a brand.
func (c *Client) Forget(ctx context.Context, rcpt, brand string) (f Forgotten, err error) {
	query := url.Values{"brand": {brand}}
	set(query, "rcpt", rcpt)
	err = c.Ask(ctx, Question{Method: http.MethodPost, Path: "forget", Query: query}, &f)
	return f, err
}

// Retention says how long everything is kept.
func (c *Client) Retention(ctx context.Context) (all Retentions, err error) {
	err = c.Ask(ctx, Question{Path: "retention"}, &all)
	return all, err
}

// SetRetention bounds how long a kind is kept, in days.
func (c *Client) SetRetention(ctx context.Context, kind string, days int) (all Retentions, err error) {
	query := url.Values{"kind": {kind}, "days": {strconv.Itoa(days)}}
	err = c.Ask(ctx, Question{Method: http.MethodPost, Path: "retention", Query: query}, &all)
	return all, err
}
