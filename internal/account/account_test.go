package account

import (
	"encoding/json"
	"errors"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestTotalsSurviveRestarts: whatever is drained, repeated, cut between two records
// of one drain and restored, the book's sum equals what was added.
func TestTotalsSurviveRestarts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var topic []Change // a compacted topic before compaction
		start := time.Unix(1_800_000_000, 0)
		l, want, committed := NewLedger(Index, "0", 1), int64(0), int64(0)
		for i := range rapid.IntRange(1, 60).Draw(t, "steps") {
			now := start.Add(time.Duration(i) * 7 * time.Hour)
			n := rapid.Int64Range(1, 5).Draw(t, "n")
			l.Add(rapid.SampledFrom([]string{"a", "b"}).Draw(t, "origin"), now, Indexed, n)
			committed += n
			changes := l.Drain(now)
			topic = append(topic, changes...)
			if rapid.Bool().Draw(t, "repeated") {
				topic = append(topic, changes...)
			}
			want = committed
			if rapid.IntRange(0, 4).Draw(t, "restart") == 0 {
				l = NewLedger(Index, "0", 1)
				for _, c := range topic {
					if err := l.Restore(string(c.Key), c.Value); err != nil {
						t.Fatal(err)
					}
				}
				l.Settle()
			}
		}
		var b Book
		for _, c := range topic {
			if err := b.Put(string(c.Key), c.Value); err != nil {
				t.Fatal(err)
			}
		}
		if _, sum := b.Lines(start); sum.Indexed != want {
			t.Fatalf("book says %d, added %d", sum.Indexed, want)
		}
	})
}

// TestCutBetweenBaseAndDeletion: a crash after the base was written and before its
// hours were deleted must not count them twice.
func TestCutBetweenBaseAndDeletion(t *testing.T) {
	start := time.Unix(1_800_000_000, 0)
	l := NewLedger(Index, "0", 1)
	l.Add("a", start, Indexed, 5)
	topic := l.Drain(start)
	late := start.Add(100 * time.Hour)
	l.Add("a", late, Indexed, 1)
	for _, c := range l.Drain(late) {
		if c.Value != nil {
			topic = append(topic, c)
		}
	}
	var b Book
	for _, c := range topic {
		if err := b.Put(string(c.Key), c.Value); err != nil {
			t.Fatal(err)
		}
	}
	if _, sum := b.Lines(start); sum.Indexed != 6 {
		t.Errorf("book says %d, want 6", sum.Indexed)
	}
}

// TestForgetsOneHour: of what a topic brings deleted, that hour of that origin goes.
func TestForgetsOneHour(t *testing.T) {
	l := NewLedger(Collect, "node/in", 0)
	encoded := func(r record) []byte {
		b, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	for _, origin := range []string{"file:/var/log/a/1.log", "b"} {
		for _, hour := range []int64{5, 6} {
			r := record{Hop: Collect, Part: "node/in", Origin: origin, Hour: hour, Counts: map[string]int64{Received: 1}}
			if err := l.Restore(r.Key(), encoded(r)); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, key := range []string{"collect/node/in/5/file:/var/log/a/1.log", "collect/node/in/7/b", "collect/node/in/x/b", "collect/node/other/6/b", "collect/node/in/"} {
		if err := l.Restore(key, nil); err != nil {
			t.Fatal(err)
		}
	}
	if len(l.hours["file:/var/log/a/1.log"]) != 1 || l.hours["file:/var/log/a/1.log"][6] == nil || len(l.hours["b"]) != 2 {
		t.Errorf("left: %v", l.hours)
	}
}

// TestHeard: the hour in which an origin was heard last outlives the folding of hours, and
// is not moved by what other hops do later.
func TestHeard(t *testing.T) {
	at := time.Unix(1_800_000_000, 0).UTC().Truncate(time.Hour)
	var b Book
	add := func(l *Ledger, origin, count string, when, now time.Time) {
		t.Helper()
		l.Add(origin, when, count, 1)
		for _, c := range l.Drain(now) {
			if err := b.Put(string(c.Key), c.Value); err != nil {
				t.Fatal(err)
			}
		}
	}
	collect, index := NewLedger(Collect, "0", 1), NewLedger(Index, "0", 1)
	add(collect, "silent", Received, at.Add(-time.Hour), at)
	add(collect, "silent", Received, at.Add(time.Minute), at)
	add(collect, "refused", Dropped+"not_allowed", at, at)
	later := at.Add(100 * time.Hour)
	add(collect, "lively", Received, later, later)
	add(index, "silent", Indexed, later, later)
	add(collect, "ahead", Received, later, later)
	add(collect, "ahead", Received, later.AddDate(1, 0, 0), later.AddDate(1, 0, 0))
	add(collect, "ahead", Received, later, later) // right again: its hour is folded, and counts as the next
	lines, sum := b.Lines(later)
	want := map[string]time.Time{"ahead": later, "lively": later, "refused": {}, "silent": at}
	for _, l := range lines {
		if !l.Heard.Equal(want[l.Origin]) {
			t.Errorf("%s was heard at %v, want %v", l.Origin, l.Heard, want[l.Origin])
		}
	}
	if len(lines) != len(want) || !sum.Heard.Equal(later) {
		t.Errorf("%v; all: %v", lines, sum.Heard)
	}
}

// TestSilentOriginsFold: the hours of origins that fell silent are folded too, as long as others
// speak, and a restart finds those origins among the ones that are bounded.
func TestSilentOriginsFold(t *testing.T) {
	const origins, hours = 200, 60
	table := map[string][]byte{}
	at := time.Unix(1_800_000_000, 0)
	drain := func(l *Ledger, now time.Time) {
		for _, c := range l.Drain(now) {
			if c.Value == nil {
				delete(table, string(c.Key))
			} else {
				table[string(c.Key)] = c.Value
			}
		}
	}
	l := NewLedger(Collect, "node/in", 1)
	for range hours {
		for i := range origins {
			l.Add(strconv.Itoa(i), at, Received, 1)
		}
		drain(l, at)
		at = at.Add(time.Hour)
	}
	at = at.Add((keepHours + 1) * time.Hour)
	for range origins {
		l.Add("lively", at, Received, 1)
		drain(l, at)
	}
	if n := len(table); n > origins+2 {
		t.Errorf("%d records are left of %d origins that are silent", n, origins)
	}
	l = NewLedger(Collect, "node/in", 2)
	var b Book
	for key, value := range table {
		if err := errors.Join(l.Restore(key, value), b.Put(key, value)); err != nil {
			t.Fatal(err)
		}
	}
	l.Settle()
	if _, sum := b.Lines(at); sum.Received != origins*hours+origins {
		t.Errorf("%d received, want %d", sum.Received, origins*hours+origins)
	}
	for i := range maxOrigins {
		l.Add("new "+strconv.Itoa(i), at, Received, 1)
	}
	drain(l, at)
	known := map[string]bool{}
	for _, value := range table {
		r, err := parse(value)
		if err != nil {
			t.Fatal(err)
		}
		known[r.Origin] = true
	}
	if len(known) > maxOrigins+1 {
		t.Errorf("%d origins are counted apart, at most %d", len(known), maxOrigins)
	}
}
