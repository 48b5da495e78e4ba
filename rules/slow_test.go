package rules

import (
	"strings"
	"testing"
	"time"
)

// TestSlowFaults: a file full of faults is answered quickly too.
func TestSlowFaults(t *testing.T) {
	f := func(when string) {
		t.Helper()
		begin := time.Now()
		text := "id: a\ntitle: A\nlevel: low\nkind: match\nwhen: '" + when + "'\n"
		_, err := Load(testSchema, []File{{Name: "r.yml", Text: []byte(text)}}, Options{})
		if took := time.Since(begin); err == nil || took > 10*time.Second {
			t.Errorf("%.40q took %v, %v", when, took, err != nil)
		}
		t.Logf("%.40q took %v", when, time.Since(begin))
	}
	f("x" + strings.Repeat(" and usr.nam", 1200))
	f(strings.Repeat("a", 16000) + " == 1")
	f("x" + strings.Repeat(" + a.b", 2000))
	f("x" + strings.Repeat("(", 8000))
	f("x" + strings.Repeat("[", 8000))
	f("x" + strings.Repeat(".a", 8000))
	f("x" + strings.Repeat(" and usr.nam == 1", 900))
	f(strings.Repeat("not ", 4000))
	f(strings.Repeat("-", 16000))
}
