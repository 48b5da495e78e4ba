package console

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// severities and statuses are what the filters of the list of alerts take. An alert
// that nobody has touched is open.
var (
	severities = []string{"informational", "low", "medium", "high", "critical"}
	statuses   = []string{"open", "acknowledged", "closed"}
)

const triageStatus = "sluice.triage.status"

var alerts = kind{
	prefix: alertPrefix, unique: "sluice.alert.id", back: 7 * 24 * time.Hour,
	filters: []string{"rule", "severity", "shadow", "status"},
	columns: []string{
		"@timestamp", "sluice.alert.severity", "rule.name", "message", "sluice.alert.key", "sluice.alert.count", "sluice.alert.first", "sluice.alert.last",
		triageStatus, "sluice.triage.assignee", "rule.id", "sluice.alert.id",
	},
}

// Alerts that lists leave out: those of rules on trial; and those that were announced early and have
// since been settled: where that made an alert, it is another document.
var (
	onTrial = object{"term": object{"sluice.alert.shadow": true}}
	settled = object{"bool": object{"filter": []any{
		object{"term": object{"sluice.alert.provisional": true}}, object{"term": object{"sluice.alert.state": "closed"}},
	}}}
)

// HiddenAlerts are the queries for alerts that no list has unless it is asked for them.
func HiddenAlerts() []any { return []any{onTrial, settled} }

func (q *request) filterAlerts(p map[string]string) error {
	q.filters = append(q.filters, object{"bool": object{"must_not": []any{settled}}})
	if v := p["rule"]; v != "" {
		if utf8.RuneCountInString(v) > 200 {
			return bad("rule", "", "a rule's id or name has at most 200 characters")
		}
		q.filters = append(q.filters, object{"bool": object{"minimum_should_match": 1, "should": []any{
			object{"term": object{"rule.id": v}}, object{"term": object{"rule.name": v}},
		}}})
	}
	if v := p["severity"]; v != "" {
		names, err := oneOf("severity", v, severities)
		if err != nil {
			return err
		}
		q.filters = append(q.filters, object{"terms": object{"sluice.alert.severity": names}})
	}
	switch p["shadow"] {
	case "", "hide":
		q.filters = append(q.filters, object{"bool": object{"must_not": []any{onTrial}}})
	case "only":
		q.filters = append(q.filters, onTrial)
	case "show":
	default:
		return bad("shadow", "one of hide, only, show", "unknown shadow")
	}
	if v := p["status"]; v != "" {
		names, err := oneOf("status", v, statuses)
		if err != nil {
			return err
		}
		q.filters = append(q.filters, statusFilter(names))
	}
	return nil
}

// statusFilter lets an alert without a status count as open.
func statusFilter(names []string) any {
	terms := object{"terms": object{triageStatus: names}}
	if !slices.Contains(names, "open") {
		return terms
	}
	untouched := object{"bool": object{"must_not": []any{object{"exists": object{"field": triageStatus}}}}}
	return object{"bool": object{"should": []any{terms, untouched}, "minimum_should_match": 1}}
}

// oneOf reads a list with commas of which every part is known.
func oneOf(field, list string, known []string) ([]string, error) {
	names := strings.Split(list, ",")
	if len(names) > len(known) {
		return nil, bad(field, "name each once", "too many values")
	}
	for _, n := range names {
		if !slices.Contains(known, n) {
			return nil, bad(field, "one or several of "+strings.Join(known, ",")+", with commas", "unknown %s", field)
		}
	}
	return names, nil
}

// AlertFound is one alert with the events behind it, oldest first. Missing counts
// those that the alert names and the index does not have: not indexed yet, or beyond
// their retention.
type AlertFound struct {
	Alert   Hit   `json:"alert"`
	Events  []Hit `json:"events"`
	Missing int   `json:"missing"`
	Unread  int   `json:"unread_parts,omitempty"` // of the index, damaged: some may be in them
}

var alertID = regexp.MustCompile(`^[A-Za-z0-9_.:-]{1,200}$`)

// alert answers GET /api/v1/alerts/{id}.
func (s *Server) alert(w http.ResponseWriter, r *http.Request) {
	f, err := s.findAlert(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, f)
}

