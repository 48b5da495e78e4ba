package console

import (
	"net/http"
	"testing"
)

// TestHabit: what other query languages write is told in the words of this one, and what is right
// here is not.
func TestHabit(t *testing.T) {
	known := []string{"user.name", "source.port", "message"}
	f := func(query, want string) {
		t.Helper()
		if got := habit(query, known); got != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
	f(`user.name = root`, "a field stands before a colon: user.name:root")
	f(`user.name == "root"`, `a field stands before a colon: user.name:"root"`)
	f(`user.name!=root`, "a field stands before a colon: NOT user.name:root")
	f(`source.port > 1000`, "an order is written with a colon: source.port:>1000")
	f(`user.name in (root, alice)`, "several values are written user.name:(a OR b)")
	f(`has(user.name)`, "events that have a field are found by _exists_:user.name")
	f(`user.name:root and not source.ip:10.1.2.3`, "and is searched for as a word; between conditions it is written AND")
	f(`user.name:"root" or(user.name:"bob")`, "or is searched for as a word; between conditions it is written OR")
	f(`(user.name:root)And(user.name:bob)`, "And is searched for as a word; between conditions it is written AND")
	f(`failed not root`, "not is searched for as a word; in front of what is to be left out it is written NOT")
	f(`user.name:'root'`, `quotes are written " here: user.name:"root"`)
	f(`user.name:“root”`, `quotes are written " here, not “, as mails and documents have them`)
	f(`message:"„quoted“"`, "")
	f(`event.outcome:failure | stats count`, "nothing can follow behind | here")
	f(`C:\Windows`, `quote what has colons or backslashes: "C:\\Windows"`)
	f(`http://x`, `quote what has colons or backslashes: "http://x"`)
	for _, right := range []string{
		`user.name:root`, `source.port:>1000`, `source.port:>=22 AND source.port:<80`, `a || b`, `"this and that"`, `message:"a = b"`,
		`uid=0`, `/a|b/`, `@timestamp:[now-1h TO now]`, `NOT user.name:root`, `_exists_:user.name`,
		`more or`, `(trial-and-error)`, `user.name:or`, `user.name:O'Hara OR user.name:O'Neill`,
	} {
		f(right, "")
	}
}

// only are the values of two fields that have no others.
func only(field string) []string {
	return map[string][]string{"event.category": {"authentication", "network"}, "event.outcome": {"failure", "success", "unknown"}}[field]
}

// TestExact: a value that may be part of a longer one is told how to be found so.
func TestExact(t *testing.T) {
	f := func(query, want string) {
		t.Helper()
		if got := exact(query, only); got != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
	whole := "the value of a field counts whole and with its case; "
	f("host.name:web", whole+"host.name:*web* finds it as a part")
	f(`rule.name:"Port scan"`, whole+`rule.name:*Port\ scan* finds it as a part, rule.name:port\ scan in small letters`)
	f("user.name:ROOT", whole+"user.name:*ROOT* finds it as a part, user.name:root in small letters")
	f(`user.name:"root" OR (user.name:"bob")`, whole+`user.name:*root* finds it as a part`)
	f("event.category:authentification", "event.category never has the value authentification; did you mean authentication?")
	f("event.outcome:Failure", "event.outcome never has the value Failure; did you mean failure?")
	f("event.category:authentication", whole+"event.category:*authentication* finds it as a part")
	f("source.ip:2001:db8::1", "")
	f("host.name:web*", "")
	f(`"rule.name:scan of ports"`, "")
	f("source.ip:10.1.2.3", "")
	f("message:failed", "")
	f("failed", "")
}

// TestQueryLine: commands tell a query's fault in the page's words, and nothing else so.
func TestQueryLine(t *testing.T) {
	body := []byte(`{"error":{"reason":"Failed to parse query [user.name:(]: Encountered \"<EOF>\" at line 1, column 11."}}`)
	want := "the query ends too early (behind 11 characters); a quote, a parenthesis or a bracket is not closed, or a word such as AND lacks what follows"
	if got := QueryLine(&IndexError{Status: http.StatusBadRequest, Body: body}); got != want {
		t.Errorf("%q", got)
	}
	body = []byte(`{"error":{"reason":"Failed to parse query [a:[1 to 5]]: Encountered \" <RANGE_GOOP> \"to \"\" at line 1, column 5."}}`)
	want = `the query is not understood at "to" (behind 5 characters); between the ends of a range stands TO, as in source.port:[1 TO 1023]`
	if got := QueryLine(&IndexError{Status: http.StatusBadRequest, Body: body}); got != want {
		t.Errorf("%q", got)
	}
	for _, reason := range []string{"Non-hex character in Unicode escape sequence: s", "Truncated unicode escape sequence."} {
		body = []byte(`{"error":{"reason":"` + reason + `"}}`)
		want = `the query is not understood at \u; four hexadecimal digits follow \u; a backslash is written \\`
		if got := QueryLine(&IndexError{Status: http.StatusBadRequest, Body: body}); got != want {
			t.Errorf("%q", got)
		}
	}
	if got := QueryLine(&IndexError{Status: http.StatusServiceUnavailable, Body: body}); got != "" {
		t.Errorf("%q", got)
	}
}
