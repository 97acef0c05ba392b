package rules

import (
	"usher/rules/intents"
	"usher/rules/senders"
)

// mayName reports whether a refuse, mute or cap of brands could be on the sender.
func (h *hearing) mayName(by *intents.Head) bool {
	if h.naming == nil {
		h.naming = map[*intents.Head]bool{}
		for _, f := range h.files() {
			said := of(f).namings()
			for _, key := range senders.Keys(h.sender) {
				for _, s := range said[key] {
					h.naming[s] = true
				}
			}
		}
	}
	return h.naming[by]
}
