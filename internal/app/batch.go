package app

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"strconv"
	"time"

	"sluice/event"
	"sluice/ingest"
	"sluice/internal/columns"
	"sluice/internal/unpack"
	"sluice/normalize"
	"sluice/pipeline"
)

// batchOrigin is the one source of all records.
const batchOrigin = "batch"

// maxRecord bounds one line of a file: what is longer is a record that cannot be read.
const maxRecord = 64 << 20

var errLong = fmt.Errorf("longer than %d bytes", maxRecord)

// Reading says how the commands that read data take records from files.
type Reading struct {
	NDJSON bool      // JSON lines: the raw text is in Field
	Field  string    // of each object; its text, or the object in it as text
	Keep   []string  // keys of the input object that are copied to the output
	Pack   string    // "" recognizes
	Zone   string    // of stamps without one
	Now    time.Time // receive time; zero: the clock's
	ECS    bool      // records are ECS documents already
}

// Record is one record of the input.
type Record struct {
	Number int // from 0
	Raw    []byte
	Header string // the line that names the columns, of a file that begins with one
	Kept   map[string]json.RawMessage
	Err    error // this record cannot be read; the next ones can
}

// Records calls fn for each record of r, in order; number continues over files. What is
// compressed, as rotated logs are, is read as what is in it.
func (o Reading) Records(r io.Reader, number *int, fn func(Record) error) error {
	in := bufio.NewReaderSize(r, 1<<20)
	switch z, err := unpack.Reader(in); {
	case err != nil:
		return err
	case z != nil:
		in = bufio.NewReaderSize(z, 1<<20)
	}
	var head columns.Head
	switch start, _ := in.Peek(columns.MaxHeader); {
	case !o.NDJSON:
		head.Begin(start)
	case bytes.HasPrefix(start, []byte("\ufeff")): // no JSON begins with it
		_, _ = in.Discard(len("\ufeff"))
	}
	var long []byte
	for {
		line, err := in.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			if len(long) <= maxRecord { // what is behind is skipped
				long = append(long, line...)
			}
			continue
		}
		tooLong := len(long) > maxRecord
		if len(long) > 0 {
			line = append(long, line...)
			long = long[:0]
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if !o.blank(line, err != nil) {
			rec := Record{Err: errLong}
			if !tooLong {
				rec = o.record(bytes.TrimRight(line, "\r\n"))
				head.Line(line)
			}
			rec.Number, rec.Header = *number, head.Header
			*number++
			if err := fn(rec); err != nil {
				return err
			}
		}
		if err != nil {
			return nil
		}
	}
}

// blank says whether a line is no record.
func (o Reading) blank(line []byte, last bool) bool {
	switch {
	case len(line) == 0:
		return true
	case o.NDJSON:
		return len(bytes.TrimSpace(line)) == 0
	}
	return last && string(line) == "\x00" // the other half of a last line's end in UTF-16
}

// readable makes of fn one for Records that ends with the first record that cannot be read.
func readable(fn func(Record) error) func(Record) error {
	return func(rec Record) error {
		if rec.Err != nil {
			return fmt.Errorf("record %d: %w", rec.Number, rec.Err)
		}
		return fn(rec)
	}
}

func (o Reading) record(line []byte) Record {
	if !o.NDJSON {
		return Record{Raw: line}
	}
	var obj map[string]json.RawMessage
	if err := json.Unmarshal(line, &obj); err != nil {
		return Record{Err: fmt.Errorf("not a JSON object: %w", err)}
	}
	rec := Record{Kept: map[string]json.RawMessage{}}
	for _, k := range o.Keep {
		if v, ok := obj[k]; ok {
			rec.Kept[k] = Harmless(v)
		}
	}
	if o.Field == "" {
		rec.Raw = line
		return rec
	}
	v, ok := obj[o.Field]
	if !ok || string(v) == "null" {
		rec.Err = fmt.Errorf("the object has no %s", o.Field)
		return rec
	}
	rec.Raw = v
	if v[0] == '"' {
		var text string
		if err := json.Unmarshal(v, &text); err != nil {
			rec.Err = err
			return rec
		}
		rec.Raw = []byte(text)
	}
	return rec
}

// Batch normalizes records and runs rules on them without a server, for the commands. It is not
// safe for concurrent use.
type Batch struct {
	Set     *pipeline.Set
	NoRules bool // nobody asks which rules match
	worker  *pipeline.Worker
	opt     Reading
	last    string
	raw     event.Raw
	out     []byte
}

