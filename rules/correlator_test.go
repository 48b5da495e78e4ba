package rules

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sluice/event"
)

// world is matches of the test rules within a few minutes, some of them twice.
func world(s *Set, rnd *rand.Rand, n int) []Match {
	var out []Match
	for i := range n {
		t := start.Add(time.Duration(rnd.IntN(240)) * time.Second)
		if rnd.IntN(3) == 0 {
			t = t.Add(time.Duration(rnd.IntN(1000)) * time.Millisecond)
		}
		ip := fmt.Sprintf("192.0.2.%d", rnd.IntN(3))
		m := Match{
			Time: t, ID: "e" + strconv.Itoa(i), Namespace: "default", Origin: "o",
			Fields: fmt.Sprintf(`{"user.name":["u%d"],"related.user":["u%d"]}`, rnd.IntN(3), rnd.IntN(3)),
		}
		switch rnd.IntN(3) {
		case 0:
			m.Rule, m.Key = "brute", list([]string{ip})
		case 1:
			m.Rule, m.Key, m.Value = "scan", list([]string{ip, "198.51.100.1"}), strconv.Itoa(rnd.IntN(8))
		default:
			m.Rule, m.Key, m.Steps = "after", list([]string{ip}), []uint32{3, 3, 3, 4, 7}[rnd.IntN(5)]
		}
		m.Hash = s.Rule(m.Rule).Hash
		out = append(out, m)
		if rnd.IntN(10) == 0 {
			out = append(out, m)
		}
	}
	return out
}

// table is the compacted topic sluice.state of one partition.
type table struct {
	keys   []string
	values map[string][]byte
}

func (t *table) put(records []StateRecord) {
	for _, r := range records {
		k := string(r.Key)
		if _, ok := t.values[k]; !ok {
			t.keys = append(t.keys, k)
		}
		t.values[k] = r.Value
	}
}

func (t *table) live() (n int) {
	for _, v := range t.values {
		if v != nil {
			n++
		}
	}
	return n
}

// play feeds matches in arrival order: each at a random moment within the lateness
// behind its time. With restarts it restarts the correlator from its changelog, once at
// least.
func play(tb testing.TB, s *Set, ms []Match, rnd *rand.Rand, restarts bool) (map[string]Alert, *table) {
	type arrival struct {
		at time.Time
		m  Match
	}
	var in []arrival
	for _, m := range ms {
		in = append(in, arrival{m.Time.Add(time.Duration(rnd.Int64N(int64(s.opt.Lateness)))), m})
	}
	rnd.Shuffle(len(in), func(i, j int) { in[i], in[j] = in[j], in[i] })
	slices.SortStableFunc(in, func(a, b arrival) int { return a.at.Compare(b.at) })
	c := s.NewCorrelator()
	c.Announce() // where the rules say so
	changelog := &table{values: map[string][]byte{}}
	final := map[string]Alert{}
	drain := func() {
		alerts, records := c.Drain()
		changelog.put(records)
		for _, a := range alerts {
			if old, ok := final[a.ID]; ok && old.Revision >= a.Revision {
				tb.Fatalf("alert %s: revision %d after %d", a.ID, a.Revision, old.Revision)
			}
			final[a.ID] = a
		}
	}
	must := rnd.IntN(len(in))
	for i, a := range in {
		if rnd.IntN(4) == 0 {
			c.Advance("", a.at.Add(-s.opt.Lateness))
		}
		if rnd.IntN(5) == 0 {
			drain()
		}
		if restarts && (i == must || rnd.IntN(20) == 0) {
			drain()
			c = s.NewCorrelator()
			c.Announce()
			for _, k := range changelog.keys {
				if err := c.Restore([]byte(k), changelog.values[k]); err != nil {
					tb.Fatal(err)
				}
			}
		}
		wire, err := ParseMatch(a.m.AppendJSON(nil))
		if err != nil {
			tb.Fatal(err)
		}
		c.Observe(&wire)
	}
	c.End()
	drain()
	if st := c.Stats(); st.Late+st.TooLate+st.Unknown+st.Evicted > 0 {
		tb.Fatalf("%+v", st)
	}
	if c.Keys() != 0 || c.Bytes() != 0 || changelog.live() != 0 {
		tb.Fatalf("after the end: %d keys, %d bytes, %d records", c.Keys(), c.Bytes(), changelog.live())
	}
	return final, changelog
}

