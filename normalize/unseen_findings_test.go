package normalize_test

import "testing"

// TestFindings: records of what a product found, and of what its objects are called.
func TestFindings(t *testing.T) {
	f := verbCase(t)
	// the name of a sort of event says that such events are findings
	f(what, `{"eventType":"EppDetectionSummaryEvent","host":"ws-17"}`, "event.kind", "alert")
	f(what, `{"eventName":"HeuristicAlert","host":"ws-17"}`, "event.kind", "alert")
	f(what, `{"event_type":"Threat Detected","host":"ws-17"}`, "event.kind", "alert")
	f(what, `{"event_type":"Threat Detected","host":"ws-17"}`, "event.category", "intrusion_detection")
	f(what, `{"AlarmName":"cpu","NewStateValue":"ALARM","host":"ws-17"}`, "event.category", "") // a machine's, and nobody's intrusion
	f(what, `{"action":"detection_update","user":"ann"}`, "event.kind", "event")
	f(what, `{"action":"AlertRuleDeleted","user":"ann"}`, "event.kind", "event")
	f(what, `{"rule_name":"Encoded command","techniques":["T1059.001"],"host":"ws-17"}`, "event.kind", "alert")
	// somebody has to look at it: a severity, a rule and a state of work
	open := `{"sourceRule":{"id":"r1","name":"Public bucket"},"type":"TOXIC_COMBINATION","severity":"HIGH","status":"OPEN"}`
	f(what, open, "event.kind", "alert")
	f(what, open, "rule.name", "Public bucket")
	f(what, `{"name":"Public bucket","type":"bucket_deleted","severity":"HIGH","status":"OPEN","user":"ann"}`, "event.kind", "event")
	// a file that was put away, or that a rule found
	f(what, `{"event_type":"Quarantine Failure","file":{"name":"a.exe"},"host":"ws-17"}`, "event.category", "malware")
	f(what, `{"alertName":"Malware found","filePath":"C:\\Temp\\a.exe","disposition":"Quarantined"}`, "event.category", "malware")
	f(what, `{"alertName":"Malware found","filePath":"C:\\Temp\\a.exe","disposition":"Quarantined"}`, "event.action", "Quarantined")
	f(what, `{"alertName":"Phish","disposition":"TRUE_POSITIVE"}`, "event.action", "") // what somebody thinks of it
	f(what, `{"action":"user.deprovisioned","actor":"scim","target":{"user":{"userName":"bob"}}}`, "event.type", "deletion|user")
	f(what, `{"action":"user.deprovisioned","actor":"scim","target":{"user":{"userName":"bob"}}}`, "user.target.name", "bob")
	// what plants speak is carried by something else
	f(what, `{"src_ip":"192.0.2.44","dst_ip":"192.0.2.9","protocol":"Modbus","action":"write"}`, "network.protocol", "modbus")
	f(what, `{"src_ip":"192.0.2.44","dst_ip":"192.0.2.9","protocol":"Modbus","action":"write"}`, "network.transport", "")
	// the name of a program that was run
	run := `{"Name":"powershell.exe","CommandLine":"\"C:\\Windows\\powershell.exe\" -enc AAAA","Pid":4412}`
	f(what, run, "process.name", "powershell.exe")
	f(what, run, "event.action", "")
	f(what, `{"name":"nightly","cmdline":"bash -c id","pid":4412}`, "process.name", "")
	// how a job ended
	f(what, `{"job":"nightly","server":"srv7","state":"failed"}`, "event.outcome", "failure")
	f(what, `{"job":"nightly","server":"srv7","jobState":"Completed"}`, "event.outcome", "success")
	f(what, `{"service":"web","server":"srv7","state":"ok"}`, "event.outcome", "") // how it is
	// whose an account is
	f(what, `{"action":"user.created","actor":"ann","target":"bob"}`, "event.type", "creation|user")
	f(what, `{"action":"apikey.created","actor":"ann"}`, "event.type", "creation")
	// a machine's own addresses, where they are a list of interfaces
	nics := `{"computer":{"hostname":"ws-17","network_addresses":[{"ip":"192.0.2.7","mac":"00:00:5e:00:53:01"}]},"event":"x"}`
	f(what, nics, "host.ip", "192.0.2.7")
	f(what, nics, "host.mac", "00-00-5E-00-53-01")
	f(what, nics, "host.name", "ws-17")
	// a request told of as a whole
	request := `{"httpMessage":{"method":"GET","host":"www.example.com","path":"/a","query":"b=1","status":"403","port":"8443"},"clientIP":"192.0.2.1"}`
	f(what, request, "event.category", "web")
	f(what, request, "http.response.status_code", "403")
	f(what, request, "url.query", "b=1")
	f(what, request, "url.port", "8443")
	f(what, `{"traffic":{"bytes":1000,"packets":10},"src_ip":"192.0.2.1","dst_ip":"198.51.100.1"}`, "network.bytes", "1000")
	f("- kv: {}\n- known: {}", `ip_from="192.0.2.7" port_from="51234" ip_to="198.51.100.2" port_to="22"`, "destination.ip", "198.51.100.2")
	f("- kv: {}\n- known: {}", `ip_from="192.0.2.7" port_from="51234" ip_to="198.51.100.2" port_to="22"`, "destination.port", "22")
}
