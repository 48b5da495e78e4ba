package normalize_test

import "testing"

// TestNobody: what is no log-in, no name and nobody's deed.
func TestNobody(t *testing.T) {
	f := verbCase(t)
	text := "- glean: {wide: true}\n- known: {categories: true}"
	f(text, "The authentication service was restarted", "event.category", "process")
	f(text, "Login page served in 20 ms to 192.0.2.1", "event.category", "")
	f(text, "Login of ann from 192.0.2.1", "event.category", "authentication")
	f(text, "Login successful", "event.category", "authentication")
	f(text, "user quota exceeded for user ann (10 GB)", "user.name", "ann")
	f(text, "Too many authentication failures from 192.0.2.1", "event.outcome", "failure")
	f(text, "Account locked: the number of log-in failures exceeded 5", "event.outcome", "")
	f(text, "accepted connection from 192.0.2.1:50000 on 198.51.100.2:443", "destination.port", "443")
	f(text, "no data read from it on 198.51.100.2:443", "destination.ip", "")
	rule := `[audit] ann@example.com updated firewall rule "web-out" (192.0.2.1)`
	f(text, rule, "user.name", "ann")
	f(text, rule, "source.ip", "192.0.2.1")
	f(text, rule, "event.category", "configuration")
	f(text, "[audit] ann@example.com deleted", "user.name", "") // by whom?

	f(what, `{"type":"metric","name":"login.count","value":12}`, "event.category", "")
	f(what, `{"name":"login","user":"ann"}`, "event.category", "authentication")
	f(what, `{"event":"device.quarantined","by":"policy"}`, "user.name", "")
	f(what, `{"event":"mfa_enrolled","user":"ann"}`, "event.category", "iam")

	// a key that may not be left out, and a user that is none
	cef := "- cef: {map: {suser: \"user:user\"}}"
	f(cef, "CEF:0|v|p|1|7|n|5|suser=null", "user.name", "")
	f(cef, "CEF:0|v|p|1|7|n|5|suser=(no user)", "user.name", "")
	f(cef, "CEF:0|v|p|1|7|n|5|suser=ann", "user.name", "ann")
	f(what, `{"event":"login","user":"(none)"}`, "user.name", "")
}
