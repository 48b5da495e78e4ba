package normalize_test

import "testing"

// TestObjects: what a key means is told by whose it is.
func TestObjects(t *testing.T) {
	f := verbCase(t)
	json := "- json: {}\n- known: {}"
	f(json, `{"actor":{"name":"Ann Lee","login":"ann","uuid":"u-7"}}`, "user.full_name", "Ann Lee")
	f(json, `{"actor":{"name":"Ann Lee","login":"ann","uuid":"u-7"}}`, "user.name", "ann")
	f(json, `{"actor":{"name":"Ann Lee","login":"ann","uuid":"u-7"}}`, "user.id", "u-7")
	f(json, `{"createdBy":{"name":"ann"}}`, "user.name", "ann")
	f(json, `{"device":{"name":"ws-1","ip":"192.0.2.1","mac":"00:00:5e:00:53:01"}}`, "host.ip", "192.0.2.1")
	f(json, `{"device":{"name":"ws-1","ip":"192.0.2.1","mac":"00:00:5e:00:53:01"}}`, "host.name", "ws-1")
	f(json, `{"policy":{"id":7,"name":"no usb"}}`, "rule.name", "no usb")
	f(json, `{"tenant":{"id":"t-1"}}`, "organization.id", "t-1")
	f(json, `{"request":{"id":"r-1"}}`, "http.request.id", "r-1")
	f(json, `{"parentProcess":{"path":"/bin/sh","pid":7}}`, "process.parent.name", "sh")
	f(json, `{"parentProcess":{"path":"/bin/sh","pid":7}}`, "process.parent.pid", "7")
	f(json, `{"options":{"userID":"far"},"user":{"id":"near"}}`, "user.id", "near")
	f(json, `{"settings":{"userID":"far"},"userId":"near"}`, "user.id", "near")
	f(json, `{"event":"x","settings":{"userID":"far"}}`, "user.id", "far")
	f("- json: {event: {id: event.id}}", `{"event":"login"}`, "sluice.vendor", "event=login")
}

// TestLists: of a list of objects the first says what the event is about.
func TestLists(t *testing.T) {
	f := verbCase(t)
	what := "- json: {}\n- known: {categories: true}"
	flow := `{"flows":[{"src":"192.0.2.1:4711","dst":"[2001:db8::1]:443","extra":[1,[2],{"a":"]"}],"proto":6},{"src":"192.0.2.9"}]}`
	f(what, flow, "source.port", "4711")
	f(what, flow, "destination.ip", "2001:db8::1")
	f(what, flow, "network.transport", "tcp")
	f(what, `{"hosts":[{"host":{"name":"a \"b\u0063"}}]}`, "host.name", "")
	f(what, `{"items":[{"device":{"name":"w\u0073-1"}}]}`, "host.name", "ws-1")
}

// TestDeeds: the name of an action tells what was done, to what, and how it ended.
func TestDeeds(t *testing.T) {
	f := verbCase(t)
	what := "- json: {}\n- known: {categories: true}"
	deed := func(action, category, typ, outcome string) {
		t.Helper()
		line := `{"action":"` + action + `","actor":"ann"}`
		f(what, line, "event.category", category)
		f(what, line, "event.type", typ)
		f(what, line, "event.outcome", outcome)
	}
	deed("authentication.failed", "authentication", "start", "failure")
	deed("UserLoginFailed", "authentication", "start", "failure")
	deed("user.logged_in", "authentication", "start", "")
	deed("sign-in succeeded", "authentication", "start", "success")
	deed("Signed out", "authentication", "end", "")
	deed("USER_LOGIN_FAILED", "authentication", "start", "failure")
	deed("createUserApiKey", "iam", "creation", "")
	deed("File deleted", "file", "deletion", "")
	deed("PIPELINE_UPDATED", "configuration", "change", "")
	deed("address", "", "", "")
	f(what, `{"category":"LOGIN","subCategory":"LOGIN_SUCCEEDED","action":"perform"}`, "event.outcome", "success")
	f(what, `{"src":"192.0.2.1","dst":"192.0.2.2","action":"Deny"}`, "event.type", "connection|denied")
	f(what, `{"id":"a1","detectedOn":"2026-03-02T08:59:00Z","expiryDate":"2027-01-01T00:00:00Z"}`, "@timestamp", "2026-03-02T08:59:00.000Z")
	f(what, `{"eventId":"0e7f1c9a-4b9e-4d0e-8a53-000000000001"}`, "event.id", "0e7f1c9a-4b9e-4d0e-8a53-000000000001")
	f(what, `{"eventId":4711}`, "event.code", "4711")
}
