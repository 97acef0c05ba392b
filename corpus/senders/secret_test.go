package senders

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"io"
	"mime"
	"mime/multipart"
	netmail "net/mail"
	"strings"
	"testing"
	"time"

	"usher/classify/mail"
	"usher/corpus"
	"usher/corpus/complaints"
	"usher/rules"
)

// opened is a letter as it was sent, and behind it all of its parts as they read.
func opened(t *testing.T, letter []byte) string {
	t.Helper()
	all := string(letter)
	m, err := netmail.ReadMessage(bytes.NewReader(letter))
	if err != nil {
		t.Fatal(err)
	}
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	for r := multipart.NewReader(m.Body, params["boundary"]); ; {
		p, err := r.NextPart()
		if err == io.EOF {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(p)
		if err != nil {
			t.Fatal(err)
		}
		all += string(body)
		if packed, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(string(body), "\r\n", "")); err == nil {
			z, err := gzip.NewReader(bytes.NewReader(packed))
			if err != nil {
				t.Fatal(err)
			}
			plain, err := io.ReadAll(z)
			if err != nil {
				t.Fatal(err)
			}
			all += string(plain)
		}
	}
}

// disguises are a word, and what may stand for it.
func disguises(word string, keys ...[]byte) (all []string) {
	all = []string{word, base64.StdEncoding.EncodeToString([]byte(word)), base64.RawURLEncoding.EncodeToString([]byte(word)), hex.EncodeToString([]byte(word)), strings.ReplaceAll(word, "@", "=")}
	for _, make := range []func() hash.Hash{md5.New, sha1.New, sha256.New} {
		hashes := []hash.Hash{make()}
		for _, key := range keys {
			hashes = append(hashes, hmac.New(make, key))
		}
		for _, h := range hashes {
			h.Write([]byte(word))
			sum := h.Sum(nil)[:10]
			all = append(all, hex.EncodeToString(sum), base64.StdEncoding.EncodeToString(sum)[:12], base32.StdEncoding.EncodeToString(sum))
		}
	}
	return all
}

// TestNothingThatIsSentTellsOfAnybody: whatever of people goes in, no byte of it, nor a
// hash of it, comes out, by mail, by POST or for who fetches it.
func TestNothingThatIsSentTellsOfAnybody(t *testing.T) {
	z := asking()
	z["_relevance.shop.example"] = []string{"v=RELRPT1; rua=mailto:rel@shop.example,https://in.shop.example/rel"}
	s := open(t, z)
	s.knows()
	s.lived(80, 60*day)
	words := []string{"Winter shoes for you", "want winter running shoes under 120 EUR", "want winter running shoes", "intents:3"}
	for i := range 80 {
		d := s.got(box(i), s.now, func(o *mail.Object, d *rules.Decision) {
			o.Message = mail.Parse([]byte("From: news@shop.example\r\nFeedback-ID: " + strings.ReplaceAll(box(i), "@", "=") + ":spring:promo:shop\r\nList-Id: <" + strings.ReplaceAll(box(i), "@", ".") + ".shop.example>\r\nMessage-ID: <" + box(i) + ">\r\nSubject: Winter shoes for you\r\n\r\nhello\r\n"))
			o.Identity.Signatures[0].Covers = []string{"feedback-id", "list-id"}
			d.MessageID, d.Statement = "<"+box(i)+">", "want winter running shoes under 120 EUR"
		})
		words = append(words, box(i), d.ID, s.Store.TagOf(box(i)))
	}
	s.nextDay()
	var sent []string
	s.Sign = func(letter []byte) ([]byte, error) { return letter, nil }
	s.Mail = func(_ context.Context, _ string, letter []byte) error {
		sent = append(sent, opened(t, letter))
		return nil
	}
	s.Post = func(_ context.Context, _ string, letter []byte) error {
		sent = append(sent, opened(t, letter))
		return nil
	}
	drawn := s.sealed()[0]
	if s.now = drawn.Due; drawn.Report == nil {
		t.Fatal("nothing was drawn")
	}
	s.send(context.Background())
	sent = append(sent, opened(t, drawn.Letter), drawn.Report.Text())
	if len(sent) != 4 || !strings.Contains(sent[0], `"recipients":`) || !strings.Contains(sent[1], "*:spring:promo:shop") {
		t.Fatalf("%d were sent: %q", len(sent), sent)
	}
	all := strings.ToLower(strings.Join(sent, "\n"))
	for _, word := range words {
		for _, d := range disguises(word, s.Store.SiteKey("redact"), s.Store.SiteKey("log"), []byte("shop.example")) {
			if strings.Contains(all, strings.ToLower(d)) {
				t.Errorf("%q stands there as %q", word, d)
			}
		}
	}
}

func TestAComplaintIsTheStrongestAct(t *testing.T) {
	s := open(t, asking())
	s.knows()
	s.lived(2, 60*day)
	ctx := context.Background()
	for i, state := range []complaints.State{complaints.Waiting, complaints.Cancelled} {
		d := s.got(box(i), s.now)
		c := complaints.Complaint{ID: rules.NewID(s.now), Recipient: box(i), Brand: "shop.example", Decision: d.ID, State: state, At: time.Now()}
		if err := s.Store.Note(ctx, box(i), corpus.PrefixComplaint, c.ID, c); err != nil {
			t.Fatal(err)
		}
		parts, err := s.parts(ctx, map[string]bool{box(i): true})
		if err != nil {
			t.Fatal(err)
		}
		if got, want := parts[box(i)].acts[d.ID], map[bool]string{true: "complained"}[c.Counts()]; got != want {
			t.Errorf("a complaint that is %s counts as %q, want %q", state, got, want)
		}
	}
}
