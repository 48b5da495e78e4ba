package normalize_test

import "testing"

// TestShapes: how unknown devices lay records out.
func TestShapes(t *testing.T) {
	f := verbCase(t)
	what := "- json: {}\n- known: {categories: true}"
	ends := `{"source":{"address":"192.0.2.1:40000"},"destination":{"address":"198.51.100.2:22"},"policy":{"action":"reject"}}`
	f(what, ends, "source.ip", "192.0.2.1")
	f(what, ends, "source.address", "192.0.2.1")
	f(what, ends, "destination.port", "22")
	f(what, ends, "event.type", "connection|denied")
	f(what, `{"source":{"address":"ws7.example.com:40000"}}`, "source.ip", "")
	local := `{"log":{"msg":"blocked outbound connection","laddr":"192.0.2.1:40000","raddr":"198.51.100.2:443"}}`
	f(what, local, "destination.ip", "198.51.100.2")
	f(what, local, "event.type", "connection|denied")
	f(what, `{"laddr":"192.0.2.1"}`, "source.ip", "")
	five := `{"who":{"user":"ann","ip":"192.0.2.1"},"what":{"action":"delete","object":"/data/plan.xlsx"},"when":"2026-03-02T08:59:59Z"}`
	f(what, five, "event.action", "delete")
	f(what, five, "file.path", "/data/plan.xlsx")
	f(what, five, "event.type", "deletion")
	f(what, `{"mail":{"from":{"address":"ann@example.com"},"subject":"Hi"},"verdict":{"action":"quarantine"}}`, "event.action", "quarantine")

	wide := "- glean: {wide: true}\n- known: {categories: true}"
	tight := "event_type:login username:ann ip:192.0.2.1 result:denied"
	f(wide, tight, "event.action", "login")
	f(wide, tight, "event.outcome", "failure")
	f(wide, "see event_type:login here", "event.action", "")
	f(wide, "at 10:00:01 see result:denied ip:192.0.2.1", "event.outcome", "")
	f(wide, "login attempt by ann from 192.0.2.1 rejected", "user.name", "ann")
	f(wide, "Authentication failed for principal 'ann'", "user.name", "ann")
}