// TestShuffle: any order within the lateness, with restarts at random places, gives the
// same final alert documents.
func TestShuffle(t *testing.T) {
	s := load(t, Options{}, bruteForce, portScan, successAfter)
	found := 0
	rapid.Check(t, func(rt *rapid.T) {
		seed := rapid.Uint64().Draw(rt, "seed")
		ms := world(s, rand.New(rand.NewPCG(seed, 1)), 60)
		found += len(permuted(t, rt, s, ms, seed))
	})
	if found < 50 && !testing.Short() { // -short runs few worlds
		t.Errorf("only %d alerts in all worlds: the test tests nothing", found)
	}
}

// truth is what correlation.md says of a threshold, written down without any cleverness.
func truth(r *Rule, ms []Match) (out []string) {
	type one struct {
		t     int64
		id, v string
	}
	byKey := map[string]map[one]bool{}
	for _, m := range ms {
		if m.Rule == r.ID {
			if byKey[m.Key] == nil {
				byKey[m.Key] = map[one]bool{}
			}
			byKey[m.Key][one{m.Time.UnixNano(), m.ID, m.Value}] = true
		}
	}
	for key, set := range byKey {
		var instants []int64
		for o := range set {
			instants = append(instants, o.t)
		}
		slices.Sort(instants)
		first, last, counted := int64(0), int64(0), map[one]bool{}
		end := func() {
			if first != 0 {
				out = append(out, fmt.Sprintf("%s %d-%d count %d", key, first, last, len(counted)))
			}
			first, counted = 0, map[one]bool{}
		}
		for _, t := range slices.Compact(instants) {
			n, values := 0, map[string]bool{}
			for o := range set {
				if o.t > t-int64(r.Window) && o.t <= t {
					n++
					values[o.v] = true
				}
			}
			if r.Distinct != "" {
				n = len(values)
			}
			if n < r.Count {
				continue
			}
			if first != 0 && t-last > int64(r.Suppress) {
				end()
			}
			if first == 0 {
				first = t
			}
			last = t
			for o := range set {
				if o.t > t-int64(r.Window) && o.t <= t {
					counted[o] = true
				}
			}
		}
		end()
	}
	slices.Sort(out)
	return out
}

// TestThresholdTruth compares thresholds with their definition: episodes, first and last
// instants, and, for counted events, how many.
func TestThresholdTruth(t *testing.T) {
	s := load(t, Options{}, bruteForce, portScan, successAfter)
	rapid.Check(t, func(rt *rapid.T) {
		seed := rapid.Uint64().Draw(rt, "seed")
		ms := world(s, rand.New(rand.NewPCG(seed, 1)), rapid.IntRange(10, 300).Draw(rt, "n"))
		got, _ := play(t, s, ms, rand.New(rand.NewPCG(seed, 2)), true)
		for _, id := range []string{"brute", "scan"} {
			r := s.Rule(id)
			var have []string
			for _, a := range got {
				if a.Rule == id {
					have = append(have, fmt.Sprintf("%s %s-%d count %d", a.Key, firstOf(rt, s, ms, a), a.Last.UnixNano(), a.Count))
				}
			}
			slices.Sort(have)
			want := truth(r, ms)
			if r.Distinct != "" { // how often a value came before the window's edge is defined by what is kept
				have, want = uncounted(have), uncounted(want)
			}
			if !slices.Equal(have, want) {
				rt.Fatalf("rule %s:\n got %s\nwant %s", id, strings.Join(have, "\n     "), strings.Join(want, "\n     "))
			}
		}
	})
}

