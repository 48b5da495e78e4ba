package console

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
)

// Values is how often each value of a field is there, the most frequent first.
type Values struct {
	Field    string  `json:"field"`
	Took     int64   `json:"took_ms"`
	TimedOut bool    `json:"timed_out"`
	Unread   int     `json:"unread_parts,omitempty"`
	Total    int64   `json:"total"`    // documents that the search finds
	With     int64   `json:"with"`     // of them have the field
	Distinct int64   `json:"distinct"` // values, about
	Values   []Value `json:"values"`
}

// Value is one of them. A document with several values counts for each.
type Value struct {
	Value json.RawMessage `json:"value"`
	Count int64           `json:"count"`
}

// values answers GET /api/v1/search/values and GET /api/v1/alerts/values.
func (s *Server) values(k kind) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v, err := s.countValues(k, r)
		if err != nil {
			s.fail(w, r, err)
			return
		}
		writeJSON(w, http.StatusOK, v)
	}
}

func (s *Server) countValues(k kind, r *http.Request) (*Values, error) {
	q, p, err := s.parse(k, r, []string{"from", "namespace", "q", "to"}, "field", "size")
	var refused *apiError
	if errors.As(err, &refused) && refused.Field == "size" || err == nil && p["size"] != "" && q.size > maxValues {
		return nil, bad("size", "", "size is a whole number from 1 to %d", maxValues)
	}
	if err != nil {
		return nil, err
	}
	field := p["field"]
	if !fieldName.MatchString(field) {
		return nil, bad("field", "such as source.ip", "field is the name of one")
	}
	if slices.Contains(textFields, field) {
		return nil, bad("field", "search for words of it", "%s is a text, and an index counts the values of none", field)
	}
	size := defaultValues
	if p["size"] != "" {
		size = q.size
	}
	of := object{"field": field}
	body, err := json.Marshal(object{
		"query": q.filter(), "size": 0, "timeout": "10s", "track_total_hits": true,
		"aggs": object{
			"with":     object{"filter": object{"exists": of}},
			"distinct": object{"cardinality": of},
			"values":   object{"terms": object{"field": field, "size": size}},
		},
	})
	if err != nil {
		return nil, err
	}
	raw, err := s.ask(r.Context(), indicesOf(k.prefix, q.namespace), body)
	if err != nil {
		return nil, err
	}
	var a answer
	if err := json.Unmarshal(raw, &a); err != nil {
		return nil, s.unreadable(err)
	}
	out := &Values{
		Field: field, Took: a.Took, TimedOut: a.TimedOut, Unread: a.Shards.Failed,
		Total: a.Hits.Total.Value, With: a.Aggregations.With.Count, Distinct: a.Aggregations.Distinct.Value, Values: []Value{},
	}
	for _, b := range a.Aggregations.Values.Buckets {
		out.Values = append(out.Values, Value{valueOf(b.Key, b.Text), b.Count})
	}
	return out, nil
}

// valueOf is the value as a document has it: an index counts booleans as 0 and 1, and times in ms.
func valueOf(key json.RawMessage, text *string) json.RawMessage {
	switch {
	case text == nil:
		return key
	case *text == "true" || *text == "false":
		return json.RawMessage(*text)
	}
	quoted, _ := json.Marshal(*text) // a string always can
	return quoted
}
