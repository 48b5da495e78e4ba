package condition

import "testing"

// TestDoubt: what compiles and is hardly meant is told where it stands.
func TestDoubt(t *testing.T) {
	fs := testFields(t)
	f := func(src, want string) {
		t.Helper()
		got := ""
		c := &Compiler{Fields: fs, Leaves: NewLeaves(), Doubt: func(f *Fault) { got += f.Error() }}
		n, err := c.Compile(src, From(1, 1, 1))
		if err != nil {
			t.Fatal(err)
		}
		if at, why := c.Leaves.Always(fs.schema, n); at != nil {
			got += why
		}
		if got != want {
			t.Errorf("%s\n got %s\nwant %s", src, got, want)
		}
	}
	// What other languages mean by it.
	f(`url.path contains "*admin*"`, `1:19: * stands for itself in contains; write like(url.path, "*admin*")`)
	f(`url.path in ["/x", "/admin/*"]`, `1:20: * stands for itself in ==; write like(url.path, "/admin/*")`)
	f(`url.path contains "%admin%"`, `1:19: % stands for itself in contains; write like(url.path, "*admin*")`)
	f(`url.path contains "%61dmin%20"`, "")
	f(`url.path == "*"`, "")
	f(`url.path contains "a.*b"`, `1:19: .* stands for itself in contains; write url.path matches "a.*b"`)
	f(`url.path startsWith "^/admin"`, `1:21: ^ stands for itself in startsWith; write url.path startsWith "/admin"`)
	f(`like(url.path, "%admin%")`, `1:16: % stands for itself; write "*admin*"`)
	f(`like(url.path, "/admin")`, `1:1: there is no * or ?, so all of url.path is compared with it; what stands within it is "*/admin*"`)
	f(`like(url.path, "/admin", "/b*")`, "")
	f(`like(url.path, "/b?")`, "")
	f(`ilike(url.path, "/?/ÿ")`, "")
	f(`user.name == "root|admin"`, `1:14: "root|admin" is one text; write user.name in ["root", "admin"]`)
	f(`user.name == "root, admin"`, `1:14: "root, admin" is one text; write user.name in ["root", "admin"]`)
	f(`user.name == "Doe, John"`, "")
	f(`user.name == "root "`, `1:14: "root " has a space at its end or beginning, which few values have`)
	f(`user.name == ""`, `1:14: what is empty is not set; write not has(user.name)`)
	f(`user.name contains ""`, `1:20: each text contains the empty one; write has(user.name)`)
	f(`user.name in ["a", "b", "a"]`, `1:25: "a" stands in the list twice: was another value meant?`)
	f(`user.name in "root"`, `1:14: in asks whether a value is one of a list; write user.name in ["root"], or user.name contains "root"`)
	f(`"root" in user.name`, "")
	f(`event.type == ["info"]`, `1:15: == with a list asks for any of it, whatever else event.type has; write event.type in ["info"]`)
	f(`event.type != ["info", "start"]`, `1:15: != with a list asks for any of it, whatever else event.type has; write event.type not in ["info", "start"]`)
	f(`event.type not in ["info", "start"]`, "")
	f(`user.name in ["root"]`, "")
	f(`cidr(source.ip, "0.0.0.0/0")`, `1:1: a network of the length 0 holds every address: to ask whether there is one, write has(source.ip)`)
	f(`cidr(source.ip, "192.0.2.1/24")`, `1:17: 192.0.2.1/24 is the whole network 192.0.2.0/24; one address is 192.0.2.1/32`)
	f(`cidr(source.ip, "192.0.2.0/24", "2001:db8::/32")`, "")
	// Regular expressions.
	f("url.path matches `10.0.0.1`", `1:18: a dot fits any character; the one between the parts of a name or address is \.`)
	f("url.path matches `10\\.0\\.0\\.1`", "")
	f("url.path matches `evil.example.com`", `1:18: a dot fits any character; the one between the parts of a name or address is \.`)
	f("url.path matches `[.]example[.]com$`", "")
	f("user.name matches `root`", `1:19: the expression is a text, and fits wherever that stands; write user.name == "root", or contains`)
	f("user.name matches `(?i)root`", "")
	f("user.name matches `^root$`", "")
	f("user.name matches `.*`", `1:19: the expression fits every text, also none: write has(user.name), or what it has to hold`)
	f("user.name matches `root||admin`", `1:19: the expression fits every text, also none: write has(user.name), or what it has to hold`)
	f("user.name matches `^$`", "")
	f("user.name matches `root^`", `1:19: the expression fits no text: ^ is where it begins, $ where it ends; the characters are \^ and \$`)
	f("user.name matches `$root`", `1:19: the expression fits no text: ^ is where it begins, $ where it ends; the characters are \^ and \$`)
	f("user.name matches `[root|admin]`", `1:19: [a|b] is one of these characters; write (a|b) for one of the words`)
	f("user.name matches `^root|admin$`", `1:19: ^ belongs to the first alternative only, and $ to the last; write ^(root|admin)$`)
	f("user.name matches `^(root|admin)$`", "")
	f("user.name matches `cmd*`", `1:19: * repeats the character before it; write like(user.name, "cmd*")`)
	f("url.path matches `/admin/i`", `1:18: slashes around an expression are a part of it; write (?i) in front for both cases`)
	// What binds closer than it seems.
	mixed := ": and binds closer than or: put parentheses around what belongs together"
	f(`user.name == "a" or user.name == "b" and source.port == 22`, "1:18"+mixed)
	f(`source.port == 22 && user.name == "ä" || user.name == "b"`, "1:39"+mixed)
	f(`source.port == 23 and (source.port == 22 and user.name == "a" or has(user.id))`, "")
	f(`user.name == "a" or (user.name == "b" and source.port == 22)`, "")
	f(`(user.name == "a" or user.name == "b") and source.port == 22`, "")
	f(`user.name == "a" and source.port == 22 or user.name == "b" and source.port == 23`, "")
	f("user.name == \"a\"\nor user.name == \"b\" and source.port == 22", "")
	f(`user.name in ["a", "b"] or has(user.id) or source.port == 22`, "")
	// What is always so.
	f(`user.name != "a" or user.name != "b"`, `not user.name == "a" (1:1) or not user.name == "b" (1:21) is always so: was and meant?`)
	f(`source.port != 80 or source.port != 443`, `not source.port == 80 (1:1) or not source.port == 443 (1:22) is always so: was and meant?`)
	f(`source.port > 6 or source.port < 22`, `source.port > 6 (1:1) or source.port < 22 (1:20) is always so: was and meant?`)
	f(`source.port > 22 or source.port < 6`, "")
	f(`user.name == "c" and (user.id != "a" or user.id != "b")`, `not user.id == "a" (1:23) or not user.id == "b" (1:41) is always so: was and meant?`)
	f(`not (user.name == "a" and user.name == "b")`, `not user.name == "a" (1:6) or not user.name == "b" (1:27) is always so: was and meant?`)
	f(`hour($env["@timestamp"]) >= 0`, `hour($env["@timestamp"]) >= 0 is always so`)
	f(`hour($env["@timestamp"]) >= 1`, "")
	f(`true`, "it is always so, whatever the event")
	f(`not false`, "it is always so, whatever the event")
	f(`user.name == "a" or true`, "it is always so, whatever the event")
	f(`user.name == "a" and not (user.id == "b" and false)`, "it is always so, whatever the event")
}
