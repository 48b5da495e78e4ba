package app

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"sluice/event"
	"sluice/normalize"
	"sluice/normalize/draft"
	"sluice/pipeline"
)

// The files of a pack's folder.
const (
	packFile   = "pack.yml"
	sampleFile = "sample.log"
	goldenFile = "golden.jsonl"
)

// PackResult is what became of one sample line of a pack, or of a folder that cannot be tested.
type PackResult struct {
	Place string
	Err   error
	Note  string // what is no fault of the golden, and yet hardly meant so
}

// goldenDocuments are the documents of a sample line as a golden file has them: one, or one
// for each event of a list.
func goldenDocuments(set *pipeline.Set, w *normalize.Worker, pack, line string) (docs []string, by string) {
	raw := set.Packs.Sample(pack, line)
	ev, by := w.Normalize(raw, pack, normalize.SampleTime)
	if by != pack && pack != "" && !set.Packs.Wraps(pack) { // lines that two packs read alike need an input that names theirs
		raw.Pack = pack
		ev, by = w.Normalize(raw, pack, normalize.SampleTime)
	}
	for {
		docs = append(docs, string(ev.AppendJSON(nil)))
		if ev, _ = w.Next(); ev == nil {
			return docs, by
		}
	}
}

// TestPacks reads the sample lines of every pack folder below dirs and compares the
// documents with the goldens beside them; update writes the goldens anew. What is wrong with one
// folder keeps no other from being tested.
func TestPacks(set *pipeline.Set, dirs []string, update bool) ([]PackResult, error) {
	var out []PackResult
	for _, dir := range dirs {
		packs := 0
		err := walk(dir, func(path string) error {
			if filepath.Base(path) != packFile {
				return nil
			}
			packs++
			results, err := testPack(set, filepath.Dir(path), update)
			if out = append(out, results...); err != nil {
				out = append(out, PackResult{Place: path, Err: err})
			}
			return nil
		})
		if err == nil && packs == 0 {
			err = fmt.Errorf("%s: no pack is here: no folder in it has a %s", dir, packFile)
		}
		if err != nil {
			return out, err
		}
	}
	return out, nil
}

func testPack(set *pipeline.Set, dir string, update bool) ([]PackResult, error) {
	name := filepath.Base(dir)
	if !slices.Contains(set.Packs.Names(), name) {
		return nil, fmt.Errorf("no pack is called as its folder, %s: both have the same name", name)
	}
	lines, err := fileLines(filepath.Join(dir, sampleFile))
	if err != nil {
		return nil, err
	}
	golden, err := fileLines(filepath.Join(dir, goldenFile))
	if err != nil && !(update && errors.Is(err, fs.ErrNotExist)) {
		return nil, fmt.Errorf("%w; write it with --update", err)
	}
	w := set.Packs.NewWorker()
	var out []PackResult
	var all bytes.Buffer
	at := 0
	for i, line := range lines {
		docs, by := goldenDocuments(set, w, name, line)
		doc := strings.Join(docs, "\n")
		all.WriteString(doc + "\n")
		want := strings.Join(golden[min(at, len(golden)):min(at+len(docs), len(golden))], "\n")
		at += len(docs)
		r := PackResult{Place: fmt.Sprintf("%s:%d", filepath.Join(dir, sampleFile), i+1)}
		switch {
		case by != name && !set.Packs.Wraps(name):
			r.Err = fmt.Errorf("the line is read by %q", by)
		case update:
		case at > len(golden):
			r.Err = fmt.Errorf("%s has no line %d; write it with --update", filepath.Join(dir, goldenFile), at)
		case want != doc:
			r.Err = fmt.Errorf("the document differs:\n- %s\n+ %s", want, doc)
		}
		r.Note = sampleNote(set, w, name, line)
		out = append(out, r)
	}
	if more := len(golden) - at; more > 0 && !update {
		out = append(out, PackResult{Place: fmt.Sprintf("%s:%d", filepath.Join(dir, goldenFile), at+1), Err: fmt.Errorf("documents behind those of the samples: %d; write it with --update", more)})
	}
	if update {
		err = os.WriteFile(filepath.Join(dir, goldenFile), all.Bytes(), 0o644)
	}
	return out, err
}

// sampleNote says what a golden that agrees does not tell: that the pack does not read its own
// line, or that nothing but the name of the pack would bring the line to it.
func sampleNote(set *pipeline.Set, w *normalize.Worker, pack, line string) string {
	ev, by := w.Normalize(set.Packs.Sample(pack, line), pack, normalize.SampleTime)
	if by != pack && !set.Packs.Wraps(pack) {
		return fmt.Sprintf("unless an input names this pack, the line is read by %s", by)
	}
	unparsed, _ := set.Schema.Lookup("sluice.unparsed")
	if why := ev.Text(unparsed); why != "" {
		return "the line is not read, or not wholly: " + why
	}
	return ""
}

