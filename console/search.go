package console

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"
)

// Hit is one document that was found.
type Hit struct {
	ID     string          `json:"_id"`
	Index  string          `json:"_index"`
	Source json.RawMessage `json:"source"`
}

// Found is the answer to a search.
type Found struct {
	Took      int64      `json:"took_ms"`
	TimedOut  bool       `json:"timed_out"`              // true: what is here is not all
	Unread    int        `json:"unread_parts,omitempty"` // of the index, damaged: neither is it then
	From      time.Time  `json:"from"`                   // the range as it was understood
	To        time.Time  `json:"to"`
	Total     int64      `json:"total"`
	Hits      []Hit      `json:"hits"`
	Histogram *Histogram `json:"histogram,omitempty"` // on the first page
	Hint      string     `json:"hint,omitempty"`      // what may be wrong with a query that found nothing
	Next      string     `json:"next,omitempty"`      // pass it as after; absent on the last page
}

// answer is what we read of the index's answer.
type answer struct {
	Took     int64 `json:"took"`
	TimedOut bool  `json:"timed_out"`
	Shards   struct {
		Failed int `json:"failed"`
	} `json:"_shards"`
	Hits struct {
		Total struct {
			Value int64 `json:"value"`
		} `json:"total"`
		Hits []struct {
			ID     string            `json:"_id"`
			Index  string            `json:"_index"`
			Source json.RawMessage   `json:"_source"`
			Sort   []json.RawMessage `json:"sort"`
		} `json:"hits"`
	} `json:"hits"`
	Aggregations struct {
		Histogram struct {
			Buckets []rawBucket `json:"buckets"`
		} `json:"histogram"`
	} `json:"aggregations"`
}

// search answers GET /api/v1/search.
func (s *Server) search(w http.ResponseWriter, r *http.Request) {
	p, err := params(r.URL.RawQuery, pageParams...)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	q, err := s.parseRequest(p, 15*time.Minute)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.find(w, r, q, s.indices("logs-sluice.*-", q.namespace), "sluice.id")
}

// indices are the names to search for a namespace, or for all that may be seen.
func (s *Server) indices(prefix, namespace string) []string {
	if namespace != "" {
		return []string{prefix + namespace}
	}
	if s.opt.Namespaces == nil {
		return []string{prefix + "*"}
	}
	out := make([]string, len(s.opt.Namespaces))
	for i, n := range s.opt.Namespaces {
		out[i] = prefix + n
	}
	return out
}

// find runs one search and writes its answer. unique is a field without doubles that
// orders what is equal otherwise, so that no page repeats or skips a document.
func (s *Server) find(w http.ResponseWriter, r *http.Request, q *request, indices []string, unique string) {
	h := newHistogram(q.from, q.to)
	body, err := json.Marshal(q.body(unique, h))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	raw, err := s.ask(r.Context(), indices, body)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	a, err := parseAnswer(raw)
	if err != nil {
		s.opt.Log.Warn("console: read the index's answer", "error", err)
		s.fail(w, r, &apiError{Status: http.StatusBadGateway, Message: "the index's answer cannot be read"})
		return
	}
	f := &Found{Took: a.Took, TimedOut: a.TimedOut, Unread: a.Shards.Failed, From: q.from, To: q.to, Total: a.Hits.Total.Value, Hits: a.list()}
	if q.after == nil {
		h.fill(a.Aggregations.Histogram.Buckets)
		f.Histogram = h
	}
	if n := len(a.Hits.Hits); n == q.size && n > 0 && len(a.Hits.Hits[n-1].Sort) == 2 {
		f.Next = q.next(a.Hits.Hits[n-1].Sort)
	}
	if f.Total == 0 && !f.TimedOut {
		f.Hint = Hint(q.query, s.opt.Fields, func(body []byte) ([]byte, error) { return s.ask(r.Context(), indices, body) })
	}
	writeJSON(w, http.StatusOK, f)
}

func parseAnswer(raw []byte) (*answer, error) {
	a := &answer{}
	return a, json.Unmarshal(raw, a)
}

func (a *answer) list() []Hit {
	out := make([]Hit, len(a.Hits.Hits))
	for i, h := range a.Hits.Hits {
		out[i] = Hit{ID: h.ID, Index: h.Index, Source: h.Source}
	}
	return out
}

type object = map[string]any

// body is the search in the index's language.
func (q *request) body(unique string, h *Histogram) object {
	filter := []any{object{"range": object{"@timestamp": object{
		"gte": stamp(q.from), "lt": stamp(q.to), "format": "strict_date_optional_time",
	}}}}
	filter = append(filter, q.filters...)
	if q.query != "" && q.query != "*" {
		filter = append(filter, object{"query_string": object{
			"query": q.query,
			// Two words mean both: who adds a word wants fewer lines.
			"default_operator": "AND",
		}})
	}
	field, order, _ := strings.Cut(q.sort, ":")
	body := object{
		"query":            object{"bool": object{"filter": filter}},
		"size":             q.size,
		"timeout":          "10s", // before ours, so that what was found by then is shown
		"track_total_hits": true,  // the histogram counts all of them anyway
		"sort": []any{
			object{field: object{"order": order, "unmapped_type": sortType(field)}},
			object{unique: object{"order": order, "unmapped_type": "keyword"}},
		},
	}
	if q.after != nil {
		body["search_after"] = q.after
	} else {
		body["aggs"] = object{"histogram": object{"date_histogram": object{
			"field": "@timestamp", "fixed_interval": h.Interval, "min_doc_count": 1,
		}}}
	}
	return body
}

// sortType is what an index that lacks the field sorts it as.
func sortType(field string) string {
	if field == "@timestamp" {
		return "date"
	}
	return "keyword"
}

// stamp writes a time as the index reads it.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
