package journal_test

import (
	"fmt"
	"testing"

	"sluice/internal/disk"
	"sluice/journal"
)

// An append of 500 records of 500 bytes with its fsync; ns/op / 500 is per event.
func BenchmarkAppend(b *testing.B) {
	for _, codec := range []journal.Codec{journal.None, journal.S2, journal.Zstd} {
		b.Run(fmt.Sprintf("codec%d", codec), func(b *testing.B) {
			j, err := journal.Open(disk.Dir(b.TempDir()), journal.Options{Codec: codec})
			if err != nil {
				b.Fatal(err)
			}
			defer j.Close()
			var batch journal.Batch
			size := 0
			for i := range 500 {
				r := fmt.Appendf(nil, "<134>Mar  1 10:00:00 fw%d kernel: IN=eth0 OUT=eth1 SRC=10.0.%d.%d DST=192.0.2.%d LEN=%0400d", i%7, i%5, i, i%250, i)
				batch.Records = append(batch.Records, r)
				size += len(r)
			}
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := j.Append(b.Context(), batch); err != nil {
					b.Fatal(err)
				}
				if st := j.Stats(); st.Segments > 4 {
					j.TrimBefore(st.Next)
				}
			}
		})
	}
}
