package embedded_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"sluice/bus"
	"sluice/bus/embedded"
	"sluice/internal/disk/disktest"
)

// TestLagBehindDamage: damage that takes messages which a group had handled leaves no
// lag, and what comes after it is waited for: before it is handled it counts as lag.
func TestLagBehindDamage(t *testing.T) {
	ctx := context.Background()
	d := disktest.New()
	topics := []bus.Topic{{Name: "raw", Partitions: 1, Groups: []string{"n"}}}
	g := bus.Group{Name: "n", Topic: "raw"}
	lag := func(b *embedded.Bus) int64 {
		t.Helper()
		lags, err := b.Lag(ctx, g)
		if err != nil {
			t.Fatal(err)
		}
		return lags[0].Messages
	}
	produce := func(b *embedded.Bus, value string) {
		t.Helper()
		var msgs []bus.Message
		for n := range 10 {
			msgs = append(msgs, bus.Message{Topic: "raw", Key: []byte("k"), Value: fmt.Appendf(nil, "%s-%d", value, n)})
		}
		if err := b.Produce(ctx, msgs); err != nil {
			t.Fatal(err)
		}
	}
	handle := func(b *embedded.Bus, n int) (values []string) {
		t.Helper()
		ctx, stop := context.WithCancel(ctx)
		defer stop()
		_ = b.Consume(ctx, g, bus.Stateless(bus.WorkerFunc(func(_ context.Context, in []bus.Message) ([]bus.Message, error) {
			for _, m := range in {
				values = append(values, string(m.Value))
			}
			if len(values) >= n && len(in) == 0 { // all of them are committed
				stop()
			}
			return nil, nil
		})))
		return values
	}

	b := openAt(t, d, topics, embedded.Options{})
	name, from := segment(t, d)
	produce(b, "first")
	_, to := segment(t, d)
	produce(b, "second")
	if got := handle(b, 20); len(got) != 20 {
		t.Fatalf("%d messages came", len(got))
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	d.Bytes(name)[(from+to)/2] ^= 4 // within the first batch

	b = openAt(t, d, topics, embedded.Options{})
	defer b.Close()
	if n := lag(b); n != 0 {
		t.Errorf("lag behind damage = %d", n)
	}
	produce(b, "third")
	if n := lag(b); n != 10 {
		t.Errorf("lag with ten new messages = %d", n)
	}
	if got := handle(b, 10); len(got) != 10 || got[0] != "third-0" {
		t.Errorf("came after the damage: %q", got)
	}
	if n := lag(b); n != 0 {
		t.Errorf("lag at the end = %d", n)
	}
}

// segment is the journal's one segment and how far it is written.
func segment(t *testing.T, d *disktest.Disk) (name string, end int) {
	t.Helper()
	names, err := d.List()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if strings.HasSuffix(name, ".seg") {
			return name, len(bytes.TrimRight(d.Bytes(name), "\x00"))
		}
	}
	t.Fatal("no segment")
	return "", 0
}
