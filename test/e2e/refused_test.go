package e2e

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/segmentio/kafka-go"

	"sluice/bus"
	"sluice/internal/testbed"
)

// refusedLines is how many are read as ever.
const refusedLines = 20

// TestWhatKafkaRefusesIsCounted: a message that Kafka takes from nobody, here since the
// topic's limit is lower than ours, is a dead letter, holds up nothing, and the account
// has it. Replayed behind the mend, it is one event as the others.
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
	for n := range refusedLines {
		fmt.Fprintf(&text, "%s\n", line(n, time.Now()))
		if n == refusedLines/2 {
			fmt.Fprintf(&text, "<30>Nov 23 20:00:00 host1 app[1]: %x\n", noise)
		}
	}
	if err := os.WriteFile(filepath.Join(w.Logs(), "app.log"), text.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	a := w.Settle(refusedLines+1, 2*time.Minute)
	if a.Sum.Indexed != refusedLines || a.Sum.DeadLettered != 1 {
		t.Errorf("%d indexed and %d dead, want %d and 1", a.Sum.Indexed, a.Sum.DeadLettered, refusedLines)
	}
	events := slices.DeleteFunc(w.Events(), func(e testbed.Event) bool { return e.Dataset == "sluice.dlq" })
	judgeLines(t, events, refusedLines)
	replayRefused(t, w, &client, raw)
}

func replayRefused(t *testing.T, w *testbed.World, client *kafka.Client, raw string) {
	t.Helper()
	sluice := func(want string, args ...string) {
		t.Helper()
		procs := w.Processes()
		args = append(args, "-c", procs[len(procs)-1].ConfigFile(), "--namespace", w.Namespace())
		cmd := exec.Command(testbed.Binary(t), append([]string{"dlq"}, args...)...)
		var said bytes.Buffer
		cmd.Stderr = &said
		out, _ := cmd.Output() // an exit code of 1 is of what the output says
		if !strings.Contains(string(out), want) {
			t.Errorf("dlq %v: %.500s, %.500s; want %s", args, out, said.Bytes(), want)
		}
	}
	sluice(`"count":1,"stage":"relay","topic":"sluice.raw"`, "list", "--json")
	sluice(`"read":1,"kept":1`, "replay", "--all") // nothing is mended yet
	res, err := client.IncrementalAlterConfigs(t.Context(), &kafka.IncrementalAlterConfigsRequest{Resources: []kafka.IncrementalAlterConfigsRequestResource{{
		ResourceType: kafka.ResourceTypeTopic, ResourceName: raw,
		Configs: []kafka.IncrementalAlterConfigsRequestConfig{{Name: "max.message.bytes", Value: "4194304", ConfigOperation: kafka.ConfigOperationSet}},
	}}})
	if err == nil {
		err = res.Resources[0].Error
	}
	if err != nil {
		t.Fatal(err)
	}
	sluice(`"read":1,"replayed":1}`, "replay", "--all")
	sluice(`"read":0}`, "replay", "--all")
	sluice("no dead letters", "list")
	if a := w.SettleStill(time.Minute); a.Sum.Indexed != a.Sum.Received || a.Sum.DeadLettered != 0 {
		t.Errorf("behind the replay %d indexed of %d, %d dead", a.Sum.Indexed, a.Sum.Received, a.Sum.DeadLettered)
	}
	n := 0
	for _, e := range w.Events() {
		if e.Dataset != "sluice.dlq" {
			n++
		}
	}
	if n != refusedLines+1 {
		t.Errorf("%d events, want %d", n, refusedLines+1)
	}
	fitOnKafka(t, w)
}
