package store

import (
	"errors"
	"fmt"

	"sluice/internal/metrics"
)

// documentShare of what the store may take is for documents: a noisy rule's alerts must neither fill
// the disk nor leave the events behind them no room.
const documentShare = 4

// muchFree is how much of a file that is mostly free is worth the time to write it anew.
const muchFree = 64 << 20

// size is what the documents take, and what of the file is free for others.
func (d *documents) size() (used, free int64, err error) {
	var pages, unused, size int64
	err = d.db.QueryRow(`SELECT (SELECT page_count FROM pragma_page_count), (SELECT freelist_count FROM pragma_freelist_count), (SELECT page_size FROM pragma_page_size)`).Scan(&pages, &unused, &size)
	return (pages - unused) * size, unused * size, err
}

// shrink gives room back that documents took before they had a bound. It is for the start: nobody
// waits for a document yet.
func (d *documents) shrink() {
	used, free, err := d.size()
	if err != nil || free < muchFree || free < used {
		return
	}
	if _, err := d.db.Exec(`VACUUM`); err != nil { // a full disk, say: the room is used again all the same
		d.s.log.Warn("documents.db keeps room that nothing is in", "bytes", free, "error", err)
	}
}

// retain removes the documents that began first until they are within their share.
func (d *documents) retain(r Retention) error {
	for {
		used, _, err := d.size()
		d.bytes.Store(used)
		metrics.StoreDocumentBytes.WithLabelValues().Set(float64(used))
		if err != nil || r.Bytes <= 0 || r.Documents == "" || used <= r.Bytes/documentShare {
			return err
		}
		n, err := d.dropOldest(r.Documents)
		if err != nil || n == 0 {
			return err
		}
		metrics.StoreDocumentsRetained.WithLabelValues().Add(float64(n))
		if !d.told {
			d.told = true
			d.s.log.Warn("alerts take more than their share of retention.size; the oldest are removed", "bytes", used, "share", r.Bytes/documentShare)
		}
	}
}

// dropOldest removes some documents, the first ones, and lets others write before the next.
func (d *documents) dropOldest(prefix string) (n int64, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	// In the order of rows, not by the index over names: that would sort them all.
	rows, err := d.db.Query(`DELETE FROM docs WHERE row IN (SELECT row FROM docs NOT INDEXED WHERE substr(idx, 1, ?) = ? ORDER BY row LIMIT ?) RETURNING row`, len(prefix), prefix, docChunk)
	if err != nil {
		return 0, fmt.Errorf("remove the oldest documents: %w", err)
	}
	defer rows.Close()
	chunks := map[int64]bool{}
	for ; rows.Next(); n++ {
		var row int64
		if err := rows.Scan(&row); err != nil {
			return n, err
		}
		chunks[row/docChunk] = true
	}
	d.n -= n
	for c := range chunks {
		d.s.cache.forget(cacheKey{d, "docs", c})
	}
	return n, errors.Join(rows.Err(), rows.Close())
}
