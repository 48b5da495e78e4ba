package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"sluice/bus"
)

// heldBus holds messages by partition.
type heldBus struct {
	bus.Bus
	parts [][]bus.Message
	open  int
	sick  error // at the end of the last partition
}

func (h *heldBus) Partitions(string) int { return len(h.parts) }

func (h *heldBus) Read(ctx context.Context, _ string, part int, fn func(bus.Message, int64) error) error {
	h.open++
	defer func() { h.open-- }()
	for _, m := range h.parts[part] {
		if err := errors.Join(ctx.Err(), fn(m, int64(len(h.parts[part])))); err != nil {
			return err
		}
	}
	if part == len(h.parts)-1 {
		return h.sick
	}
	return nil
}

// add appends an event of a second; the sequence makes its position.
func (h *heldBus) add(part, second, sequence int, namespace string) {
	at := time.Date(2026, 3, 2, 8, 0, second, 0, time.UTC)
	doc := fmt.Sprintf(`{"@timestamp":%q,"event":{"created":%[1]q,"category":["authentication"]},"sluice":{"id":"e%[2]d"},"user":{"name":"u%[2]d"}}`, at.Format(time.RFC3339), second)
	pos := bus.Position{Producer: "p", Raw: part, Sequence: int64(sequence)}
	h.parts[part] = append(h.parts[part], bus.Message{
		Topic: bus.TopicEvents, Partition: part, Offset: int64(len(h.parts[part])), Time: at, Value: []byte(doc),
		Headers: []bus.Header{{Key: bus.HeaderID, Value: []byte("e" + strconv.Itoa(second))}, {Key: bus.HeaderNamespace, Value: []byte(namespace)}, {Key: bus.HeaderPosition, Value: []byte(pos.String())}},
	})
}

// TestBusPast: the partitions in the order in which their events were received, each event
// once, of the stretch that is asked for.
func TestBusPast(t *testing.T) {
	set := shippedSet(t)
	h := &heldBus{parts: make([][]bus.Message, 3)}
	for i, second := range []int{1, 4, 4, 7} { // the third is a double
		h.add(0, second, min(i, 1)+i/3, "default")
	}
	h.add(1, 2, 0, "lab")
	h.add(1, 3, 1, "default")
	h.add(1, 9, 2, "default")
	h.parts[1] = append(h.parts[1], bus.Message{Value: []byte("of somebody else")})
	f := func(st Stretch, want string) {
		t.Helper()
		var got []string
		last := Happened{}
		err := busPast(h, st, nil)(t.Context(), set, false, func(e *Happened) error {
			got = append(got, strings.TrimPrefix(e.ID, "e"))
			if e.Done < last.Done || e.Done > e.Total || !e.Settled.Equal(e.At.Received.Add(-set.Lateness)) || e.Event == nil {
				t.Errorf("%+v after %+v", e, last)
			}
			last = *e
			return nil
		})
		if text := strings.Join(got, " "); text != want || err != nil || h.open != 0 {
			t.Errorf("%+v: got %s (%v, %d open), want %s", st, text, err, h.open, want)
		}
	}
	at := func(second int) time.Time { return time.Date(2026, 3, 2, 8, 0, second, 0, time.UTC) }
	f(Stretch{}, "1 2 3 4 7 9")
	f(Stretch{Namespace: "lab"}, "2")
	f(Stretch{Since: at(3), Until: at(9)}, "3 4 7")

	fail := func(want string, h *heldBus, st Stretch, fn func(*Happened) error) {
		t.Helper()
		if err := busPast(h, st, nil)(t.Context(), set, false, fn); err == nil || !strings.Contains(err.Error(), want) || h.open != 0 {
			t.Errorf("%v (%d open), want %s", err, h.open, want)
		}
	}
	fine := func(*Happened) error { return nil }
	fail("sick", h, Stretch{}, func(*Happened) error { return errors.New("sick") })
	fail("a query is about the index", h, Stretch{Query: "x"}, fine)
	fail("broker", &heldBus{parts: h.parts, sick: errors.New("broker")}, Stretch{}, fine)
	broken := &heldBus{parts: [][]bus.Message{slices.Clone(h.parts[0])}}
	broken.parts[0][1].Value = []byte("{")
	fail("message 1 of sluice.events/0", broken, Stretch{}, fine)
}
