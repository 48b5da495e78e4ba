package app

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"sluice/console"
	"sluice/event"
	"sluice/ingest"
	"sluice/internal/metrics"
	"sluice/pipeline"
	"sluice/sinks/elasticsearch"
)

// ReprocessRequest says which events are read anew, by today's packs.
type ReprocessRequest struct {
	From, To  time.Time // of event.created, when it was received; zero: no bound
	Query     string    // query string; "": all
	Namespace string    // "": all
	DryRun    bool      // count, write nothing
}

// Reprocessed counts what became of them.
type Reprocessed struct {
	Read      int `json:"read"`
	Same      int `json:"same"`
	Changed   int `json:"changed"`
	Moved     int `json:"moved"`     // among the changed: to another data stream
	Split     int `json:"split"`     // among the changed: now several events, of a list in the line
	Mended    int `json:"mended"`    // among the changed: unparsed before, and now no more
	Conflicts int `json:"conflicts"` // somebody else changed them meanwhile
	Refused   int `json:"refused"`   // the index does not take the new document
	NoLine    int `json:"no_line"`   // without event.original
	Damage
}

// reprocessPage is how many documents are read and written at once.
const reprocessPage = 500

// Reprocess normalizes events of the index again from their raw bytes and writes those
// that come out otherwise over the old ones. Ids stay, so nothing is there twice, also
// when a run is broken off and begun again. Rules are not asked again.
func (n *Node) Reprocess(ctx context.Context, req ReprocessRequest, progress func(Reprocessed)) (Reprocessed, error) {
	if !req.To.IsZero() && !req.From.Before(req.To) {
		return Reprocessed{}, errors.New("to is not behind from")
	}
	set := n.set.Load()
	if set == nil {
		var err error
		if set, err = build(n.settings.Load()); err != nil {
			return Reprocessed{}, &ConfigError{err}
		}
	}
	r := reprocessor{node: n, req: req, set: set, worker: set.NewWorker()}
	namespace := req.Namespace
	if namespace == "" {
		namespace = "*"
	}
	indices := []string{"logs-sluice.*-" + namespace}
	if err := n.index.Refresh(ctx, indices...); err != nil {
		return r.done, err
	}
	p := r.pages(indices)
	err := p.each(ctx, n.index, func(hits []storedHit) error {
		if err := r.rewrite(ctx, hits); err != nil {
			return err
		}
		progress(r.done)
		return nil
	})
	r.done.Damage = p.damage
	return r.done, err
}

// reprocessFor is Reprocess as the API calls it.
func (n *Node) reprocessFor(ctx context.Context, req console.ReprocessRequest, progress func(any)) (any, error) {
	return n.Reprocess(ctx, ReprocessRequest(req), func(r Reprocessed) { progress(r) })
}

// reprocessor is one run.
type reprocessor struct {
	node   *Node
	req    ReprocessRequest
	set    *pipeline.Set
	worker *pipeline.Worker
	done   Reprocessed
}

type storedHit struct {
	elasticsearch.Stored
	Sort []json.RawMessage `json:"sort"`
}

// pages are the documents in an order that reprocessing does not change.
func (r *reprocessor) pages(indices []string) *pages {
	filter := within("event.created", r.req.From, r.req.To)
	if len(filter) == 0 {
		filter = []any{map[string]any{"exists": map[string]any{"field": "event.created"}}}
	}
	if r.req.Query != "" {
		filter = append(filter, map[string]any{"query_string": map[string]any{"query": r.req.Query, "default_operator": "AND"}})
	}
	return &pages{
		indices: indices, size: reprocessPage, versions: true, order: [2]string{"event.created", "sluice.id"},
		query: map[string]any{"bool": map[string]any{"filter": filter, "must_not": map[string]any{"term": map[string]string{"data_stream.dataset": dlqDataset}}}},
	}
}

// was is what reprocessing needs to know of a stored event.
type was struct {
	Event struct {
		Original          string
		Created, Ingested time.Time
	}
	DataStream struct{ Dataset, Namespace string } `json:"data_stream"`
	Log        struct {
		Source struct{ Address string }
		File   struct{ Path string }
	}
	Sluice struct {
		ID, Pack, Input, Lane, Time, Unparsed string
		Part, Element                         int
		Line, Envelope                        string
		OriginalBase64                        string `json:"original_base64"`
	}
}

func (r *reprocessor) rewrite(ctx context.Context, hits []storedHit) error {
	var docs []elasticsearch.Corrected
	for i := range hits {
		r.done.Read++
		doc, err := r.again(&hits[i].Stored)
		if err != nil {
			return fmt.Errorf("document %s of %s: %w", hits[i].ID, hits[i].Index, err)
		}
		if doc != nil {
			docs = append(docs, *doc)
		}
	}
	if r.req.DryRun || len(docs) == 0 {
		return nil
	}
	res, err := r.node.index.Supersede(ctx, docs)
	r.done.Conflicts += res.Conflicts
	r.done.Refused += len(res.Refused)
	for _, why := range res.Refused {
		r.node.log.Warn("reprocess: the index refuses a document; the old one stays", "why", why)
	}
	metrics.ReprocessDocuments.WithLabelValues("changed").Add(float64(res.Done))
	metrics.ReprocessDocuments.WithLabelValues("conflict").Add(float64(res.Conflicts))
	metrics.ReprocessDocuments.WithLabelValues("refused").Add(float64(len(res.Refused)))
	return err
}

