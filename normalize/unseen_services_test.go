package normalize_test

import "testing"

// TestServices: records of security services that no pack knows.
func TestServices(t *testing.T) {
	f := verbCase(t)
	what := "- json: {}\n- known: {categories: true}"
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
	f(what, `{"type":"alert","title":"Suspicious login from a new country","user":"ann"}`, "event.category", "")
	f(what, `{"type":"investigations","title":"Suspicious login","user":"ann"}`, "event.kind", "alert")
	// findings and records that are none of AWS'
	shipped := shippedCase(t)
	shipped(`{"findings":{},"type":"x","title":"Open bucket","severity":"high","user":"ann"}`, "cloud.provider", "")
	shipped(`{"Records":12,"action":"export","user":"ann"}`, "user.name", "ann")
	shipped(`{"findings":[{"AwsAccountId":"111122223333","Title":"Open bucket"}]}`, "cloud.provider", "aws")
}
