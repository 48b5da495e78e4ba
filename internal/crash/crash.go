// Package crash names the places where a crash is worth testing. In a normal build a crash point
// costs nothing; when built with the tag "crash" the process exits there, as abruptly as with
// kill -9, if the environment names it:
//
//	SLUICE_CRASH=journal.before_sync      the first time it is reached
//	SLUICE_CRASH=journal.before_sync:20   the twentieth time
//
// Points lists them all; go generate maintains it, and a test fails when it is stale.
package crash

//go:generate go run ./gen

// ExitCode is that of a process killed by SIGKILL, as a shell reports it.
const ExitCode = 137

// Variable is the environment variable that names the point.
const Variable = "SLUICE_CRASH"
