// Package app wires the parts into a running program. It is the only package that
// knows them all: kinds.go names every kind of input and channel, settings.go is the
// configuration file, node.go starts, reloads and stops, role_<name>.go are the roles.
package app
