package classify

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"usher/classify/mail"
)

// intentsHeld are what people want or refuse, in the languages of the golden mail.
var intentsHeld = strings.Split(`winter running shoes; running shoes; train trips Helsinki-Tromsø; flights to Japan; newsletters about Go, databases; coffee grinder;
yoga class; wool socks, mittens; road bike; garden tools; theatre tickets; gambling; crypto; weight loss; perfume; alcohol; dating; loans; books; museum;
concert tickets; hiking boots; rain jackets; smart watch; laptop; phone; sofa, chairs; olive oil; wine; cheese; bread; kitchen knives; software testing;
machine learning; security; DNS; open source; children's clothes; toys; skis; tent; camera; headphones; furniture; insurance; hotel; cruise; city trip;
Schuhe; Wanderschuhe; Reisen; Gartenmöbel; Kaffee; kengät; matkat; museo; kahvi; skor; böcker; resor; chaussures; voyage; livres; zapatos; viajes; libros;
scarpe; formaggio; vino; buty; koszula; обувь; книги; 靴; 本; 博物館; shoe; watch; bank; health; sports; music festival; free shipping; credit card; news`, ";")

// TestKeptWordsAnswerAsTheMessageDid holds what is answered from kept words
// against what the golden mail answered itself.
func TestKeptWordsAnswerAsTheMessageDid(t *testing.T) {
	var held []*Intent
	for _, text := range intentsHeld {
		held = append(held, Compile(strings.TrimSpace(text), nil, nil))
	}
	held = append(held, Compile("winter running shoes", []string{"trail", "studded"}, []string{"kids", "fashion sneakers"}))
	asked, differ, positive, lost, bytes, mails, most := 0, 0, 0, 0, 0, 0, 0
	model := New()
	for _, dir := range []string{"testdata", "../rules/testdata"} {
		paths, err := filepath.Glob(filepath.Join(dir, "*.eml"))
		if err != nil || len(paths) < 50 {
			t.Fatal(dir, len(paths), err)
		}
		for _, path := range paths {
			raw, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			o := &mail.Object{Message: mail.Parse(raw)}
			live := model.Classify(o)
			stored := live.Words().Append(nil)
			kept, err := ReadWords(stored)
			if err != nil {
				t.Fatalf("%s: %v", path, err)
			}
			again := &Verdict{Language: live.Language}
			title := []string{o.Message.Subject}
			for _, offer := range o.Message.Offers[:min(20, len(o.Message.Offers))] {
				title = append(title, offer.Item)
			}
			again.Recall(kept, title)
			mails++
			bytes += len(stored)
			most = max(most, len(stored))
			for i, intent := range held {
				for name, ask := range map[string]func(*Verdict) Answer{
					"serves": func(v *Verdict) Answer { return v.Serves(intent).Answer() },
					"sells":  func(v *Verdict) Answer { return v.Sells(intent).Answer() },
				} {
					was, now := ask(live), ask(again)
					asked++
					if was != No {
						positive++
					}
					if was != now {
						differ++
						if was != No {
							lost++
						}
						if i < len(intentsHeld) {
							t.Logf("%s: %s %q: was %s, now %s", filepath.Base(path), name, strings.TrimSpace(intentsHeld[i]), was, now)
						}
					}
				}
			}
		}
	}
	t.Logf("%d mails, %d bytes a mail, at most %d; %d answers, %d of them not no; %d differ, %d of those that were not no", mails, bytes/mails, most, asked, positive, differ, lost)
	if differ*1000 > asked || lost*100 > positive {
		t.Errorf("%d of %d answers differ, %d of %d that were not no: at most 1 in 1000, and 1 in 100", differ, asked, lost, positive)
	}
}
