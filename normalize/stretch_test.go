package normalize_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"sluice/event"
	"sluice/normalize"
)

// stretch makes one part of a line as long as it takes to fill size bytes: what a device's
// reader looks for in vain is best made of what it looks for.
type stretch struct {
	what       string
	head, tail string // of the line
	open, shut string // as often as it takes, between them
}

func (s *stretch) line(size int) string {
	n := max(1, (size-len(s.head)-len(s.tail))/len(s.open+s.shut))
	return s.head + strings.Repeat(s.open, n) + strings.Repeat(s.shut, n) + s.tail
}

// stretches are the ways to do that: some of the line's words, marks and runs of them, marks
// that it may not have, its beginning, its end, and what stands in brackets or quotes, as a
// list, with its key and in itself.
func stretches(line string) []stretch {
	var out []stretch
	add := func(what string, from, to int, open, shut string) {
		if open+shut != "" {
			out = append(out, stretch{fmt.Sprintf("%s %.20q at byte %d", what, open, from), line[:from], line[to:], open, shut})
		}
	}
	at := words(line)
	for i := 0; i < len(at)-1; i += 1 + len(at)/60 {
		for _, n := range []int{1, 2, 4, 9} {
			if i+n < len(at) {
				add("repeated", at[i], at[i], line[at[i]:at[i+n]], "")
			}
		}
		switch i % 8 {
		case 0, 4:
			for _, mark := range []string{"a", "1", " ", `"`, `\`, "a.", "[", ",", ":", "=", "a=b ", "\u00e9"} {
				add("inserted", at[i], at[i], mark, "")
			}
		case 2:
			add("beginning", 0, 0, line[:at[i]], "")
			add("end", len(line), len(line), line[at[i]:], "")
		}
	}
	for _, pair := range []string{"{}", "[]", "()", "<>", `""`} {
		for i := strings.IndexByte(line, pair[0]); i >= 0; {
			end := closing(line, i, pair)
			if end < 0 {
				break
			}
			key := i
			for key > 0 && i-key < 40 && !strings.ContainsRune(",{ ", rune(line[key-1])) {
				key--
			}
			add("list of", i, i, line[i:end+1]+",", "")
			add("list of", key, key, line[key:end+1]+",", "")
			add("nested", i+1, end, line[key:i+1], line[end:end+1])
			behind := i + 1 // what is in it may open too
			if pair[0] == pair[1] {
				behind = end + 1
			}
			next := strings.IndexByte(line[behind:], pair[0])
			if next < 0 {
				break
			}
			i = behind + next
		}
	}
	return out
}

// words are the places where words and marks begin, and the end.
func words(line string) []int {
	isWord := func(c byte) bool { return c-'0' < 10 || (c|0x20)-'a' < 26 || c == '_' || c >= 0x80 }
	out := []int{0}
	for i := 1; i < len(line); i++ {
		if !isWord(line[i]) || !isWord(line[i-1]) {
			out = append(out, i)
		}
	}
	return append(out, len(line))
}

// closing is where what opens at byte i is closed, or -1.
func closing(line string, i int, pair string) int {
	if pair[0] == pair[1] {
		end := strings.IndexByte(line[i+1:], pair[1])
		if end < 0 {
			return -1
		}
		return i + 1 + end
	}
	depth := 0
	for ; i < len(line); i++ {
		switch line[i] {
		case pair[0]:
			depth++
		case pair[1]:
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

// TestStretchedLines: a line of 64 KiB that is all one part of a pack's own comes out as a
// document, with its bytes. Each pack is given some of the ways to make one;
// BenchmarkStretched has them all.
func TestStretchedLines(t *testing.T) {
	const size, share = 64 << 10, 23
	packs := open(t, normalize.Shipped())
	w := packs.NewWorker()
	for p, name := range packs.Names() {
		lines := sampleLines(t, name)
		line := lines[p%len(lines)]
		all := stretches(line)
		for i := p % share; i < len(all); i += share {
			raw := packs.Sample(name, all[i].line(size))
			if i%2 == 0 {
				raw.Pack = name
			}
			read(t, w, raw, fmt.Sprintf("%s, line %d, %s", name, 1+p%len(lines), all[i].what))
		}
	}
}

// BenchmarkStretched reads, of each pack, two lines of 64 KiB stretched in all ways and
// shows those that took longest, in ms. It runs for minutes:
//
//	go test -run '^$' -bench Stretched -benchtime 1x -timeout 1h ./normalize
func BenchmarkStretched(b *testing.B) {
	const size, shown = 64 << 10, 10
	packs := open(b, normalize.Shipped())
	w := packs.NewWorker()
	type slow struct {
		took time.Duration
		what string
	}
	var all []slow
	var doc []byte
	for b.Loop() {
		for _, name := range packs.Names() {
			worst := slow{}
			lines := sampleLines(b, name)
			for _, i := range []int{0, len(lines) / 2} {
				for _, s := range stretches(lines[i]) {
					raw := &event.Raw{ID: "1", Bytes: []byte(s.line(size)), Received: received, Pack: name}
					took := time.Hour
					for try := 0; try < 3 && took > worst.took; try++ { // the least: others use the machine too
						began := time.Now()
						for ev, _ := w.Normalize(raw, "", received); ev != nil; ev, _ = w.Next() {
							doc = ev.AppendJSON(doc[:0])
						}
						took = min(took, time.Since(began))
					}
					if !json.Valid(doc) {
						b.Errorf("%s, line %d, %s: no JSON", name, i+1, s.what)
					}
					if took > worst.took {
						worst = slow{took, fmt.Sprintf("%s, line %d, %s", name, i+1, s.what)}
					}
				}
			}
			all = append(all, worst)
		}
	}
	slices.SortFunc(all, func(x, y slow) int { return cmp.Compare(y.took, x.took) })
	b.ReportMetric(float64(all[0].took)/1e6, "ms/worst")
	for _, s := range all[:min(shown, len(all))] {
		b.Logf("%8v %s", s.took.Round(10*time.Microsecond), s.what)
	}
}
