package bus

import "testing"

func TestPositionText(t *testing.T) {
	p := Position{Producer: "ab12/3", Raw: -1, Sequence: 1 << 40, Ordinal: 7}
	if got, err := ParsePosition(p.String()); err != nil || got != p {
		t.Errorf("%q reads back as %+v, %v", p.String(), got, err)
	}
	for _, bad := range []string{"", "a 1 2", "a 1 2 3 4", " 1 2 3", "a x 2 3", "a 1 x 3", "a 1 2 x", "a 1 99999999999999999999 3"} {
		if got, err := ParsePosition(bad); err == nil {
			t.Errorf("%q is taken for %+v", bad, got)
		}
	}
}

// TestSeen: of each source what is not above the greatest position so far is a double.
func TestSeen(t *testing.T) {
	seen := Seen{}
	f := func(want bool, p Position) {
		t.Helper()
		if got := seen.New(p); got != want {
			t.Errorf("%v is new: %v, want %v", p, got, want)
		}
	}
	f(true, Position{"a", 0, 5, 1})
	f(false, Position{"a", 0, 5, 1})
	f(false, Position{"a", 0, 5, 0})
	f(true, Position{"a", 0, 5, 2})
	f(false, Position{"a", 0, 4, 9})
	f(true, Position{"a", 0, 6, 0})
	f(false, Position{"a", 0, 5, 9})
	f(true, Position{"a", 1, 5, 1}) // through another raw partition
	f(true, Position{"b", 0, 1, 0}) // of another producer
	f(false, Position{"a", 0, 6, 0})
}
