package normalize

import (
	"fmt"
	"strings"
	"testing"
)

// TestKeys: a key is found whatever its length, and no other one in its place.
func TestKeys(t *testing.T) {
	var k keys[int]
	if k.get("") != nil || k.get("a") != nil {
		t.Error("there is something in nothing")
	}
	want := map[string]int{}
	for n := range 900 {
		name := ""
		for len(name) < n%23 {
			name += fmt.Sprint(n, "_")
		}
		want[name] = n
		k.set(name, n)
	}
	for name, n := range want {
		if got := k.get(name); got == nil || *got != n {
			t.Errorf("%q", name)
		}
		if k.get(name+"x") != nil || name != "" && k.get(name[1:]+"-") != nil {
			t.Errorf("there is something beside %q", name)
		}
	}
}

func BenchmarkKeys(b *testing.B) {
	var k keys[int]
	m := map[string]int{}
	names := []string{"date", "time", "devname", "devid", "logid", "type", "subtype", "level", "vd", "eventtime", "srcip", "srcport", "srcintf", "srcintfrole", "dstip", "policytype", "unmapped"}
	for i, n := range names[:len(names)-1] {
		*k.at(n), m[n] = i, i
	}
	sum := 0
	b.Run("keys", func(b *testing.B) {
		for b.Loop() {
			for _, n := range names {
				if v := k.get(n); v != nil {
					sum += *v
				}
			}
		}
	})
	b.Run("map", func(b *testing.B) {
		for b.Loop() {
			for _, n := range names {
				sum += m[n]
			}
		}
	})
}

// TestLastBefore compares with a reading byte by byte.
func TestLastBefore(t *testing.T) {
	for _, s := range []string{"", "=", " =", "a=", "key=v", "a b key=v=w", "no stop at all, but blanks", "!\"#=\x01 x\x7f\xff=", "eight888=", "a  b  c  d  e="} {
		for pad := range 20 {
			s := strings.Repeat("p", pad%10) + strings.Repeat(" ", pad/10) + s
			end := strings.IndexByte(s, '=')
			behind := strings.LastIndexByte(s[:max(end, 0)], ' ') + 1
			if b, e := lastBefore(s, ' ', '='); e != end || end >= 0 && b != behind {
				t.Errorf("%q: %d %d, want %d %d", s, b, e, behind, end)
			}
		}
	}
}
