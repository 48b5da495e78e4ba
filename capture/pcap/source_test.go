package pcap

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"path/filepath"
	"testing"
	"time"

	"sluice/capture"
)

// zeros are n bytes of nothing.
type zeros struct{ n int64 }

func (z *zeros) Read(p []byte) (int, error) {
	if z.n == 0 {
		return 0, io.EOF
	}
	n := int(min(int64(len(p)), z.n))
	clear(p[:n])
	z.n -= int64(n)
	return n, nil
}

// TestHostileLengths: neither the length that a file claims for a packet nor a gzip
// bomb makes us read on for ever; what came before stands.
func TestHostileLengths(t *testing.T) {
	f := func(name string, r io.Reader, packets uint64) {
		t.Helper()
		src, err := newSource(r)
		if err != nil {
			t.Fatal(name, err)
		}
		var p capture.Packet
		for err == nil {
			err = src.packet(&p)
		}
		if !errors.Is(err, errCut) || src.number < packets {
			t.Errorf("%s: %v behind packet %d", name, err, src.number)
		}
	}
	header := pcapFile(t, when, frames(t, 3))
	binary.LittleEndian.PutUint32(header[16:], 1<<31-1) // the snap length
	claim := append(bytes.Clone(header), 1, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff, 0x7f)
	endless := &zeros{n: 1 << 31}
	f("a packet of 2 GiB", io.MultiReader(bytes.NewReader(claim), endless), 3)
	if read := int64(1<<31) - endless.n; read > 2*maxRead {
		t.Errorf("%d bytes were read for one packet", read)
	}
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	if _, err := io.Copy(z, io.MultiReader(bytes.NewReader(header), &zeros{n: freeBytes + 64<<20})); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	f("a gzip bomb of empty packets", &bomb, 4)
}

// TestStopAmidTheLook: a look that a stop cuts short reads no folder any more, and forgets no file.
func TestStopAmidTheLook(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.pcap")
	write(t, path, []byte("no capture"))
	in := &input{set: *settings(filepath.Join(dir, "*")), seen: map[string]looked{path: {}}}
	if paths, faults := in.paths(t.Context()); len(paths) != 1 || len(faults) != 0 {
		t.Errorf("%d files, %v", len(paths), faults)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if paths, _ := in.paths(ctx); len(paths) != 0 {
		t.Errorf("after the stop %d files were looked for", len(paths))
	}
	if _, err := in.look(ctx, nil); !errors.Is(err, context.Canceled) || len(in.seen) != 1 {
		t.Errorf("%v, and %d files are known", err, len(in.seen))
	}
}

// TestEnds: a file that ends inside a packet says so wherever that is, and one whose clock begins at 0 keeps its times.
func TestEnds(t *testing.T) {
	whole := pcapFile(t, when, frames(t, 3))
	last := len(whole) - len(frames(t, 3)[2])
	for _, end := range []int{last - 17, last - 16, last - 1, last, last + 1, len(whole)} {
		src, err := newSource(bytes.NewReader(whole[:end]))
		var p capture.Packet
		for err == nil {
			err = src.packet(&p)
		}
		if cut := end != last-16 && end != len(whole); errors.Is(err, errCut) != cut {
			t.Errorf("%d bytes of %d, the last packet's from %d: %v behind packet %d", end, len(whole), last, err, src.number)
		}
	}
	src, err := newSource(bytes.NewReader(pcapFile(t, time.Unix(0, 1000), frames(t, 3))))
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		var p capture.Packet
		if err := src.packet(&p); err != nil {
			t.Fatal(err)
		}
		if want := time.Unix(0, 1000).Add(time.Duration(p.Number-1) * time.Millisecond); !p.Time.Equal(want) {
			t.Errorf("packet %d is of %v, not %v", p.Number, p.Time, want)
		}
	}
}
