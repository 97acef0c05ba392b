package show

import "usher/classify/plain"

// Columns is the number of terminal cells that s takes.
func Columns(s string) int { return plain.Columns(s) }

// Clip shortens s to at most n terminal cells, and makes it safe to print.
func Clip(s string, n int) string { return plain.Clip(s, n) }

// Plain makes text from mail safe for a terminal.
func Plain(s string) string { return plain.Text(s) }

// Wrap breaks s into lines of at most n cells, at blanks.
func Wrap(s string, n int) []string { return plain.Wrap(s, n) }
