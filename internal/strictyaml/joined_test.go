package strictyaml

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// textless wraps an error and says nothing more, as app.ConfigError does.
type textless struct{ error }

func (t textless) Unwrap() error { return t.error }

func TestJoined(t *testing.T) {
	f := func(err error, want ...string) {
		t.Helper()
		var got []string
		for _, e := range Joined(err) {
			got = append(got, e.Error())
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	}
	a, b, c := errors.New("a"), errors.New("b"), errors.New("c")
	f(nil)
	f(a, "a")
	f(errors.Join(a, nil, errors.Join(b, c)), "a", "b", "c")
	f(textless{errors.Join(a, b)}, "a", "b")
	f(fmt.Errorf("open %w: %w", a, b), "open a: b")
	f(errors.Join(a, fmt.Errorf("in b: %w", errors.Join(b, c))), "a", "in b: b\nc")
}
