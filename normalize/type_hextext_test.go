package normalize

import "testing"

func TestHexText(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"636174202F6574632F736861646F77", "cat /etc/shadow"},
		{"636174002F746D702F6100", "cat /tmp/a"},
		{"2F746D702FC3A4", "/tmp/ä"},
		{"/usr/bin/id", "/usr/bin/id"},
		{"deadbeef", "deadbeef"}, // no text
		{"64656164", "64656164"}, // nothing in it had to be written so
		{"abc", "abc"},
		{"", ""},
	} {
		if got := fromHexText(c.in); got != c.want {
			t.Errorf("fromHexText(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}
