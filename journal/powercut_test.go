package journal_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"sluice/internal/crash"
	"sluice/internal/disk"
	"sluice/journal"
)

// In a process of its own the test binary is the writer whose power is cut.
func TestMain(m *testing.M) {
	if dir := os.Getenv("SLUICE_TEST_WRITER"); dir != "" {
		if err := numberedWriter(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// segmentBytes is small where a point in a roll is to be reached soon.
func segmentBytes() int64 {
	if crash.Enabled {
		return 4 << 10
	}
	return 256 << 10
}

// numberedWriter appends records that hold their own sequence, and says what is
// acknowledged, until it is killed.
func numberedWriter(dir string) error {
	j, err := journal.Open(disk.Dir(dir), journal.Options{SegmentBytes: segmentBytes(), State: &sum{}})
	if err != nil {
		return err
	}
	for next := j.Stats().Next; ; {
		var b journal.Batch
		for k := range 20 {
			b.Records = append(b.Records, fmt.Appendf(nil, "%d %0*d", next+journal.Seq(k), 50+int(next)%200, 0))
		}
		first, err := j.Append(context.Background(), b)
		if err != nil {
			return err
		}
		if first != next {
			return fmt.Errorf("sequence %d, want %d", first, next)
		}
		next += 20
		fmt.Println(next)
		if st := j.Stats(); st.Segments > 24 { // seldom reached before a power cut
			if err := j.TrimBefore(next); err != nil {
				return err
			}
		}
	}
}

// C4: a real ext4 whose power is cut under a writer, several times over. Whatever was
// acknowledged is there, and the journal opens without help.
func TestPowerCutOnExt4(t *testing.T) {
	rounds := 6
	if testing.Short() {
		rounds = 2
	}
	mount := loopFS(t)
	acked := journal.Seq(0)
	for round := range rounds {
		if err := mount(); err != nil {
			t.Skipf("no loop-mounted ext4 here: %v", err)
		}
		dir := filepath.Join(t.TempDir(), "..", "mnt")
		acked = max(acked, writeUntilCut(t, dir, 150*time.Millisecond+time.Duration(round)*70*time.Millisecond))
		unmount(t, dir)
		if err := mount(); err != nil {
			t.Fatalf("mount after the cut: %v", err)
		}
		judgeCut(t, filepath.Join(dir, "journal"), acked)
		unmount(t, dir)
	}
	t.Logf("%d records acknowledged over %d power cuts, all there", acked-1, rounds)
}

func judgeCut(t *testing.T, dir string, acked journal.Seq) {
	t.Helper()
	report, err := journal.Verify(disk.Dir(dir), func(d journal.Damage) {
		if !d.Torn {
			t.Errorf("verify: %v", d)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	j := open(t, disk.Dir(dir), journal.Options{State: &sum{}, Damaged: func(d journal.Damage) {
		if !d.Torn {
			t.Error(d)
		}
	}})
	defer j.Close()
	next := journal.Seq(1)
	for s, r := range drain(t, j, 1) {
		var n journal.Seq
		fmt.Sscan(r, &n)
		if n != s {
			t.Fatalf("record %d says %.20q", s, r)
		}
		next = max(next, s+1)
	}
	if next < acked || int64(next-1) != report.Records {
		t.Fatalf("%d records, %d verified, %d acknowledged", next-1, report.Records, acked-1)
	}
}

// writeUntilCut returns the last sequence that the writer called acknowledged.
func writeUntilCut(t *testing.T, dir string, after time.Duration) journal.Seq {
	t.Helper()
	writer := exec.Command(os.Args[0], "-test.run=^$")
	writer.Env = append(os.Environ(), "SLUICE_TEST_WRITER="+filepath.Join(dir, "journal"))
	out, err := writer.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	writer.Stderr = os.Stderr
	if err := writer.Start(); err != nil {
		t.Fatal(err)
	}
	begun, acked := make(chan struct{}), make(chan journal.Seq)
	go func() {
		var last journal.Seq
		begin := sync.OnceFunc(func() { close(begun) })
		for lines := bufio.NewScanner(out); lines.Scan(); begin() {
			fmt.Sscan(lines.Text(), &last)
		}
		begin() // or has ended
		acked <- last
	}()
	<-begun           // on a busy machine it takes a while
	time.Sleep(after) // it writes as long as this; nothing waits for it
	writer.Process.Signal(syscall.SIGSTOP)
	// Every thread has to stand still, since ext4 may call an fsync done that its shutdown overtook; a
	// cut of the power leaves nobody to hear that.
	var status syscall.WaitStatus
	if _, err := syscall.Wait4(writer.Process.Pid, &status, syscall.WUNTRACED, nil); err != nil || !status.Stopped() {
		t.Errorf("the writer did not stop: %v, %v", status, err)
	}
	if err := shutDown(dir); err != nil {
		t.Error(err)
	}
	writer.Process.Kill()
	last := <-acked
	writer.Wait()
	return last
}

// shutDown takes the file system away without flushing its journal: EXT4_IOC_SHUTDOWN
// with EXT4_GOING_FLAGS_NOLOGFLUSH, as a power cut would.
func shutDown(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	const request, noLogFlush = 0x8004587d, 2
	flags := uint32(noLogFlush)
	if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, f.Fd(), request, uintptr(unsafe.Pointer(&flags))); errno != 0 {
		return fmt.Errorf("EXT4_IOC_SHUTDOWN: %w", errno)
	}
	return nil
}

// loopFS makes an ext4 in a file; the function it returns mounts it at <temp>/mnt.
func loopFS(t *testing.T) (mount func() error) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("a power cut needs root, for a loop-mounted ext4")
	}
	base := filepath.Dir(t.TempDir())
	image, dir := filepath.Join(base, "image"), filepath.Join(base, "mnt")
	run := func(name string, args ...string) error {
		if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w: %s", name, err, strings.TrimSpace(string(out)))
		}
		return nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(image)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Truncate(256 << 20); err != nil {
		t.Fatal(err)
	}
	f.Close()
	if err := run("mkfs.ext4", "-q", "-F", image); err != nil {
		t.Skipf("no ext4 tools here: %v", err)
	}
	t.Cleanup(func() { syscall.Unmount(dir, syscall.MNT_DETACH) })
	return func() error { return run("mount", "-o", "loop", image, dir) }
}

func unmount(t *testing.T, dir string) {
	t.Helper()
	if err := syscall.Unmount(dir, 0); err != nil {
		t.Fatalf("unmount: %v", err)
	}
}
