package filetail

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestColumns: each line of a file that begins with the names of its columns has them with it,
// also those that are read after a restart.
func TestColumns(t *testing.T) {
	dir := t.TempDir()
	table, log := filepath.Join(dir, "a.csv"), filepath.Join(dir, "b.log")
	const header = "time,user,action,result"
	write(t, table, header+"\r\n1,ann,login,ok\r\n")
	write(t, log, "one\ntwo\n")
	w := start(t, settings(t, dir+"/*"))
	w.want(4)
	w.restart()
	write(t, table, "2,bob,login,failed\r\n")
	for _, raw := range w.want(5) {
		want := header
		if raw.Listener == log {
			want = ""
		}
		if raw.Envelope != want {
			t.Errorf("%s has the header %q, want %q", raw.Bytes, raw.Envelope, want)
		}
	}
}

// TestColumnsAnew: where a W3C log names its columns again, the lines behind it have those, also
// the ones that are read after a restart.
func TestColumnsAnew(t *testing.T) {
	log := filepath.Join(t.TempDir(), "u_ex260302.log")
	const first, second = "#Fields: date time c-ip cs-method", "#Fields: date time c-ip sc-status"
	write(t, log, "#Version: 1.0\r\n"+first+"\r\n2026-03-02 09:00:00 192.0.2.1 GET\r\n")
	write(t, log, "#Version: 1.0\r\n"+second+"\r\n2026-03-02 09:00:01 192.0.2.1 200\r\n")
	w := start(t, settings(t, log))
	w.want(6)
	w.restart()
	write(t, log, "2026-03-02 09:00:02 192.0.2.1 404\r\n")
	for _, raw := range w.want(7) {
		want := second
		if line := string(raw.Bytes); line == first || strings.HasSuffix(line, "GET") {
			want = first
		} else if line[0] == '#' {
			continue
		}
		if raw.Envelope != want {
			t.Errorf("%s has the header %q, want %q", raw.Bytes, raw.Envelope, want)
		}
	}
}
