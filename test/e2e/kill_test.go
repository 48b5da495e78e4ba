package e2e

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"sort"
	"strings"
	"testing"
	"time"

	"sluice/internal/testbed"
)

func TestMain(m *testing.M) {
	code := m.Run()
	testbed.Clean()
	os.Exit(code)
}

// lines of the kill test; -short and the embedded run in `make test` take fewer.
func storyLines(t *testing.T) int {
	if testing.Short() {
		return 20_000
	}
	return 100_000
}

// crashPoints are where each role dies, beside the kills at random times.
var crashPoints = []string{
	"collect/after-produce:1", "process/after-batch:1", "correlate/after-batch:1", "index/after-write:1", "notify/after-send:1",
	"collect/after-produce:2", "process/after-batch:2", "correlate/after-batch:2", "index/after-write:2", "notify/after-send:1",
}

// randomKills are the kills at random times.
const randomKills = 12

// TestKillsWhileFilesRotate: 100,000 numbered lines go into a file that rotates while
// kill -9 hits the program. Every line is in the index exactly once with its raw bytes;
// alerts and messages are those of an undisturbed run.
func TestKillsWhileFilesRotate(t *testing.T) {
	total := storyLines(t)
	w := testbed.New(t, testbed.Real(), "lateness: 2s\n")
	w.Rules(rules)
	w.Up()
	out := newWriter(t, w.Logs(), total/12)
	// What a file holds when it is first seen is history, in a lane of its own: an attack
	// must not lie half in it.
	out.write(1)
	w.Settle(1, time.Minute)
	k := newKiller(t, w, out, total)
	k.run()
	w.Settle(int64(total), 4*time.Minute)
	t.Logf("%d kills hit: %v", k.hits, k.by)
	if k.hits < 20 {
		t.Errorf("only %d kills hit a live process", k.hits)
	}
	judgeLines(t, w.Events(), total)
	judgeAlerts(t, w, expected(total))
}

// story is something that is told line by line, by file or by wire.
type story interface {
	write(lines int)
	written() int
}

// killer writes the story and kills meanwhile, spread over the whole of it.
type killer struct {
	t     *testing.T
	w     *testbed.World
	rng   *rand.Rand
	out   story
	total int
	hits  int
	by    map[string]int
}

func newKiller(t *testing.T, w *testbed.World, out story, total int) *killer {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	return &killer{t: t, w: w, rng: rand.New(rand.NewPCG(seed, 1)), out: out, total: total, by: map[string]int{}}
}

// run strikes once in each stretch of the story: at crash points and at random, in
// random order. Then it leaves everything running.
func (k *killer) run() {
	strikes := append([]string(nil), crashPoints...)
	for range randomKills {
		strikes = append(strikes, "")
	}
	k.rng.Shuffle(len(strikes), func(i, j int) { strikes[i], strikes[j] = strikes[j], strikes[i] })
	for i, point := range strikes {
		until := k.total * (i + 1) / (len(strikes) + 1)
		if point != "" {
			k.atPoint(point, until)
		} else {
			k.atRandom(until)
		}
		k.write(until - k.out.written())
	}
	k.write(k.total - k.out.written())
}

func (k *killer) write(n int) {
	for n > 0 {
		some := min(n, 250)
		k.out.write(some)
		n -= some
		time.Sleep(time.Duration(5+k.rng.IntN(20)) * time.Millisecond)
	}
}

// atRandom kills one process somewhere in the stretch and starts it again.
func (k *killer) atRandom(until int) {
	k.write(k.rng.IntN(max(1, until-k.out.written())))
	time.Sleep(time.Duration(k.rng.IntN(1500)) * time.Millisecond)
	ps := k.w.Processes()
	p := ps[k.rng.IntN(len(ps))]
	if p.Kill() {
		k.hits++
		k.by["at random"]++
	}
	p.Again("")
}

// atPoint starts a process of the point's role anew and writes until it dies there.
func (k *killer) atPoint(point string, until int) {
	role, _, _ := strings.Cut(point, "/")
	p := k.process(role)
	p.Kill()
	p.Again(point)
	for half := (until + k.out.written()) / 2; p.Alive() && k.out.written() < half; {
		k.write(min(250, half-k.out.written()))
	}
	// The rest is spread, a twentieth of it at a time, so that there is something to do
	// when a process on a cluster has found its way back into its group.
	for deadline := time.Now().Add(60 * time.Second); p.Alive() && time.Now().Before(deadline); {
		if left := until - k.out.written(); left > 0 {
			k.write(left/20 + 1)
		}
		for end := time.Now().Add(150 * time.Millisecond); p.Alive() && time.Now().Before(end); {
			time.Sleep(10 * time.Millisecond)
		}
	}
	if code, err := p.Wait(time.Second); err != nil || code != 137 {
		k.t.Errorf("%s: the process did not die there: %d, %v", point, code, err)
		p.Kill()
	} else {
		k.hits++
		k.by[role]++
	}
	p.Again("")
}

// process is one that has the role.
func (k *killer) process(role string) *testbed.Process {
	var of []*testbed.Process
	for _, p := range k.w.Processes() {
		if name, _, _ := strings.Cut(p.Name, "-"); name == role || name == "all" {
			of = append(of, p)
		}
	}
	return of[k.rng.IntN(len(of))]
}

