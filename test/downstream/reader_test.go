package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"

	"sluice/bus"
	"sluice/bus/kafka"
)

// What the bus writes, a reader that knows nothing of ours reads, doubles dropped.
func TestReaderSeesEachEventOnce(t *testing.T) {
	addrs, prefix, b := topics(t, 3)
	want := map[string]bool{}
	for i := range 200 {
		m := bus.Message{
			Topic: bus.TopicEvents, Key: fmt.Appendf(nil, "origin %d", i%5), Value: fmt.Appendf(nil, `{"n":%d}`, i),
			Headers: []bus.Header{
				{Key: bus.HeaderID, Value: fmt.Appendf(nil, "id-%d", i)},
				{Key: bus.HeaderPosition, Value: []byte(bus.Position{Producer: "j/0", Raw: 1, Sequence: int64(i)}.String())},
			},
		}
		want[fmt.Sprintf("id-%d", i)] = true
		msgs := []bus.Message{m}
		if i%7 == 0 {
			msgs = append(msgs, m) // a retry
		}
		if err := b.Produce(t.Context(), msgs); err != nil {
			t.Fatal(err)
		}
	}
	ctx, stop := context.WithTimeout(t.Context(), 30*time.Second)
	defer stop()
	var out bytes.Buffer
	if err := read(ctx, addrs, prefix+bus.TopicEvents, false, &out); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != len(want) {
		t.Errorf("%d lines, want %d", len(lines), len(want))
	}
	for _, l := range lines {
		var got line
		if err := json.Unmarshal([]byte(l), &got); err != nil {
			t.Fatal(err)
		}
		if !want[got.ID] || len(got.Document) == 0 {
			t.Errorf("line %s", l)
		}
		delete(want, got.ID)
	}
	if len(want) != 0 {
		t.Errorf("%d events were not read", len(want))
	}
}

// TestReaderOfRawLines: a topic whose values are no JSON is read too, byte for byte.
func TestReaderOfRawLines(t *testing.T) {
	addrs, prefix, b := topics(t, 1)
	values := []string{"<13>no \xff JSON \x1b[31m", `{"json":true}`, ""}
	for _, v := range values {
		if err := b.Produce(t.Context(), []bus.Message{{Topic: bus.TopicRaw, Key: []byte("o"), Value: []byte(v)}}); err != nil {
			t.Fatal(err)
		}
	}
	ctx, stop := context.WithTimeout(t.Context(), 30*time.Second)
	defer stop()
	var out bytes.Buffer
	if err := read(ctx, addrs, prefix+bus.TopicRaw, false, &out); err != nil {
		t.Fatal(err)
	}
	for i, text := range strings.Split(strings.TrimSpace(out.String()), "\n") {
		var got line
		if err := json.Unmarshal([]byte(text), &got); err != nil {
			t.Fatal(err)
		}
		if v := string(got.Document) + string(got.Bytes); v != values[i] {
			t.Errorf("%q, want %q", v, values[i])
		}
	}
}

// TestReaderEndsWhole: where one partition cannot be written on, the others do not go on without it.
func TestReaderEndsWhole(t *testing.T) {
	addrs, prefix, b := topics(t, 3)
	if err := b.Produce(t.Context(), []bus.Message{{Topic: bus.TopicEvents, Key: []byte("o"), Value: []byte("{}")}}); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(t.Context(), 30*time.Second)
	defer stop()
	if err := read(ctx, addrs, prefix+bus.TopicEvents, true, fullDisk{}); !errors.Is(err, errFull) {
		t.Errorf("%v, want %v", err, errFull)
	}
}

var errFull = errors.New("no space left on device")

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }

// topics are a bus of their own on the brokers, under a prefix.
func topics(t *testing.T, partitions int) (addrs []string, prefix string, b *kafka.Bus) {
	t.Helper()
	addrs, prefix = brokers(t), fmt.Sprintf("t%x.", rand.Uint64())
	b, err := kafka.Open(t.Context(), bus.Topics(partitions, 0, nil), kafka.Options{Brokers: addrs, Prefix: prefix})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return addrs, prefix, b
}

func brokers(t *testing.T) []string {
	if addrs := os.Getenv("SLUICE_TEST_KAFKA"); addrs != "" {
		return strings.Split(addrs, ",")
	}
	c, err := kfake.NewCluster(kfake.NumBrokers(1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c.ListenAddrs()
}
