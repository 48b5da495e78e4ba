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
var crashPoints = map[string][]string{
	"collect":   {"collect/after-produce:3", "collect/after-produce:9"},
	"process":   {"process/after-batch:4", "process/after-batch:11"},
	"correlate": {"correlate/after-batch:3", "correlate/after-batch:8"},
	"index":     {"index/after-write:3", "index/after-write:7"},
	"notify":    {"notify/after-send:2", "notify/after-send:3"},
}

// TestKillsWhileFilesRotate: 100,000 numbered lines go into a file that rotates while
// kill -9 hits the program. Every line is in the index exactly once with its raw bytes;
// alerts and messages are those of an undisturbed run.
func TestKillsWhileFilesRotate(t *testing.T) {
	total := storyLines(t)
	w := testbed.New(t, testbed.Real(), "")
	w.Rules(rules)
	w.Up()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 1))
	killer := &killer{t: t, w: w, rng: rng, left: points()}

	out := newWriter(t, w.Logs(), total/12)
	for out.n < total {
		out.write(min(1000, total-out.n))
		time.Sleep(time.Duration(20+rng.IntN(60)) * time.Millisecond)
		if rng.IntN(3) == 0 {
			killer.strike()
		}
		killer.revive()
	}
	killer.finish()
	w.Settle(int64(total), 4*time.Minute)
	t.Logf("%d kills hit: %v", killer.hits, killer.by)
	if killer.hits < 20 {
		t.Errorf("only %d kills hit a live process", killer.hits)
	}
	judgeLines(t, w.Events(), total)
	judgeAlerts(t, w, expected(total))
}

type killer struct {
	t    *testing.T
	w    *testbed.World
	rng  *rand.Rand
	left []string // crash points yet to be hit
	hits int
	by   map[string]int
	due  map[*testbed.Process]string // runs towards this crash point
}

func points() (all []string) {
	for _, ps := range crashPoints {
		all = append(all, ps...)
	}
	sort.Strings(all)
	return all
}

func (k *killer) note(what string) {
	k.hits++
	if k.by == nil {
		k.by = map[string]int{}
	}
	k.by[what]++
}

// strike kills a process at random.
func (k *killer) strike() {
	ps := k.w.Processes()
	p := ps[k.rng.IntN(len(ps))]
	if p.Kill() {
		k.note("at random")
	}
}

// revive starts dead processes again, every other one towards a crash point of its role.
func (k *killer) revive() {
	for _, p := range k.w.Processes() {
		if p.Alive() {
			continue
		}
		if point := k.due[p]; point != "" {
			if code, err := p.Wait(time.Second); err == nil && code == 137 {
				role, _, _ := strings.Cut(point, "/")
				k.note(role)
			} else {
				k.left = append(k.left, point) // killed before it got there
			}
			delete(k.due, p)
		}
		p.Again(k.next(p))
	}
}

// next is a crash point that the process can reach, or none.
func (k *killer) next(p *testbed.Process) string {
	role, _, _ := strings.Cut(p.Name, "-")
	for i, point := range k.left {
		if of, _, _ := strings.Cut(point, "/"); role == "all" || of == role {
			k.left = append(k.left[:i], k.left[i+1:]...)
			if k.due == nil {
				k.due = map[*testbed.Process]string{}
			}
			k.due[p] = point
			return point
		}
	}
	return ""
}

// finish goes on until every crash point was hit and 20 kills were, on what work is
// left, then leaves everything running.
func (k *killer) finish() {
	for deadline := time.Now().Add(90 * time.Second); time.Now().Before(deadline); time.Sleep(300 * time.Millisecond) {
		k.revive()
		if len(k.left) == 0 && len(k.due) == 0 && k.hits >= 20 {
			break
		}
		if k.hits < 20 || len(k.left) > 0 {
			k.strike()
		}
	}
	for _, p := range k.w.Processes() {
		if k.due[p] != "" {
			p.Kill()
			delete(k.due, p)
		}
		if !p.Alive() {
			p.Again("")
		}
	}
	for role, ps := range crashPoints {
		if k.by[role] < len(ps) {
			k.t.Errorf("%s died at %d of its %d crash points", role, k.by[role], len(ps))
		}
	}
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
		if fmt.Sprint(alertSet(w)) == fmt.Sprint(want) && len(w.Hook.Messages()) >= count(want) {
			break
		}
	}
	if got := alertSet(w); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("alerts: %s", difference(got, want))
	}
	told := map[string]int{}
	for id, ms := range w.Hook.Messages() {
		for i, m := range ms {
			if i > 0 && !m.Again {
				t.Errorf("message %s came %d times, unmarked", id, len(ms))
			}
		}
		var body struct {
			Alerts []struct {
				Rule struct {
					ID string `json:"id"`
				} `json:"rule"`
				RuleID string `json:"rule_id"`
				Key    string `json:"key"`
			} `json:"alerts"`
		}
		if err := json.Unmarshal(ms[0].Body, &body); err != nil {
			t.Fatal(err)
		}
		for _, a := range body.Alerts {
			told[a.Rule.ID+a.RuleID+" "+a.Key]++
		}
	}
	if len(told) == 0 || count(told) != count(want) {
		t.Errorf("people were told %d alerts, want %d: %s", count(told), count(want), difference(told, want))
	}
}

func alertSet(w *testbed.World) map[string]int {
	got := map[string]int{}
	for _, a := range w.Alerts() {
		got[a.Rule+" "+a.Key]++
	}
	return got
}

func count(m map[string]int) (n int) {
	for _, v := range m {
		n += v
	}
	return n
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
