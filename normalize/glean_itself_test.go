package normalize_test

import "testing"

// TestItself: what a device without a pack tells of itself.
func TestItself(t *testing.T) {
	f := shippedCase(t)
	for _, c := range []struct{ text, category, first string }{
		{"System is rebooting", "host", "change"},
		{"Device was powered on", "host", "start"},
		{"Unit 2 shutting down", "host", "end"},
		{"Service httpd stopped unexpectedly", "process", "end"},
		{"Cannot start spamd", "process", "start"},
		{"License for web filter will expire in 5 days", "configuration", "info"},
		{"Firmware upgrade to version 7.2.1 completed", "host", "change"},
		{"Package openssl upgraded from 1.1 to 3.0", "package", "change"},
		{"Disk sda1 is 95% full", "host", "info"},
		{"BGP peer 192.0.2.9 session established", "network", "info"},
		{"Policy id 7 was added by ann", "configuration", "creation"},
		{"Client 00:00:5e:00:53:07 associated with AP lobby", "network", "connection"},
		{"Session of user bob timed out", "session", "end"},
		// what tells of none of it
		{"The service was not started", "", ""},
		{"Policy 7 matched a packet", "", ""},
		{"Session 44 timed out", "", ""},
		{"Device 7 says hello", "", ""},
		{"User ann logged in to device 7", "authentication", "start"},
	} {
		line := "<86>Mar  2 08:59:50 h x: " + c.text
		f(line, "event.category", c.category)
		f(line, "event.type", c.first)
	}
	f("<86>Mar  2 08:59:50 h x: failed to start dnsd", "event.outcome", "failure")
}
