package embedded

import (
	"context"
	"fmt"
	"hash/maphash"
	"math"
	"time"

	"sluice/bus"
	"sluice/journal"
)

// tables knows where the last value of every key of every compacted topic lies. So
// a table is read without the rest of the log, and trimming knows what to carry along.
// A key costs about 50 bytes, whatever its length.
type tables struct {
	seeds  [2]maphash.Seed
	at     map[tablePart]map[keyHash]journal.Seq
	topics map[string]bus.Topic
}

type tablePart struct {
	topic string
	part  int
}

// keyHash has 128 bits, so that two keys never share one.
type keyHash [2]uint64

func newTables(topics map[string]bus.Topic) *tables {
	return &tables{
		seeds: [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()},
		at:    map[tablePart]map[keyHash]journal.Seq{}, topics: topics,
	}
}

// note is told of each message in order; rest stands behind its route.
func (t *tables) note(topic []byte, part int, rest parser, at journal.Seq) {
	row, ok := t.topics[string(topic)]
	if !ok || !row.Compacted {
		return
	}
	rest.int() // time
	key, value := rest.bytes(), rest.bytes()
	if rest.err != nil {
		return
	}
	place := tablePart{row.Name, part}
	keys := t.at[place]
	if keys == nil {
		keys = map[keyHash]journal.Seq{}
		t.at[place] = keys
	}
	hash := keyHash{maphash.Bytes(t.seeds[0], key), maphash.Bytes(t.seeds[1], key)}
	if value == nil {
		delete(keys, hash)
		return
	}
	keys[hash] = at
}

// labels of all tables.
func (b *Bus) tableLabels() (all uint64) {
	for _, t := range b.topics {
		if !t.Compacted {
			continue
		}
		for p := range t.Partitions {
			all |= labels(t.Name, p)
		}
	}
	return all
}

// readTables fills the state's tables from the whole log. Nothing is appended yet.
func (b *Bus) readTables() error {
	t := newTables(b.topics)
	if all := b.tableLabels(); all != 0 {
		r := b.log.Reader(0, all)
		defer r.Close()
		for {
			batch, ok, err := r.TryNext()
			if err != nil {
				return fmt.Errorf("read tables: %w", err)
			}
			if !ok {
				break
			}
			for i, rec := range batch.Records {
				if len(rec) == 0 || rec[0] != kindMessage {
					continue
				}
				if topic, part, rest := route(rec); rest.err == nil {
					t.note(topic, part, rest, batch.First+journal.Seq(i))
				}
			}
		}
	}
	b.state.mu.Lock()
	b.state.tables = t
	b.state.mu.Unlock()
	return nil
}

// Table gives the last value of each key as it is at the call, oldest first. fn must
// not keep the message's bytes from being used again: they are its own.
func (b *Bus) Table(ctx context.Context, topic string, part int, fn func(bus.Message) error) error {
	if t, ok := b.topics[topic]; !ok || !t.Compacted {
		return fmt.Errorf("table: %q is no compacted topic in the table of topics", topic)
	}
	b.trimming.RLock() // what is listed must not go before it is read
	defer b.trimming.RUnlock()
	seqs := b.state.live(topic, part, math.MaxInt64)
	// All of them: a bound from before would leave out a key that was written again since.
	// The state knows of an append a moment before readers do.
	for len(seqs) > 0 && b.log.Stats().Next <= seqs[len(seqs)-1] {
		if err := pause(ctx, time.Millisecond); err != nil {
			return err
		}
	}
	return b.visit(ctx, labels(topic, part), seqs, func(rec []byte, at journal.Seq) error {
		name, p, rest := route(rec)
		m := bus.Message{Topic: string(name), Partition: p, Offset: int64(at)}
		if err := rest.message(&m); err != nil {
			return fmt.Errorf("record %d: %w", at, err)
		}
		return fn(m)
	})
}

// visit reads the records at seqs, which ascend. One that was lost to damage, which
// the journal has reported, is passed over.
func (b *Bus) visit(ctx context.Context, by uint64, seqs []journal.Seq, fn func(rec []byte, at journal.Seq) error) error {
	r := b.log.Reader(0, by)
	defer r.Close()
	for len(seqs) > 0 {
		if err := ctx.Err(); err != nil {
			return err
		}
		r.Seek(seqs[0])
		batch, ok, err := r.TryNext()
		if err != nil || !ok {
			return err
		}
		end := batch.First + journal.Seq(len(batch.Records))
		for ; len(seqs) > 0 && seqs[0] < end; seqs = seqs[1:] {
			if seqs[0] < batch.First {
				continue
			}
			if err := fn(batch.Records[seqs[0]-batch.First], seqs[0]); err != nil {
				return err
			}
		}
	}
	return nil
}
