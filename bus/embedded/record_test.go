package embedded

import (
	"bytes"
	"testing"
	"time"

	"sluice/bus"
	"sluice/journal"
)

func FuzzRecord(f *testing.F) {
	m := bus.Message{Topic: "t", Partition: 3, Key: []byte("k"), Value: []byte{}, Headers: []bus.Header{{Key: "h"}}, Time: time.Unix(1, 2)}
	f.Add(putMessage(nil, &m))
	f.Add(putCommit(nil, commit{bus.Group{Name: "g", Topic: "t"}, 1, 2, 3}))
	f.Add(putGeneration(nil, bus.Group{Name: "g", Topic: "t"}, 7))
	f.Add(putCount(nil, "t", 4))
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
