package alert

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestFailingChannel: an hour without a channel is one line in the log, and its pauses are
// shortened at random, never lengthened.
func TestFailingChannel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		f := &fake{fail: func(n int) error {
			if n <= 10 {
				return fmt.Errorf("away: %w", ErrNotTaken)
			}
			return nil
		}}
		tl := NewTeller(Options{Channel: "c", Policy: loose(), Notifier: f, Now: time.Now, Log: slog.New(slog.NewTextHandler(&log, nil))})
		start := time.Now()
		if _, err := tl.Handle(t.Context(), []Alert{one("a", 1)}); err != nil {
			t.Fatal(err)
		}
		longest := 511*time.Second + lastWait // 1 + 2 + ... + 256, then the last wait
		if took := time.Since(start); took > longest || took < longest*3/4 {
			t.Errorf("ten pauses took %v, want %v less a quarter at most", took, longest)
		}
		// Of another partition there is a teller of its own: it is one channel.
		f.n = 0
		budget, log2 := NewBudget(), &strings.Builder{}
		for range 2 {
			tl := NewTeller(Options{Channel: "c", Policy: loose(), Notifier: f, Budget: budget, Now: time.Now, Log: slog.New(slog.NewTextHandler(log2, nil))})
			ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
			if _, err := tl.Handle(ctx, []Alert{one("a", 1)}); err == nil {
				t.Error("it does not fail")
			}
			cancel()
		}
		if text := log2.String(); strings.Count(text, "\n") != 1 {
			t.Errorf("two tellers say\n%s", text)
		}
		if text := log.String(); strings.Count(text, "\n") != 2 || !strings.Contains(text, "channel fails") || !strings.Contains(text, "channel works again") {
			t.Errorf("the log says\n%s", text)
		}
	})
}

// TestSlowReceiver: a channel whose settings grant its server minutes is not broken off before: the
// message would have arrived, and be sent for ever.
func TestSlowReceiver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &slow{takes: 9 * time.Minute}
		tl := NewTeller(Options{Channel: "c", Policy: loose(), Notifier: f, Now: time.Now})
		if _, err := tl.Handle(t.Context(), []Alert{one("a", 1)}); err != nil {
			t.Fatal(err)
		}
		if f.n != 1 || len(f.sent) != 1 {
			t.Errorf("%d attempts, %d sent", f.n, len(f.sent))
		}
	})
}

// slow answers late.
type slow struct {
	fake
	takes time.Duration
}

func (s *slow) Send(ctx context.Context, m Message) error {
	select {
	case <-time.After(s.takes):
		return s.fake.Send(ctx, m)
	case <-ctx.Done():
		s.n++
		return ctx.Err()
	}
}

// TestBrokenOff: an attempt that a stop or a reload breaks off is no failure of the channel.
func TestBrokenOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		tl := NewTeller(Options{
			Channel: "c", Policy: loose(), Notifier: &slow{takes: time.Hour}, Now: time.Now, Log: slog.New(slog.NewTextHandler(&log, nil)),
			State: func(err error) { t.Errorf("state %v", err) },
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := tl.Handle(ctx, []Alert{one("a", 1)}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v", err)
		}
		if tl.Close(); log.Len() > 0 {
			t.Errorf("the log says\n%s", log.String())
		}
	})
}

// TestOtherCause: why a channel fails is in the log, also when that changes.
func TestOtherCause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		cut := func(port int) error {
			return fmt.Errorf("mail: %w", &net.OpError{Op: "read", Net: "tcp", Source: &net.TCPAddr{Port: port}, Addr: &net.TCPAddr{Port: 25}, Err: errors.New("reset")})
		}
		causes := []error{errors.New("429 Too Many Requests"), errors.New("429 Too Many Requests"), errors.New("timeout"), errors.New("timeout"), cut(4711), cut(4712), nil}
		f := &fake{fail: func(n int) error { return causes[n-1] }}
		tl := NewTeller(Options{Channel: "c", Policy: loose(), Notifier: f, Now: time.Now, Log: slog.New(slog.NewTextHandler(&log, nil))})
		if _, err := tl.Handle(t.Context(), []Alert{one("a", 1)}); err != nil {
			t.Fatal(err)
		}
		if text := log.String(); strings.Count(text, "\n") != 4 || strings.Count(text, "error=\"429") != 1 || strings.Count(text, "error=timeout") != 1 {
			t.Errorf("the log says\n%s", text)
		}
	})
}

// TestState: whoever shows the state of a channel is told of each failure, and when it is over.
func TestState(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got []string
		away := &fake{fail: func(n int) error {
			if n < 3 {
				return errors.New("away")
			}
			return nil
		}}
		tl := NewTeller(Options{
			Channel: "c", Policy: loose(), Notifier: away, Note: table{}.note, Now: time.Now,
			State: func(err error) { got = append(got, fmt.Sprint(err)) },
		})
		if _, err := tl.Handle(t.Context(), []Alert{one("a", 1)}); err != nil {
			t.Fatal(err)
		}
		if want := []string{"away", "away", "<nil>"}; !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	})
}

