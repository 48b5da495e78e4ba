package e2e

import (
	"encoding/json"
	"testing"
	"time"

	"sluice/internal/testbed"
)

// TestAckBus: a collector without a journal answers when Kafka has the batch. Two inputs
// write side by side, and kill -9 hits collector and processes: every line of the file
// is in the index once, and of the lines sent by TCP none twice.
func TestAckBus(t *testing.T) {
	engines := testbed.Real()
	if engines.Embedded() {
		t.Skip("ack: bus needs a Kafka: run make test-engines")
	}
	w := testbed.New(t, engines, "lateness: 2s\nack: bus\n")
	w.Rules(rules)
	w.Up()
	w.AwaitReady(time.Minute)
	const total = 10_000
	files, net := newWriter(t, w.Logs(), total/4), newSender(t, w.Syslog)
	for i := range 10 {
		for range total / 10 / 250 {
			files.write(250)
			net.write(50)
			time.Sleep(10 * time.Millisecond)
		}
		for _, p := range w.Processes() {
			if (i == 3 || i == 6) && p.Name == "collect" || i == 5 && p.Name == "process-1" {
				p.Kill()
				p.Again("")
			}
		}
	}
	var ofFiles []testbed.Event
	sent := map[int]int{}
	w.Await("as much as the file holds", 2*time.Minute, func() bool {
		a, err := w.Account()
		return err == nil && a.Sum.Indexed >= total
	})
	w.Await("every line of the file", 2*time.Minute, func() bool {
		ofFiles, sent = ofFiles[:0], map[int]int{}
		for _, e := range w.Events() {
			if fromFile(t, e) {
				ofFiles = append(ofFiles, e)
			} else {
				sent[number(e)]++
			}
		}
		return len(ofFiles) >= total
	})
	judgeLines(t, ofFiles, total)
	for n, times := range sent {
		if times > 1 {
			t.Errorf("line %d of the connection is there %d times", n, times)
		}
	}
	if len(sent) < net.written()/2 {
		t.Errorf("%d of %d lines came by TCP", len(sent), net.written())
	}
	t.Logf("%d lines of the file, %d of %d by TCP", len(ofFiles), len(sent), net.written())
}

// fromFile says whether a file held the line; what came by a socket names its sender.
func fromFile(t *testing.T, e testbed.Event) bool {
	var doc struct {
		Log struct {
			Source *struct{} `json:"source"`
		} `json:"log"`
	}
	if err := json.Unmarshal(e.Source, &doc); err != nil {
		t.Fatal(err)
	}
	return doc.Log.Source == nil
}
