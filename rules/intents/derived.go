package intents

import "sync"

// Derived gives what derive made when it was first asked for under a key. It is
// kept with the file, and goes with it: derive may look at nothing else.
func (f *File) Derived(key any, derive func() any) any {
	v, ok := f.derived.Load(key)
	if !ok {
		v, _ = f.derived.LoadOrStore(key, sync.OnceValue(derive))
	}
	return v.(func() any)()
}
