package filetail

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sluice/event"
)

// TestHole: who does not append writes on where it was when its file was truncated. The NULs before that are no line.
func TestHole(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.log")
	out, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	say := func(line string) {
		t.Helper()
		if _, err := out.WriteString(line + "\n"); err != nil {
			t.Fatal(err)
		}
	}
	before := strings.Repeat("before ", readBytes/2)
	s := settings(t, path)
	s.MaxLine = maxMaxLine
	say(before)
	say(before + "too")
	w := start(t, s)
	w.want(2)
	if err := os.Truncate(path, 0); err != nil {
		t.Fatal(err)
	}
	say("behind the hole")
	say("\x00\x00a\x00\x00")
	w.until(func([]event.Raw) bool { n := len(w.lines()); return n > 1 && w.lines()[n-1] == "\x00\x00a\x00\x00" }, "what is behind the hole")
	for _, line := range w.lines() {
		if strings.HasPrefix(line, "\x00\x00\x00\x00") {
			t.Errorf("%d NULs are a line", len(line))
		}
	}
}
