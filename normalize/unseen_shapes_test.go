package normalize_test

import "testing"

// TestShapes: how unknown devices lay records out.
func TestShapes(t *testing.T) {
	f := verbCase(t)
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

// TestMoreShapes: ends, bodies, registry keys and alerts of unknown devices.
func TestMoreShapes(t *testing.T) {
	f := verbCase(t)
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
