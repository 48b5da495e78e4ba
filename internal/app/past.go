package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"sluice/console"
	"sluice/pipeline"
	"sluice/sinks/elasticsearch"
)

// Happened is one event of the past as the rules see it. It is valid within the call.
type Happened struct {
	pipeline.Result
	ID      string
	Record  int       // of files
	Settled time.Time // what is behind it in the live lane can be judged; zero: it is not known
	Done    int64     // of Total, for progress
	Total   int64     // 0: not known
	worker  *pipeline.Worker
}

// Past calls fn with each of the events of some stretch of history, as set reads and
// matches them; with noRules none is matched. It may be called again.
type Past func(ctx context.Context, set *pipeline.Set, noRules bool, fn func(*Happened) error) error

// Measure is called with a worker before its first event, to measure its cost. It may be nil.
type Measure func(w *pipeline.Worker)

// FilesPast are the records of files, or of stdin where there are none: raw lines, or
// with opt.ECS documents. They are one lane, whose windows move by @timestamp alone.
func FilesPast(files []string, stdin io.Reader, opt Reading, measure Measure) Past {
	return func(ctx context.Context, set *pipeline.Set, noRules bool, fn func(*Happened) error) error {
		if err := CheckPack(set, opt.Pack); err != nil {
			return err
		}
		b := NewBatch(set, opt)
		b.NoRules = noRules
		if measure != nil {
			measure(b.worker)
		}
		h := Happened{worker: b.worker}
		for _, name := range files {
			if info, err := os.Stat(name); err == nil {
				h.Total += info.Size()
			}
		}
		number := 0
		one := readable(func(rec Record) (err error) {
			h.Done += int64(len(rec.Raw)) + 1
			if h.Result, err = b.Process(rec); err != nil {
				return fmt.Errorf("record %d: %w", rec.Number, err)
			}
			for more := true; more; h.Result, more = b.Next() {
				h.ID, h.Record = h.At.ID, rec.Number
				if err := errors.Join(ctx.Err(), fn(&h)); err != nil {
					return err
				}
			}
			return nil
		})
		if len(files) == 0 {
			return opt.Records(Until(ctx, stdin), &number, one)
		}
		for _, name := range files {
			if err := readFile(name, opt, &number, one); err != nil {
				return err
			}
		}
		return nil
	}
}

func readFile(name string, opt Reading, number *int, fn func(Record) error) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := opt.Records(f, number, fn); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// Stretch says which events of the index are meant.
type Stretch struct {
	Since, Until time.Time // of @timestamp; zero: no bound
	Namespace    string    // "": all
	Query        string    // query string; "": all
	Filter       []any     // clauses of the index's language
	damage       *Damage   // of what was read in the index; nil: nobody asks
}

// pastPage is how many documents of the index are read at once; fewer, where they are large.
const pastPage = 1000

// indexPast are the events of the index in the order in which they were received, each at
// the window time and in the lane that it had when it came.
func indexPast(index *elasticsearch.Client, st Stretch, measure Measure) Past {
	return func(ctx context.Context, set *pipeline.Set, noRules bool, fn func(*Happened) error) error {
		h := Happened{worker: set.NewWorker()}
		if measure != nil {
			measure(h.worker)
		}
		p := st.pages()
		if st.damage != nil {
			defer func() { st.damage.add(p.damage) }()
		}
		return p.each(ctx, index, func(hits []storedHit) (err error) {
			h.Total = p.total
			for i := range hits {
				hit := &hits[i]
				h.Done++
				h.ID = hit.ID
				if h.Result, err = h.worker.ProcessStored(hit.ID, hit.Source, noRules); err != nil {
					return fmt.Errorf("document %s of %s: %w", hit.ID, hit.Index, err)
				}
				h.Settled = h.At.Received.Add(-set.Lateness)
				if err := fn(&h); err != nil {
					return err
				}
			}
			return nil
		})
	}
}

// answered begins what is read of the index's answer.
type answered struct {
	TimedOut bool `json:"timed_out"`
	Shards   struct {
		Failed   int `json:"failed"` // damaged parts of the built-in store
		Failures []struct {
			Index  string `json:"index"`
			Reason struct {
				Reason string `json:"reason"`
			} `json:"reason"`
		} `json:"failures"`
	} `json:"_shards"`
}

// Damage is what of the index could not be read: what was found is not all.
type Damage struct {
	Unread int      `json:"unread_parts,omitempty"`
	Places []string `json:"damaged,omitempty"` // the first of them: the file, where in it, and what is wrong
}

const maxPlaces = 20

// see adds what one answer of the index says.
func (d *Damage) see(a *answered) {
	more := Damage{Unread: a.Shards.Failed}
	for _, f := range a.Shards.Failures {
		place := f.Reason.Reason
		if !strings.Contains(place, f.Index) {
			place = f.Index + ": " + place
		}
		more.Places = append(more.Places, place)
	}
	d.add(more)
}

// add adds what others could not read of the same index.
func (d *Damage) add(more Damage) {
	d.Unread = max(d.Unread, more.Unread)
	for _, place := range more.Places {
		if len(d.Places) < maxPlaces && !slices.Contains(d.Places, place) {
			d.Places = append(d.Places, place)
		}
	}
}

func (a *answered) late() bool { return a.TimedOut }

// pastHits is the part of the index's answer that is looked at.
type pastHits struct {
	answered
	Hits struct {
		Total struct{ Value int64 } `json:"total"`
		Hits  []storedHit           `json:"hits"`
	} `json:"hits"`
}

func (st *Stretch) indices() []string {
	return []string{"logs-sluice.*-" + anyNamespace(st.Namespace)}
}

// pages are the events in the order in which they were received.
func (st *Stretch) pages() *pages {
	filter := append([]any{map[string]any{"exists": map[string]string{"field": "sluice.id"}}}, st.Filter...)
	filter = append(filter, within("@timestamp", st.Since, st.Until)...)
	if st.Query != "" {
		filter = append(filter, map[string]any{"query_string": map[string]any{"query": st.Query, "default_operator": "AND"}})
	}
	return &pages{
		indices: st.indices(), size: pastPage, order: [2]string{"event.created", "sluice.id"},
		query: map[string]any{"bool": map[string]any{"filter": filter, "must_not": map[string]any{"term": map[string]string{"data_stream.dataset": dlqDataset}}}},
	}
}

// searchTime is what a question may take in the index: as much as one request may at most
// (timeout under elasticsearch), for the built-in store would give it ten seconds.
const searchTime = "10m"

// ask searches the index, and reads its answer into out. What was found until the time was over is no
// answer: who asks page by page would leave out the rest.
func ask(ctx context.Context, index *elasticsearch.Client, indices []string, body map[string]any, out interface{ late() bool }) error {
	body["timeout"] = searchTime
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	answer, err := index.Search(ctx, indices, text)
	var no *console.IndexError
	if errors.As(indexError(err), &no) {
		if said := console.QueryLine(no); said != "" {
			return errors.New(Printable(said))
		}
	}
	if err != nil {
		return err
	}
	if err := json.Unmarshal(answer, out); err != nil {
		return fmt.Errorf("the index's answer: %w", err)
	}
	if out.late() {
		return errors.New("the index had no time to find everything; try again, or for a shorter time")
	}
	return nil
}
