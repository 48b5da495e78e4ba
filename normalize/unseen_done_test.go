package normalize_test

import "testing"

// TestDone: how something ended where only the name of the action tells it, as done.
func TestDone(t *testing.T) {
	f := verbCase(t)
	for line, want := range map[string]string{
		`{"event":"user.created","actor":"ann"}`:                              "success",
		`{"action":"RoleAssigned","actor":"ann","target":"bob"}`:              "success",
		`{"action":"logout","user":"ann"}`:                                    "success",
		`{"action":"user_pending_deleted","actor":"ann"}`:                     "",
		`{"action":"user not deleted","actor":"ann"}`:                         "",
		`{"action":"create_user","actor":"ann"}`:                              "", // asked for
		`{"action":"user.created","actor":"ann","result":"error"}`:            "failure",
		`{"event":"login","user":"ann"}`:                                      "",
		`{"alert":"Policy deleted","severity":"high","alertType":"tampered"}`: "",
	} {
		f(what, line, "event.outcome", want)
	}
}

// TestShippedLater: the time that a record has of its own goes before that of its shipping, close behind it.
func TestShippedLater(t *testing.T) {
	f := verbCase(t)
	const shipped = "- json: {\"@timestamp\": \"@timestamp:anydate\"}\n- known: {categories: true}"
	f(shipped, `{"@timestamp":"2026-03-02T08:00:05.120Z","eventTime":"2026-03-02T08:00:01.500Z","user":"ann"}`, "@timestamp", "2026-03-02T08:00:01.500Z")
	f(shipped, `{"@timestamp":"2026-03-02T08:00:05.120Z","eventTime":"2026-03-01T08:00:01Z","user":"ann"}`, "@timestamp", "2026-03-02T08:00:05.120Z") // of another event
	f(shipped, `{"@timestamp":"2026-03-02T08:00:05.120Z","eventTime":"2026-03-02T07:59:01","user":"ann"}`, "@timestamp", "2026-03-02T08:00:05.120Z")  // in a zone that nobody knows
	f(what, `{"serverTime":"2026-03-02T08:00:05Z","deviceTime":"2026-03-02T08:00:01Z","user":"ann"}`, "@timestamp", "2026-03-02T08:00:01.000Z")       // when it happened, not when it came
}
