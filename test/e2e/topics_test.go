package e2e

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"sluice/bus"
	"sluice/bus/embedded"
	"sluice/bus/kafka"
	"sluice/internal/disk"
	"sluice/internal/testbed"
)

// TestMessagesFitTheirSchemas: what a running installation puts on every topic is what
// schemas/topics says, which is what others read by.
func TestMessagesFitTheirSchemas(t *testing.T) {
	w := testbed.New(t, testbed.Real(), "lateness: 1s\n")
	w.Rules(rules + riskRule)
	w.Up()
	w.AwaitReady(time.Minute)
	files, net := newWriter(t, w.Logs(), 400), newSender(t, w.Syslog)
	files.write(block)
	net.write(block)
	hostile := hostileLines()
	net.dial()
	for _, l := range hostile {
		fmt.Fprintf(net.buf, "%s\n", l)
	}
	if err := net.buf.Flush(); err != nil {
		t.Fatal(err)
	}
	w.Settle(2*block+int64(len(hostile)), 2*time.Minute)
	w.Await("an alert of each rule", 2*time.Minute, func() bool { return len(alertSet(w)) >= 4 && strings.Contains(fmt.Sprint(alertSet(w)), "e2e-risk") })
	w.Await("a message to people", 2*time.Minute, func() bool { return len(w.Hook.Messages()) > 0 })
	fit(t, everything(t, w), func(topic string) bool { return mayBeEmpty(w, topic) })
}

// fit checks all messages of a bus against the schemas of their topics.
func fit(t *testing.T, all map[string][]bus.Message, mayBeEmpty func(topic string) bool) {
	t.Helper()
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	for topic, messages := range all {
		if len(messages) == 0 {
			if !mayBeEmpty(topic) {
				t.Errorf("%s: no message", topic)
			}
			continue
		}
		schema, err := compiler.Compile(filepath.Join("..", "..", "schemas", "topics", topic+".schema.json"))
		if err != nil {
			t.Fatal(err)
		}
		bad := 0
		for i := range messages {
			if err := schema.Validate(asObject(t, &messages[i])); err != nil {
				if bad++; bad <= 3 {
					t.Errorf("%s: %v\nheaders %s\nkey %q\nvalue %.2000q", topic, err, messages[i].Headers, messages[i].Key, messages[i].Value)
				}
			}
		}
		t.Logf("%s: %d messages, %d do not fit", topic, len(messages), bad)
	}
}

// riskRule is over alerts: what is behind its alert are alerts, and no events.
const riskRule = `---
id: e2e-risk
title: Two rules point to one user
kind: risk
level: critical
group_by: user.name
rules: [e2e-brute, e2e-after]
score: 100
window: 1h
`

// hostileLines are what a device should not send and some do: the topics' schemas hold for
// what becomes of it, too.
func hostileLines() (lines []string) {
	values := []string{
		"<script>alert(1)</script>", "=cmd|'/c calc'!A1", "${jndi:ldap://x}", "\x1b[31mred\u202e", "\x00\x01", "\xff\xfe", `"quoted"\back`, strings.Repeat("x", 40_000), "", "a b",
		"a,b:c/d", "..", "-", "null", "1e999",
	}
	for _, v := range values {
		lines = append(lines,
			"<38>Nov 27 10:00:00 web1 sshd[7]: Failed password for "+v+" from 203.0.113.9 port 4711 ssh2",
			"<38>Nov 27 10:00:00 "+v+" sshd[7]: Failed password for root from 203.0.113.9 port 99999 ssh2",
			"<38>1 2026-11-27T10:00:00Z web1 "+v+" 7 - [a@1 b=\""+v+"\"] a message",
			`{"@timestamp":"`+v+`","sluice":{"id":"mine"},"event":{"kind":"`+v+`"},"data_stream":{"namespace":"`+v+`"}}`,
			`192.0.2.1 - `+v+` [27/Nov/2026:16:40:00 +0000] "GET /`+v+` HTTP/1.1" 999 -1 "-" "`+v+`"`)
	}
	for _, at := range []string{"0000-00-00T00:00:00Z", "9999-12-31T23:59:60Z", "1970-01-01T00:00:00Z", "2026-02-30T25:61:61+99:99"} {
		lines = append(lines, "<38>1 "+at+" web1 sshd 7 - - Failed password for root from 203.0.113.9 port 1 ssh2")
	}
	// A list of events, which are counted beside the lines.
	return append(lines, `{"Records":[{"eventVersion":"1.09","eventName":"GetUser","eventSource":"iam.amazonaws.com"},{"eventVersion":"1.09","eventName":"ListUsers","eventSource":"iam.amazonaws.com"}]}`)
}

// mayBeEmpty: nothing is dead on the embedded bus, and on a Kafka the checkpoints are in
// the collector's journal.
func mayBeEmpty(w *testbed.World, topic string) bool {
	if w.Engines.Embedded() {
		return topic == bus.TopicDLQ
	}
	return topic == bus.TopicCheckpoints
}

