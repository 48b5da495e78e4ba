package sinks

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"sluice/event"
)

// script is a sink that answers what the test says, by attempt from 1.
type script struct {
	n      int
	answer func(n int, batch []event.Document) ([]Refusal, error)
}

func (s *script) Write(_ context.Context, batch []event.Document) ([]Refusal, error) {
	s.n++
	return s.answer(s.n, batch)
}

func docs(n int) []event.Document {
	out := make([]event.Document, n)
	for i := range out {
		out[i].ID = fmt.Sprint(i)
	}
	return out
}

func TestDeliverRetriesThenDeadLetters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{answer: func(n int, _ []event.Document) ([]Refusal, error) {
			if n < 3 {
				return nil, errors.New("busy")
			}
			return []Refusal{{Index: 1, Reason: errors.New("bad date"), Final: true}}, nil
		}}
		var dead []string
		troubles, start := 0, time.Now()
		err := Deliver(t.Context(), s, docs(2), func(d event.Document, _ error) error { dead = append(dead, d.ID); return nil }, func(error) { troubles++ })
		if err != nil || len(dead) != 1 || dead[0] != "1" || troubles != 2 {
			t.Fatalf("err %v, dead %v, troubles %d", err, dead, troubles)
		}
		if took := time.Since(start); took < 225*time.Millisecond || took > 300*time.Millisecond {
			t.Errorf("waited %v, want 300 ms less a quarter at most", took)
		}
	})
}

func TestDeliverOnlyWhatIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var sizes []int
		s := &script{answer: func(n int, b []event.Document) (out []Refusal, _ error) {
			sizes = append(sizes, len(b))
			for i := 0; n < 4 && i < len(b)-2; i++ {
				out = append(out, Refusal{Index: i, Reason: errors.New("429")})
			}
			return out, nil
		}}
		if err := Deliver(t.Context(), s, docs(8), nil, nil); err != nil {
			t.Fatal(err)
		}
		if fmt.Sprint(sizes) != "[8 6 4 2]" {
			t.Errorf("attempts of %v events", sizes)
		}
	})
}

func TestDeliverWaitsAsAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := func(why string, least, most time.Duration, answer func(n int, b []event.Document) ([]Refusal, error)) {
			t.Helper()
			start := time.Now()
			if err := Deliver(t.Context(), &script{answer: answer}, docs(1), nil, nil); err != nil {
				t.Fatal(err)
			}
			if took := time.Since(start); took < least || took > most {
				t.Errorf("%s: waited %v", why, took)
			}
		}
		f("whole", 40*time.Second, 41*time.Second, func(n int, _ []event.Document) ([]Refusal, error) {
			if n == 1 {
				return nil, fmt.Errorf("x: %w", Wait{40 * time.Second, errors.New("401")})
			}
			return nil, nil
		})
		f("of one event", 20*time.Second, 21*time.Second, func(n int, _ []event.Document) ([]Refusal, error) {
			if n == 1 {
				return []Refusal{{Reason: Wait{20 * time.Second, errors.New("429")}}}, nil
			}
			return nil, nil
		})
		f("too much", maxAsked, maxAsked+time.Second, func(n int, _ []event.Document) ([]Refusal, error) {
			if n == 1 {
				return nil, Wait{100 * time.Hour, errors.New("503")}
			}
			return nil, nil
		})
	})
}

func TestDeliverEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		away := &script{answer: func(int, []event.Document) ([]Refusal, error) { return nil, errors.New("away") }}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := Deliver(ctx, away, docs(1), nil, nil); !errors.Is(err, context.DeadlineExceeded) || away.n < 8 || away.n > 20 {
			t.Errorf("err %v after %d attempts", err, away.n)
		}
		full := errors.New("topic full")
		refuse := &script{answer: func(int, []event.Document) ([]Refusal, error) { return []Refusal{{Final: true}}, nil }}
		if err := Deliver(t.Context(), refuse, docs(1), func(event.Document, error) error { return full }, nil); !errors.Is(err, full) {
			t.Errorf("err %v", err)
		}
		liar := &script{answer: func(n int, _ []event.Document) ([]Refusal, error) {
			if n < 3 {
				return []Refusal{{Index: n}, {Index: n}}, nil
			}
			return nil, nil
		}}
		if err := Deliver(t.Context(), liar, docs(2), nil, nil); err != nil || liar.n != 3 {
			t.Errorf("a sink that lies: err %v after %d attempts", err, liar.n)
		}
	})
}

// TestDeliverDoubtsTheSink: an answer about events that it was not given, or twice about one,
// takes nothing for done.
func TestDeliverDoubtsTheSink(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := func(indices ...int) {
			t.Helper()
			var sizes []int
			s := &script{answer: func(n int, b []event.Document) (out []Refusal, _ error) {
				sizes = append(sizes, len(b))
				for _, i := range indices {
					if n == 1 {
						out = append(out, Refusal{Index: i, Reason: errors.New("429")})
					}
				}
				return out, nil
			}}
			if err := Deliver(t.Context(), s, docs(3), nil, nil); err != nil || fmt.Sprint(sizes) != "[3 3]" {
				t.Errorf("refused %v: attempts of %v events, %v", indices, sizes, err)
			}
		}
		f(-1)
		f(3)
		f(1, 1)
	})
}

// TestDeliverOfSeveral: of several refusals the first is named and the longest wait holds.
func TestDeliverOfSeveral(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{answer: func(n int, _ []event.Document) ([]Refusal, error) {
			if n > 1 {
				return nil, nil
			}
			return []Refusal{
				{Index: 0, Reason: Wait{20 * time.Second, errors.New("one")}},
				{Index: 1, Reason: Wait{40 * time.Second, errors.New("two")}},
				{Index: 2, Reason: Wait{30 * time.Second, errors.New("three")}},
			}, nil
		}}
		var told error
		start := time.Now()
		if err := Deliver(t.Context(), s, docs(3), nil, func(err error) { told = err }); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took != 40*time.Second {
			t.Errorf("waited %v, want 40s", took)
		}
		if told == nil || told.Error() != "3 events refused for now: one" {
			t.Errorf("told of %v", told)
		}
	})
}
