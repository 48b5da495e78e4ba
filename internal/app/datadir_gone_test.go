package app

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestDataDirGone: what is written to files that were removed is kept by nobody, so the process ends
// instead of acknowledging it.
func TestDataDirGone(t *testing.T) {
	f := func(what, want string, act func(path string) error) {
		t.Helper()
		path := filepath.Join(t.TempDir(), "data")
		synctest.Test(t, func(t *testing.T) {
			d, err := openDataDir(path)
			if err != nil {
				t.Fatal(err)
			}
			defer d.Close()
			ctx, stop := context.WithTimeout(t.Context(), time.Minute)
			defer stop()
			if err := act(path); err != nil {
				t.Fatal(err)
			}
			err = d.untilGone(ctx)
			if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
				t.Errorf("%s: %v", what, err)
			}
		})
	}
	f("untouched", "", func(string) error { return nil })
	f("other files come and go", "", func(path string) error { return os.Remove(filepath.Join(path, "VERSION")) })
	f("removed", "was removed, moved or unmounted", os.RemoveAll)
	f("moved", "was removed, moved or unmounted", func(path string) error { return os.Rename(path, path+".old") })
	f("replaced", "was replaced", func(path string) error {
		if err := os.Rename(path, path+".old"); err != nil {
			return err
		}
		d, err := openDataDir(path)
		if err != nil {
			return err
		}
		return d.Close()
	})
}

// TestWriteFileEqual: what is there already needs no room, which a full disk does not have.
func TestWriteFileEqual(t *testing.T) {
	d := &dataDir{path: t.TempDir()}
	write := func(text string) os.FileInfo {
		t.Helper()
		if err := d.writeFile("address", []byte(text)); err != nil {
			t.Fatal(err)
		}
		st, err := os.Stat(d.join("address"))
		if err != nil {
			t.Fatal(err)
		}
		return st
	}
	first := write("a")
	if !os.SameFile(first, write("a")) {
		t.Error("an equal file was written again")
	}
	if os.SameFile(first, write("b")) {
		t.Error("another text was not written")
	}
}
