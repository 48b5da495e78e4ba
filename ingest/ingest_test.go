package ingest

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sluice/event"
)

// scripted is an input that does what each try's function says.
type scripted struct {
	env  Env
	try  *int
	runs []func(ctx context.Context, env Env, emit Emit) error
}

var errOpen = errors.New("port is taken")

func (s scripted) Validate() error { return nil }

func (s scripted) Open(env Env) (Input, error) {
	s.env = env
	if s.runs[*s.try] == nil {
		*s.try++
		return nil, errOpen
	}
	return s, nil
}

func (s scripted) Run(ctx context.Context, emit Emit) error {
	run := s.runs[*s.try]
	*s.try++
	return run(ctx, s.env, emit)
}

// TestLostIsTold: what was read and is not durable at the end is in the log, once.
func TestLostIsTold(t *testing.T) {
	var log strings.Builder
	s := scripted{try: new(int), runs: []func(context.Context, Env, Emit) error{func(_ context.Context, env Env, _ Emit) error {
		env.Drop("a", NotDurable, 2)
		env.Drop("b", NotDurable, 3)
		env.Drop("b", "rate_limit", 100)
		return nil
	}}}
	if err := Supervise(t.Context(), "net", s, Env{Log: slog.New(slog.NewTextHandler(&log, nil))}, nil); err != nil {
		t.Fatal(err)
	}
	if got := log.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "it is lost\" input=net lines=5") {
		t.Errorf("the log says %q", got)
	}
}

func TestSupervise(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var froms, states []string
		run := func(at string, err error) func(context.Context, Env, Emit) error {
			return func(ctx context.Context, env Env, emit Emit) error {
				froms = append(froms, string(env.From))
				if err := emit(ctx, []event.Raw{{Bytes: []byte("x")}}, Checkpoint(at)); err != nil {
					return err
				}
				return err
			}
		}
		broken := errors.New("broken")
		refuse := 1
		s := scripted{try: new(int), runs: []func(context.Context, Env, Emit) error{
			nil, run("1", broken), nil, run("2", broken), run("refused", nil), run("3", nil),
		}}
		env := Env{
			Log: slog.New(slog.DiscardHandler), From: Checkpoint("0"),
			Status: func(in Input, err error) { states = append(states, fmt.Sprint(in != nil, " ", err)) },
		}
		emit := func(_ context.Context, _ []event.Raw, at Checkpoint) error {
			if string(at) == "refused" && refuse > 0 {
				refuse--
				return broken
			}
			return nil
		}
		if err := Supervise(t.Context(), "test", s, env, emit); err != nil {
			t.Errorf("an input that has read all ends with %v", err)
		}
		if want := []string{"0", "1", "2", "2"}; !slices.Equal(froms, want) {
			t.Errorf("opened from %q, want %q", froms, want)
		}
		want := "false open input test: port is taken|true <nil>|false broken|false open input test: port is taken|true <nil>|false broken|true <nil>|false broken|true <nil>"
		if got := strings.Join(states, "|"); got != want {
			t.Errorf("states\n%s\nwant\n%s", got, want)
		}
	})
}

// TestSuperviseBackoff: pauses grow to maxWait, and are short again after a good while. The log has
// the 1st, 2nd, 4th and 8th failure in a row, then those after the good while.
func TestSuperviseBackoff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		tries := 0
		var at []time.Time
		fail := func(ctx context.Context, _ Env, _ Emit) error {
			at = append(at, time.Now())
			if tries++; tries == 15 {
				time.Sleep(2 * healthy)
			}
			if tries == 17 {
				cancel()
			}
			return errOpen
		}
		s := scripted{try: new(int), runs: slices.Repeat([]func(context.Context, Env, Emit) error{fail}, 20)}
		var log strings.Builder
		err := Supervise(ctx, "test", s, Env{Log: slog.New(slog.NewTextHandler(&log, nil))}, nil)
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		if d := at[1].Sub(at[0]); d > 2*firstWait {
			t.Errorf("the first pause took %v", d)
		}
		if d := at[14].Sub(at[13]); d < maxWait/2 || d > 3*maxWait/2 {
			t.Errorf("a late pause took %v", d)
		}
		if d := at[15].Sub(at[14]) - 2*healthy; d > 2*firstWait {
			t.Errorf("the pause after a good while took %v", d)
		}
		var times []string
		for _, m := range regexp.MustCompile(` times=(\d+) `).FindAllStringSubmatch(log.String(), -1) {
			times = append(times, m[1])
		}
		if want := []string{"1", "2", "4", "8", "1", "2"}; !slices.Equal(times, want) {
			t.Errorf("logged the failures %q, want %q", times, want)
		}
	})
}

