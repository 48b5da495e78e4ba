// Command downstream is a complete consumer of a Sluice topic in one file. It needs kafka-go and
// nothing from Sluice, prints one JSON object per message and drops duplicates. Copy it as a
// starting point; docs/kafka.md describes what is on the topics.
//
//	go run ./test/downstream -brokers 127.0.0.1:9092 -topic sluice.events
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/segmentio/kafka-go"
)

func main() {
	brokers := flag.String("brokers", "127.0.0.1:9092", "brokers, a comma between")
	topic := flag.String("topic", "sluice.events", "topic to read")
	follow := flag.Bool("follow", true, "go on at the end")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := read(ctx, strings.Split(*brokers, ","), *topic, *follow, os.Stdout); err != nil && ctx.Err() == nil {
		log.Fatal(err)
	}
}

// line is what is printed of a message.
type line struct {
	ID        string          `json:"id"`
	Partition int             `json:"partition"`
	Offset    int64           `json:"offset"`
	Time      time.Time       `json:"time"` // when Sluice received it
	Document  json.RawMessage `json:"document,omitempty"`
	Bytes     []byte          `json:"bytes,omitempty"` // instead, in Base64, where the value is no JSON: sluice.raw and sluice.dlq carry what devices sent
}

// read prints every message of the topic, from the oldest on, each once.
func read(ctx context.Context, brokers []string, topic string, follow bool, out io.Writer) error {
	conn, err := kafka.DialContext(ctx, "tcp", brokers[0])
	if err != nil {
		return err
	}
	defer conn.Close()
	partitions, err := conn.ReadPartitions(topic)
	if err != nil {
		return fmt.Errorf("partitions of %s: %w", topic, err)
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var mu sync.Mutex // one line at a time
	var wg sync.WaitGroup
	for _, p := range partitions {
		wg.Go(func() {
			if err := partition(ctx, brokers, topic, p.ID, follow, &mu, out); err != nil {
				stop(err) // the others would go on for ever, and nobody would miss this one
			}
		})
	}
	wg.Wait()
	return context.Cause(ctx)
}

func partition(ctx context.Context, brokers []string, topic string, id int, follow bool, mu *sync.Mutex, out io.Writer) error {
	end, err := endOf(ctx, brokers, topic, id)
	if err != nil {
		return err
	}
	r := kafka.NewReader(kafka.ReaderConfig{Brokers: brokers, Topic: topic, Partition: id, MaxBytes: 8 << 20, MaxWait: 500 * time.Millisecond})
	defer r.Close()
	r.SetOffset(kafka.FirstOffset)
	seen := doubles{}
	for follow || r.Offset() < end && end > 0 {
		m, err := r.ReadMessage(ctx)
		if err != nil {
			return err
		}
		if !seen.add(header(m, "position")) {
			if m.Offset+1 >= end && !follow {
				return nil
			}
			continue
		}
		l := line{ID: header(m, "id"), Partition: m.Partition, Offset: m.Offset, Time: m.Time, Document: m.Value}
		if !json.Valid(m.Value) {
			l.Document, l.Bytes = nil, m.Value
		}
		b, err := json.Marshal(l)
		if err != nil {
			return fmt.Errorf("%s/%d at offset %d: %w", topic, id, m.Offset, err)
		}
		mu.Lock()
		_, err = out.Write(append(b, '\n'))
		mu.Unlock()
		if err != nil {
			return err
		}
		if m.Offset+1 >= end && !follow {
			return nil
		}
	}
	return nil
}

// endOf is the offset behind the last message. A leader that has just changed, or been
// made, is asked again.
func endOf(ctx context.Context, brokers []string, topic string, id int) (int64, error) {
	for wait := 100 * time.Millisecond; ; wait = min(2*wait, 5*time.Second) {
		end, err := askEnd(ctx, brokers, topic, id)
		var passing kafka.Error
		if err == nil || !errors.As(err, &passing) || !passing.Temporary() {
			return end, err
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return 0, errors.Join(err, ctx.Err())
		}
	}
}

func askEnd(ctx context.Context, brokers []string, topic string, id int) (int64, error) {
	conn, err := kafka.DialLeader(ctx, "tcp", brokers[0], topic, id)
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	return conn.ReadLastOffset()
}

func header(m kafka.Message, key string) string {
	for _, h := range m.Headers {
		if h.Key == key {
			return string(h.Value)
		}
	}
	return ""
}

// doubles keeps the greatest (sequence, ordinal) per producer and raw partition of one
// partition's messages. What is not above it was here before: Sluice delivers at least
// once, in order per producer. Keep the map with your own offsets if you restart.
type doubles map[string][2]int64

// add says whether a position ("producer raw sequence ordinal") is new.
func (d doubles) add(position string) bool {
	f := strings.Split(position, " ")
	if len(f) != 4 {
		return true // no position: nothing to tell it by
	}
	sequence, err1 := strconv.ParseInt(f[2], 10, 64)
	ordinal, err2 := strconv.ParseInt(f[3], 10, 64)
	if err1 != nil || err2 != nil {
		return true
	}
	source := f[0] + " " + f[1]
	last, ok := d[source]
	if ok && (sequence < last[0] || sequence == last[0] && ordinal <= last[1]) {
		return false
	}
	d[source] = [2]int64{sequence, ordinal}
	return true
}
