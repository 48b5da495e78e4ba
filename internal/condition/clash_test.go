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
		if got := ls.Clash(fs.Schema(), n); got != want {
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
	f(`not (user.name != "a" or user.name != "b")`, `user.name == "a" (1:6) and user.name == "b" (1:26) exclude each other`)
}
