package normalize_test

import "testing"

// TestServices: records of security services that no pack knows.
func TestServices(t *testing.T) {
	f := verbCase(t)
	// somebody's name beside an address, in either order
	f(what, `{"user":"Ann Lee ( ann@example.com )","action":"Download"}`, "user.email", "ann@example.com")
	f(what, `{"actor":"ann@example.com (Ann Lee)","action":"Download"}`, "user.email", "ann@example.com")
	f(what, `{"actor":"ann at example.com (Ann Lee)","action":"Download"}`, "user.email", "")
	// times that are objects
	f(what, `{"metadata":{"created_at":{"seconds":1772438400,"nanos":0}},"action":"x"}`, "@timestamp", "2026-03-02T08:00:00.000Z")
	f(what, `{"createdAt":{"_seconds":1772438400,"_nanoseconds":0},"action":"x"}`, "@timestamp", "2026-03-02T08:00:00.000Z")
	f(what, `{"timestamp":{"$date":{"$numberLong":"1772438400000"}},"action":"x"}`, "@timestamp", "2026-03-02T08:00:00.000Z")
	// ... and what is none: it is the time of receipt
	f(what, `{"uptime":{"seconds":1772438400},"action":"x"}`, "@timestamp", "2026-03-02T09:00:00.000Z")
	// who acts, and whom it is done to
	f(what, `{"category":"Users","eventType":"Update","modifiedByUser":{"name":"ann"},"user":{"name":"bob"}}`, "user.name", "ann")
	f(what, `{"category":"Users","eventType":"Update","modifiedByUser":{"name":"ann"},"user":{"name":"bob"}}`, "user.target.name", "bob")
	added := `{"user_email":"ann@example.com","event_type":"add_user","event_data":{"email":"bob@example.com","role":"admin"}}`
	f(what, added, "user.email", "ann@example.com")
	f(what, added, "user.target.email", "bob@example.com")
	f(what, added, "user.roles", "")
	f(what, `{"actor_email":"ann@example.com","type":"changed_role","details":{"user_email":"bob@example.com"}}`, "user.target.email", "bob@example.com")
	f(what, `{"member_email":"ann@example.com","member_name":"Ann Lee","action":"x"}`, "user.full_name", "Ann Lee")
	f(what, `{"type":"claude_file_uploaded","user":"ann","filename":"plan.xlsx"}`, "event.type", "creation")
	// what an alert warns of did not happen to who wrote it
	f(what, `{"type":"alert","title":"Suspicious login from a new country","user":"ann"}`, "event.category", "intrusion_detection")
	f(what, `{"type":"investigations","title":"Suspicious login","user":"ann"}`, "event.kind", "alert")
	f(what, `{"alertCode":"T1059","severity":"high","user":"ann"}`, "event.kind", "alert")
	f(what, `{"sample_verdict":"malicious","sample_sha256hash":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","sample_filename":"x.exe"}`, "event.category", "malware")
	f(what, `{"verdict":"malicious","family_name":"Emotet","hostname":"ws-17"}`, "event.action", "")
	// of what sort the actor is, is not his name
	secrets := `{"actor":"user","actorMetadata":{"email":"ann@example.com","username":"ann"},"eventType":"get-secrets"}`
	f(what, secrets, "user.name", "ann")
	f(what, secrets, "user.email", "ann@example.com")
	// what was asked for is neither the host nor the domain of who asked
	dns := `{"fqdn":"www.bad.example","domain":"www.bad.example","question_type":"A","agent_hostname":"ws-17","username":"ann"}`
	f(what, dns, "host.name", "ws-17")
	f(what, dns, "user.domain", "")
	f(what, dns, "dns.question.name", "www.bad.example")
	f(what, `{"name":"SMB signing not required","user":"ann"}`, "event.category", "")
	// a browser's filter
	f(what, `{"eventType":"URL_BLOCKED","action":"block","url":"http://bad.example/","userEmail":"ann@example.com"}`, "event.category", "web")
	f(what, `{"eventType":"URL_BLOCKED","action":"block","url":"http://bad.example/","userEmail":"ann@example.com"}`, "event.type", "access|denied")
	// findings and records that are none of AWS'
	shipped := shippedCase(t)
	shipped(`{"findings":{},"type":"x","title":"Open bucket","severity":"high","user":"ann"}`, "cloud.provider", "")
	shipped(`{"Records":12,"action":"export","user":"ann"}`, "user.name", "ann")
	shipped(`{"findings":[{"AwsAccountId":"111122223333","Title":"Open bucket"}]}`, "cloud.provider", "aws")
}