// TestSuperviseTellsTheEnd: behind a failure that the log has, it also has that the input is open again, once.
func TestSuperviseTellsTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ends := func(context.Context, Env, Emit) error { return nil }
		s := scripted{try: new(int), runs: []func(context.Context, Env, Emit) error{nil, nil, nil, ends}}
		var log strings.Builder
		if err := Supervise(t.Context(), "test", s, Env{Log: slog.New(slog.NewTextHandler(&log, nil))}, nil); err != nil {
			t.Fatal(err)
		}
		if got := log.String(); strings.Count(got, "input is open again") != 1 || !strings.HasSuffix(got, "level=INFO msg=\"input is open again\" input=test\n") {
			t.Errorf("the log says %s", got)
		}
		log.Reset()
		s = scripted{try: new(int), runs: []func(context.Context, Env, Emit) error{ends}}
		if err := Supervise(t.Context(), "test", s, Env{Log: slog.New(slog.NewTextHandler(&log, nil))}, nil); err != nil || log.Len() > 0 {
			t.Errorf("an input that opens at once: %v, %s", err, log.String())
		}
	})
}

// TestSuperviseRepeats: what cannot be read again is repeated in place, ids and all.
func TestSuperviseRepeats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := scripted{try: new(int), runs: []func(context.Context, Env, Emit) error{
			func(ctx context.Context, _ Env, emit Emit) error {
				return emit(ctx, []event.Raw{{ID: "1"}, {ID: "2"}}, nil)
			},
		}}
		tries := 0
		err := Supervise(t.Context(), "test", s, Env{Log: slog.New(slog.DiscardHandler)}, func(_ context.Context, batch []event.Raw, _ Checkpoint) error {
			if tries++; tries < 5 {
				return errOpen
			}
			if len(batch) != 2 || batch[1].ID != "2" {
				t.Errorf("got %v", batch)
			}
			return nil
		})
		if err != nil || tries != 5 {
			t.Errorf("%d tries, %v", tries, err)
		}
	})
}

// TestSuperviseLoad: the journal knows better than emit's answer.
func TestSuperviseLoad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var from string
		s := scripted{try: new(int), runs: []func(context.Context, Env, Emit) error{
			func(ctx context.Context, _ Env, emit Emit) error { return emit(ctx, nil, Checkpoint("7")) },
			func(_ context.Context, env Env, _ Emit) error {
				from = string(env.From)
				return nil
			},
		}}
		env := Env{Log: slog.New(slog.DiscardHandler), Load: func(context.Context) (Checkpoint, error) { return Checkpoint("7"), nil }}
		err := Supervise(t.Context(), "test", s, env, func(context.Context, []event.Raw, Checkpoint) error { return errOpen })
		if err != nil || from != "7" {
			t.Errorf("went on from %q, %v", from, err)
		}
	})
}

func TestIDs(t *testing.T) {
	now := time.UnixMilli(1_800_000_000_000)
	a, b := LiveID(now, []byte("x")), LiveID(now, []byte("x"))
	later := LiveID(now.Add(time.Millisecond), []byte("a"))
	if len(a) != 39 || !(a < b && b < later) {
		t.Errorf("live ids %s, %s, %s must differ and sort by time", a, b, later)
	}
	raw, err := encoding.DecodeString(a)
	if err != nil || binary.BigEndian.Uint64(raw[6:]) != process || process == 0 {
		t.Errorf("live id %s must name the process %x: another one counts from 1, too (%v)", a, process, err)
	}
	p := PlaceID(5, 77, []byte("x"))
	if len(p) != 29 || p != PlaceID(5, 77, []byte("x")) {
		t.Errorf("a place's id is %s; it must be the same each time", p)
	}
	for _, other := range []string{PlaceID(5, 77, []byte("y")), PlaceID(5, 78, []byte("x")), PlaceID(6, 77, []byte("x"))} {
		if other == p {
			t.Errorf("one id %s for two places or texts", p)
		}
	}
	if !(p < PlaceID(6, 1, []byte("x")) && PlaceID(255, 9, nil) < PlaceID(256, 1, nil)) {
		t.Error("ids of places must sort by offset")
	}
}

func BenchmarkLiveID(b *testing.B) {
	line, now := make([]byte, 200), time.Now()
	b.ReportAllocs()
	for b.Loop() {
		LiveID(now, line)
	}
}

// Settings without a certificate are refused by Validate, in words of their own.
func TestCheckTLSOfNothing(t *testing.T) {
	if _, err := checkTLS("", "", "", time.Now()); err != nil {
		t.Error(err)
	}
}
