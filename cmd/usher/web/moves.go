package web

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"

	"usher/classify"
	"usher/classify/mail"
	"usher/corpus"
	"usher/corpus/audit"
)

// Bounds of reports of moves.
const (
	maxMove       = 4 << 10 // bytes of one
	maxMoves      = 1200    // a minute, all together
	maxMovesOfOne = 300     // a minute, of one mailbox: a folder that is emptied
)

// movesPattern is the one thing that the delegate may ask.
const movesPattern = "POST /v1/moves"

// Moves is what the API keeps reported moves in; *corpus.Store is one.
type Moves interface {
	Moved(ctx context.Context, mailbox, id string, move corpus.Move) error
}

// Move is a report: a person moved a message from one folder to another.
type Move struct {
	Mailbox   string `json:"mailbox"`
	MessageID string `json:"message_id"`
	From      string `json:"from"` // folders, as the mail server names them
	To        string `json:"to"`
}

func (s *Server) moveRoutes() map[string]answer {
	return map[string]answer{movesPattern: s.postMove}
}

// postMove takes a report from the delegate, for any mailbox, or from an owner.
// What has no decision is answered alike, whether or not there is such a mailbox.
func (s *Server) postMove(w http.ResponseWriter, r *http.Request, who Whoami) (any, error) {
	body, err := read(w, r, maxMove)
	if err != nil {
		return nil, err
	}
	var m Move
	strict := json.NewDecoder(bytes.NewReader(body))
	strict.DisallowUnknownFields()
	if err := strict.Decode(&m); err != nil || m.Mailbox == "" || m.MessageID == "" || m.From == "" || m.To == "" {
		return nil, wrong("a move names mailbox, message_id, from and to")
	}
	box := mail.Mailbox(m.Mailbox, s.Delimiter)
	if !who.Delegate && !who.Owns(box) {
		return nil, notYours(who, m.Mailbox)
	}
	if !s.moving.enter(box, time.Now()) {
		return nil, &Error{http.StatusTooManyRequests, "too many moves were reported in this minute", "report the rest in a minute"}
	}
	unknown := &Error{http.StatusNotFound, "no decision on that message", "a move is noted while the decision on the message is kept"}
	found, err := s.Store.ByMessageID(box, m.MessageID)
	if errors.Is(err, corpus.ErrNotFound) || err == nil && found[0].Category == classify.Personal {
		return nil, unknown // what people do with letters is not noted
	}
	if err != nil {
		return nil, err
	}
	move := corpus.Move{From: folderOf(m.From), To: folderOf(m.To), At: time.Now()}
	err = s.Moves.Moved(r.Context(), box, found[0].ID, move)
	if errors.Is(err, corpus.ErrNotFound) {
		return nil, unknown
	}
	if err == nil {
		s.auditOften(r.Context(), who, audit.Moved, box, "ok")
	}
	return struct{}{}, err
}

// folders are the names of folders that are kept, with what some mail servers call
// them. What people call their own is not kept.
var folders = map[string]string{
	"inbox": "INBOX", "promotions": "Promotions", "refused": "Refused",
	"trash": "Trash", "deleted items": "Trash", "deleted messages": "Trash",
	"archive": "Archive", "archives": "Archive", "junk": "Junk", "spam": "Junk",
}

// folderOf is what is kept of a folder's name.
func folderOf(name string) string {
	name = strings.ToLower(name)
	if rest := strings.TrimPrefix(name, "inbox"); rest != "" && rest != name {
		name = rest[1:] // INBOX.Junk
	}
	return cmp.Or(folders[name], "other")
}

// moving counts the reports of a minute.
type moving struct {
	mu     sync.Mutex
	minute int64
	all    int
	of     map[string]int // by mailbox; never more than maxMoves
}

func (m *moving) enter(mailbox string, now time.Time) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if minute := now.Unix() / 60; minute != m.minute {
		m.minute, m.all, m.of = minute, 0, map[string]int{}
	}
	if m.all >= maxMoves || m.of[mailbox] >= maxMovesOfOne {
		return false
	}
	m.all++
	m.of[mailbox]++
	return true
}

// Moved reports that a person moved a message.
func (c *Client) Moved(ctx context.Context, m Move) error {
	body, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return c.ask(ctx, question{method: http.MethodPost, path: "moves", body: body}, &struct{}{})
}
