package filetail

import (
	"bytes"
	"fmt"
	"testing"
)

func sample(n int) (files []*file) {
	for i := range n {
		f := newFile(inode{2049, uint64(1000 + i)}, fmt.Sprintf("/var/log/app-%04d/access.log", i))
		f.offset, f.part, f.history = int64(i)<<30, i%3, int64(i)
		f.head, f.tail = markOf([]byte("head")), markOf(make([]byte, min(f.offset, tailBytes)))
		files = append(files, f)
	}
	return files
}

func TestCheckpoint(t *testing.T) {
	at := encode(sample(20), sample(3))
	files, orphans, err := decode(at)
	if err != nil || len(files) != 20 || len(orphans) != 3 {
		t.Fatalf("%d files, %d orphans, %v", len(files), len(orphans), err)
	}
	if !bytes.Equal(encode(files, orphans), at) {
		t.Error("what was decoded is not what was encoded")
	}
	if f := files[7]; f.offset != 7<<30 || f.path != "/var/log/app-0007/access.log" || f.id != (inode{2049, 1007}) || f.tail.n != tailBytes {
		t.Errorf("%+v", f)
	}
	if files, _, err := decode(encode(sample(maxMaxFiles+maxOrphans+1), nil)); err != nil { // some were found in compressed ones
		t.Errorf("%d files, %v", len(files), err)
	}
	for i := range at {
		if _, _, err := decode(at[:i]); err == nil {
			t.Errorf("cut to %d bytes it is taken", i)
		}
	}
}

// TestCheckpointSize: the state goes out with each batch.
func TestCheckpointSize(t *testing.T) {
	if n := len(encode(sample(defaultMaxFiles), sample(maxOrphans))); n > 300<<10 {
		t.Errorf("%d bytes for %d files", n, defaultMaxFiles)
	}
	if n := len(encode(sample(maxMaxFiles), nil)); n > 1<<20 {
		t.Errorf("%d bytes for %d files", n, maxMaxFiles)
	}
}

// FuzzCheckpoint: damaged state is refused, or is state that encodes to itself.
func FuzzCheckpoint(f *testing.F) {
	f.Add([]byte(encode(sample(3), sample(1))))
	f.Add([]byte{checkpointVersion, 0xff, 0xff, 0x01})
	f.Fuzz(func(t *testing.T, at []byte) {
		files, orphans, err := decode(at)
		if err != nil {
			return
		}
		again, more, err := decode(encode(files, orphans))
		if err != nil || len(again) != len(files) || len(more) != len(orphans) {
			t.Fatalf("%d files, %d orphans, %v", len(again), len(more), err)
		}
	})
}

func BenchmarkCheckpoint(b *testing.B) {
	for _, n := range []int{1, 20, 200, 2000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			files := sample(n)
			b.ReportAllocs()
			size := 0
			for b.Loop() {
				size = len(encode(files, nil))
			}
			b.ReportMetric(float64(size), "B/checkpoint")
		})
	}
}