func (s *Server) findAlert(r *http.Request) (*AlertFound, error) {
	alert, namespace, err := s.oneAlert(r)
	if err != nil {
		return nil, err
	}
	f := &AlertFound{Alert: *alert, Events: []Hit{}}
	ids := behind(f.Alert.Source)
	if len(ids) == 0 {
		return f, nil
	}
	body := object{
		"size": len(ids), "query": object{"bool": object{"filter": []any{object{"ids": object{"values": ids}}}}},
		"sort": []any{object{"@timestamp": object{"order": "asc", "unmapped_type": "date"}}},
	}
	events, err := s.fetch(r, indicesOf(eventPrefix, namespace), body)
	if err != nil {
		return nil, err
	}
	f.Events = events.list()
	there := len(f.Events)
	if body["size"].(int) < len(ids) { // all of them were too large to be shown
		there = max(there, int(events.Hits.Total.Value))
	}
	f.Missing, f.Unread = max(0, len(ids)-there), events.Shards.Failed
	return f, nil
}

var errNoSuchAlert = &apiError{Status: http.StatusNotFound, Message: "no such alert", Hint: "it may not be in the index yet, or be beyond its retention"}

// oneAlert finds the alert that the path names, in the namespace of the parameter, "" if in any. Of one that was
// announced early it is the settled one, as soon as there is one: people were sent the address of the first.
func (s *Server) oneAlert(r *http.Request) (alert *Hit, namespace string, err error) {
	p, err := params(r.URL.RawQuery, "namespace")
	if err != nil {
		return nil, "", err
	}
	namespace = p["namespace"]
	if err := CheckNamespace(namespace); err != nil {
		return nil, "", err
	}
	id := r.PathValue("id")
	if !alertID.MatchString(id) {
		return nil, "", errNoSuchAlert
	}
	got, err := s.fetch(r, indicesOf(alertPrefix, namespace), object{"size": 2, "query": alertsOf([]string{id})})
	if err != nil {
		return nil, "", err
	}
	if alert = byID(got.list())[id]; alert == nil && got.Shards.Failed > 0 {
		return nil, "", &apiError{Status: http.StatusNotFound, Message: errNoSuchAlert.Message, Hint: fmt.Sprintf("%d parts of the index are damaged, it may be in one; sluice verify names them", got.Shards.Failed)}
	}
	if alert == nil {
		return nil, "", errNoSuchAlert
	}
	return alert, namespace, nil
}

// alertsOf is the query for the alerts of these ids, and for the settled ones of those of them that were early.
func alertsOf(ids []string) object {
	return object{"bool": object{"minimum_should_match": 1, "should": []any{
		object{"terms": object{"sluice.alert.id": ids}}, object{"terms": object{"sluice.alert.supersedes": ids}},
	}}}
}

// byID has each alert under its id, or the settled one in its place.
func byID(alerts []Hit) map[string]*Hit {
	out := map[string]*Hit{}
	settled := map[string]*Hit{}
	for i := range alerts {
		var doc struct {
			Sluice struct {
				Alert struct {
					ID         string          `json:"id"`
					Supersedes json.RawMessage `json:"supersedes"`
				} `json:"alert"`
			} `json:"sluice"`
		}
		_ = json.Unmarshal(alerts[i].Source, &doc) // none is the id of no alert
		out[doc.Sluice.Alert.ID] = &alerts[i]
		var early []string
		_ = json.Unmarshal(doc.Sluice.Alert.Supersedes, &early)
		for _, id := range early {
			settled[id] = &alerts[i]
		}
	}
	maps.Copy(out, settled)
	return out
}

func (s *Server) fetch(r *http.Request, indices []string, body object) (*answer, error) {
	raw, err := s.fewer(r.Context(), indices, body)
	if err != nil {
		return nil, err
	}
	return parseAnswer(raw)
}

// behind are the ids of the events behind an alert, each once.
func behind(source []byte) []string {
	var doc struct {
		Sluice struct {
			Alert struct {
				Events []string `json:"events"`
			} `json:"alert"`
		} `json:"sluice"`
	}
	if json.Unmarshal(source, &doc) != nil {
		return nil
	}
	ids := doc.Sluice.Alert.Events
	slices.Sort(ids)
	ids = slices.Compact(ids)
	return ids[:min(len(ids), maxBehind)]
}
