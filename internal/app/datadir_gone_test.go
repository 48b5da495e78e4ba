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
