package disk

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// A disk that has become read-only under a process does not hide that process: who asks with sluice
// account or search is sent to it.
func TestLockOnReadOnly(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("none", dir, "tmpfs", 0, "size=1m"); err != nil {
		t.Skipf("needs to mount: %v", err)
	}
	defer func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	}()
	name := filepath.Join(dir, "lock")
	if err := os.WriteFile(name, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("none", dir, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
	held, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	if err := syscall.Flock(int(held.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	if _, err := Dir(dir).Lock(); !errors.Is(err, ErrLocked) {
		t.Errorf("of another process: %v, want %v", err, ErrLocked)
	}
	if err := syscall.Flock(int(held.Fd()), syscall.LOCK_UN); err != nil {
		t.Fatal(err)
	}
	lock, err := Dir(dir).Lock()
	if err != nil {
		t.Fatal(err)
	}
	lock.Close()
}
