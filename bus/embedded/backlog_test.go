package embedded_test

import (
	"math/rand/v2"
	"os"
	"runtime"
	"strconv"
	"testing"
	"time"

	"sluice/bus"
	"sluice/bus/embedded"
	"sluice/internal/disk"
)

// C7: a long backlog costs neither memory nor much time at start. SLUICE_TEST_BACKLOG is
// its size in MiB; 5120 is what is promised.
func TestOpenBehindABacklog(t *testing.T) {
	if testing.Short() {
		t.Skip("writes a backlog")
	}
	size := 256
	if s := os.Getenv("SLUICE_TEST_BACKLOG"); s != "" {
		var err error
		if size, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
	}
	fs := disk.Dir(t.TempDir())
	b, err := embedded.Open(fs, chain, embedded.Options{})
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.NewChaCha8([32]byte{1})
	batch := make([]bus.Message, 200, 201)
	for i := range batch {
		batch[i] = bus.Message{Topic: "raw", Value: make([]byte, 1000)}
		rng.Read(batch[i].Value)
	}
	batch = append(batch, bus.Message{Topic: "state", Key: []byte("a key"), Value: []byte("0")})
	for n := 0; b.Stats().Bytes < int64(size)<<20; n++ {
		batch[200].Value = strconv.AppendInt(nil, int64(n), 10)
		if err := b.Produce(t.Context(), batch); err != nil {
			t.Fatal(err)
		}
	}
	b.Close()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	start := time.Now()
	if b, err = embedded.Open(fs, chain, embedded.Options{}); err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	took := time.Since(start)
	runtime.ReadMemStats(&after)
	live := 0
	for p := range 2 {
		if err := b.Table(t.Context(), "state", p, func(bus.Message) error { live++; return nil }); err != nil {
			t.Fatal(err)
		}
	}
	grown := int64(after.HeapInuse) - int64(before.HeapInuse)
	if took > 10*time.Second || grown > 100<<20 || live != 1 {
		t.Errorf("opened in %v with %d MiB more heap, %d table records; want 10 s, 100 MiB, 1", took, grown>>20, live)
	}
	t.Logf("%d MiB: opened in %v with %d MiB more heap", size, took, grown>>20)
}
