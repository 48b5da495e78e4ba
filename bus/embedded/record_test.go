package embedded

import (
	"bytes"
	"hash/fnv"
	"strings"
	"testing"
	"time"

	"sluice/bus"
	"sluice/internal/disk"
	"sluice/journal"
)

func FuzzRecord(f *testing.F) {
	m := bus.Message{Topic: "t", Partition: 3, Key: []byte("k"), Value: []byte{}, Headers: []bus.Header{{Key: "h"}}, Time: time.Unix(1, 2)}
	f.Add(putMessage(nil, &m))
	f.Add(putCommit(nil, commit{bus.Group{Name: "g", Topic: "t"}, 1, 2, 3}))
	f.Add(putGeneration(nil, bus.Group{Name: "g", Topic: "t"}, 7))
	f.Add(putCount(nil, "t", 4))
	whole := putMessage(nil, &m)
	for n := range whole {
		f.Add(whole[:n])
	}
	f.Add([]byte{kindMessage, 0xff, 0x7f, 't'}) // a text that is longer than the record
	f.Fuzz(func(t *testing.T, record []byte) {
		s := newState()
		s.tables = newTables(map[string]bus.Topic{"t": {Name: "t", Compacted: true}})
		s.Apply(journal.Batch{First: 1, Records: [][]byte{record}})
		if err := newState().Restore(s.Snapshot()); err != nil {
			t.Errorf("snapshot: %v", err)
		}
		if len(record) == 0 || record[0] != kindMessage {
			return
		}
		topic, part, rest := route(record)
		m := bus.Message{Topic: string(topic), Partition: part}
		if rest.message(&m) != nil {
			return
		}
		again := putMessage(nil, &m)
		_, _, rest = route(again)
		var back bus.Message
		if err := rest.message(&back); err != nil || !bytes.Equal(back.Value, m.Value) || (back.Value == nil) != (m.Value == nil) || len(back.Headers) != len(m.Headers) {
			t.Errorf("%+v reads back as %+v, %v", m, back, err)
		}
	})
}

// A partition's reader passes over frames of others without unpacking them, and finds what
// layout 1 wrote, whose frames bear a label of the topic alone.
func TestLabels(t *testing.T) {
	fs := disk.Dir(t.TempDir())
	j, err := journal.Open(fs, journal.Options{})
	if err != nil {
		t.Fatal(err)
	}
	h := fnv.New32a()
	h.Write([]byte("t"))
	old := bus.Message{Topic: "t", Partition: 1, Value: []byte("old")}
	if _, err := j.Append(t.Context(), journal.Batch{Records: [][]byte{putMessage(nil, &old)}, Labels: 1 << (h.Sum32() % 64)}); err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := Open(fs, []bus.Topic{{Name: "t", Partitions: 2}}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	for p := range 2 {
		m := bus.Message{Topic: "t", Partition: p, Pinned: true, Value: []byte("new")}
		if err := b.Produce(t.Context(), []bus.Message{m}); err != nil {
			t.Fatal(err)
		}
	}
	for p, want := range []string{"new", "old new"} {
		var got []string
		if err := b.Read(t.Context(), "t", p, func(m bus.Message, _ int64) error {
			got = append(got, string(m.Value))
			return nil
		}); err != nil || strings.Join(got, " ") != want {
			t.Errorf("partition %d reads %q (%v), want %q", p, got, err, want)
		}
	}
	r := b.log.Reader(0, label("t", 1))
	defer r.Close()
	batch, ok, err := r.TryNext()
	if err != nil || !ok {
		t.Fatalf("no frame of partition 1: %v", err)
	}
	if _, p, _ := route(batch.Records[0]); p != 1 {
		t.Errorf("a reader of partition 1 was given a frame of partition %d", p)
	}
}
