package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"hash/maphash"
	"time"

	"sluice/store"
)

// found is what the index holds of events: how many ids, and how often each raw line.
type found struct {
	seed  maphash.Seed
	ids   map[uint64]int // by hash of the id
	lines map[uint64]int // by hash of the raw bytes
	docs  int64
}

// page is how many documents are read at a time: as many as the index gives.
const page = store.MaxResult

// count reads every event of a store that nobody else has open. What it finds was
// durable when sluice ended.
func count(dir string) (*found, error) {
	s, err := store.Open(dir, store.Options{})
	if err != nil {
		return nil, err
	}
	f := &found{seed: maphash.MakeSeed(), ids: map[uint64]int{}, lines: map[uint64]int{}}
	q := store.Request{Indices: []string{"logs-*"}, Size: page, Sort: []store.Sort{{Field: "_seq_no"}}, Timeout: time.Minute}
	for {
		r, err := s.Search(context.Background(), q)
		if err != nil {
			return nil, errors.Join(err, s.Close())
		}
		if r.TimedOut || len(r.Failures) > 0 {
			return nil, errors.Join(fmt.Errorf("the index answers in part only: %v", r.Failures), s.Close())
		}
		for i := range r.Hits {
			if err := f.add(&r.Hits[i]); err != nil {
				return nil, errors.Join(err, s.Close())
			}
		}
		if len(r.Hits) < page {
			return f, s.Close()
		}
		q.After = r.Hits[len(r.Hits)-1].Sort
	}
}

func (f *found) add(h *store.Hit) error {
	var doc struct {
		Event struct {
			Original string `json:"original"`
		} `json:"event"`
		Sluice struct {
			ID     string `json:"id"`
			Base64 string `json:"original_base64"`
		} `json:"sluice"`
	}
	if err := json.Unmarshal(h.Source, &doc); err != nil {
		return fmt.Errorf("document %s: %w", h.ID, err)
	}
	if doc.Sluice.ID != h.ID {
		return fmt.Errorf("document %s says that its id is %s", h.ID, doc.Sluice.ID)
	}
	raw := []byte(doc.Event.Original)
	if doc.Sluice.Base64 != "" {
		var err error
		if raw, err = base64.StdEncoding.DecodeString(doc.Sluice.Base64); err != nil {
			return fmt.Errorf("document %s: %w", h.ID, err)
		}
	}
	f.ids[maphash.String(f.seed, h.ID)]++
	f.lines[maphash.Bytes(f.seed, raw)]++
	f.docs++
	return nil
}

// judge compares with what was sent: the lines in turn, so it is known how often each.
func (f *found) judge(lines [][]byte, s sent) error {
	want := map[uint64]int{}
	for i, line := range lines {
		n := s.Lines / int64(len(lines))
		if int64(i) < s.Lines%int64(len(lines)) {
			n++
		}
		want[maphash.Bytes(f.seed, line)] += int(n)
	}
	missing, more := 0, 0
	for h, n := range want {
		missing += max(0, n-f.lines[h])
		more += max(0, f.lines[h]-n)
	}
	for h, n := range f.lines {
		if _, sent := want[h]; !sent {
			more += n
		}
	}
	fmt.Printf("in the index           %d documents, %d ids; raw lines missing %d, too many %d\n", f.docs, len(f.ids), missing, more)
	if missing > 0 || more > 0 || int64(len(f.ids)) != s.Lines || f.docs != s.Lines {
		return fmt.Errorf("%d lines were sent: not each of them is in the index exactly once", s.Lines)
	}
	fmt.Println("every line sent is in the index exactly once, with its raw bytes")
	return nil
}
