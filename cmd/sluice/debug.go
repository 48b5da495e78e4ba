package main

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/pprof"
	"os"
	"syscall"
	"time"
)

// profileEnv names a unix socket at which Go's profiles are served, for whoever looks
// for the cost of something: never a port, and the file's owner only.
const profileEnv = "SLUICE_PROFILE_SOCKET"

// serveProfiles serves until the process ends.
func serveProfiles(e *env, path string) error {
	ln, err := net.Listen("unix", path)
	if errors.Is(err, syscall.EADDRINUSE) && left(path) {
		if err = os.Remove(path); err == nil {
			ln, err = net.Listen("unix", path)
		}
	}
	if err != nil {
		return fmt.Errorf("%s: %w", profileEnv, err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	srv := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	go func() {
		if err := srv.Serve(ln); err != nil {
			e.log.Error("profiles are served no more", "why", err)
		}
	}()
	return nil
}

// left says whether a socket is of a process that has ended: no end of one takes its file away.
func left(path string) bool {
	if info, err := os.Lstat(path); err != nil || info.Mode().Type() != os.ModeSocket {
		return false
	}
	conn, err := net.Dial("unix", path)
	if err == nil {
		conn.Close()
	}
	return errors.Is(err, syscall.ECONNREFUSED)
}
