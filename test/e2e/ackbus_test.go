package e2e

import (
	"encoding/json"
	"testing"
	"time"

	"sluice/internal/testbed"
)

// TestAckBus: a collector without a journal answers when Kafka has the batch. Two inputs
// write side by side, and kill -9 hits collector and processes: every line of the file
// is in the index once, and of the lines sent by TCP none twice and none missing from a
// connection whose collector lived. What was on its way to a killed one is the sender's
// loss, and how much that is the machine's speed decides.
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
	unharmed := 0 // the first line on the connection that no kill hits
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
				net.hangUp()
				unharmed = net.written()
			}
		}
	}
	var ofFiles []testbed.Event
	sent := map[int]int{}
	w.Await("as much as the file holds", 2*time.Minute, func() bool {
		a, err := w.Account()
		return err == nil && a.Sum.Indexed >= total
	})
	w.Await("every line of the file and of the last connection", 2*time.Minute, func() bool {
		ofFiles, sent = ofFiles[:0], map[int]int{}
		for _, e := range w.Events() {
			if fromFile(t, e) {
				ofFiles = append(ofFiles, e)
			} else {
				sent[number(e)]++
			}
		}
		return len(ofFiles) >= total && missing(sent, unharmed, net.written()) == 0
	})
	judgeLines(t, ofFiles, total)
	for n, times := range sent {
		if times > 1 {
			t.Errorf("line %d of the connection is there %d times", n, times)
		}
	}
	t.Logf("%d lines of the file, %d of %d by TCP, of which the last %d are all there", len(ofFiles), len(sent), net.written(), net.written()-unharmed)
}

// missing counts the lines of [from, to) that never came.
func missing(times map[int]int, from, to int) int {
	n := 0
	for i := from; i < to; i++ {
		if times[i] == 0 {
			n++
		}
	}
	return n
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
