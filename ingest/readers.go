package ingest

import (
	"context"
	"errors"
	"sync"
	"time"
)

// DrainTime is how long what was read may take to become durable, and be answered, once an input ends.
const DrainTime = 5 * time.Second

// Readers are what adds to a Batcher from a network. Of the functions after Read, those that are nil do
// nothing.
type Readers struct {
	Read []func(ctx context.Context) // each until ctx ends, or what it reads from
	Wind func()                      // ctx has ended: has each of them take what is there, and end
	Late func()                      // DrainTime is over: what is not durable by then is given up
	Over func()                      // nothing becomes durable any more
	Last func(emitting context.Context) error
}

// Serve has r read until ctx ends, and emits what it adds until all of it has ended: beyond ctx, but for
// DrainTime at most. When emit fails it ends r. Last is called after all that was read is durable. The
// error is that of emit, and ctx's.
func (b *Batcher) Serve(ctx context.Context, r Readers) error {
	reading, stop := context.WithCancel(ctx)
	defer stop()
	emitting, abandon := context.WithCancel(context.WithoutCancel(ctx))
	defer abandon()
	defer context.AfterFunc(ctx, func() { // ctx lives on where only this run fails, and must not keep it
		time.AfterFunc(DrainTime, func() {
			abandon()
			call(r.Late)
		})
	})()
	var readers sync.WaitGroup
	for _, read := range r.Read {
		readers.Go(func() { read(reading) })
	}
	readers.Go(func() {
		<-reading.Done()
		call(r.Wind)
	})
	drained := make(chan struct{})
	go func() {
		readers.Wait()
		close(drained)
	}()
	err := b.Run(emitting, drained)
	call(r.Over)
	stop()
	<-drained
	if err == nil && r.Last != nil {
		err = r.Last(emitting)
	}
	if err != nil && ctx.Err() == nil {
		return err
	}
	return errors.Join(ctx.Err(), err)
}

func call(f func()) {
	if f != nil {
		f()
	}
}