// again normalizes one stored event; nil where nothing changes.
func (r *reprocessor) again(old *elasticsearch.Stored) (*elasticsearch.Corrected, error) {
	out, w, unparsed, err := r.read(old)
	if err != nil {
		return nil, err
	}
	if out == nil {
		r.done.NoLine++
		return nil, nil
	}
	if len(out.New) == 1 {
		same, err := equalJSON(out.New[0].JSON, old.Source)
		if err != nil {
			return nil, err
		}
		if same {
			r.done.Same++
			return nil, nil
		}
	}
	r.done.Changed++
	if out.Moves {
		r.done.Moved++
	}
	if out.New[0].ID != old.ID {
		r.done.Split++
	}
	if w.Sluice.Unparsed != "" && !unparsed {
		r.done.Mended++
	}
	return out, nil
}

// read gives what today's packs make of an event, by its document; nil where that has no line.
func (r *reprocessor) read(old *elasticsearch.Stored) (out *elasticsearch.Corrected, w was, unparsed bool, err error) {
	if err := json.Unmarshal(old.Source, &w); err != nil {
		return nil, w, false, err
	}
	line := []byte(w.Event.Original)
	if w.Sluice.OriginalBase64 != "" {
		if line, err = base64.StdEncoding.DecodeString(w.Sluice.OriginalBase64); err != nil {
			return nil, w, false, fmt.Errorf("sluice.original_base64: %w", err)
		}
	}
	if len(line) == 0 {
		return nil, w, false, nil
	}
	raw := event.Raw{
		ID: old.ID, Bytes: line, Input: w.Sluice.Input, Peer: w.Log.Source.Address, Listener: w.Log.File.Path, Namespace: w.DataStream.Namespace,
		Received: w.Event.Created, Part: w.Sluice.Part, Line: w.Sluice.Line, Element: w.Sluice.Element, Envelope: w.Sluice.Envelope, History: w.Sluice.Time == "",
	}
	r.asInput(&raw, w.Sluice.Pack)
	res := r.worker.Process(pipeline.Input{Raw: &raw, Last: w.Sluice.Pack, Now: w.Event.Ingested, OneLane: true, NoRules: true})
	lane, hasLane := r.set.Schema.Lookup("sluice.lane")
	out = &elasticsearch.Corrected{Old: *old}
	for more := true; more; res, more = r.worker.Next() {
		if hasLane && w.Sluice.Lane != "" {
			res.Event.SetText(lane, w.Sluice.Lane)
		}
		out.New = append(out.New, event.Document{ID: res.Raw.ID, Stream: "logs-" + res.Dataset + "-" + raw.Namespace, JSON: res.Event.AppendJSON(nil)})
		out.Moves = out.Moves || res.Dataset != w.DataStream.Dataset || res.Raw.ID != old.ID
		unparsed = unparsed || res.Unparsed
	}
	return out, w, unparsed, nil
}

// asInput gives a raw what its input's settings give it today: the zone, and the pack
// where they name one. Our own records name theirs.
func (r *reprocessor) asInput(raw *event.Raw, pack string) {
	if strings.HasPrefix(pack, "sluice_") {
		raw.Pack = pack
	}
	for _, in := range r.node.settings.Load().Inputs {
		if in.Name != raw.Input {
			continue
		}
		if s, ok := in.Settings.(ingest.Reads); ok {
			named, zone := s.Reading()
			raw.Zone = zone
			if named != "" {
				raw.Pack = named
			}
		}
	}
}

// equalJSON compares two documents whatever the order of their keys.
func equalJSON(a, b []byte) (bool, error) {
	if bytes.Equal(a, b) {
		return true, nil
	}
	var x, y any
	for _, one := range []struct {
		text []byte
		into *any
	}{{a, &x}, {b, &y}} {
		dec := json.NewDecoder(bytes.NewReader(one.text))
		dec.UseNumber() // a float64 takes numbers of 17 digits for others
		if err := dec.Decode(one.into); err != nil {
			return false, err
		}
		*one.into = plainNumbers(*one.into)
	}
	p, err := json.Marshal(x)
	if err != nil {
		return false, err
	}
	q, err := json.Marshal(y)
	return bytes.Equal(p, q), err
}

// plainNumbers makes floats of those that are no whole numbers, which an index may spell otherwise.
func plainNumbers(v any) any {
	switch v := v.(type) {
	case json.Number:
		if f, err := v.Float64(); err == nil && strings.ContainsAny(v.String(), ".eE") {
			return f
		}
	case map[string]any:
		for key, x := range v {
			v[key] = plainNumbers(x)
		}
	case []any:
		for i, x := range v {
			v[i] = plainNumbers(x)
		}
	}
	return v
}
