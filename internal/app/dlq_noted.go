package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"sluice/bus"
)

// A run that is killed, or finds no index, between putting letters back and marking them would put them
// back once more when it is repeated, and the account would count them twice. So which letters a write
// settles is noted with it, until they are marked; the next run marks first what an earlier one noted.

// notePrefix begins the keys of notes among the checkpoints. No input's key has a blank.
const notePrefix = "dlq settled "

// note are the letters of one write that may not be marked yet.
type note struct {
	Outcome string   `json:"outcome"`
	Letters []string `json:"letters"` // their ids

	key []byte
}

func (n *note) message() bus.Message {
	text, err := json.Marshal(n)
	if err != nil {
		panic("BUG: marshal a note of letters: " + err.Error())
	}
	return bus.Message{Topic: bus.TopicCheckpoints, Key: n.key, Value: text}
}

// take notes a batch that is put back next.
func (s *settling) take(batch []restored) *note {
	s.notes++
	n := &note{Outcome: s.outcome, key: []byte(notePrefix + s.stamp.producer + " " + strconv.Itoa(s.notes))}
	for i := range batch {
		n.Letters = append(n.Letters, batch[i].hit.ID)
	}
	return n
}

// forget takes a note away: its letters are marked, or were not put back.
func (s *settling) forget(ctx context.Context, n *note) error {
	msgs := []bus.Message{{Topic: bus.TopicCheckpoints, Key: n.key}}
	return patient(ctx, func() error { return s.n.bus.Produce(ctx, msgs) })
}

// finish marks what earlier runs have put back, or dropped, and not marked.
func (s *settling) finish(ctx context.Context) error {
	notes := map[string]*note{}
	for part := range s.n.bus.Partitions(bus.TopicCheckpoints) {
		err := s.n.bus.Table(ctx, bus.TopicCheckpoints, part, func(m bus.Message) error {
			switch {
			case !strings.HasPrefix(string(m.Key), notePrefix):
			case m.Value == nil:
				delete(notes, string(m.Key))
			default:
				one := &note{key: slices.Clone(m.Key)}
				notes[string(m.Key)] = one
				return json.Unmarshal(m.Value, one)
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("read which letters an earlier run has put back: %w", err)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(notes)) {
		if err := s.finishNote(ctx, notes[key]); err != nil {
			return err
		}
	}
	return nil
}

func (s *settling) finishNote(ctx context.Context, n *note) error {
	p := &pages{
		indices: letterIndices(""), size: letterPage, order: [2]string{"@timestamp", "sluice.id"}, versions: true,
		query: map[string]any{"bool": map[string]any{
			"filter":   []any{map[string]any{"ids": map[string]any{"values": n.Letters}}},
			"must_not": []any{map[string]any{"exists": map[string]string{"field": "sluice.dlq.outcome"}}},
		}},
	}
	var refused markError
	err := p.each(ctx, s.n.index, func(hits []storedHit) error {
		batch := make([]restored, len(hits))
		for i := range hits {
			batch[i].hit = &hits[i]
			s.done.Read++
		}
		return s.mark(ctx, batch, n.Outcome)
	})
	if errors.As(err, &refused) { // for good: that must not hold up the others, and they are not put back again
		for _, id := range n.Letters {
			s.noted[id] = fmt.Errorf("an earlier run has put it back, or dropped it, and the index refuses to mark it (%w): mend what it says, and run this again", refused.why)
		}
		return nil
	}
	if err != nil {
		return err
	}
	return s.forget(ctx, n)
}

// markError says that the index refuses marks for good.
type markError struct{ why error }

func (e markError) Error() string { return e.why.Error() }
func (e markError) Unwrap() error { return e.why }
