package normalize_test

import (
	"regexp"
	"testing"
)

// TestPacksMAC: hardware addresses stand in the expected documents in the one form that ECS asks
// for, in whatever form the lines have them: who looks for an address finds it in every source.
func TestPacksMAC(t *testing.T) {
	form := regexp.MustCompile(`^[0-9A-F]{2}(-[0-9A-F]{2}){5,7}$`)
	owner := regexp.MustCompile(`^(client|destination|host|observer|server|source)\.mac$`)
	goldens(t, func(at string, doc any) {
		leaves("", doc, func(field, text string) {
			if owner.MatchString(field) && !form.MatchString(text) {
				t.Errorf("%s: %s is %q", at, field, text)
			}
		})
	})
}
