package keys

// Fault is an error that stops a start: what went wrong, then what to do.
type Fault struct {
	err  error
	hint string
}

// Advise makes a fault of err, with one or two sentences that say what to do.
func Advise(err error, hint string) *Fault { return &Fault{err, hint} }

func (f *Fault) Error() string { return f.err.Error() }
func (f *Fault) Unwrap() error { return f.err }

// Hint says what to do.
func (f *Fault) Hint() string { return f.hint }
