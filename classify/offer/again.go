package offer

import (
	"slices"
	"strings"
)

// saved joins a percent that stands in a line of its own with the price before it,
// if it is what that says: "149 EUR, was 199 EUR" and then "You save 25 %".
func (f *finder) saved(b *builder) {
	if len(b.done) != 1 || len(f.found) == 0 || f.last > 2 {
		return
	}
	o, p := &b.done[0], &f.found[f.latest]
	if o.Price != nil || o.Code != "" || o.UpTo || o.If != "" || p.Price == nil {
		return
	}
	if o.Off != nil && p.Off == nil && p.Discount == 0 && o.Discount == 0 && o.Off.Currency == p.Price.Currency &&
		(p.Was != nil && p.Was.Minor-p.Price.Minor == o.Off.Minor || p.Was == nil && f.last == 1 && len(f.s.t) <= 6) {
		p.Off = o.Off // "149 EUR, was 199 EUR" and then "You save 50 EUR"
		b.done = nil
		f.last = 0
		return
	}
	if p.saves(o.Discount) || o.Discount > 0 && o.Off == nil && p.Was == nil && p.Discount == 0 && p.Off == nil && f.last == 1 && len(f.s.t) <= 4 {
		p.Discount = o.Discount
		b.done = nil
		f.last = 0
	}
}

// saves reports that a price is so many percent below the one before.
func (o *Offer) saves(percent int) bool {
	if o.Price == nil || o.Was == nil {
		return false
	}
	share := 100 - 100*float64(o.Price.Minor)/float64(o.Was.Minor)
	return share > float64(percent)-1.5 && share < float64(percent)+1.5
}

// old joins an old price that stands in a line of its own with the new price in
// the line before or after. An old price alone is no offer.
func (f *finder) old(b *builder) {
	alone := func(o Offer) bool { return o.Was != nil && o.Price == nil && o.Off == nil && o.Discount == 0 }
	before := f.was
	f.was = nil
	if len(b.done) == 0 {
		return
	}
	first, last := &b.done[0], b.done[len(b.done)-1]
	only := f.only
	f.only = len(b.done) == 1 && len(f.s.marks) == 1 && f.s.marks[0].kind == isMoney && f.s.marks[0].j-f.s.marks[0].i+1 == len(f.s.t)
	switch {
	case only && f.only && f.last == 1 && len(f.found) > 0 && f.found[f.latest].Was == nil && first.Price != nil && first.Price.Below(f.found[f.latest].Price):
		// The line before was struck through.
		o := &f.found[f.latest]
		o.Was, o.Price = o.Price, first.Price
		b.done = b.done[1:]
		f.only = false
		return
	case before != nil && first.Price != nil && first.Was == nil && first.Price.Below(before):
		first.Was = before
		if first.Item == "" {
			first.Item = f.wasName
		}
	case f.last == 1 && alone(*first) && len(f.found) > 0:
		if o := &f.found[f.latest]; o.Price != nil && (o.Was == nil || o.low) && o.Price.Below(first.Was) && !(o.low && first.low) {
			o.Was, o.low = first.Was, first.low
			f.last = 0
		}
	}
	if alone(last) {
		f.was, f.wasName = last.Was, last.Item
	}
	b.done = slices.DeleteFunc(b.done, func(o Offer) bool { return alone(o) && o.Code == "" })
}

// foretells reports that a subject says in short what o says in full.
func (o *Offer) foretells(full *Offer) bool {
	if o.Source != "subject" || full.Source == "subject" {
		return false
	}
	code := o.Code == "" || full.Code == "" || o.Code == full.Code
	switch {
	case o.Price != nil && o.Was == nil && full.Off != nil: // "15 EUR for you"
		return o.Price.Minor == full.Off.Minor && full.Price == nil
	case o.Price != nil:
		return full.Price != nil && sameMoney(o.Price, full.Price) && sameMoney(o.Was, full.Was) && code
	case o.Discount > 0 && full.Discount == 0 && full.saves(o.Discount) && !o.UpTo && o.Code == "" && o.If == "":
		full.Discount = o.Discount // "60% off Draftly": "$59, normally $149"
		return true
	case o.Discount > 0:
		return o.Discount == full.Discount && full.Price == nil && code && (o.If == "" || o.If == full.If)
	case o.Off != nil && full.Price != nil && full.Was != nil && full.Off == nil && full.Was.Minor-full.Price.Minor == o.Off.Minor && !o.UpTo && o.Code == "" && o.If == "":
		full.Off = o.Off
		return true
	case o.Off != nil:
		return sameMoney(o.Off, full.Off) && full.Price == nil && code
	case o.If != "":
		return o.If == full.If && full.Price == nil && code
	}
	return o.Code != "" && o.Code == full.Code
}

// bare reports an offer that is nothing but a code.
func (o *Offer) bare() bool {
	return o.Price == nil && o.Was == nil && o.Off == nil && o.Discount == 0 && !o.bundled()
}

// bundled reports a deal by number: "3 for 2".
func (o *Offer) bundled() bool {
	return len(o.If) == len("3 for 2") && o.If[1:6] == " for " || len(o.If) == 8 && strings.Contains(o.If, " for ")
}

// repeats reports whether o says nothing that p does not say.
func (o *Offer) repeats(p *Offer) bool {
	return sameMoney(o.Price, p.Price) && sameMoney(o.Was, p.Was) && sameMoney(o.Off, p.Off) &&
		(o.Discount == 0 || o.Discount == p.Discount) && (o.Code == "" || o.Code == p.Code) && (o.If == "" || o.If == p.If)
}

func sameMoney(a, b *Money) bool {
	return a == nil || b != nil && a.Minor == b.Minor && a.Currency == b.Currency
}
