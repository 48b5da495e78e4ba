package filetail

import (
	"testing"
	"time"

	"github.com/fsnotify/fsnotify"
)

// TestNoticeOfOthers: writes to a file that is not followed make a scan no more often than it is worth.
func TestNoticeOfOthers(t *testing.T) {
	in := &input{files: []*file{{name: "/l/a.log"}}}
	f := func(name string, op fsnotify.Op, since, took time.Duration, want bool) {
		t.Helper()
		in.scanned, in.took = time.Now().Add(-since), took
		if got := in.notice(fsnotify.Event{Name: name, Op: op}); got != want {
			t.Errorf("%v of %s, %v after a scan that took %v: scan %v, want %v", op, name, since, took, got, want)
		}
	}
	f("/l/a.log", fsnotify.Write, time.Hour, 0, false)
	f("/l/other", fsnotify.Write, time.Minute, time.Second, true)
	f("/l/other", fsnotify.Write, 10*time.Second, time.Second, false)
	f("/l/other", fsnotify.Create, 0, time.Hour, true)
	f("/l/a.log", fsnotify.Rename, 0, time.Hour, true)
	if !in.files[0].dirty {
		t.Error("the file that grew is not read")
	}
}
