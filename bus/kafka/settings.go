package kafka

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"regexp"
	"strconv"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/sasl"
	"github.com/segmentio/kafka-go/sasl/plain"
	"github.com/segmentio/kafka-go/sasl/scram"

	"sluice/bus"
	"sluice/internal/certfile"
	"sluice/internal/secret"
)

// Settings is the section "kafka" of the configuration.
type Settings struct {
	Brokers     []string      `yaml:"brokers" instead:"bootstrap_servers bootstrap.servers servers hosts"` // host:port, any of the cluster
	Prefix      string        `yaml:"prefix"`                                                              // before the names of topics and groups
	Partitions  int           `yaml:"partitions"`                                                          // of topics made here
	Replication int           `yaml:"replication"`                                                         // of topics made here; 0: the brokers' default
	Retention   time.Duration `yaml:"retention"`                                                           // of topics made here
	TLS         TLS           `yaml:"tls"`                                                                 // how the brokers are reached
	SASL        SASL          `yaml:"sasl"`                                                                // how we log in to them
	Plaintext   bool          `yaml:"insecure_plaintext"`                                                  // lets a password cross a network without TLS
}

// TLS names PEM files. It is on as soon as one of its keys is set.
type TLS struct {
	Enabled    bool   `yaml:"enabled"`     // false: plain text
	CAFile     string `yaml:"ca_file"`     // default: the system's authorities
	CertFile   string `yaml:"cert_file"`   // PEM; with key_file: what we show the brokers
	KeyFile    string `yaml:"key_file"`    // PEM
	ServerName string `yaml:"server_name"` // where it is not the broker's host
}

// SASL is how we log in; without a mechanism we do not.
type SASL struct {
	Mechanism string        `yaml:"mechanism"` // plain, scram-sha-256 or scram-sha-512
	Username  string        `yaml:"username"`  // of all mechanisms
	Password  secret.Secret `yaml:"password"`  // as ${file:...} or ${ENV}
}

// Defaults are the settings before the file is read.
func Defaults() *Settings {
	return &Settings{
		Partitions: 12, // spreads evenly over 1, 2, 3, 4, 6 and 12 processes
		Retention:  retention,
	}
}

// leastRetention is what a restart of a role may take, with the time to notice that it is needed.
const leastRetention = time.Hour

// prefixForm is what Kafka takes in a name of 249 bytes, with room for the longest of ours.
var prefixForm = regexp.MustCompile(`^[A-Za-z0-9._-]{0,200}$`)

// Validate does no I/O.
func (s *Settings) Validate() error {
	var errs []error
	if len(s.Brokers) == 0 {
		errs = append(errs, errors.New("brokers: name at least one, as host:port"))
	}
	for _, b := range s.Brokers {
		host, port, err := net.SplitHostPort(b)
		if n, bad := strconv.ParseUint(port, 10, 16); err != nil || host == "" || bad != nil || n == 0 {
			errs = append(errs, fmt.Errorf("brokers: %q is not host:port", b))
		}
	}
	if !prefixForm.MatchString(s.Prefix) {
		errs = append(errs, fmt.Errorf("prefix: %.40q: names of topics have letters, digits, '.', '_' and '-' alone; at most 200 before them", s.Prefix))
	}
	if s.Partitions < 1 || s.Partitions > 1000 {
		errs = append(errs, fmt.Errorf("partitions: %d is not between 1 and 1000", s.Partitions))
	}
	if s.Replication < 0 {
		errs = append(errs, errors.New("replication: must not be negative; 0 is the brokers' default"))
	}
	if s.Retention < leastRetention {
		errs = append(errs, fmt.Errorf("retention: %v is below %v; what the roles have not read by then is lost", s.Retention, leastRetention))
	}
	return errors.Join(append(errs, s.TLS.validate(), s.SASL.validate(), s.clear())...)
}

// clear refuses a password in the clear beyond this machine.
func (s *Settings) clear() error {
	if s.SASL.Mechanism != "plain" || s.TLS.on() || s.Plaintext {
		return nil
	}
	for _, b := range s.Brokers {
		host, _, _ := net.SplitHostPort(b)
		if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			return fmt.Errorf("sasl: mechanism plain would send the password to %s in the clear; turn tls on, use scram-sha-512, or set insecure_plaintext", b)
		}
	}
	return nil
}

func (t *TLS) on() bool { return *t != TLS{} }

func (t *TLS) validate() error {
	if (t.CertFile == "") != (t.KeyFile == "") {
		return errors.New("tls: cert_file and key_file go together")
	}
	return nil
}

func (s *SASL) validate() error {
	switch s.Mechanism {
	case "":
		if s.Username != "" || !s.Password.Empty() {
			return errors.New("sasl: mechanism is missing: plain, scram-sha-256 or scram-sha-512")
		}
		return nil
	case "plain", "scram-sha-256", "scram-sha-512":
		if s.Username == "" {
			return errors.New("sasl: username is missing")
		}
		if s.Password.Empty() {
			return errors.New("sasl: password is missing")
		}
		return nil
	}
	return fmt.Errorf("sasl: mechanism %q is none of plain, scram-sha-256, scram-sha-512", s.Mechanism)
}

// Open reads the certificates and opens the bus; see the function Open, and Options
// for instance and trouble.
func (s *Settings) Open(ctx context.Context, topics []bus.Topic, instance string, trouble func(error)) (*Bus, error) {
	transport := &kafka.Transport{}
	var err error
	if s.TLS.on() {
		if transport.TLS, err = s.TLS.config(); err != nil {
			return nil, fmt.Errorf("kafka: %w", err)
		}
	}
	if transport.SASL, err = s.SASL.login(); err != nil {
		return nil, fmt.Errorf("kafka: %w", err)
	}
	return Open(ctx, topics, Options{
		Brokers: s.Brokers, Prefix: s.Prefix, Replication: s.Replication, Retention: s.Retention,
		Transport: transport, CAFile: s.TLS.CAFile, Instance: instance, Trouble: trouble,
	})
}

func (t *TLS) config() (*tls.Config, error) {
	c := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: t.ServerName}
	if t.CAFile != "" {
		var err error
		if c.RootCAs, err = certfile.Authorities(t.CAFile); err != nil {
			return nil, fmt.Errorf("tls.ca_file: %w", err)
		}
	}
	if t.CertFile != "" {
		// Read at every handshake, so that a renewed certificate needs no restart.
		c.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			cert, err := tls.LoadX509KeyPair(t.CertFile, t.KeyFile)
			return &cert, err
		}
		if _, err := c.GetClientCertificate(nil); err != nil {
			return nil, fmt.Errorf("tls.cert_file: %w", err)
		}
	}
	return c, nil
}

// Certificates reads the files of certificates that the settings name, for a check before they are used.
func (s *Settings) Certificates(now time.Time) (warning string, err error) {
	if !s.TLS.on() {
		return "", nil
	}
	if _, err = s.TLS.config(); err == nil && s.TLS.CertFile != "" {
		warning, err = certfile.Check(s.TLS.CertFile, s.TLS.KeyFile, now)
	}
	return warning, err
}

func (s *SASL) login() (sasl.Mechanism, error) {
	switch s.Mechanism {
	case "plain":
		return plain.Mechanism{Username: s.Username, Password: s.Password.Reveal()}, nil
	case "scram-sha-256":
		return scram.Mechanism(scram.SHA256, s.Username, s.Password.Reveal())
	case "scram-sha-512":
		return scram.Mechanism(scram.SHA512, s.Username, s.Password.Reveal())
	}
	return nil, nil
}