// NewBatch returns a batch over set.
func NewBatch(set *pipeline.Set, opt Reading) *Batch {
	return &Batch{Set: set, worker: set.NewWorker(), opt: opt}
}

// Process takes one record through the pipeline. Where it holds a list of events the
// result is the first of them. Its id is its number, so that an
// alert leads back to its records.
func (b *Batch) Process(rec Record) (pipeline.Result, error) {
	now := b.opt.Now
	if now.IsZero() {
		now = time.Now()
	}
	b.raw = event.Raw{
		ID: strconv.Itoa(rec.Number), Bytes: rec.Raw, Envelope: rec.Header, Origin: batchOrigin,
		Namespace: defaultNamespace, Received: now, Pack: b.opt.Pack, Zone: b.opt.Zone,
		History: true, // a file's stamps are old, not wrong
	}
	in := pipeline.Input{Raw: &b.raw, Last: b.last, Now: now, OneLane: true, NoRules: b.NoRules}
	if b.opt.ECS {
		return b.worker.ProcessECS(in)
	}
	r := b.worker.Process(in)
	b.last = r.Pack
	return r, nil
}

// Next returns the next event of the record given to Process, or false if there is none.
func (b *Batch) Next() (pipeline.Result, bool) {
	if b.opt.ECS {
		return pipeline.Result{}, false
	}
	r, ok := b.worker.Next()
	if ok {
		b.last = r.Pack
	}
	return r, ok
}

// Trace makes Choice include what was read of the line.
func (b *Batch) Trace() { b.worker.Trace() }

// AsUnknown has records read as if the packs that know them were not there; see normalize.Worker.
func (b *Batch) AsUnknown() { b.worker.AsUnknown() }

// Choice explains how the pack of the last record was chosen.
func (b *Batch) Choice() normalize.Choice { return b.worker.Choice() }

// Places has what was read of rec, and the choice of its pack, with places in the text: a line that was read
// in a decoded form is read again from that.
func (b *Batch) Places(rec Record, r pipeline.Result) (pipeline.Result, normalize.Choice, error) {
	choice := b.Choice()
	if choice.Decoded == "" || r.Raw.Element > 0 {
		choice.Decoded = ""
		return r, choice, nil
	}
	text := choice.Decoded
	rec.Raw = []byte(text)
	r, err := b.Process(rec)
	choice = b.Choice()
	choice.Decoded = text
	return r, choice, err
}

// Document is the event of r as one JSON object, with what was kept under labels. It
// is valid until the next call.
func (b *Batch) Document(r pipeline.Result, kept map[string]json.RawMessage) ([]byte, error) {
	if f, ok := b.Set.Schema.Lookup("labels"); ok && len(kept) > 0 && r.Event.Has(f) { // what tables found is labels, too
		var had map[string]json.RawMessage
		if json.Unmarshal([]byte(r.Event.Text(f)), &had) == nil {
			kept = maps.Clone(kept)
			for k, v := range had {
				if _, ok := kept[k]; !ok {
					kept[k] = v
				}
			}
			r.Event.Unset(f)
		}
	}
	b.out = r.Event.AppendJSON(b.out[:0])
	if len(kept) == 0 {
		return b.out, nil
	}
	labels, err := json.Marshal(kept)
	if err != nil {
		return nil, err
	}
	b.out = append(b.out[:len(b.out)-1], `,"labels":`...)
	return append(append(b.out, labels...), '}'), nil
}

// CheckPack says whether a pack of that name is there.
func CheckPack(set *pipeline.Set, name string) error {
	if name == "" {
		return nil
	}
	for _, n := range set.Packs.Names() {
		if n == name {
			return nil
		}
	}
	return fmt.Errorf("no pack is called %s%s", name, didYouMean(name, set.Packs.Names()))
}

// fixedPacks refuses inputs whose lines are for a pack that does not exist: none would be parsed.
func fixedPacks(s *Settings, set *pipeline.Set) (err error) {
	for _, in := range s.Inputs {
		if x, ok := in.Settings.(ingest.Reads); ok {
			pack, _ := x.Reading()
			if e := CheckPack(set, pack); e != nil {
				err = errors.Join(err, fmt.Errorf("%sinputs.%s: pack: %w", s.at("inputs", in.Name+".pack", pack), in.Name, e))
			}
		}
	}
	return err
}
