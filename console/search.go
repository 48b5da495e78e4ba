package console

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
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
		With struct { // this and the next two count the values of a field
			Count int64 `json:"doc_count"`
		} `json:"with"`
		Distinct struct {
			Value int64 `json:"value"`
		} `json:"distinct"`
		Values struct {
			Buckets []struct {
				Key   json.RawMessage `json:"key"`
				Text  *string         `json:"key_as_string"` // of times and booleans
				Count int64           `json:"doc_count"`
			} `json:"buckets"`
		} `json:"values"`
	} `json:"aggregations"`
}

// The indices of events and of alerts, without their namespace.
const (
	eventPrefix = "logs-sluice.*-"
	alertPrefix = "sluice-alerts-"
)

// A kind is what can be searched: events or alerts.
type kind struct {
	prefix  string
	unique  string        // a field without doubles that orders what is equal otherwise, so that no page repeats or skips a document
	back    time.Duration // how far a search looks that names no range
	filters []string      // parameters beside those of every search
	columns []string      // of an export that names none
}

var events = kind{
	prefix: eventPrefix, unique: "sluice.id", back: 15 * time.Minute,
	columns: []string{
		"@timestamp", "event.dataset", "host.hostname", "host.name", "observer.name", "source.ip", "source.port", "destination.ip", "destination.port",
		"user.name", "event.action", "event.outcome", "message", "sluice.id",
	},
}

// parse reads a search of this kind; more are the parameters that the address takes beside it.
func (s *Server) parse(k kind, r *http.Request, base []string, more ...string) (*request, map[string]string, error) {
	p, err := params(r.URL.RawQuery, slices.Concat(base, k.filters, more)...)
	if err != nil {
		return nil, nil, err
	}
	q, err := s.parseRequest(p, k.back)
	if err == nil && len(k.filters) > 0 {
		err = q.filterAlerts(p)
	}
	return q, p, err
}

// search answers GET /api/v1/search and GET /api/v1/alerts.
func (s *Server) search(k kind) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		q, _, err := s.parse(k, r, pageParams)
		if err != nil {
			s.fail(w, r, err)
			return
		}
		s.find(w, r, q, indicesOf(k.prefix, q.namespace), k.unique)
	}
}

// indicesOf is the name to search for a namespace, or for all.
func indicesOf(prefix, namespace string) []string { return []string{prefix + cmp.Or(namespace, "*")} }

// SearchOf is a search by the parameters of the API, checked as there, for a command that has the index at hand:
// the same finds the same in the same order. An error is for people, in a line.
func SearchOf(inAlerts bool, p map[string]string, now time.Time) (indices []string, body map[string]any, err error) {
	s, k := &Server{opt: Options{Now: func() time.Time { return now }}}, events
	if inAlerts {
		k = alerts
	}
	q, err := s.parseRequest(p, k.back)
	if err == nil && inAlerts {
		err = q.filterAlerts(p)
	}
	var no *apiError
	if errors.As(err, &no) {
		return nil, nil, errors.New(no.line())
	}
	return indicesOf(k.prefix, q.namespace), q.body(k.unique, nil), nil
}

// find runs one search and writes its answer.
func (s *Server) find(w http.ResponseWriter, r *http.Request, q *request, indices []string, unique string) {
	h := newHistogram(q.from, q.to)
	body := q.body(unique, h)
	raw, err := s.fewer(r.Context(), indices, body)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	q.size = body["size"].(int)
	a, err := parseAnswer(raw)
	if err != nil {
		s.fail(w, r, s.unreadable(err))
		return
	}
	f := &Found{Took: a.Took, TimedOut: a.TimedOut, Unread: a.Shards.Failed, From: q.from, To: q.to, Total: a.Hits.Total.Value, Hits: a.list()}
	if q.after == nil {
		h.fill(a.Aggregations.Histogram.Buckets)
		f.Histogram = h
	}
	if after := a.end(q); after != nil {
		f.Next = q.next(after)
	}
	if f.Total == 0 && !f.TimedOut {
		f.Hint = Hint(q.query, body, s.opt.Fields, s.opt.Values, func(body []byte) ([]byte, error) { return s.ask(r.Context(), indices, body) })
	}
	f.send(w)
}

// send writes the answer, hit by hit: encoded whole it would be several times in memory, and it may have 64 MiB.
func (f *Found) send(w http.ResponseWriter) {
	const nothing = `"hits":null` // no field before it holds a text of others
	around := *f
	around.Hits = nil
	text, err := json.Marshal(around)
	head, tail, ok := bytes.Cut(text, []byte(nothing))
	if err != nil || !ok {
		writeJSON(w, http.StatusOK, f)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	out := bufio.NewWriterSize(w, 64<<10)
	out.Write(head)             //nolint:errcheck // Flush has the error
	out.WriteString(`"hits":[`) //nolint:errcheck // Flush has the error
	for i := range f.Hits {
		if i > 0 {
			out.WriteByte(',') //nolint:errcheck // Flush has the error
		}
		hit, err := json.Marshal(f.Hits[i])
		if err != nil {
			panic("BUG: what was read as JSON is none: " + err.Error())
		}
		if _, err := out.Write(hit); err != nil {
			return // the caller is gone
		}
	}
	out.WriteByte(']')  //nolint:errcheck // Flush has the error
	out.Write(tail)     //nolint:errcheck // Flush has the error
	out.WriteByte('\n') //nolint:errcheck // Flush has the error
	out.Flush()         //nolint:errcheck // the caller is gone
}

// unreadable is what a caller is told of an answer of the index that is none.
func (s *Server) unreadable(err error) error {
	s.opt.Log.Warn("console: read the index's answer", "error", err)
	return &apiError{Status: http.StatusBadGateway, Message: "the index's answer cannot be read"}
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

// end is what the last hit of a full page is ordered by; nil if no page can follow.
func (a *answer) end(q *request) []json.RawMessage {
	n := len(a.Hits.Hits)
	if n == 0 || n < q.size || len(a.Hits.Hits[n-1].Sort) != len(q.order("")) {
		return nil
	}
	return a.Hits.Hits[n-1].Sort
}

type object = map[string]any

// filter is what a document has to be, in the index's language.
func (q *request) filter() object {
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
	return object{"bool": object{"filter": filter}}
}

// body is the search in the index's language; h is nil where nobody looks at one.
func (q *request) body(unique string, h *Histogram) object {
	body := object{
		"query":            q.filter(),
		"size":             q.size,
		"timeout":          "10s", // before ours, so that what was found by then is shown
		"track_total_hits": true,  // the histogram counts all of them anyway
		"sort":             q.order(unique),
	}
	if q.after != nil {
		body["search_after"] = q.after
	} else if h != nil {
		body["aggs"] = object{"histogram": object{"date_histogram": object{
			"field": "@timestamp", "fixed_interval": h.Interval, "min_doc_count": 1,
		}}}
	}
	return body
}

// order is by the field that was asked for, what is equal by time, newest first, and what is equal
// still by unique.
func (q *request) order(unique string) []any {
	field, order, _ := strings.Cut(q.sort, ":")
	first := object{"order": order, "unmapped_type": sortType(field)}
	if field == triageStatus && order == "desc" {
		first["missing"] = "_first" // an alert that nobody has touched is open, and stands with the open ones
	}
	out := []any{object{field: first}}
	if field != "@timestamp" {
		out = append(out, object{"@timestamp": object{"order": "desc", "unmapped_type": "date"}})
		order = "desc"
	}
	return append(out, object{unique: object{"order": order, "unmapped_type": "keyword"}})
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
