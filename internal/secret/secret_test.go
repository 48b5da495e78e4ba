package secret

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestNeverPrinted(t *testing.T) {
	s := New("hunter2")
	box := struct {
		Password Secret
		Pointer  *Secret
	}{s, &s}
	f := func(printed string) {
		t.Helper()
		if strings.Contains(printed, "hunter2") {
			t.Errorf("printed: %s", printed)
		}
	}
	f(fmt.Sprint(s))
	f(fmt.Sprintf("%v %+v %#v %s %q %x", s, s, s, s, s, s))
	f(fmt.Sprintf("%v %+v %#v", box, box, box))
	within := struct {
		password Secret // of a field like this fmt calls no method
		list     []Secret
	}{s, []Secret{s}}
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%t"} {
		f(fmt.Sprintf(format, s))
		f(fmt.Sprintf(format, within))
		f(fmt.Sprintf(format, &within))
	}
	out, err := json.Marshal(box)
	if err != nil {
		t.Fatal(err)
	}
	f(string(out))
	var b strings.Builder
	slog.New(slog.NewJSONHandler(&b, nil)).Info("settings", "password", s, "box", box)
	slog.New(slog.NewTextHandler(&b, nil)).Info("settings", "password", s, "box", box)
	f(b.String())
}

func TestRead(t *testing.T) {
	var s Secret
	if !s.Empty() || s.String() != "" {
		t.Error("the zero value is not empty")
	}
	if err := s.UnmarshalText([]byte("a b")); err != nil || s.Reveal() != "a b" || s.Empty() {
		t.Errorf("read %q, %v", s.Reveal(), err)
	}
}
