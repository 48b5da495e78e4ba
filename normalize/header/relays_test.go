package header

import "testing"

// TestRelays: what stands in front of a device's own text, and is not all of a header.
func TestRelays(t *testing.T) {
	f := reads(t)
	f("<13>Mar  2 08:59:59 192.0.2.1 Oracle Audit[7]: LENGTH", 13, at, "192.0.2.1", "", "", "Oracle Audit[7]: LENGTH") // the database is called so
	f("<13>Mar  2 08:59:59 192.0.2.1 : 2026/03/02 08:59:59 UTC,1", 13, at, "192.0.2.1", "", "", "UTC,1")
	f("<13>Mar  2 08:59:59 relay <34>su: failed", 34, at, "relay", "su", "", "failed") // no time of its own
	f("<13>1 2026-03-02T08:59:59Z relay - - - - <34>su[7]: failed", 34, at, "relay", "su", "7", "failed")
	f("<13>Mar  2 08:59:59 relay <34>no program", 13, at, "relay", "", "", "<34>no program")
	f("<13>Mar  2 08:59:00 relay <134>1 1772441999.0 mx1 urls src=x", 134, at, "mx1", "", "", "urls src=x") // Meraki
}
