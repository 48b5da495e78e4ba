// Package app wires the parts into a running program. It is the only package that
// knows them all: kinds.go names every kind of input and channel, settings.go is the
// configuration file, node.go starts, reloads and stops, role_<name>.go are the roles.
//
// Read on: node.go, then the roles in the order of an event: collect, process, correlate,
// index, notify, serve.
package app
