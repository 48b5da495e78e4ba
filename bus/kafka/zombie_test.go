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
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"sluice/bus"
	"sluice/bus/kafka"
)

var (
	zombieTopics = []bus.Topic{{Name: "in", Partitions: 1, Groups: []string{"a"}}, {Name: "state", Partitions: 1, Compacted: true}}
	zombieGroup  = bus.Group{Name: "a", Topic: "in"}
)

// In a process of its own the test binary is the worker that will be paused.
func TestMain(m *testing.M) {
	if at := os.Getenv("SLUICE_TEST_WORKER"); at != "" {
		f := append(strings.Fields(at), "")
		if err := pausedWorker(strings.Split(f[0], ","), f[1], f[2]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// remember is the state that a worker puts out: who wrote it, in which generation,
// and the last input that it includes.
func remember(who string, a bus.Assignment, in []bus.Message) []bus.Message {
	last := in[len(in)-1]
	return []bus.Message{{
		Topic: "state", Key: []byte("k"), Pinned: true, Partition: a.Partition,
		Value: fmt.Appendf(nil, "%d %d %s", a.Generation, last.Offset, who),
	}}
}

func pausedWorker(addrs []string, prefix, instance string) error {
	b, err := kafka.Open(context.Background(), zombieTopics, kafka.Options{
		Brokers: addrs, Prefix: prefix, Session: 6 * time.Second, Instance: instance,
		Trouble: func(err error) { fmt.Println("trouble", err) },
	})
	if err != nil {
		return err
	}
	return b.Consume(context.Background(), zombieGroup, func(_ context.Context, a bus.Assignment) (bus.Worker, error) {
		return bus.WorkerFunc(func(_ context.Context, in []bus.Message) ([]bus.Message, error) {
			if len(in) == 0 {
				return nil, nil
			}
			fmt.Println("handling", in[0].Offset, in[len(in)-1].Offset)
			for end := time.Now().Add(300 * time.Millisecond); time.Now().Before(end); { // here it is stopped
				time.Sleep(time.Millisecond)
			}
			fmt.Println("handled", in[len(in)-1].Offset)
			return remember("zombie", a, in), nil
		}), nil
	})
}

// A worker is stopped in the middle of its work, another gets its partition, and then
// the first one goes on and writes what it had in hand. That must not bring old state
// back: the reader keeps the greatest (generation, offset), and nothing is committed.
func TestPausedWorkerBringsNoOldStateBack(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for a session to time out")
	}
	addrs, prefix := brokers(t), fmt.Sprintf("t%x.", rand.Uint64())
	b, err := kafka.Open(t.Context(), zombieTopics, kafka.Options{Brokers: addrs, Prefix: prefix, Session: 6 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	send := func(n int) {
		t.Helper()
		for i := range n {
			if err := b.Produce(t.Context(), []bus.Message{{Topic: "in", Value: fmt.Append(nil, i)}}); err != nil {
				t.Fatal(err)
			}
		}
	}
	send(10)
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	zombie := exec.CommandContext(ctx, os.Args[0], "-test.run=^$")
	zombie.Env = append(os.Environ(), "SLUICE_TEST_WORKER="+strings.Join(addrs, ",")+" "+prefix)
	out, err := zombie.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := zombie.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { zombie.Process.Kill(); zombie.Wait() }()
	says := bufio.NewScanner(out)
	until := func(word string) {
		t.Helper()
		for says.Scan() {
			t.Log("zombie:", says.Text())
			if strings.HasPrefix(says.Text(), word) {
				return
			}
		}
		t.Fatalf("the worker ended before it said %q", word)
	}
	until("handling")
	zombie.Process.Signal(syscall.SIGSTOP)

	var mine atomic.Int64 // the last offset that the new owner has handled
	mine.Store(-1)
	taken := make(chan struct{}, 1)
	ctx2, leave := context.WithCancel(ctx)
	consumed := make(chan error, 1)
	go func() {
		consumed <- b.Consume(ctx2, zombieGroup, func(_ context.Context, a bus.Assignment) (bus.Worker, error) {
			return bus.WorkerFunc(func(_ context.Context, in []bus.Message) ([]bus.Message, error) {
				if len(in) == 0 {
					return nil, nil
				}
				mine.Store(in[len(in)-1].Offset)
				select {
				case taken <- struct{}{}:
				default:
				}
				return remember("owner", a, in), nil
			}), nil
		})
	}()
	select {
	case <-taken:
	case <-ctx.Done():
		t.Fatal("the partition was never taken over")
	}
	send(5)
	for mine.Load() < 14 && ctx.Err() == nil {
		time.Sleep(10 * time.Millisecond)
	}
	time.Sleep(time.Second) // its commit
	zombie.Process.Signal(syscall.SIGCONT)
	until("handled")
	time.Sleep(2 * time.Second) // the zombie writes, and is refused
	judgeState(t, b)
	leave()
	if err := <-consumed; !errors.Is(err, context.Canceled) {
		t.Errorf("consume = %v", err)
	}
	lags, err := b.Lag(t.Context(), zombieGroup)
	if err != nil || lags[0].Committed != 15 {
		t.Errorf("committed %+v, %v, want 15: a zombie's commit must not count", lags, err)
	}
}

func judgeState(t *testing.T, b *kafka.Bus) {
	t.Helper()
	var best struct {
		generation, offset int64
		who                string
	}
	late := 0
	err := b.Table(t.Context(), "state", 0, func(m bus.Message) error {
		s := best
		if _, err := fmt.Sscanf(string(m.Value), "%d %d %s", &s.generation, &s.offset, &s.who); err != nil {
			return err
		}
		if s.who == "zombie" && best.who == "owner" {
			late++
		}
		if s.generation > best.generation || s.generation == best.generation && s.offset >= best.offset {
			best = s
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if best.who != "owner" || best.offset != 14 {
		t.Errorf("state is %+v, want the owner's at offset 14", best)
	}
	t.Logf("%d records of the zombie came late; state is %+v", late, best)
}
