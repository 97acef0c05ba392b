package intents

import "strings"

// Key names what a statement is about. Of two with the same key the first decides.
func Key(s Statement) string {
	switch s := s.(type) {
	case *Grant:
		return "grant " + s.Brand.String()
	case *Want:
		if s.Newsletters {
			return "want newsletters " + strings.ToLower(strings.Join(s.About, ","))
		}
		return "want " + strings.ToLower(s.Wanted)
	case *Refuse:
		other := *s
		other.Until, other.Tell = nil, false
		return strings.ToLower(other.String())
	case *Mute:
		other := *s
		other.Until = nil
		return strings.ToLower(other.String())
	case *Cap:
		other := *s
		other.Rate, other.Then = Rate{}, ""
		return strings.ToLower(other.String())
	case *Protect, *Away:
		return strings.ToLower(s.String())
	}
	return s.Source().Verb // said once
}
