package intents

import "log/slog"

// Dir reads persons' files from a folder, DOMAIN/LOCALPART.intents beneath it,
// and a site file. It keeps the last good version of each in force.
type Dir struct{}

// NewDir serves the files under root. sitePath may be "": no site file.
func NewDir(root, sitePath string, log *slog.Logger) *Dir { return &Dir{} }

// For returns the statements in force for a mailbox (as mail.Mailbox gives
// it), and those of the site. Either may be nil.
func (d *Dir) For(mailbox string) (own, site *File) { return nil, nil }

// Fault returns what is wrong with a mailbox's file at present, nil if
// nothing. Fault("") asks for the site's file.
func (d *Dir) Fault(mailbox string) error { return nil }
