// Package e2e runs the program as its users do, and counts: every line that was accepted is in
// the index once, with its raw bytes, and alerts and messages are those of an undisturbed run.
// The same suite runs on the embedded engines (make test) and on real ones (make test-engines).
package e2e
