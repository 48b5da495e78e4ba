package condition

import "testing"

func TestClash(t *testing.T) {
	fs, ls := testFields(t), NewLeaves()
	c := &Compiler{Fields: fs, Leaves: ls}
	f := func(src string, want string) {
		t.Helper()
		n, err := c.Compile(src, From(1, 1, 1))
		if err != nil {
			t.Fatal(err)
		}
		if got := ls.Clash(fs.schema, n); got != want {
			t.Errorf("%s: %q, want %q", src, got, want)
		}
	}
	f(`user.name == "a" and user.name == "b"`, `user.name == "a" (1:1) and user.name == "b" (1:22) exclude each other`)
	f(`user.name in ["a", "b"] and user.name in ["b", "c"]`, "")
	f(`user.name == "abc" and user.name startsWith "b"`, `user.name == "abc" (1:1) and user.name startsWith "b" (1:24) exclude each other`)
	f(`user.name == "abc" and user.name contains "b"`, "")
	f(`user.name == "a" and not has(user.name)`, `not has(user.name) (1:26) and user.name == "a" (1:1) exclude each other`)
	f(`user.name == "a" and user.id == "b" and not (user.name == "a")`, `user.name == "a" (1:1) and not user.name == "a" (1:46) exclude each other`)
	f(`user.name == "a" and user.name != "b"`, "")
	f(`user.name == nil and user.name != nil`, `not has(user.name) (1:1) and has(user.name) (1:22) exclude each other`)
	f(`event.category == "file" and event.category == "network"`, "") // a list may hold both
	f(`source.port > 1000 and source.port < 10`, `source.port > 1000 (1:1) and source.port < 10 (1:24) exclude each other`)
	f(`source.port >= 10 and source.port <= 10`, "")
	f(`source.port > 10 and source.port <= 10`, `source.port > 10 (1:1) and source.port <= 10 (1:22) exclude each other`)
	f(`source.port == 80 and source.port == 443`, `source.port == 80 (1:1) and source.port == 443 (1:23) exclude each other`)
	f(`user.id == "x" or user.name == "a" and user.name == "b"`, "")
	f(`(user.name == "c" or user.name == "d") and user.name == "b"`, `user.name == "b" (1:44) and user.name == "c" (1:2) exclude each other`)
	f(`(user.name == "c" or user.id == "d") and user.name == "b"`, "")
	f(`(user.name == "c" or user.id == "d") and not (user.name == "c" or user.id == "d")`, `not user.name == "c" (1:47) and user.name == "c" (1:2) exclude each other`)
	f(`(user.name == "c" or user.id == "d") and not (user.name == "c" and user.id == "d")`, "")
	f(`not (user.name == "c" and user.id == "d") and user.name == "c" and user.id == "d"`, `user.name == "c" (1:47) and not user.name == "c" (1:6) exclude each other`)
	f(`cidr(source.ip, "10.0.0.0/8") and cidr(source.ip, "192.168.0.0/16")`, `cidr(source.ip, "10.0.0.0/8") (1:1) and cidr(source.ip, "192.168.0.0/16") (1:35) exclude each other`)
	f(`cidr(source.ip, "10.0.0.0/8") and source.ip == "192.0.2.1"`, `cidr(source.ip, "10.0.0.0/8") (1:1) and source.ip == "192.0.2.1" (1:35) exclude each other`)
	f(`cidr(source.ip, "10.1.0.0/16") and not cidr(source.ip, "10.0.0.0/8")`, `cidr(source.ip, "10.1.0.0/16") (1:1) and not cidr(source.ip, "10.0.0.0/8") (1:40) exclude each other`)
	f(`cidr(source.ip, "10.0.0.0/8") and not cidr(source.ip, "10.1.0.0/16")`, "")
	f(`cidr(related.ip, "10.0.0.0/8") and cidr(related.ip, "192.168.0.0/16")`, "")
	f(`user.name in ["a", "b"] and not (user.name in ["a", "b", "c"])`, `user.name in ["a", "b"] (1:1) and not user.name in ["a", "b", "c"] (1:34) exclude each other`)
	f(`event.category == "file" and not (event.category in ["file", "web"])`, `event.category == "file" (1:1) and not event.category in ["file", "web"] (1:35) exclude each other`)
	f(`user.name in ["a", "c"] and not (user.name in ["a", "b"])`, "")
	f(`user.name startsWith "ab" and not (user.name startsWith "a")`, `user.name startsWith "ab" (1:1) and not user.name startsWith "a" (1:36) exclude each other`)
	f(`user.name startsWith "ab" and user.name startsWith "b"`, `user.name startsWith "ab" (1:1) and user.name startsWith "b" (1:31) exclude each other`)
	f(`user.name startsWith "a" and user.name startsWith "ab"`, "")
	f(`user.name endsWith ".exe" and user.name endsWith ".dll"`, `user.name endsWith ".exe" (1:1) and user.name endsWith ".dll" (1:31) exclude each other`)
	f(`like(user.name, "a*") and user.name == "b"`, `user.name == "b" (1:27) and like(user.name, "a*") (1:1) exclude each other`)
	f("user.name matches `^a` and user.name == `b`", `user.name == "b" (1:28) and user.name matches "^a" (1:1) exclude each other`)
	f("user.name matches `a` and iequals(user.name, `A`)", "")
	f(`source.port < 10 and not (source.port < 20)`, `source.port < 10 (1:1) and not source.port < 20 (1:27) exclude each other`)
	f(`source.port < 20 and not (source.port < 10)`, "")
	f(`source.bytes > destination.bytes and source.bytes < destination.bytes`, `source.bytes > destination.bytes (1:1) and source.bytes < destination.bytes (1:38) exclude each other`)
	f(`source.bytes >= destination.bytes and source.bytes <= destination.bytes`, "")
	f(`hour($env["@timestamp"]) > 22 and hour($env["@timestamp"]) < 6`, `hour($env["@timestamp"]) > 22 (1:1) and hour($env["@timestamp"]) < 6 (1:35) exclude each other; over midnight it is or`)
	f(`hour($env["@timestamp"]) > 22 and hour($env["@timestamp"], "Asia/Tokyo") < 6`, "")
	f(`time_of_day($env["@timestamp"]) > "22:00" and time_of_day($env["@timestamp"]) < "06:00"`, `time_of_day($env["@timestamp"]) > "22:00" (1:1) and time_of_day($env["@timestamp"]) < "06:00" (1:47) exclude each other; over midnight it is or`)
	f(`weekday($env["@timestamp"]) == "saturday" and weekday($env["@timestamp"]) == "sunday"`, `weekday($env["@timestamp"]) == "saturday" (1:1) and weekday($env["@timestamp"]) == "sunday" (1:47) exclude each other`)
	f(`len(user.name) > 5 and len(user.name) <= 5`, `len(user.name) > 5 (1:1) and len(user.name) <= 5 (1:24) exclude each other`)
	f(`entropy(user.name) > 8.5`, `entropy(user.name) > 8.5 (1:1): entropy is from 0 to 8`)
	f(`23 < hour($env["@timestamp"])`, `23 < hour($env["@timestamp"]) (1:1): hour is from 0 to 23`)
	f(`not (user.name != "a" or user.name != "b")`, `user.name == "a" (1:6) and user.name == "b" (1:26) exclude each other`)
}
