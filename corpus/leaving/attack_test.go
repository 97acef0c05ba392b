package leaving

import (
	"context"
	"testing"
	"time"

	"usher/classify"
	"usher/smtpd/leave"
)

func TestNothingIsKeptOfWhoIsErasedWhileAListIsLeft(t *testing.T) {
	s := open(t)
	s.arrives(classify.Promotion, "news", oneClick, both...)
	id := s.arrives(classify.Promotion, "news", oneClick, both...)
	list, err := s.Ask(context.Background(), maria, id)
	if err != nil || list[0].State != Waiting {
		t.Fatal(list, err)
	}
	s.Post = func(ctx context.Context, _ string) leave.Outcome {
		if _, err := s.Store.Erase(ctx, maria); err != nil {
			t.Fatal(err)
		}
		return leave.Outcome{Asked: true, Sent: true}
	}
	s.now = s.now.Add(3 * time.Hour)
	s.look(context.Background())
	if all, err := s.Requests(maria); err != nil || len(all) > 0 {
		t.Errorf("%+v %v", all, err)
	}
}
