// Package intents reads, checks and edits the file in which a person states
// what they want. It never judges mail or sends anything from the server.
package intents
