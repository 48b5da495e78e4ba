// Package crash names the places where a crash is worth testing. In a normal build a
// point costs nothing; built with the tag "crash" the process exits there, as
// abruptly as by kill -9, when the environment names it:
//
//	SLUICE_CRASH=journal.before_sync      at the first time it is passed
//	SLUICE_CRASH=journal.before_sync:20   at the twentieth
//
// Points lists them all; go generate keeps it, and a test fails when it is stale.
package crash

//go:generate go run ./gen

// ExitCode is that of a process killed by SIGKILL, as a shell reports it.
const ExitCode = 137

// Variable is the environment variable that names the point.
const Variable = "SLUICE_CRASH"
