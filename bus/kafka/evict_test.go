package kafka_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"sluice/bus"
	"sluice/bus/kafka"
)

// A killed process that comes again has its partitions back before the session of its
// first life is over.
func TestRestartAfterKillIsQuick(t *testing.T) {
	addrs, prefix := brokers(t), fmt.Sprintf("t%x.", rand.Uint64())
	b, err := kafka.Open(t.Context(), zombieTopics, kafka.Options{
		Brokers: addrs, Prefix: prefix, Session: 6 * time.Second, Instance: "one",
		Trouble: func(err error) { t.Log("retried:", err) },
	})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if err := b.Produce(t.Context(), []bus.Message{{Topic: "in", Value: []byte("x")}}); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(t.Context(), 30*time.Second)
	defer stop()
	first := exec.CommandContext(ctx, os.Args[0], "-test.run=^$")
	first.Env = append(os.Environ(), "SLUICE_TEST_WORKER="+strings.Join(addrs, ",")+" "+prefix+" one")
	out, err := first.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Start(); err != nil {
		t.Fatal(err)
	}
	defer first.Process.Kill()
	for says := bufio.NewScanner(out); ; {
		if !says.Scan() {
			t.Fatal("the first life ended before it had the partition")
		}
		if strings.HasPrefix(says.Text(), "handling") {
			break
		}
	}
	first.Process.Kill()
	first.Wait()
	killed := time.Now()
	assigned := errors.New("assigned")
	err = b.Consume(ctx, zombieGroup, func(context.Context, bus.Assignment) (bus.Worker, error) { return nil, assigned })
	if !errors.Is(err, assigned) {
		t.Fatal(err)
	}
	took := time.Since(killed)
	t.Logf("assigned %v after the kill", took)
	if took > 5*time.Second {
		t.Errorf("assigned %v after the kill: the dead member's session was waited for", took)
	}
}
