package order

import (
	"context"
	"fmt"
	"testing"
)

func TestWhatIsTakenIsDoneBeforeItEnds(t *testing.T) {
	d := open()
	for i := range 20 {
		o := d.letter("STOP", fmt.Sprint(i))
		o.Identity.OrgDomain = fmt.Sprintf("s%d.example", i)
		o.Identity.SenderKey = o.Identity.OrgDomain
		d.Observe(context.Background(), o, nil)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel() // SIGTERM
	done := 0
	d.Do(ctx, nil, func(context.Context, Order) { done++ })
	if done != 20 {
		t.Errorf("%d of 20 orders that were taken are done, %d are lost", done, len(d.wait))
	}
}

func TestStrangersKeepNobodyFromOrdering(t *testing.T) {
	d := open()
	for i := range 1000 {
		o := d.letter("STOP", fmt.Sprint(i))
		o.Identity.OrgDomain = fmt.Sprintf("s%d.duckdns.example", i/MostDaily)
		o.Identity.SenderKey = o.Identity.OrgDomain
		if len(d.takes(o)) != 1 {
			t.Fatal(i, d.log.String())
		}
	}
	if done := d.takes(d.letter("STOP", "mine")); len(done) != 1 {
		t.Errorf("shop.example is not heard: %s", d.log.String())
	}
}
