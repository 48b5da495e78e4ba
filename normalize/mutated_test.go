package normalize_test

import (
	"encoding/json"
	"flag"
	"math/rand/v2"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"sluice/event"
	"sluice/normalize"
)

var (
	mutations   = flag.Int("mutations", 20_000, "how many changed lines TestMutated reads")
	mutationsBy = flag.Uint64("mutations-seed", 1, "decides how TestMutated changes them")
)

// TestMutated: lines of all packs, with words dropped, doubled, moved, and put in from others. A fuzzer
// seldom keeps so much of a line that a pack still takes it. None may end the process, nor leave a field
// of ECS empty.
func TestMutated(t *testing.T) {
	packs := open(t, normalize.Shipped())
	var lines []string
	for _, name := range packs.Names() {
		for _, line := range sampleLines(t, name) {
			if len(line) < 6000 {
				lines = append(lines, line)
			}
		}
	}
	m := mutator{rand.New(rand.NewPCG(*mutationsBy, 0)), lines}
	w := packs.NewWorker()
	for i := range *mutations {
		line := m.line()
		if i%4 == 3 {
			line = m.words()
		}
		if fault := readMutated(w, line); fault != "" {
			t.Errorf("seed %d, line %d: %s\n%q", *mutationsBy, i, fault, line)
			w = packs.NewWorker()
		}
	}
}

// readMutated reads a line and says what is wrong with it, if anything is.
func readMutated(w *normalize.Worker, line string) (fault string) {
	defer func() {
		if why := recover(); why != nil {
			fault = "panic: " + string(debug.Stack())
		}
	}()
	ev, _ := w.Normalize(&event.Raw{ID: "1", Bytes: []byte(line), Received: received}, "", received)
	for ; ev != nil; ev, _ = w.Next() {
		text := ev.AppendJSON(nil)
		var doc map[string]any
		if err := json.Unmarshal(text, &doc); err != nil {
			return err.Error() + ": " + string(text)
		}
		delete(doc, "message")
		delete(doc, "sluice") // the vendor's own keys
		if at := emptyIn(doc); at != "" && at != ".event.original" && !strings.HasSuffix(at, ".args") && !strings.HasPrefix(at, ".log.syslog.structured_data.") {
			return at + " is empty"
		}
	}
	return ""
}

// emptyIn is the path of an empty text in a document, or "".
func emptyIn(v any) string {
	switch v := v.(type) {
	case string:
		if v == "" {
			return " "
		}
	case []any:
		for _, one := range v {
			if one == "" {
				return " " // objects in lists are the vendor's
			}
		}
	case map[string]any:
		for key, one := range v {
			if at := emptyIn(one); at != "" {
				return strings.TrimRight("."+key+at, " ")
			}
		}
	}
	return ""
}

// mutator makes lines out of others.
type mutator struct {
	*rand.Rand
	lines []string
}

var mutable = regexp.MustCompile(`[A-Za-z0-9_.:/@\\-]+|[^A-Za-z0-9_]`)

// odd are texts that stand where something else is meant to: FuzzWords' own, and what is no word.
var odd = append(slices.Clone(oddWords), "", "[]", "<>", "()", "{}", "\"\"", "'", "\"", "\t", "  ", "\xff", "%", "+", "&", "~", "null", `[""]`, "[{}]", `[{"":""}]`, `{"":""}`, "999999999999999999999", "http://", "https://", "s3://", "<1>", `\\`, `a\`, `\a`, "«»", "“”", "e@e.e", "CVE-", "GET", "HTTP/", "::ffff:", "x'", "2026", "UTC", "+0000", "T", "Z")

func (m *mutator) of(texts []string) string { return texts[m.IntN(len(texts))] }

// line changes one to four words of a line.
func (m *mutator) line() string {
	parts := mutable.FindAllString(m.of(m.lines), -1)
	for range 1 + m.IntN(4) {
		if len(parts) == 0 {
			break
		}
		switch i := m.IntN(len(parts)); m.IntN(7) {
		case 0:
			parts[i] = ""
		case 1, 2:
			parts[i] = m.of(odd)
		case 3:
			parts[i] = m.of(odd) + parts[i]
		case 4:
			parts[i] = m.of(parts)
		case 5:
			parts = parts[:i+1]
		case 6:
			other := mutable.FindAllString(m.of(m.lines), -1)
			from := m.IntN(len(other))
			parts = append(append(append([]string(nil), parts[:i]...), other[from:min(len(other), from+30)]...), parts[i:]...)
		}
	}
	return strings.Join(parts, "")
}

// words are prose of odd words and of a line's.
func (m *mutator) words() string {
	parts := mutable.FindAllString(m.of(m.lines), -1)
	ws := make([]string, 2+m.IntN(9))
	for i := range ws {
		if m.IntN(2) == 0 {
			ws[i] = m.of(odd)
		} else {
			ws[i] = m.of(parts)
		}
	}
	return "Mar  2 08:59:59 h p: " + strings.Join(ws, " ")
}
