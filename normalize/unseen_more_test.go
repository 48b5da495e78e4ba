package normalize_test

import "testing"

// TestMoreShapes: ends, bodies, registry keys and alerts of unknown devices.
func TestMoreShapes(t *testing.T) {
	f := verbCase(t)
	what := "- json: {}\n- known: {categories: true}"
	ends := `{"event_type":"network_connect","process":"curl.exe","local":{"ip":"192.0.2.1","port":40000},"remote":{"ip":"198.51.100.2","port":443}}`
	f(what, ends, "source.ip", "192.0.2.1")
	f(what, ends, "destination.ip", "198.51.100.2")
	f(what, ends, "destination.port", "443")
	f(what, `{"remote":{"ip":"192.0.2.1"},"user":"ann"}`, "source.ip", "192.0.2.1")
	f(what, `{"body":"User ann left"}`, "message", "User ann left")
	f(what, `{"api":{"operation":"DeleteBucket"},"user":"ann"}`, "event.action", "DeleteBucket")
	set := `{"event_type":"registry_set","registry":{"key":"HKLM\\Software\\X","value":"v"},"user":"ann","process_name":"reg.exe"}`
	f(what, set, "event.category", "registry")
	f(what, set, "event.type", "change")
	force := `{"name":"Brute force detected","src":"192.0.2.1","severity":"high"}`
	f(what, force, "event.kind", "alert")
	f(what, force, "event.category", "intrusion_detection")
	f(what, force, "rule.name", "Brute force detected")
	f(what, `{"name":"Brute force detected"}`, "event.kind", "event")
	f(what, `{"name":"Brute force policy updated","severity":"low"}`, "event.kind", "event")
	f(what, `{"operation":"Sign-in","user":"ann","ResultDescription":"Invalid username or password"}`, "event.outcome", "failure")
	f(what, `{"operation":"Sign-in","user":"ann","ResultDescription":"Fulfilled"}`, "event.outcome", "")
	f(what, `{"policy":"PCI","destination":"bob@example.net"}`, "destination.domain", "")
	f(what, `{"vpn":{"user":"ann","event":"disconnect","remote_ip":"192.0.2.1"}}`, "user.name", "ann")
}
