package sinks

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"sluice/event"
)

const (
	firstWait = 100 * time.Millisecond // a cluster that is only busy takes the second attempt
	lastWait  = 30 * time.Second       // people who repair it see it go on within half a minute
	maxAsked  = 5 * time.Minute        // a far side that asks for more is asked again after this
)

// Deliver is Repeat for the events of a sink.
func Deliver(ctx context.Context, s Sink, batch []event.Document, dead func(event.Document, error) error, trouble func(error)) error {
	bury := func(d event.Document, reason error) error {
		if err := dead(d, reason); err != nil {
			return fmt.Errorf("dead-letter %s: %w", d.ID, err)
		}
		return nil
	}
	return Repeat(ctx, s.Write, batch, bury, trouble)
}

// Repeat calls write until every item is accepted or dead, or ctx ends. Between attempts it
// waits, starting at 0.1 s and doubling up to 30 s, less a random part of up to a quarter so that
// many writers do not return at the same instant. A Wait in the error lengthens the pause, to at
// most 5 min.
//
// dead is called for items that no retry will help; its error ends Repeat. trouble, which may be
// nil, is told of every failed attempt. If write refuses an index outside the batch, or the same
// one twice, its whole answer is disbelieved and the batch is retried.
func Repeat[T any](ctx context.Context, write func(context.Context, []T) ([]Refusal, error), batch []T, dead func(T, error) error, trouble func(error)) error {
	for wait := firstWait; len(batch) > 0; wait = min(2*wait, lastWait) {
		if err := ctx.Err(); err != nil {
			return err
		}
		refused, err := write(ctx, batch)
		if err == nil {
			err = check(refused, len(batch))
		}
		if err == nil {
			left, buried := settle(batch, refused, dead)
			if buried != nil || len(left) == 0 {
				return buried
			}
			if len(left) < len(batch) {
				wait = firstWait // it moves: no reason to slow down
			}
			batch, err = left, again(refused, len(left))
		}
		if trouble != nil {
			trouble(err)
		}
		if err := pause(ctx, wait, err); err != nil {
			return err
		}
	}
	return nil
}

// check rejects answers about events that the sink was not given.
func check(refused []Refusal, n int) error {
	seen := make(map[int]bool, len(refused))
	for _, r := range refused {
		if r.Index < 0 || r.Index >= n || seen[r.Index] {
			return fmt.Errorf("the sink refused event %d of %d; nothing of it is believed", r.Index, n)
		}
		seen[r.Index] = true
	}
	return nil
}

// settle passes final refusals to dead and returns what is worth another attempt.
func settle[T any](batch []T, refused []Refusal, dead func(T, error) error) (left []T, err error) {
	for _, r := range refused {
		if !r.Final {
			left = append(left, batch[r.Index])
		} else if err := dead(batch[r.Index], r.Reason); err != nil {
			return nil, err
		}
	}
	return left, nil
}

// again is the error of events that were refused for now; it keeps the longest Wait.
func again(refused []Refusal, n int) error {
	var first error
	var longest Wait
	for _, r := range refused {
		if r.Final {
			continue
		}
		if first == nil {
			first = r.Reason
		}
		var w Wait
		if errors.As(r.Reason, &w) && w.For > longest.For {
			longest = w
		}
	}
	err := fmt.Errorf("%d events refused for now: %w", n, first)
	if longest.For > 0 {
		return Wait{longest.For, err}
	}
	return err
}

// pause waits before the next attempt; cause is joined when ctx ends meanwhile.
func pause(ctx context.Context, wait time.Duration, cause error) error {
	wait -= rand.N(wait/4 + 1)
	var asked Wait
	if errors.As(cause, &asked) {
		wait = max(wait, min(asked.For, maxAsked))
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return errors.Join(cause, ctx.Err())
	case <-timer.C:
		return nil
	}
}
