package mail

import (
	stdmail "net/mail"
	"strings"
	"time"

	"usher/classify/offer"
	"usher/classify/offer/claims"
	"usher/classify/offer/money"
)

// findOffers fills Offers: what the sender claims in structured data, as far as a
// reader would see it too, then what else a reader would see.
func (m *Message) findOffers() {
	c := offer.Context{Date: m.Date, Country: m.country()}
	var claimed []Offer
	for _, n := range m.Nodes {
		if o, ok := n.offer(c); ok && len(claimed) < offer.Max {
			claimed = append(claimed, o)
		}
	}
	m.Offers, m.Conflicts = claims.Check(claimed, offer.Find(m.Subject, m.Text, c))
	// Expires (RFC 10080) is the sender's word on when the mail is stale.
	if v := m.Get("Expires"); v != "" && len(v) < 200 {
		if at, err := stdmail.ParseDate(v); err == nil {
			for i := range m.Offers {
				if m.Offers[i].Ends.IsZero() {
					m.Offers[i].Ends = at
				}
			}
		}
	}
}

// country is the sender's by the top level of its domain; "" for one that is no
// country's.
func (m *Message) country() string {
	if len(m.From) == 0 {
		return ""
	}
	d := m.From[0].Domain
	if top := d[strings.LastIndexByte(d, '.')+1:]; len(top) == 2 {
		return strings.ToUpper(top)
	}
	return ""
}

// offer reads a node as an offer, if it is of such a type and says a price, a
// discount or a code.
func (n Node) offer(c offer.Context) (Offer, bool) {
	o := Offer{Source: "json-ld"}
	if n.micro {
		o.Source = "microdata"
	}
	switch n.Type {
	case "Offer", "AggregateOffer", "Product", "DiscountOffer", "PromotionCard":
	default:
		return o, false
	}
	o.Item = n.first("name", "headline", "itemOffered.name")
	o.Brand = n.first("brand.name", "brand", "seller.name", "offers.seller.name")
	o.Code = shorten(n.first("discountCode", "offers.discountCode"), 40)
	currency := strings.ToUpper(n.first("priceCurrency", "offers.priceCurrency"))
	o.Price = amount(n.first("price", "offers.price"), currency)
	if low := n.first("lowPrice", "offers.lowPrice"); low != "" && o.Price == nil {
		o.Price, o.FromLow = amount(low, currency), true
	}
	if off := amount(n.Props["discountValue"], currency); off != nil && o.Price != nil && off.Minor < o.Price.Minor {
		// A PromotionCard says the price before and what is taken off.
		was := *o.Price
		o.Was, o.Price = &was, &Money{Minor: was.Minor - off.Minor, Currency: currency}
	}
	if said := offer.Find(n.first("description", "headline", "name"), "", c); len(said) > 0 {
		o.Discount, o.UpTo, o.If = said[0].Discount, said[0].UpTo, said[0].If
		if o.Code == "" {
			o.Code = said[0].Code
		}
	}
	o.Ends = moment(n.first("availabilityEnds", "priceValidUntil", "offers.priceValidUntil", "validThrough"), c.Date.Location())
	return o, o.Price != nil || o.Discount > 0 || o.Code != ""
}

func (n Node) first(props ...string) string {
	for _, p := range props {
		if v := n.Props[p]; v != "" {
			return v
		}
	}
	return ""
}

// amount reads a price that may carry a sign; nil without a currency.
func amount(s, currency string) *Money {
	s = strings.Trim(s, " $€£¥")
	if s == "" || len(currency) != 3 {
		return nil
	}
	// Markup writes a plain decimal point, whatever the currency: "1.250" is not a thousand.
	if whole, cents, ok := strings.Cut(s, "."); ok && !strings.ContainsAny(s, ",' ") && len(cents) > 2 && len(whole) > 0 {
		s = whole + "." + cents[:2]
	}
	minor, ok := money.Amount(s, currency)
	if !ok {
		return nil
	}
	return &Money{Minor: minor, Currency: currency}
}

// moment reads a date of ISO 8601; a day without a time ends with it.
func moment(s string, zone *time.Location) time.Time {
	for _, layout := range [...]string{time.RFC3339, "2006-01-02T15:04:05-0700", "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05", "2006-01-02 15:04:05"} {
		if t, err := time.ParseInLocation(layout, s, zone); err == nil {
			return t
		}
	}
	if t, err := time.ParseInLocation(time.DateOnly, s, zone); err == nil {
		return t.Add(24*time.Hour - time.Second)
	}
	return time.Time{}
}
