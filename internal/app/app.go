// Package app wires the parts into a running program, and is the only package that knows them
// all: kinds.go lists every kind of input, channel, archive and table; settings.go is the
// configuration file; node.go starts, reloads and stops; role_<name>.go are the roles. The other
// files implement the commands of cmd/sluice that need more than one part.
//
// Read on: node.go, then the roles in the order of an event: collect, process, correlate, index,
// notify, serve.
package app
