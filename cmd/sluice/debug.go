package main

import (
	"net"
	"net/http"
	"net/http/pprof"
	"os"
	"time"
)

// profileEnv names a unix socket at which Go's profiles are served, for whoever looks
// for the cost of something: never a port, and the file's owner only.
const profileEnv = "SLUICE_PROFILE_SOCKET"

// serveProfiles serves until the process ends.
func serveProfiles(e *env, path string) error {
	ln, err := net.Listen("unix", path)
	if err != nil {
		return err
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