func uncounted(in []string) (out []string) {
	for _, s := range in {
		before, _, _ := strings.Cut(s, " count")
		out = append(out, before)
	}
	return out
}

// firstOf is the first true instant of an alert, which its id is made of.
func firstOf(rt *rapid.T, s *Set, ms []Match, a Alert) string {
	for _, m := range ms {
		t := strconv.FormatInt(m.Time.UnixNano(), 10)
		if alertID(a.Rule, a.Namespace, a.Key, t) == a.ID {
			return t
		}
	}
	rt.Fatalf("alert %s has the id of no instant", a.Doc)
	return ""
}

// step makes a match of the sequence rule.
func step(s *Set, id string, seconds int, steps uint32) Match {
	r := s.Rules()[0]
	return Match{Rule: r.ID, Hash: r.Hash, Key: `["192.0.2.1"]`, Time: start.Add(time.Duration(seconds) * time.Second), ID: id, Steps: steps}
}

func alertsOf(s *Set, ms ...Match) []Alert {
	c := s.NewCorrelator()
	for i := range ms {
		c.Observe(&ms[i])
	}
	c.End()
	out, _ := c.Drain()
	return out
}

// titled holds that the alerts that s makes of the matches have the titles of want, a
// semicolon behind each.
func titled(t *testing.T, s *Set, want string, ms ...Match) {
	t.Helper()
	got := ""
	for _, a := range alertsOf(s, ms...) {
		got += a.Title + ";"
	}
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// carries holds that a log-in with further fields, name and text, matches with the values
// of want, a semicolon behind each.
func carries(t *testing.T, s *Set, want string, fields ...string) {
	t.Helper()
	ev := event.NewEvent(testSchema)
	auth(ev, "192.0.2.1", "eve", "success")
	for i := 0; i < len(fields); i += 2 {
		n, _ := testSchema.Lookup(fields[i])
		ev.SetText(n, fields[i+1])
	}
	got := ""
	for _, m := range s.NewMatcher().Match(ev, Instant{Time: start, ID: "1"}) {
		got += m.Value + ";"
	}
	if got != want {
		t.Errorf("%q: got %q, want %q", fields, got, want)
	}
}

// raises holds that s makes of the matches the alerts of want: their events, and a
// semicolon behind each alert.
func raises(t *testing.T, s *Set, want string, ms ...Match) {
	t.Helper()
	got := ""
	for _, al := range alertsOf(s, ms...) {
		got += strings.Join(al.Events, " ") + ";"
	}
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestSequence(t *testing.T) {
	const a, b, c, until = 1, 2, 4, 1 << 31
	text := successAfter + "until: event.action == \"reset\"\n"
	s, strict := load(t, Options{}, text), load(t, Options{}, text+"strict: true\n")
	f := func(s *Set, want string, ms ...Match) {
		t.Helper()
		raises(t, s, want, ms...)
	}
	at := func(id string, sec int, steps uint32) Match { return step(s, id, sec, steps) }
	f(s, "1 2 3;", at("1", 0, a), at("2", 1, b), at("3", 2, c))
	f(s, "1 2 3;", at("3", 0, c), at("2", 0, b), at("1", 0, a)) // ties are in order
	f(s, "", at("1", 1, a), at("2", 0, b), at("3", 2, c))
	f(s, "1 2 3;", at("1", 0, a), at("2", 1, b), at("3", 60, c)) // T is inclusive
	f(s, "", at("1", 0, a), at("2", 1, b), at("3", 61, c))
	f(s, "2 3 4;", at("1", 0, a), at("2", 1, a), at("3", 2, b), at("4", 3, c)) // the latest
	f(s, "1 2 4;", at("1", 0, a), at("2", 1, b), at("3", 2, a), at("4", 3, c)) // the latest before the latest b
	f(s, "1 2 3;", at("1", 0, a|b), at("2", 1, a|b), at("3", 2, c))            // one event is one step
	f(s, "", at("1", 0, a|b|c))
	f(s, "", at("1", 0, a), at("2", 1, b), at("u", 1, until), at("3", 2, c))
	f(s, "", at("u", 0, until), at("1", 0, a), at("2", 1, b), at("3", 2, c)) // at equality too
	f(s, "2 3 4;", at("1", 0, a), at("u", 1, until), at("2", 2, a), at("3", 3, b), at("4", 4, c))
	at = func(id string, sec int, steps uint32) Match { return step(strict, id, sec, steps) }
	f(strict, "", at("1", 0, a), at("2", 0, b), at("3", 1, c))
	f(strict, "1 2 3;", at("1", 0, a), at("2", 1, b), at("3", 2, c))
}

// TestEpisode: one alert while it lasts, closed when it is over, a new one afterwards.
func TestEpisode(t *testing.T) {
	s := load(t, Options{}, bruteForce)
	c := s.NewCorrelator()
	for i, sec := range []int{0, 1, 2, 5, 30, 200, 201, 202} {
		c.Observe(&Match{Rule: "brute", Hash: s.Rule("brute").Hash, Key: `["192.0.2.1"]`, Time: start.Add(time.Duration(sec) * time.Second), ID: strconv.Itoa(i), Fields: `{"user.name":["root"]}`})
	}
	f := func(watermark int, want string) {
		t.Helper()
		c.Advance("", start.Add(time.Duration(watermark)*time.Second))
		alerts, _ := c.Drain()
		got := ""
		for _, a := range alerts {
			got += fmt.Sprintf("%d %d %t %s;", a.Revision, a.Count, a.Closed, a.Title)
		}
		if got != want {
			t.Errorf("at %d: got %q, want %q", watermark, got, want)
		}
	}
	f(2, "") // an instant is settled when the watermark has passed it
	f(3, "1 3 false 3 failed logins from 192.0.2.1 as root;")
	f(12, "")                                                  // a revision every ten seconds
	f(13, "2 4 false 4 failed logins from 192.0.2.1 as root;") // the fourth does not wait for a fifth
	f(31, "3 5 false 5 failed logins from 192.0.2.1 as root;")
	f(90, "")
	f(91, "4 5 true 5 failed logins from 192.0.2.1 as root;")
	f(300, "2 3 true 3 failed logins from 192.0.2.1 as root;")
}

// TestLanes: what comes too late for the live lane is found in the lane of its origin,
// and nothing of it enters live windows.
func TestLanes(t *testing.T) {
	s := load(t, Options{}, bruteForce)
	c := s.NewCorrelator()
	match := func(id string, sec int) Match {
		return Match{Rule: "brute", Hash: s.Rule("brute").Hash, Key: `["192.0.2.1"]`, Time: start.Add(time.Duration(sec) * time.Second), ID: id, Origin: "fw1"}
	}
	c.Advance("", start.Add(time.Hour))
	for i := range 3 {
		m := match(strconv.Itoa(i), i)
		c.Observe(&m)
	}
	live := match("live", 3600)
	c.Observe(&live)
	if st := c.Stats(); st.Late != 3 || st.Observed != 4 {
		t.Errorf("%+v", st)
	}
	c.Advance("", start.Add(time.Hour+time.Minute))
	if alerts, _ := c.Drain(); len(alerts) != 0 {
		t.Errorf("too early: %d", len(alerts))
	}
	c.Advance("", start.Add(2*time.Hour)) // the lane was silent for long: it ends
	alerts, _ := c.Drain()
	if len(alerts) != 1 || alerts[0].Lane != "fw1" || alerts[0].Count != 3 || !alerts[0].Closed {
		t.Fatalf("%+v", alerts)
	}
	var doc struct {
		Sluice struct {
			Lane  string
			Alert struct{ Late bool }
		}
	}
	if err := json.Unmarshal(alerts[0].Doc, &doc); err != nil || !doc.Sluice.Alert.Late || doc.Sluice.Lane != "fw1" {
		t.Errorf("%v %s", err, alerts[0].Doc)
	}
	if len(c.lanes) != 1 {
		t.Errorf("%d lanes left", len(c.lanes))
	}
}

// TestDoubleOfSettled: a double that comes after its instant was settled is known.
func TestDoubleOfSettled(t *testing.T) {
	s := load(t, Options{}, bruteForce)
	c := s.NewCorrelator()
	m := Match{Rule: "brute", Hash: s.Rule("brute").Hash, Key: `["x"]`, Time: start, ID: "1"}
	c.Observe(&m)
	c.Advance("", start.Add(time.Second))
	c.Observe(&m)
	if st := c.Stats(); st.Doubles != 1 || st.Observed != 1 || st.Late != 0 {
		t.Errorf("%+v", st)
	}
}

// TestBounds: over a bound the oldest goes, and the rule says so.
func TestBounds(t *testing.T) {
	s := load(t, Options{MaxEntries: 10, MaxKeys: 5}, bruteForce)
	c := s.NewCorrelator()
	match := func(key, id string, sec int) Match {
		return Match{Rule: "brute", Hash: s.Rule("brute").Hash, Key: list([]string{key}), Time: start.Add(time.Duration(sec) * time.Second), ID: id}
	}
	for i := range 20 {
		m := match("a", strconv.Itoa(i), i)
		c.Observe(&m)
	}
	if st := c.Stats(); st.Evicted != 10 {
		t.Errorf("%+v", st)
	}
	for i := range 5 {
		m := match("b"+strconv.Itoa(i), "x", 100+i)
		c.Observe(&m)
	}
	if c.Keys() != 5 {
		t.Errorf("%d keys", c.Keys())
	}
	d := c.Degraded()
	if len(d) != 1 || d[0].Rule != "brute" || d[0].Count != 20 || !d[0].Since.Equal(start) {
		t.Errorf("%+v", d)
	}
}

// TestBytes: the bound of all state together holds, and what is dropped is deleted from
// the changelog too.
func TestBytes(t *testing.T) {
	s := load(t, Options{MaxBytes: 100 << 10}, bruteForce)
	c := s.NewCorrelator()
	changelog := &table{values: map[string][]byte{}}
	for i := range 1000 {
		m := Match{Rule: "brute", Hash: s.Rule("brute").Hash, Key: list([]string{strconv.Itoa(i)}), Time: start.Add(time.Duration(i)), ID: strconv.Itoa(i)}
		c.Observe(&m)
		if i%7 == 0 {
			_, records := c.Drain()
			changelog.put(records)
		}
	}
	_, records := c.Drain()
	changelog.put(records)
	if c.Bytes() > 100<<10 || c.Keys() < 100 || changelog.live() != c.Keys() {
		t.Errorf("%d bytes, %d keys, %d records", c.Bytes(), c.Keys(), changelog.live())
	}
}

// TestRestoreFaults: what cannot be taken back says why, and changes nothing.
func TestRestoreFaults(t *testing.T) {
	s := load(t, Options{}, bruteForce, successAfter)
	c := s.NewCorrelator()
	hash := s.Rule("brute").Hash
	f := func(key, value, want string) {
		t.Helper()
		err := c.Restore([]byte(key), []byte(value))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", key, err)
		}
	}
	f("x", "{}", "no list of six texts")
	f(`["other","x","","","","main"]`, "{}", "its rule is gone or has changed")
	f(`["brute","older","","","","main"]`, "{}", "its rule is gone or has changed")
	f(`["brute","`+hash+`","","","","main"]`, "{", "unexpected end")
	f(`["brute","`+hash+`","","","","main"]`, `{"version":9}`, "version 9")
	f(`["brute","`+hash+`","","","","main"]`, `{"version":1,"entries":[{"f":3}]}`, "names text 3")
	f(`["brute","`+hash+`","","","","odd"]`, `{"version":1}`, "no part")
	if err := c.Restore([]byte(`["brute","`+hash+`","","","k","main"]`), nil); err != nil || c.Keys() != 0 {
		t.Error(err, c.Keys())
	}
}
