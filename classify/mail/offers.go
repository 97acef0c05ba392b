package mail

// maxOffers bounds the offers kept of one message.
const maxOffers = 50

// findOffers fills Offers from structured data, subject and text.
func (m *Message) findOffers() {}
