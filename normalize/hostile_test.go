package normalize_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"sluice/event"
	"sluice/normalize"
)

// hostile are lines that somebody made of a device's line to hurt who reads it, each of
// about size bytes.
func hostile(line string, size int) map[string]string {
	out := map[string]string{}
	fill := func(what string) string { return strings.Repeat(what, size/len(what)+1)[:size] }
	head, tail := line[:len(line)/2], line[len(line)/2:]
	for name, what := range map[string]string{
		"letters": "a", "digits": "1", "blanks": " ", "quotes": `"`, "escapes": `\`, "pairs": " k=v", "commas": ",", "colons": ":", "semicolons": "; a", "bars": "|", "tags": "<a b='", "lists": "[", "objects": `{"a":`,
		"words": "from to user ", "addresses": "192.0.2.1 ", "dates": "2026-03-02T08:59:59Z ", "percents": "%41%zz", "parens": "(a) ", "angles": "<1>", "runes": "é\xff", "tabs": "\t", "slashes": "/a\\b", "dots": "a.", "equals": "=", "dashes": " - ",
	} {
		out[name+" behind"] = line + fill(what)
		out[name+" inside"] = head + fill(what) + tail
	}
	out["repeated"] = fill(line + " ")
	out["repeated at once"] = fill(line)
	var attributes strings.Builder
	for i := 0; attributes.Len() < size; i++ {
		fmt.Fprintf(&attributes, ` k%d='x'`, i)
	}
	out["attributes"] = "<e" + attributes.String() + "/>"
	b := []byte(line)
	slices.Reverse(b)
	out["reversed"] = fill(string(b))
	out["unclosed"] = strings.Replace(line, `"`, `"`+fill("x"), 1)
	out["no quotes close"] = fill(regexp.MustCompile(`"([^"]*)"`).ReplaceAllString(line, `"$1`))
	out["numbers out of range"] = regexp.MustCompile(`\d+`).ReplaceAllString(line, strings.Repeat("9", size/(8*strings.Count(line, " ")+200)))
	if at := strings.IndexByte(line, '{'); at >= 0 {
		var keys strings.Builder
		for i := 0; keys.Len() < size; i++ {
			fmt.Fprintf(&keys, `"k%d":%d,`, i, i)
		}
		out["keys"] = line[:at+1] + keys.String() + line[at+1:]
		out["same key"] = line[:at+1] + fill(`"a":1,`)[:size/6*6] + line[at+1:]
		out["deep object"] = line[:at+1] + `"x":` + fill(`{"a":`) + "1"
		out["deep list"] = line[:at+1] + `"x":` + fill("[") + "1"
		out["deep and closed"] = line[:at+1] + `"x":` + strings.Repeat("[", size/2) + strings.Repeat("]", size/2) + "," + line[at+1:]
		out["names of ours"] = line[:at+1] + `"__proto__":{"x":1},"constructor":1,"@timestamp":"99999-99-99","sluice":{"id":"x"},"_id":7,"event":{"original":"y"},"a":1e999,` + line[at+1:]
		out["list of lists"] = line[:at+1] + `"x":[` + fill(`[1],`)[:size/4*4] + `1],` + line[at+1:]
		out["list of it"] = "[" + fill(line + ",")[:size/(len(line)+1)*(len(line)+1)] + line + "]"
	} else {
		var keys strings.Builder
		for i := 0; keys.Len() < size; i++ {
			fmt.Fprintf(&keys, ` k%d=%d`, i, i)
		}
		out["keys"] = line + keys.String()
		out["names of ours"] = line + ` __proto__=x @timestamp=99999 sluice.id=7 _id=x {"@timestamp":1}`
	}
	return out
}

// TestHostileLines: no line of 64 KiB, made of a pack's own, is too much for it: it comes
// out as a document, with its bytes, in the schema's types. It prints the slowest pack;
// how long that takes is for people to judge, since tests share their machine.
func TestHostileLines(t *testing.T) {
	const size = 64 << 10
	packs := open(t, normalize.Shipped())
	w := packs.NewWorker()
	type slow struct {
		took       time.Duration
		pack, what string
		line       string
	}
	var all []slow
	for p, name := range packs.Names() {
		worst := slow{}
		lines := sampleLines(t, name)
		step := 1 + (len(lines)-1)/hostileSamples
		for i := 0; i < len(lines); i += step {
			made := hostile(lines[i], size)
			for k, what := range slices.Sorted(maps.Keys(made)) {
				if (k+p)%hostileShare != 0 {
					continue
				}
				line := made[what]
				raw := packs.Sample(name, line)
				raw.Pack = name
				took := time.Hour
				for try := 0; try < 5 && took > max(worst.took, tooLong/2); try++ { // the least: others use the machine too
					began := time.Now()
					read(t, w, raw, fmt.Sprintf("%s, line %d, %s", name, i+1, what))
					took = min(took, time.Since(began))
				}
				if took > worst.took {
					worst = slow{took, name, what, lines[i]}
				}
			}
		}
		all = append(all, worst)
	}
	slices.SortFunc(all, func(a, b slow) int { return int(b.took - a.took) })
	for _, s := range all[:min(hostileShown, len(all))] {
		t.Logf("%8v %s: %s: %.100s", s.took.Round(10*time.Microsecond), s.pack, s.what, s.line)
	}
}

const (
	hostileSamples = 1                     // lines of a pack
	hostileShare   = 3                     // one in so many kinds of lines, others for each pack
	hostileShown   = 5                     // packs
	tooLong        = 10 * time.Millisecond // on a machine of its own
)

func read(t *testing.T, w *normalize.Worker, raw *event.Raw, what string) {
	t.Helper()
	var doc []byte
	for ev, _ := w.Normalize(raw, "", received); ev != nil; ev, _ = w.Next() {
		doc = ev.AppendJSON(doc[:0])
		if !json.Valid(doc) {
			t.Errorf("%s: no JSON", what)
		}
		original, _ := ev.Schema().Lookup("event.original")
		if got := ev.Text(original); got != string(w.Raw().Bytes) {
			t.Errorf("%s: event.original has %d bytes of %d", what, len(got), len(w.Raw().Bytes))
		}
	}
}

// TestMemoryOfALongLine: a line of 1 MiB, the longest that an input takes, costs less than
// 64 MiB, whatever is in it.
func TestMemoryOfALongLine(t *testing.T) {
	const size, most = 1 << 20, 64 << 20
	packs := open(t, normalize.Shipped())
	var before, after runtime.MemStats
	whats := []string{"keys", "same key", "deep object", "deep and closed", "list of lists", "list of it", "pairs behind", "repeated", "tags inside", "commas inside", "runes behind", "unclosed"}
	for i, name := range packs.Names() { // each pack one of them, in turn
		line := sampleLines(t, name)[0]
		lines := hostile(line, size-len(line))
		for _, what := range []string{whats[i%len(whats)]} {
			line, ok := lines[what]
			if !ok {
				continue // no JSON
			}
			w := packs.NewWorker()
			raw := packs.Sample(name, line)
			raw.Pack = name
			runtime.GC()
			runtime.ReadMemStats(&before)
			ev, _ := w.Normalize(raw, "", received)
			doc := ev.AppendJSON(nil)
			runtime.GC()
			runtime.ReadMemStats(&after)
			if got := int64(after.HeapAlloc) - int64(before.HeapAlloc); got > most {
				t.Errorf("%s, %s: holds %d MiB for a line of %d bytes and a document of %d", name, what, got>>20, len(line), len(doc))
			}
			if got := after.TotalAlloc - before.TotalAlloc; got > 2*most {
				t.Errorf("%s, %s: allocates %d MiB for a line of %d bytes", name, what, got>>20, len(line))
			}
			runtime.KeepAlive(w)
		}
	}
}

// TestMemoryOfALongKey: a key of 1 MiB of dots is no object of as many others.
func TestMemoryOfALongKey(t *testing.T) {
	const most = 64 << 20
	w := open(t, normalize.Shipped()).NewWorker()
	line := []byte(`{"` + strings.Repeat("a.", 1<<19) + `b":1,"user.name":"ann"}`)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	ev, _ := w.Normalize(&event.Raw{ID: "1", Bytes: line, Received: received}, "", received)
	if doc := string(ev.AppendJSON(nil)); !strings.Contains(doc, `"user":{"name":"ann"`) {
		t.Errorf("the other key is not read: %s", doc[:min(len(doc), 300)])
	}
	runtime.ReadMemStats(&after)
	if got := after.TotalAlloc - before.TotalAlloc; got > most {
		t.Errorf("it allocates %d MiB", got>>20)
	}
}

// TestMemoryIsGivenBack: the next short line leaves nothing of what a long one took.
func TestMemoryIsGivenBack(t *testing.T) {
	const size, most = 1 << 20, 24 << 20
	packs := open(t, normalize.Shipped())
	held := func() int64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	for _, c := range [][2]string{{"windows_event", "keys"}, {"zeek", "keys"}, {"akamai_siem", "runes inside"}, {"sysmon_linux", "tags inside"}, {"list_envelope", "list of it"}} {
		line := sampleLines(t, c[0])[0]
		long := &event.Raw{ID: "1", Bytes: []byte(hostile(line, size-len(line))[c[1]]), Received: received, Pack: c[0]}
		short := &event.Raw{ID: "2", Bytes: []byte("x"), Received: received, Pack: c[0]}
		w := packs.NewWorker()
		read := func(raw *event.Raw) {
			for ev, _ := w.Normalize(raw, "", received); ev != nil; ev, _ = w.Next() {
				_ = ev.AppendJSON(nil)
			}
		}
		read(short)
		before := held()
		read(long)
		read(short)
		if got := held() - before; got > most {
			t.Errorf("%s, %s: %d MiB are held", c[0], c[1], got>>20)
		}
		runtime.KeepAlive(long)
		runtime.KeepAlive(w)
	}
}
