package normalize_test

import (
	"testing"
)

// The same host stands once in related.hosts: as host.name spells it where a pack put
// it there in lower case, and as the source spells it everywhere else.
func TestRelatedHost(t *testing.T) {
	f := verbCase(t)
	f("- pattern: \"{host.hostname} {_x}\"\n- compute: {host.name: lower(host.hostname)}", "FS-01 x", "related.hosts", "fs-01")
	f("- pattern: \"{host.hostname} {host.name}\"", "fs-01 fs-01.example.com", "related.hosts", "fs-01")
	f("- pattern: \"{host.hostname}\"", "FS-01", "related.hosts", "FS-01")
}
