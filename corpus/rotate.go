package corpus

import (
	"context"

	"usher/corpus/keys"
)

// RotateKeys puts a new master key in the place of the present one and wraps every
// key with it, or ends a rotation that was begun. What is stored is not touched,
// and mail is recorded meanwhile.
func (s *Store) RotateKeys(ctx context.Context) (keys.Rotated, error) { return s.keys.Rotate(ctx) }

// Rotating reports whether a rotation of keys was begun and is not done.
func (s *Store) Rotating() bool { return s.keys.Rotating() }
