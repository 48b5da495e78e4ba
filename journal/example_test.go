package journal_test

import (
	"context"
	"fmt"

	"sluice/internal/disk/disktest"
	"sluice/journal"
)

// A store's write-ahead log: what is acknowledged is replayed after a crash, what
// has reached a segment of the store is trimmed.
func Example_writeAheadLog() {
	disk := disktest.New()
	ctx := context.Background()

	wal, _ := journal.Open(disk, journal.Options{})
	wal.Append(ctx, journal.Batch{Records: [][]byte{[]byte("event 1"), []byte("event 2")}})
	next, _ := wal.Append(ctx, journal.Batch{Records: [][]byte{[]byte("event 3")}})
	flushed := next // the store wrote everything before event 3 and keeps this number with it
	wal.TrimBefore(flushed)

	disk.Crash()
	wal, _ = journal.Open(disk, journal.Options{})
	r := wal.Reader(flushed, 0)
	defer r.Close()
	for {
		b, ok, err := r.TryNext()
		if !ok || err != nil {
			break
		}
		for _, rec := range b.Records {
			fmt.Printf("replay %s\n", rec)
		}
	}
	// Output: replay event 3
}
