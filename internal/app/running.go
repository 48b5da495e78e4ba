package app

import (
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"sluice/config"
	"sluice/internal/disk"
)

// ErrNotRunning means that there is no running process to ask.
var ErrNotRunning = errors.New("no sluice runs with this configuration")

// Remote is how to ask the sluice that runs on a data directory.
type Remote struct {
	Address, Token string
	Client         *http.Client
}

// Console says where the running sluice on the configured data directory serves its API.
func Console(path string) (*Remote, error) {
	s, err := readSettings(path, config.System)
	d := &dataDir{}
	if err == nil {
		d.path = s.Main.Data
	} else if d.path = inUse(path); d.path == "" {
		return nil, &ConfigError{err}
	}
	address, err := os.ReadFile(d.join("address"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w, or it has neither the role serve nor health: there is no %s%s", ErrNotRunning, d.join("address"), unnamed(path))
	}
	if err != nil {
		return nil, fmt.Errorf("where the running sluice listens: %w", err)
	}
	token, err := os.ReadFile(d.join("token"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("the console's token %s is gone; restart sluice, which makes a new one", d.join("token"))
	}
	if err != nil {
		return nil, fmt.Errorf("read the console's token: %w", err)
	}
	r := &Remote{Address: strings.TrimSpace(string(address)), Token: strings.TrimSpace(string(token))}
	transport := &http.Transport{DisableKeepAlives: true} // and no proxy: the token is for nobody else
	if strings.HasPrefix(r.Address, "https:") {
		transport.TLSClientConfig = pinned(d.join("certificate"))
	}
	r.Client = &http.Client{Transport: transport}
	return r, nil
}

// inUse is the data directory that a configuration with faults names, if a sluice runs on it: that one goes on
// with what it read last, and is asked and found healthy or not whatever the file has become since. "" if none
// runs there, or the file does not say where.
func inUse(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	f, err := config.ParseOnly(path, text, config.System, "data")
	if err != nil {
		return ""
	}
	var m Main
	f.Only("data").Decode(&m)
	if f.Err() != nil || m.Data == "" {
		return ""
	}
	if _, err := os.Stat(filepath.Join(m.Data, "lock")); err != nil {
		return "" // which to lock would make
	}
	lock, err := disk.Dir(m.Data).Lock()
	if errors.Is(err, disk.ErrLocked) {
		return m.Data
	}
	if err == nil {
		_ = lock.Close()
	}
	return ""
}

// faultOf is the error of settings that cannot be read, for who would rather ask the running sluice.
func faultOf(path string, err error) error {
	if inUse(path) != "" {
		return ErrInUse
	}
	return &ConfigError{err}
}

// unnamed is what to do where a command looked in a place that nobody named.
func unnamed(path string) string {
	if path == "" {
		return "; -c names the configuration of the one you mean"
	}
	return ""
}

// pinned believes one certificate, by the SHA-256 in a file, and asks for no name: the console's is
// made for the name that browsers use, and this machine calls it by an address. The file is read
// when the certificate is there: this very call may be what a renewed one came into use for.
func pinned(file string) *tls.Config {
	return &tls.Config{
		MinVersion:         tls.VersionTLS12,
		InsecureSkipVerify: true, // in favour of what follows
		VerifyConnection: func(c tls.ConnectionState) error {
			pin, err := os.ReadFile(file)
			if err != nil {
				return fmt.Errorf("the certificate of the running sluice: %w", err)
			}
			if sum := sha256.Sum256(c.PeerCertificates[0].Raw); hex.EncodeToString(sum[:]) != strings.TrimSpace(string(pin)) {
				return errors.New("what answers has another certificate than the running sluice")
			}
			return nil
		},
	}
}
