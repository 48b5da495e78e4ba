package rules

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestFullBook: where there are as many keys as may be, the one that was silent the
// longest makes room, so what is new is still found.
func TestFullBook(t *testing.T) {
	s := load(t, Options{MaxKeys: 100}, strings.Replace(bruteForce, "window: 1m", "window: 1h", 1))
	c := s.NewCorrelator()
	observe := func(key string, sec int) {
		m := Match{
			Rule: "brute", Hash: s.Rule("brute").Hash, Key: list([]string{key}), Time: start.Add(time.Duration(sec) * time.Second),
			ID: fmt.Sprintf("%s/%d", key, sec), Fields: "{}",
		}
		c.Observe(&m)
	}
	for i := range 100 {
		observe("idle"+strconv.Itoa(i), i)
	}
	c.Advance("", start.Add(150*time.Second))
	observe("idle0", 160) // is the oldest no more
	c.Advance("", start.Add(190*time.Second))
	for i := range 30 {
		observe("new"+strconv.Itoa(i), 200+i)
		c.Advance("", start.Add(time.Duration(201+i)*time.Second))
	}
	b := c.lanes[""].books["brute"]
	for i := range 100 {
		if there := b.keys[bookKey("", list([]string{"idle" + strconv.Itoa(i)}))] != nil; there != (i == 0 || i > 30) {
			t.Errorf("key %d is there: %t", i, there)
		}
	}
	if c.Keys() != 100 || len(c.Degraded()) != 1 {
		t.Errorf("%d keys, %+v", c.Keys(), c.Degraded())
	}
}

// TestFullBookFinds is the same with what matters: alerts.
func TestFullBookFinds(t *testing.T) {
	s := load(t, Options{MaxKeys: 50}, strings.Replace(bruteForce, "window: 1m", "window: 1h", 1))
	c := s.NewCorrelator()
	var ms []Match
	for i := range 50 {
		ms = append(ms, chainMatch(s, "brute", list([]string{"idle" + strconv.Itoa(i)}), strconv.Itoa(i), i, ""))
	}
	for i := range 3 {
		ms = append(ms, chainMatch(s, "brute", list([]string{"new"}), "new"+strconv.Itoa(i), 100+i, ""))
	}
	for i := range ms {
		c.Observe(&ms[i])
		c.Advance("", ms[i].Time)
	}
	c.End()
	if alerts, _ := c.Drain(); len(alerts) != 1 || alerts[0].Key != `["new"]` {
		t.Errorf("%+v", alerts)
	}
}

// TestFullBookRestored: a key that came back from the changelog, and was not settled since, makes
// room as any other does.
func TestFullBookRestored(t *testing.T) {
	s := load(t, Options{MaxKeys: 20}, newCountry)
	id := s.Rules()[0].ID
	m := func(key string, sec int) *Match {
		return &Match{Rule: id, Hash: s.Rule(id).Hash, Key: list([]string{key}), Time: start.Add(time.Duration(sec) * time.Second), ID: key, Value: "a", Fields: "{}"}
	}
	c := s.NewCorrelator()
	for i := range 20 {
		c.Observe(m("k"+strconv.Itoa(i), i))
	}
	c.Advance("", start.Add(30*time.Second))
	_, records := c.Drain()
	again := s.NewCorrelator()
	for _, r := range records {
		if err := again.Restore(r.Key, r.Value); err != nil {
			t.Fatal(err)
		}
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		again.Observe(m("new", 40))
	}()
	select {
	case <-done:
	case <-time.After(5 * time.Second):
		t.Fatal("a new key is never taken in")
	}
	if n := again.Keys(); n != 20 {
		t.Errorf("%d keys, want 20", n)
	}
	for _, l := range again.lanes {
		if l.books[id].keys[bookKey("", list([]string{"k0"}))] != nil {
			t.Error("the oldest key is still there")
		}
	}
}

// TestDamagedState: a key whose record came back damaged costs itself, and holds up nobody for ever.
func TestDamagedState(t *testing.T) {
	s := load(t, Options{}, bruteForce)
	r := s.Rule("brute")
	at := start.UnixNano()
	w := wireState{Settled: at, Entries: []wireEntry{{T: at + int64(time.Hour), I: "a"}, {T: at, I: "b"}}, Texts: []string{"{}"}}
	c := s.NewCorrelator()
	if err := c.Restore([]byte(list([]string{r.ID, r.Hash, "", "", `["x"]`, mainRecord})), w.encode()); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		c.Advance("", start.Add(10*time.Minute))
	}()
	select {
	case <-done:
	case <-time.After(5 * time.Second):
		t.Fatal("it is settled again and again")
	}
	if d := c.Degraded(); c.Keys() != 0 || len(d) != 1 {
		t.Errorf("%d keys, %+v", c.Keys(), d)
	}
}