// asObject is a message as the schemas describe it.
func asObject(t *testing.T, m *bus.Message) any {
	headers := map[string]any{}
	for _, h := range m.Headers {
		if _, twice := headers[h.Key]; twice {
			t.Errorf("%s: header %s is there twice", m.Topic, h.Key)
		}
		headers[h.Key] = string(h.Value)
	}
	out := map[string]any{"key": nil, "headers": headers, "value": nil}
	if m.Key != nil {
		out["key"] = string(m.Key)
	}
	if m.Value == nil {
		return out
	}
	switch m.Topic {
	case bus.TopicRaw, bus.TopicDLQ, bus.TopicCheckpoints, bus.TopicPositions, bus.TopicState:
		out["value"] = string(m.Value)
	default:
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(string(m.Value)))
		if err != nil {
			t.Errorf("%s: %v: %.200q", m.Topic, err, m.Value)
		}
		out["value"] = v
	}
	return out
}

// everything reads all topics. The embedded bus belongs to its process, which is stopped
// for it.
func everything(t *testing.T, w *testbed.World) map[string][]bus.Message {
	t.Helper()
	out := map[string][]bus.Message{}
	add := func(m bus.Message) error {
		out[m.Topic] = append(out[m.Topic], m)
		return nil
	}
	if w.Engines.Embedded() {
		readEmbedded(t, w, out, add)
		return out
	}
	b, err := kafka.Open(t.Context(), bus.Topics(testbed.KafkaPartitions, 0, nil), kafka.Options{Brokers: []string{w.Engines.Kafka}, Prefix: w.Prefix()})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	undecodable := bus.Message{Topic: bus.TopicRaw, Key: []byte("nobody"), Value: []byte("no headers \xff")}
	if err := b.Produce(t.Context(), []bus.Message{undecodable}); err != nil {
		t.Fatal(err)
	}
	dead := bus.Group{Name: bus.GroupIndex, Topic: bus.TopicDLQ}
	w.Await("a dead letter", time.Minute, func() bool {
		lags, err := b.Lag(t.Context(), dead)
		return err == nil && slices.ContainsFunc(lags, func(l bus.Lag) bool { return l.End > 0 && l.Messages == 0 })
	})
	readKafka(t, b, out, add)
	out[bus.TopicRaw] = slices.DeleteFunc(out[bus.TopicRaw], func(m bus.Message) bool { return string(m.Value) == string(undecodable.Value) })
	return out
}

func readKafka(t *testing.T, b bus.Bus, out map[string][]bus.Message, add func(bus.Message) error) {
	t.Helper()
	for _, topic := range bus.Topics(testbed.KafkaPartitions, 0, nil) {
		out[topic.Name] = nil
		for part := range b.Partitions(topic.Name) {
			if err := b.Table(t.Context(), topic.Name, part, add); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// fitOnKafka checks what a world has on its Kafka.
func fitOnKafka(t *testing.T, w *testbed.World) {
	t.Helper()
	b, err := kafka.Open(t.Context(), bus.Topics(testbed.KafkaPartitions, 0, nil), kafka.Options{Brokers: []string{w.Engines.Kafka}, Prefix: w.Prefix()})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	out := map[string][]bus.Message{}
	readKafka(t, b, out, func(m bus.Message) error {
		out[m.Topic] = append(out[m.Topic], m)
		return nil
	})
	fit(t, out, func(string) bool { return true })
}

func readEmbedded(t *testing.T, w *testbed.World, out map[string][]bus.Message, add func(bus.Message) error) {
	t.Helper()
	p := w.Processes()[0]
	if err := p.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if code, err := p.Wait(time.Minute); code != 0 || err != nil {
		t.Fatalf("stop: %d, %v", code, err)
	}
	const reader = "test"
	b, topics := openEmbedded(t, filepath.Join(w.DataDir("all"), "bus"), reader)
	defer b.Close()
	for _, topic := range topics {
		out[topic.Name] = nil
		if topic.Compacted {
			for part := range b.Partitions(topic.Name) {
				if err := b.Table(t.Context(), topic.Name, part, add); err != nil {
					t.Fatal(err)
				}
			}
			continue
		}
		ctx, stop := context.WithTimeout(t.Context(), time.Minute)
		got := make(chan bus.Message)
		go func() {
			defer close(got)
			b.Consume(ctx, bus.Group{Name: reader, Topic: topic.Name}, bus.Stateless(func(ctx context.Context, in []bus.Message) ([]bus.Message, error) {
				for _, m := range in {
					got <- m
				}
				return nil, nil
			}))
		}()
		lags, err := b.Lag(ctx, bus.Group{Name: reader, Topic: topic.Name})
		if err != nil {
			t.Fatal(err)
		}
		var all int64
		for _, l := range lags {
			all += l.Messages
		}
		for range all {
			add(<-got)
		}
		stop()
		for range got {
		}
	}
}

// openEmbedded opens a stopped process's bus with a group more. The number of partitions
// is the one that it was made with.
func openEmbedded(t *testing.T, dir, reader string) (*embedded.Bus, []bus.Topic) {
	t.Helper()
	var faults []string
	for partitions := 1; partitions <= 16; partitions++ {
		topics := bus.Topics(partitions, 0, []string{"hook"})
		for i := range topics {
			if !topics[i].Compacted {
				topics[i].Groups = append(topics[i].Groups, reader)
			}
		}
		b, err := embedded.Open(disk.Dir(dir), topics, embedded.Options{})
		if err == nil {
			return b, topics
		}
		faults = append(faults, fmt.Sprint(partitions, ": ", err))
	}
	t.Fatal(strings.Join(faults, "\n"))
	return nil, nil
}
