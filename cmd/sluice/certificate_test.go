package main

import (
	"crypto/x509"
	"path/filepath"

	"sluice/internal/certtest"
)

// writeCertificate puts siem.crt and siem.key into dir, made for a name that is not this machine's.
func writeCertificate(dir string) error {
	_, err := certtest.Write(filepath.Join(dir, "siem.crt"), filepath.Join(dir, "siem.key"), func(c *x509.Certificate) {
		c.DNSNames, c.IPAddresses = []string{"siem.example.org"}, nil
	})
	return err
}
