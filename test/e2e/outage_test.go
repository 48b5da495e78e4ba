package e2e

import (
	"os"
	"os/exec"
	"testing"
	"time"

	"sluice/internal/testbed"
)

// outage is how long an engine is away: longer than the first retries, short enough for
// a test.
const outage = 20 * time.Second

// TestEnginesAway: Kafka and Elasticsearch stand still for a while, and are killed and
// started again, one after the other, while a file grows. Nothing is lost, nothing is
// there twice, and what waited is in the index within a minute after.
func TestEnginesAway(t *testing.T) {
	e := testbed.Real()
	kafka := engine{t, "kafka.sh", os.Getenv("SLUICE_TEST_KAFKA_DIR"), os.Getenv("SLUICE_TEST_KAFKA_PORT")}
	es := engine{t, "elasticsearch.sh", os.Getenv("SLUICE_TEST_ES_DIR"), os.Getenv("SLUICE_TEST_ES_PORT")}
	if e.Embedded() || kafka.dir == "" || es.dir == "" {
		t.Skip("needs real engines that it may stop: make test-engines")
	}
	t.Cleanup(func() { kafka.tell("start", "-p", kafka.port); es.tell("start", "-p", es.port) })
	w := testbed.New(t, e, "lateness: 2s\n")
	w.Rules(rules)
	w.Up()
	w.AwaitReady(time.Minute)
	out := newWriter(t, w.Logs(), 3_000)
	f := func(what string, down, up func()) {
		t.Helper()
		out.write(1_000)
		down()
		for end := time.Now().Add(outage); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
			out.write(50)
		}
		up()
		began := time.Now()
		out.write(1_000)
		w.Settle(int64(out.n), 3*time.Minute)
		t.Logf("%s: all of %d lines are in the index %v after it came back", what, out.n, time.Since(began).Round(time.Second))
	}
	f("Kafka stands still", func() { kafka.tell("pause") }, func() { kafka.tell("resume") })
	f("Elasticsearch stands still", func() { es.tell("pause") }, func() { es.tell("resume") })
	f("Kafka is killed", func() { kafka.tell("kill") }, func() { kafka.tell("start", "-p", kafka.port) })
	f("Elasticsearch is killed", func() { es.tell("kill") }, func() { es.tell("start", "-p", es.port) })
	judgeLines(t, w.Events(), out.n)
	judgeAlerts(t, w, expected(out.n))
}

// engine is a real one that test/engines runs.
type engine struct {
	t      *testing.T
	script string
	dir    string
	port   string
}

func (e engine) tell(args ...string) {
	e.t.Helper()
	cmd := exec.Command("../engines/"+e.script, append(args, "-d", e.dir)...)
	if out, err := cmd.CombinedOutput(); err != nil {
		e.t.Errorf("%s %v: %v\n%s", e.script, args, err, out)
	}
}