func fileLines(path string) ([]string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var out []string
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimRight(line, "\n"); line != "" {
			out = append(out, line)
		}
	}
	return out, nil
}

// SaveTest makes a line a test of the pack that reads it: dir holds that pack's folder.
func SaveTest(dir string, set *pipeline.Set, line []byte, say io.Writer) error {
	if bytes.IndexByte(line, '\n') >= 0 {
		return errors.New("a line of a sample has no line feed inside")
	}
	docs, by := goldenDocuments(set, set.Packs.NewWorker(), "", string(line))
	home := filepath.Join(dir, by)
	if _, err := os.Stat(filepath.Join(home, packFile)); by == "" || err != nil {
		return fmt.Errorf("the line is read by %q, and %s has no %s", by, home, packFile)
	}
	for _, f := range []struct {
		name string
		text []byte
	}{{sampleFile, line}, {goldenFile, []byte(strings.Join(docs, "\n"))}} {
		if err := appendLine(filepath.Join(home, f.name), f.text); err != nil {
			return err
		}
	}
	fmt.Fprintf(say, "added to %s: read the document there as a critic\n", home)
	return nil
}

// appendLine adds a line to a file. An editor may have left the one before without its end.
func appendLine(path string, line []byte) error {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return err
	}
	line = append(slices.Clone(line), '\n')
	last := make([]byte, 1)
	if st, err := f.Stat(); err == nil && st.Size() > 0 {
		if _, err := f.ReadAt(last, st.Size()-1); err == nil && last[0] != '\n' {
			line = append([]byte("\n"), line...)
		}
	}
	_, err = f.Write(line)
	return errors.Join(err, f.Close())
}

// CheckPackName refuses what no pack may be called.
func CheckPackName(name string) error {
	if !normalize.ValidName(name) {
		return fmt.Errorf("%.40q is no name of a pack: write vendor_product, lower-case letters and digits with _ between them", name)
	}
	return nil
}

// DraftPack writes a pack for lines that nobody reads, and says what it would read.
func DraftPack(name string, lines [][]byte) (draft.Draft, int, error) {
	var messages, programs []string
	none, err := pipeline.Build(pipeline.Sources{Packs: []normalize.File{{Name: packFile, Text: []byte("pack: no_pack\nlast_resort: true\n")}}})
	if none == nil {
		return draft.Draft{}, 0, err
	}
	w := none.Packs.NewWorker()
	message, _ := none.Schema.Lookup("message")
	program, _ := none.Schema.Lookup("log.syslog.appname")
	for _, l := range lines {
		ev, _ := w.Normalize(none.Packs.Sample("", string(l)), "", normalize.SampleTime)
		messages = append(messages, strings.Clone(ev.Text(message)))
		programs = append(programs, strings.Clone(ev.Text(program)))
	}
	d := draft.Make(name, messages, programs)
	whole := map[string]string{}
	for i := range slices.Backward(lines) {
		whole[messages[i]] = string(lines[i])
	}
	for i := range d.Shapes { // with its header: that may be what tells it
		d.Shapes[i].Example = whole[d.Shapes[i].Example]
	}
	set, err := pipeline.Build(pipeline.Sources{Packs: []normalize.File{{Name: packFile, Text: d.Pack}}})
	if set == nil || err != nil {
		return d, 0, fmt.Errorf("BUG: the draft does not compile: %w", err)
	}
	return d, readBy(set, name, lines), nil
}

// readBy counts the lines of which the pack makes more than their message.
func readBy(set *pipeline.Set, name string, lines [][]byte) int {
	w, n := set.Packs.NewWorker(), 0
	unparsed, _ := set.Schema.Lookup("sluice.unparsed")
	for _, l := range lines {
		raw := set.Packs.Sample(name, string(l))
		raw.Pack = name
		ev, _ := w.Normalize(raw, "", normalize.SampleTime)
		if !ev.Has(unparsed) && ownFields(ev) > 0 {
			n++
		}
	}
	return n
}

// ownFields counts the fields that a pack set: those that every event has do not count.
func ownFields(ev *event.Event) int {
	n := 0
	for f := range ev.Range {
		spec := ev.Schema().Spec(f)
		top, _, _ := strings.Cut(spec.Name, ".")
		if !spec.Hidden && !slices.Contains([]string{"@timestamp", "data_stream", "ecs", "event", "host", "log", "message", "sluice", "tags"}, top) {
			n++
		}
	}
	return n
}