// TestRevoked: a message waits while its channel's settings are refused, and is sent once they are mended.
func TestRevoked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{fail: func(n int) error {
			if n <= 8 {
				return fmt.Errorf("slack: answer 404: %w", ErrSettings)
			}
			return nil
		}}
		tl := NewTeller(Options{Channel: "c", Policy: loose(), Notifier: f, Now: time.Now, Dead: func(context.Context, Message, error) error {
			t.Error("a message is buried")
			return nil
		}})
		if _, err := tl.Handle(t.Context(), []Alert{one("a", 1)}); err != nil {
			t.Fatal(err)
		}
		if len(f.sent) != 1 || f.sent[0].Bare || f.sent[0].Again || f.sent[0].Alerts[0].Title != "Many failed logins" {
			t.Errorf("sent %+v", f.sent)
		}
	})
}

// TestFiltered: a filter that refuses what logs say with the answer of a revoked webhook keeps neither the
// message nor what follows from people.
func TestFiltered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		f := &filter{}
		tl := NewTeller(Options{Channel: "c", Policy: loose(), Notifier: f, Now: time.Now, Log: slog.New(slog.NewTextHandler(&log, nil))})
		attack := one("a", 1, func(a *Alert) {
			a.Title, a.Key, a.RuleName = "<script>", "<script>", "Script in a URL"
			a.Investigation = []string{"see who sent <script>"}
		})
		if _, err := tl.Handle(t.Context(), []Alert{attack, one("b", 1, func(a *Alert) { a.Rule = "r2" })}); err != nil {
			t.Fatal(err)
		}
		if len(f.sent) != 2 || !f.sent[0].Bare || f.sent[0].Alerts[0].Title != "Script in a URL" || f.sent[1].Bare {
			t.Errorf("sent %+v", f.sent)
		}
		if attack.Title != "<script>" || !strings.Contains(strings.Join(f.sent[0].Notes(), " "), "refused") || !strings.Contains(log.String(), "took a message only without") {
			t.Errorf("%q, %q, the log says\n%s", attack.Title, f.sent[0].Notes(), log.String())
		}
	})
}

// TestBroken: what cuts the connection at what logs say, or makes the receiver fail, keeps neither the message
// nor what follows from people; while the channel is just away, the message stays whole.
func TestBroken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := func(err error, bare bool) {
			t.Helper()
			to := &filter{err: err, until: time.Now().Add(24 * time.Hour)}
			tl := NewTeller(Options{Channel: "c", Policy: loose(), Notifier: to, Now: time.Now})
			if _, err := tl.Handle(t.Context(), []Alert{one("a", 1, func(a *Alert) { a.Title = "<script>" })}); err != nil {
				t.Fatal(err)
			}
			if len(to.sent) != 1 || to.sent[0].Bare != bare {
				t.Errorf("%v: sent %+v", err, to.sent)
			}
		}
		f(errors.New("connection reset by peer"), true)
		f(errors.New("answer 500"), true)
		f(fmt.Errorf("answer 503: %w", ErrNotTaken), false)
	})
}

// TestOneOfTwoFails: a channel fails as long as a message of one of its tellers waits, whatever others send.
func TestOneOfTwoFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		var states []string
		budget := NewBudget()
		open := func(f *fake) *Teller {
			return NewTeller(Options{
				Channel: "c", Policy: loose(), Notifier: f, Budget: budget, Now: time.Now, Log: slog.New(slog.NewTextHandler(&log, nil)),
				State: func(err error) { states = append(states, fmt.Sprint(err)) },
			})
		}
		away := open(&fake{fail: func(int) error { return fmt.Errorf("away: %w", ErrNotTaken) }})
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		if _, err := away.Handle(ctx, []Alert{one("a", 1)}); err == nil {
			t.Error("it does not fail")
		}
		good := open(&fake{})
		for _, id := range []string{"b", "c"} {
			if _, err := good.Handle(t.Context(), []Alert{one(id, 1)}); err != nil {
				t.Fatal(err)
			}
		}
		if strings.Contains(log.String(), "works again") || len(states) != 1 {
			t.Errorf("while a message waits: %q, the log says\n%s", states, log.String())
		}
		if away.Close(); len(states) != 2 || states[1] != "<nil>" {
			t.Errorf("when its teller is gone: %q", states)
		}
	})
}

// filter refuses scripts as what stands in front of many servers does.
type filter struct {
	fake
	err   error // nil: 403
	until time.Time
}

func (f *filter) Send(ctx context.Context, m Message) error {
	if s := fmt.Sprint(m.Sections(), m.Subject()); strings.Contains(s, "<script>") && (f.err == nil || time.Now().Before(f.until)) {
		return cmp.Or(f.err, fmt.Errorf("answer 403: %w", ErrSettings))
	}
	return f.fake.Send(ctx, m)
}