// judgeLines: each line exactly once, with its raw bytes.
func judgeLines(t *testing.T, events []testbed.Event, total int) {
	t.Helper()
	seen := make([]int, total)
	bad := 0
	for _, e := range events {
		n := number(e)
		if n < 0 || n >= total {
			t.Errorf("an event that nobody wrote: %s", e.Source)
			continue
		}
		seen[n]++
		if raw := original(t, e); !bytes.Equal(stampless(raw), stampless([]byte(line(n, time.Time{})))) {
			if bad++; bad < 5 {
				t.Errorf("line %d came as %q", n, raw)
			}
		}
	}
	lost, doubled := 0, 0
	for n, times := range seen {
		switch {
		case times == 0:
			if lost++; lost < 5 {
				t.Errorf("line %d is lost", n)
			}
		case times > 1:
			if doubled++; doubled < 5 {
				t.Errorf("line %d is there %d times", n, times)
			}
		}
	}
	if lost+doubled+bad > 0 {
		t.Errorf("%d lines lost, %d doubled, %d changed, of %d", lost, doubled, bad, total)
	}
}

// number finds the number in any of the story's lines.
func number(e testbed.Event) int {
	text, n := e.Original, -1
	for _, form := range []string{"sshd[%d]", "# line %d)", "request %d took"} {
		prefix, _, _ := strings.Cut(form, "%d")
		if at := strings.Index(text, prefix); at >= 0 {
			if _, err := fmt.Sscanf(text[at:], form, &n); err == nil || n >= 0 {
				return n
			}
		}
	}
	return n
}

// original is the raw bytes: as text, or as base64 where they are no UTF-8.
func original(t *testing.T, e testbed.Event) []byte {
	var doc struct {
		Sluice struct {
			Base64 string `json:"original_base64"`
		} `json:"sluice"`
	}
	if err := json.Unmarshal(e.Source, &doc); err != nil {
		t.Fatal(err)
	}
	if doc.Sluice.Base64 == "" {
		return []byte(e.Original)
	}
	raw, err := base64.StdEncoding.DecodeString(doc.Sluice.Base64)
	if err != nil {
		t.Error(err)
	}
	return raw
}

// stampless cuts "<38>Nov 23 20:00:00" to "<38>": when a line was written is not in its number.
func stampless(line []byte) []byte {
	if len(line) < 20 {
		return line
	}
	return append(append([]byte(nil), line[:4]...), line[19:]...)
}

// judgeAlerts compares what is in the index, and what people were told, with what an
// undisturbed run gives. A message may come twice only under one id.
func judgeAlerts(t *testing.T, w *testbed.World, want map[string]int) {
	t.Helper()
	deadline := time.Now().Add(2 * time.Minute)
	for ; time.Now().Before(deadline); time.Sleep(500 * time.Millisecond) {
		if fmt.Sprint(alertSet(w)) == fmt.Sprint(want) && fmt.Sprint(toldSet(t, w)) == fmt.Sprint(want) {
			return
		}
	}
	if got := alertSet(w); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("alerts: %s", difference(got, want))
	}
	if told := toldSet(t, w); fmt.Sprint(told) != fmt.Sprint(want) {
		t.Errorf("people were told: %s", difference(told, want))
	}
}

// toldSet is what people were told, each message once.
func toldSet(t *testing.T, w *testbed.World) map[string]int {
	told := map[string]int{}
	for id, ms := range w.Hook.Messages() {
		for i, m := range ms {
			if i > 0 && !m.Again {
				t.Errorf("message %s came %d times, unmarked", id, len(ms))
			}
		}
		var body struct {
			Alerts []struct {
				Rule     string `json:"rule"`
				Document struct {
					Sluice struct {
						Alert struct {
							Key json.RawMessage `json:"key"`
						} `json:"alert"`
					} `json:"sluice"`
				} `json:"document"`
			} `json:"alerts"`
			Dropped int `json:"dropped"` // of the same rule and key, too many to show
		}
		if err := json.Unmarshal(ms[0].Body, &body); err != nil {
			t.Fatal(err)
		}
		for _, a := range body.Alerts {
			told[a.Rule+" "+testbed.KeyText(a.Document.Sluice.Alert.Key)]++
		}
		if n := len(body.Alerts); n > 0 && body.Dropped > 0 {
			last := body.Alerts[n-1]
			told[last.Rule+" "+testbed.KeyText(last.Document.Sluice.Alert.Key)] += body.Dropped
		}
	}
	return told
}

func alertSet(w *testbed.World) map[string]int {
	got := map[string]int{}
	for _, a := range w.Alerts() {
		got[a.Rule+" "+a.Key]++
	}
	return got
}

func difference(got, want map[string]int) string {
	var lines []string
	for k, n := range want {
		if got[k] != n {
			lines = append(lines, fmt.Sprintf("%s: %d times, want %d", k, got[k], n))
		}
	}
	for k, n := range got {
		if want[k] == 0 {
			lines = append(lines, fmt.Sprintf("%s: %d times, want none", k, n))
		}
	}
	sort.Strings(lines)
	return strings.Join(lines[:min(len(lines), 10)], "\n")
}
