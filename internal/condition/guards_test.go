package condition

import (
	"testing"

	"sluice/event"
)

func TestGuards(t *testing.T) {
	fs := testFields(t)
	for _, tt := range []struct{ src, needs, lacks string }{
		{`user.name == "root"`, "user.name", ""},
		{`user.name != "root"`, "", ""},
		{`user.name != nil`, "user.name", ""},
		{`user.name == nil`, "", "user.name"},
		{`user.name == nil and host.name in ["a", "b"]`, "host.name", "user.name"},
		{`user.name == "root" or user.name startsWith "adm"`, "user.name", ""},
		{`user.name == "root" or host.name == "a"`, "", ""},
		{`not (user.name == "root")`, "", ""},
		{`user.name == nil or user.name == "root"`, "", ""},
		{`lower(user.name) == host.name`, "", ""},
	} {
		leaves := NewLeaves()
		c := &Compiler{Fields: fs, Leaves: leaves}
		n, err := c.Compile(tt.src, From(1, 1, 1))
		if err != nil {
			t.Fatal(err)
		}
		name := func(f event.Field) string {
			if f == event.None {
				return ""
			}
			return fs.schema.Spec(f).Name
		}
		if needs, lacks := leaves.Guards(n); name(needs) != tt.needs || name(lacks) != tt.lacks {
			t.Errorf("%s: needs %q, lacks %q; want %q, %q", tt.src, name(needs), name(lacks), tt.needs, tt.lacks)
		}
	}
}
