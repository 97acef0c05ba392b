package people

import (
	"time"

	"usher/rules/intents"
)

// Would reads a text as if it stood in a mailbox's file, with the lists beside that
// file. Nothing comes into force.
func (d *Dir) Would(mailbox string, text []byte, at time.Time) (*intents.File, intents.Errors) {
	w := &watched{dir: d, name: Path(mailbox)}
	f, errs := intents.Parse("the new file", text, at)
	if errs == nil && w.name != "" {
		f.ReadLists(w.list)
	}
	return f, errs
}
