package e2e

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/segmentio/kafka-go"

	"sluice/bus"
	"sluice/internal/testbed"
)

// TestWhatKafkaRefusesIsCounted: a message that Kafka takes from nobody, here since the
// topic's limit is lower than ours, is a dead letter, holds up nothing, and the account
// has it.
func TestWhatKafkaRefusesIsCounted(t *testing.T) {
	engines := testbed.Real()
	if engines.Embedded() {
		t.Skip("needs a Kafka: run make test-engines")
	}
	w := testbed.New(t, engines, "lateness: 2s\n")
	client := kafka.Client{Addr: kafka.TCP(engines.Kafka), Timeout: time.Minute}
	raw := w.Prefix() + bus.TopicRaw
	res, err := client.CreateTopics(t.Context(), &kafka.CreateTopicsRequest{Topics: []kafka.TopicConfig{{
		Topic: raw, NumPartitions: testbed.KafkaPartitions, ReplicationFactor: 1,
		ConfigEntries: []kafka.ConfigEntry{{ConfigName: "max.message.bytes", ConfigValue: "20000"}},
	}}})
	if err := errors.Join(err, res.Errors[raw]); err != nil {
		t.Fatal(err)
	}
	w.Rules(rules)
	w.Up()
	w.AwaitReady(time.Minute)
	noise := make([]byte, 50_000) // nothing compresses it
	if _, err := rand.Read(noise); err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	const lines = 20
	for n := range lines {
		fmt.Fprintf(&text, "%s\n", line(n, time.Now()))
		if n == lines/2 {
			fmt.Fprintf(&text, "<30>Nov 23 20:00:00 host1 app[1]: %x\n", noise)
		}
	}
	if err := os.WriteFile(filepath.Join(w.Logs(), "app.log"), text.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	a := w.Settle(lines+1, 2*time.Minute)
	if a.Sum.Indexed != lines || a.Sum.DeadLettered != 1 {
		t.Errorf("%d indexed and %d dead, want %d and 1", a.Sum.Indexed, a.Sum.DeadLettered, lines)
	}
	events := slices.DeleteFunc(w.Events(), func(e testbed.Event) bool { return e.Dataset == "sluice.dlq" })
	judgeLines(t, events, lines)
}
